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
	lasted    = `round(dateDiff('millisecond', started_at, ifNull(resolved_at, @asof)) / 1000)`
)

func bands(condition string) recount {
	return recount{sql: `SELECT toFloat64(countIf(band = wanted AND ` + condition + `)) FROM (SELECT arrayJoin(range(5)) AS wanted) AS w CROSS JOIN (` + openThen + `) AS o GROUP BY wanted`}
}

var recounts = map[string]recount{
	"incidents/began":    {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `)`},
	"incidents/open":     {sql: `SELECT toFloat64(count()) FROM (` + beganThen + `) WHERE isNull(resolved_at)`},
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
	"finding/old":        {sql: `SELECT toFloat64(count()) - 1 FROM (` + openThen + `) WHERE age >= 28 AND ifNull(resolved_at >= @asof, 1)`},
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
	"figures/out":        {page: counting2(`data-tally="figures/rank"`, "figures")},
	"verdict/changed": {page: func(page string) []float64 {
		return counting2(`<li>`, "")(between(between(page, `id="verdict"`, `</section>`), "Really changed", "</ul>"))
	}},
	"repeat/shown": {page: counting2(`data-tally="repeat/share"`, "")},
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
	conn := openWarehouse(t)
	c := whole(sample(7))
	fill(t, conn, c)
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
			case listed && one.sql != "":
				allowed = floats(t, conn, one.sql, p, c)
			case listed:
				allowed = one.page(page)
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

// components ties what repeats what again: the groups of which one began in the
// period, and the figures that the block makes of them.
func components(t *testing.T, conn driver.Conn, p metrics.Period) map[string][]float64 {
	t.Helper()
	var edges []struct {
		ID  string `ch:"id"`
		Ref string `ch:"ref"`
	}
	from := p.EndsAt.AddDate(0, 0, -90)
	if err := conn.Select(t.Context(), &edges, `SELECT id, arrayJoin(refs) AS ref FROM kpi_evidence WHERE kpi = 'recurrence_rate_90d' AND included = 1 AND hit = 1
		AND at >= toDateTime64(@from, 3, 'UTC') AND at < toDateTime64(@to, 3, 'UTC')`, moment("from", from), moment("to", p.EndsAt)); err != nil {
		t.Fatal(err)
	}
	beside := map[string][]string{}
	for _, e := range edges {
		beside[e.ID], beside[e.Ref] = append(beside[e.ID], e.Ref), append(beside[e.Ref], e.ID)
	}
	var rows []struct {
		ID    string  `ch:"id"`
		Hours float64 `ch:"hours"`
		Now   uint8   `ch:"now"`
	}
	if err := conn.Select(t.Context(), &rows, `SELECT id, dateDiff('millisecond', started_at, least(ifNull(resolved_at, toDateTime64(@to, 3, 'UTC')), toDateTime64(@to, 3, 'UTC'))) / 3600000 AS hours,
		toUInt8(created_at >= toDateTime64(@starts, 3, 'UTC') AND created_at < toDateTime64(@to, 3, 'UTC')) AS now
		FROM incidents WHERE created_at >= toDateTime64(@from, 3, 'UTC') AND created_at < toDateTime64(@to, 3, 'UTC')`, moment("from", from), moment("to", p.EndsAt), moment("starts", p.StartsAt)); err != nil {
		t.Fatal(err)
	}
	hours, now := map[string]float64{}, map[string]bool{}
	for _, r := range rows {
		hours[r.ID], now[r.ID] = r.Hours, r.Now == 1
	}
	out := map[string][]float64{}
	done := map[string]bool{}
	var all []float64
	total, came := 0.0, 0.0
	for id := range beside {
		var members []string
		for left := []string{id}; len(left) > 0; {
			one := left[0]
			left = left[1:]
			if _, here := hours[one]; done[one] || !here {
				continue
			}
			done[one] = true
			members = append(members, one)
			left = append(left, beside[one]...)
		}
		sum, fresh := 0.0, 0.0
		for _, one := range members {
			sum += hours[one]
			if now[one] {
				fresh++
			}
		}
		if len(members) > 1 && fresh > 0 {
			all, total, came = append(all, sum), total+sum, came+fresh
			out["times"], out["now"], out["hours"] = append(out["times"], float64(len(members))), append(out["now"], fresh), append(out["hours"], sum)
		}
	}
	sort.Sort(sort.Reverse(sort.Float64Slice(all)))
	sum := 0.0
	for i, h := range all {
		sum += h
		out["share"], out["sum"] = append(out["share"], h/total), append(out["sum"], sum/total)
		if 2*sum >= total && out["few"] == nil {
			out["few"], out["part"] = []float64{float64(i + 1)}, []float64{sum / total}
		}
	}
	out["now"], out["total"], out["groups"] = append(out["now"], came), []float64{total}, []float64{float64(len(all))}
	return out
}
