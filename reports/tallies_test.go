package reports

import (
	"html"
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

var tallied = regexp.MustCompile(`<data class="fig" value="([^"]*)" data-tally="([^"]*)">`)

// recount is how a number that a block counted is counted again: by SQL over the
// whole warehouse, of which it must be one of the rows, or from the page.
type recount struct {
	sql  string
	page func(page string) []float64
}

func counting2(pattern string, section string) func(string) []float64 {
	count := regexp.MustCompile(pattern)
	return func(page string) []float64 {
		if section != "" {
			page = between(page, `id="`+section+`"`, `</section>`)
		}
		return []float64{float64(len(count.FindAllString(page, -1)))}
	}
}

// spans stand in the queries: @from and @to are the page's period.
const (
	stands    = `id IN (SELECT id FROM kpi_evidence WHERE kpi = 'incident_count' AND included = 1)`
	beganThen = `SELECT * FROM incidents WHERE ` + stands + ` AND created_at >= @from AND created_at < @to`
	openThen  = `SELECT *, dateDiff('second', created_at, @to) / 86400 AS age, multiIf(age < 2, 0, age < 7, 1, age < 28, 2, age < 91, 3, 4) AS band FROM incidents WHERE ` + stands + ` AND created_at < @to AND ifNull(resolved_at >= @to, 1)`
	clockOf   = `if(created_at < @to, least(@to, @asof), @asof)` // a page tells what began after it as of now
	lasted    = `round(dateDiff('millisecond', started_at, if(ifNull(resolved_at < ` + clockOf + `, 0), assumeNotNull(resolved_at), ` + clockOf + `)) / 1000)`
)

func bands(condition string) recount {
	return recount{sql: `SELECT toFloat64(countIf(band = wanted AND ` + condition + `)) FROM (SELECT arrayJoin(range(5)) AS wanted) AS w CROSS JOIN (` + openThen + `) AS o GROUP BY wanted`}
}

// again is what a number may be, counted independently of the page.
func (r recount) again(t *testing.T, conn driver.Conn, page string, p metrics.Period, c company) []float64 {
	t.Helper()
	if r.sql != "" {
		return floats(t, conn, r.sql, p, c)
	}
	return r.page(page)
}

var recounts = map[string]recount{
	"incidents/began":    {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `)`},
	"incidents/open":     {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `) WHERE ifNull(resolved_at >= @to, 1)`},
	"incidents/resolved": {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `) WHERE resolved_at >= @to`},
	"incidents/owner":    {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `) GROUP BY lower(fix_owner)`},
	"incident/lasted":    {sql: `SELECT DISTINCT ` + lasted + ` FROM incidents`},
	"incident/age":       {sql: `SELECT round(dateDiff('millisecond', started_at, @to) / 1000) FROM (` + openThen + `)`},
	"incident/reopened":  {sql: `SELECT DISTINCT toFloat64(ifNull(reopen_count, 0)) FROM incidents`},
	"ageing/all":         bands("1"),
	"ageing/major":       bands("major = 1"),
	"ageing/undecided":   bands("fix_owner = ''"),
	"ageing/open":        {sql: `SELECT toFloat64(count()) FROM (` + openThen + `)`},
	"ageing/resolved":    {sql: `SELECT toFloat64(count()) FROM (` + openThen + `) WHERE isNotNull(resolved_at)`},
	"ageing/shown":       {page: counting2(`data-tally="incident/age"`, "ageing")},
	"since/began":        {sql: `SELECT toFloat64(count()) FROM incidents WHERE ` + stands + ` AND created_at >= @to AND created_at < @asof`},
	"cards/blanks":       {page: counting2(`<span class="blank">blank: `, "incidents")},
	"changes/completed":  {sql: `SELECT toFloat64(count()) FROM changes WHERE ended_at >= @from AND ended_at < @to`},
	"changes/unrecorded": {sql: `SELECT toFloat64(count()) FROM changes WHERE ended_at >= @from AND ended_at < @to AND outcome = ''`},
	"finding/lasted":     {sql: `SELECT ` + lasted + ` FROM incidents UNION ALL SELECT round(dateDiff('millisecond', started_at, @to) / 1000) FROM incidents UNION ALL SELECT round(ifNull(value, 0)) FROM kpi_evidence WHERE kpi = 'time_to_resolve'`},
	"finding/old":        {sql: `SELECT toFloat64(count()) - 1 FROM (` + openThen + `) WHERE age >= 28`},
	"finding/ended":      {sql: `SELECT toFloat64(count()) FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included = 1 AND at >= @from AND at < @to`},
	"gap/began":          {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `)`},
	"gap/unowned":        {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `) WHERE fix_owner = ''`},
	"gap/changes":        {sql: `SELECT ifNull(n, 0) + unknown FROM kpi_values WHERE kpi = 'change_failure_rate' AND dim = 'all'`},
	"change/caused":      {sql: `SELECT toFloat64(count()) FROM change_incident_links WHERE grade = 'explicit' GROUP BY change_id`},
	"majors/began":       {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `) WHERE major = 1`},
	"majors/since":       {sql: `SELECT toFloat64(dateDiff('day', max(created_at), @to)) FROM incidents WHERE ` + stands + ` AND major = 1 AND created_at < @to UNION ALL SELECT floor(dateDiff('second', max(created_at), @to) / 86400) FROM incidents WHERE ` + stands + ` AND major = 1 AND created_at < @to`},
	"majors/pause":       {sql: `SELECT round(dateDiff('millisecond', before, created_at) / 86400000, 3) FROM (SELECT created_at, lagInFrame(created_at) OVER (ORDER BY created_at ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before FROM incidents WHERE ` + stands + ` AND major = 1)`},
	"health/sources":     {sql: `SELECT toFloat64(count()) FROM sources`},
	"health/records":     {sql: `SELECT toFloat64(records) FROM sources`},
	"health/staged":      {sql: `SELECT toFloat64(staged) FROM sources`},
	"health/filtered":    {sql: `SELECT toFloat64(filtered) FROM sources`},
	"health/quarantined": {sql: `SELECT toFloat64(quarantined) FROM sources`},
	"health/unmapped":    {sql: `SELECT toFloat64(unmapped) FROM sources`},
	"health/quarantine":  {sql: `SELECT toFloat64(count()) FROM quarantine UNION ALL SELECT toFloat64(count()) FROM quarantine GROUP BY source, reason`},
	"health/unlanded":    {sql: `SELECT toFloat64(uniqExact(entity, id, file, line)) FROM quarantine WHERE step = 'ingest' GROUP BY source`},
	"health/unread":      {sql: `SELECT toFloat64(uniqExact(entity, id, file, line)) FROM quarantine WHERE step != 'ingest' GROUP BY source`},
	"health/line":        {sql: `SELECT toFloat64(line) FROM quarantine`},
	"health/findings":    {sql: `SELECT toFloat64(count() - 12) FROM data_health`},
	"strip/out":          {page: counting2(`<span class="word (worse|better|changed)">`, "kpis")},
	"strip/judged":       {page: func(page string) []float64 { return append(judgedLines(page, "kpis"), judgedLines(page, "panels")...) }},
	"strip/few": {page: func(page string) []float64 {
		return append(counting2(`<span class="word few">`, "kpis")(page), counting2(`<span class="word few">`, "panels")(page)...)
	}},
	"figures/out": {page: counting2(`data-tally="figures/rank"`, "figures")},
	"verdict/changed": {page: func(page string) []float64 {
		return counting2(`<li>`, "")(between(between(page, `id="verdict"`, `</section>`), "Really changed", "</ul>"))
	}},
	"repeat/shown": {page: counting2(`data-tally="repeat/now"`, "")},
	"chance/lines": {page: func(page string) []float64 {
		return append(judgedLines(page, "kpis"), append(judgedLines(page, "figures"), judgedLines(page, "panels")...)...)
	}},
}

// judgedLines counts the lines of a block that a reading was made of.
func judgedLines(page, section string) []float64 {
	part := between(page, `id="`+section+`"`, `</section>`)
	return []float64{float64(len(regexp.MustCompile(`<span class="word (worse|better|changed|usual)">`).FindAllString(part, -1)))}
}

// derived are numbers made of others on the page by a rule that has its own test.
var derived = map[string]string{
	"findings/more": "what the page leaves out", "signal/points": "the length of a run: metrics", "trend/settled": "", "safety/scale": "the end of an axis",
	"majors/typical": "limits: metrics", "majors/pauses": "", "evidence/refs": "", "changes/confirmed": "rows of the block",
}

func TestTalliesAreCountedAgain(t *testing.T) {
	conn, c := filled(t, "whole sample")
	for name, kind := range kindOf {
		p := periodAt(t, kind, c.AsOf)
		page, _ := text(t, conn, options("", c.AsOf), name, p, nil)
		groups := components(t, conn, p)
		seen := map[string]bool{}
		for _, m := range tallied.FindAllStringSubmatch(page, -1) {
			what, raw := html.UnescapeString(m[2]), html.UnescapeString(m[1])
			if seen[what+raw] {
				continue
			}
			seen[what+raw] = true
			var allowed []float64
			switch one, listed := recounts[what]; {
			case listed:
				allowed = one.again(t, conn, page, p, c)
			case strings.HasPrefix(what, "repeat/"):
				allowed = groups[strings.TrimPrefix(what, "repeat/")]
			case strings.HasPrefix(what, "evidence/"):
				allowed = evidenceAgain(t, conn, page, what, p, c)
			case strings.HasPrefix(what, "source/"):
				parts := strings.Split(what, "/")
				allowed = floats(t, conn, "SELECT toFloat64("+map[string]string{"records": "records", "quarantined": "quarantined", "unmapped": "unmapped", "short": "dateDiff('second', collected_to, @to)"}[parts[2]]+") FROM sources WHERE source = '"+parts[1]+"'", p, c)
			case strings.HasPrefix(what, "health/"):
				parts := strings.SplitN(what, "/", 3)
				cut := strings.LastIndex(parts[2], "/")
				column := parts[2][cut+1:]
				low, high, _ := strings.Cut(raw, " ")
				where := " FROM data_health WHERE source = '" + parts[1] + "' AND finding = '" + strings.ReplaceAll(parts[2][:cut], "'", "''") + "'"
				switch column {
				case "now", "after":
					suffix := map[string]string{"now": "", "after": "_after"}[column]
					if !has(floats(t, conn, "SELECT ifNull(low"+suffix+", -1)"+where, p, c), low) || !has(floats(t, conn, "SELECT ifNull(high"+suffix+", -1)"+where, p, c), high) {
						t.Errorf("%s: %s is %s on the page", name, what, raw)
					}
					continue
				}
				allowed = floats(t, conn, "SELECT toFloat64("+column+")"+where, p, c)
			case what == "figures/rank":
				for i := range strings.Count(page, `data-tally="figures/rank"`) {
					allowed = append(allowed, float64(i+1))
				}
			case what == "chance/expected" || what == "chance/every":
				for _, lines := range recounts["chance/lines"].page(page) {
					allowed = append(allowed, 0.03*lines, 1/(0.03*lines))
				}
			default:
				if _, known := derived[what]; !known {
					t.Errorf("%s: nothing counts %s again", name, what)
				}
				continue
			}
			if !has(allowed, raw) {
				t.Errorf("%s: %s is %s on the page, counted again %v", name, what, raw, allowed[:min(len(allowed), 12)])
			}
		}
		if len(seen) < 40 {
			t.Errorf("%s: only %d tallies", name, len(seen))
		}
	}
}

func has(all []float64, raw string) bool {
	x, err := strconv.ParseFloat(raw, 64)
	return err == nil && slices.ContainsFunc(all, func(y float64) bool { return math.Abs(x-y) <= 1.01e-3*math.Max(1, math.Abs(y)/1000) })
}

// floats runs a query in which the page's moments are named.
func floats(t *testing.T, conn driver.Conn, query string, p metrics.Period, c company) []float64 {
	t.Helper()
	for name, at := range map[string]string{"@from": p.StartsAt.UTC().Format("2006-01-02 15:04:05"), "@to": p.EndsAt.UTC().Format("2006-01-02 15:04:05"), "@asof": c.AsOf.UTC().Format("2006-01-02 15:04:05")} {
		query = strings.ReplaceAll(query, name, "toDateTime64('"+at+"', 3, 'UTC')")
	}
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	defer rows.Close()
	var out []float64
	for rows.Next() {
		var x float64
		if err := rows.Scan(&x); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		out = append(out, x)
	}
	return out
}

// evidenceAgain counts the rows of a fate, or those that the page shows.
func evidenceAgain(t *testing.T, conn driver.Conn, page, what string, p metrics.Period, c company) []float64 {
	parts := strings.Split(what, "/")
	here := "kpi = '" + parts[1] + "' AND at >= @from AND at < @to"
	open := "kpi = '" + parts[1] + "' AND included = 1 AND from_at < @to AND ifNull(at >= @to, 1)"
	kind := floats(t, conn, "SELECT toFloat64(multiIf(stock = 1, 3, kind = 'duration', 1, kind IN ('rate', 'share'), 2, 0)) FROM kpis WHERE kpi = '"+parts[1]+"'", p, c)[0]
	count := func(where string) float64 {
		return floats(t, conn, "SELECT toFloat64(count()) FROM kpi_evidence WHERE "+where, p, c)[0]
	}
	out := count(here + " AND included = 0")
	carried, counted, unknown := 0.0, count(here+" AND included = 1"), 0.0
	switch kind {
	case 1:
		carried = count(open)
	case 2:
		unknown = count(here + " AND included = 1 AND isNull(hit)")
		counted -= unknown
	case 3:
		counted = count(open)
	}
	switch parts[2] {
	case "Counted":
		return []float64{counted}
	case "Outcome not known":
		return []float64{unknown}
	case "Still open at the end", "Never acknowledged by the end":
		return []float64{carried}
	case "Left out":
		return []float64{out}
	case "all":
		return []float64{counted + unknown + carried + out}
	}
	return []float64{float64(strings.Count(page, `<tr role="row" id="`+parts[1]+`-`))}
}

// components ties what repeats what again, from the rows of the ladder: the groups
// of which one came back in the period, and the figures that the block makes of them.
func components(t *testing.T, conn driver.Conn, p metrics.Period) map[string][]float64 {
	t.Helper()
	ctx := t.Context()
	end := p.EndsAt
	type known struct {
		ID       string     `ch:"id"`
		Created  time.Time  `ch:"created_at"`
		Started  time.Time  `ch:"started_at"`
		Resolved *time.Time `ch:"resolved_at"`
		Stands   string     `ch:"stands"`
	}
	var all []known
	if err := conn.Select(ctx, &all, `SELECT id, created_at, started_at, resolved_at, multiIf(merged_into != '', merged_into, flap_of != '', flap_of, id) AS stands FROM incidents`); err != nil {
		t.Fatal(err)
	}
	incidents := map[string]known{}
	for _, one := range all {
		incidents[one.ID] = one
	}
	var rungs []struct {
		ID      string   `ch:"incident_id"`
		Rung    uint8    `ch:"rung"`
		Name    string   `ch:"name"`
		Earlier string   `ch:"earlier_id"`
		State   string   `ch:"fix_state"`
		Fixes   []string `ch:"fixes"`
	}
	if err := conn.Select(ctx, &rungs, `SELECT incident_id, rung, name, earlier_id, fix_state, fixes FROM recurrences WHERE gap_days <= 90 ORDER BY incident_id, rung, gap_days, earlier_id, name`); err != nil {
		t.Fatal(err)
	}
	var actions []struct {
		ID    string     `ch:"id"`
		Began *time.Time `ch:"created_at"`
		After []string   `ch:"incident_ids"`
	}
	if err := conn.Select(ctx, &actions, `SELECT id, created_at, incident_ids FROM action_items`); err != nil {
		t.Fatal(err)
	}
	promised := map[string][]string{}
	for _, a := range actions {
		if a.Began == nil || a.Began.Before(end) {
			for _, id := range a.After {
				promised[incidents[id].Stands] = append(promised[incidents[id].Stands], a.ID)
			}
		}
	}
	type group struct {
		members, fixes map[string]bool
		back           bool
	}
	groups := map[string]*group{}
	states := map[string]string{} // of each incident, in each group that it may stand in
	last := ""
	for _, r := range rungs {
		states[strconv.Itoa(int(r.Rung))+r.Name+" "+r.ID] = r.State
		if r.ID == last || !incidents[r.ID].Created.Before(end) {
			continue
		}
		last = r.ID
		g := groups[strconv.Itoa(int(r.Rung))+r.Name]
		if g == nil {
			g = &group{members: map[string]bool{}, fixes: map[string]bool{}}
			groups[strconv.Itoa(int(r.Rung))+r.Name] = g
		}
		g.members[r.ID], g.members[r.Earlier] = true, true
		g.back = g.back || p.Has(incidents[r.ID].Created)
		for _, fix := range r.Fixes {
			g.fixes[fix] = true
		}
	}
	out := map[string][]float64{}
	var ranked []map[string]float64
	here := map[string]bool{}
	again, bare := 0.0, 0.0
	for shared, g := range groups {
		if !g.back {
			continue
		}
		open, after := 0.0, 0.0
		times, now, hours, each := 0.0, 0.0, 0.0, map[string]float64{}
		for id := range g.members {
			one := incidents[id]
			for _, fix := range promised[id] {
				g.fixes[fix] = true
			}
			if one.Created.Before(end.AddDate(0, 0, -90)) || !one.Created.Before(end) {
				continue
			}
			open += float64(b2u(strings.HasPrefix(states[shared+" "+id], "while")))
			after += float64(b2u(strings.HasPrefix(states[shared+" "+id], "after")))
			till := end
			if one.Resolved != nil && one.Resolved.Before(end) {
				till = *one.Resolved
			}
			each[id] = max(0, till.Sub(one.Started).Hours())
			times, hours = times+1, hours+each[id]
			if p.Has(one.Created) {
				now++
				here[id] = true
			}
		}
		ranked = append(ranked, each)
		for what, x := range map[string]float64{"times": times, "now": now, "hours": hours, "came": open, "after": after} {
			out[what] = append(out[what], x)
		}
		again += float64(b2u(open+after > 0))
		bare += float64(b2u(len(g.fixes) == 0))
	}
	sum := func(each map[string]float64) (h float64) {
		for _, x := range each {
			h += x
		}
		return h
	}
	sort.Slice(ranked, func(i, j int) bool { return sum(ranked[i]) > sum(ranked[j]) })
	distinct := map[string]float64{}
	for _, each := range ranked {
		for id, h := range each {
			distinct[id] = h
		}
	}
	total, seen := sum(distinct), map[string]float64{}
	for i, each := range ranked {
		for id, h := range each {
			seen[id] = h
		}
		if 2*sum(seen) >= total && out["few"] == nil {
			out["few"], out["part"] = []float64{float64(i + 1)}, []float64{sum(seen) / total}
		}
	}
	out["total"], out["groups"], out["here"] = []float64{total}, []float64{float64(len(ranked))}, []float64{float64(len(here))}
	out["again"], out["bare"] = []float64{again}, []float64{bare}
	return out
}
