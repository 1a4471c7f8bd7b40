package reports

import (
	"fmt"
	"html"
	"io/fs"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/sql"
)

func init() {
	const (
		counts  = `SELECT id, refs[1] AS incident, at, basis FROM kpi_evidence WHERE kpi = 'off_hours_pages' AND included = 1`
		ofWeek  = `SELECT toFloat64(count()) FROM (` + counts + `) WHERE at >= @from AND at < @to`
		ofSpan  = `at >= @to - INTERVAL 91 DAY AND at < @to`
		ofSpans = `SELECT toFloat64(count()) FROM (` + counts + `) WHERE ` + ofSpan
		rotas   = `SELECT id, if(schedule = '', policy || ', level ' || toString(level), schedule) AS rota, person, starts_at, ends_at FROM oncall_shifts`
		byRota  = `SELECT toFloat64(countIf(COND)) FROM (` + rotas + `) AS r LEFT JOIN (SELECT shift_id, at, concat(incident_id, '|', person_id, '|', replaceOne(toString(at), ' ', 'T'), 'Z') AS pid FROM pages) AS p ON p.shift_id = r.id
			LEFT JOIN (` + counts + `) AS e ON e.id = p.pid AND e.at >= @from AND e.at < @to GROUP BY rota`
		byAlert = ` FROM (` + counts + `) AS e INNER JOIN incidents AS i ON i.id = e.incident WHERE e.` + ofSpan + ` GROUP BY i.alert_key`
		byHour  = `SELECT toFloat64(countIf(COND)) FROM (SELECT *, at + toIntervalSecond(o.offset_seconds) AS wall FROM (` + counts + ` AND basis != '' AND ` + ofSpan + `) AS e
			INNER JOIN (SELECT concat(incident_id, '|', person_id, '|', replaceOne(toString(at), ' ', 'T'), 'Z') AS pid, time_zone FROM pages) AS p ON p.pid = e.id
			CROSS JOIN zone_offsets AS o WHERE o.zone = p.time_zone AND e.at >= o.from_at AND e.at < o.until_at) GROUP BY toDayOfWeek(wall) WITH ROLLUP UNION ALL SELECT 0.`
	)
	where := func(query, condition string) recount {
		return recount{sql: strings.ReplaceAll(query, "COND", condition)}
	}
	now := "at >= @from AND "
	begun := `SELECT toFloat64(uniqExactIf(person, rota, starts_at, ends_at, starts_at >= @from)) FROM (` + rotas + ` WHERE starts_at < @to AND ends_at > @from)`
	maps.Copy(recounts, map[string]recount{
		"pages/now":                {sql: ofWeek},
		"pages/outside":            {sql: ofWeek + ` AND basis IN ('off', 'sleep')`},
		"pages/night":              {sql: ofWeek + ` AND basis = 'sleep'`},
		"pages/unknown":            {sql: ofWeek + ` AND basis = ''`},
		"pages/all":                {sql: ofSpans},
		"pages/13":                 {sql: ofSpans + ` AND basis != ''`},
		"pages/13/outside":         {sql: ofSpans + ` AND basis IN ('off', 'sleep')`},
		"pages/shifts":             {sql: begun},
		"pages/rota/shifts":        {sql: begun + ` GROUP BY rota`},
		"pages/rota":               where(byRota, "notEmpty(e.id)"),
		"pages/rota/off":           where(byRota, "e.basis IN ('off', 'sleep')"),
		"pages/rota/night":         where(byRota, "e.basis = 'sleep'"),
		"pages/hours/business":     where(byHour, "basis = 'business'"),
		"pages/hours/off":          where(byHour, "basis = 'off'"),
		"pages/hours/sleep":        where(byHour, "basis = 'sleep'"),
		"pages/hours/all":          where(byHour, "1"),
		"pages/hours/business/now": where(byHour, now+"basis = 'business'"),
		"pages/hours/off/now":      where(byHour, now+"basis = 'off'"),
		"pages/hours/sleep/now":    where(byHour, now+"basis = 'sleep'"),
		"pages/hours/all/now":      where(byHour, now+"1"),
		"alert/pages":              {sql: `SELECT toFloat64(count())` + byAlert},
		"alert/now":                {sql: `SELECT toFloat64(countIf(e.at >= @from))` + byAlert},
		"alert/night":              {sql: `SELECT toFloat64(countIf(e.basis = 'sleep'))` + byAlert},
		"alert/times":              {sql: `SELECT toFloat64(uniqExact(i.id))` + byAlert},
		"alert/idle":               {sql: `SELECT toFloat64(uniqExactIf(i.id, i.id IN (SELECT id FROM kpi_evidence WHERE kpi = 'time_to_acknowledge' AND reason LIKE 'resolved by itself%')))` + byAlert},
		"alert/silent":             {sql: `SELECT toFloat64(countIf(i.alert_key = ''))` + byAlert},
		"alert/more":               {sql: `SELECT toFloat64(count() - 10) FROM (SELECT 1` + byAlert + ` HAVING i.alert_key != '')`},
	})
}

// offHours makes the evidence of the pages, of a year without holidays.
func offHours(t *testing.T, conn driver.Conn) {
	t.Helper()
	model, err := fs.ReadFile(sql.Models(), "kpis/"+pagesKPI+".sql")
	if err != nil {
		t.Fatal(err)
	}
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"join_use_nulls": 1}))
	for _, query := range []string{calendarTable, "INSERT INTO kpi_evidence " + string(model)} {
		if err := conn.Exec(ctx, query); err != nil {
			t.Fatal(err)
		}
	}
}

type pageRow struct {
	Incident string    `ch:"incident_id"`
	Source   string    `ch:"source"`
	At       time.Time `ch:"at"`
	PersonID string    `ch:"person_id"`
	Person   string    `ch:"person"`
	Zone     string    `ch:"time_zone"`
	Shift    string    `ch:"shift_id"`
	First    uint8     `ch:"first"`
}

type shiftRow struct {
	ID       string     `ch:"id"`
	Source   string     `ch:"source"`
	PersonID string     `ch:"person_id"`
	Person   string     `ch:"person"`
	Zone     string     `ch:"time_zone"`
	Schedule string     `ch:"schedule"`
	Policy   string     `ch:"policy"`
	Level    uint8      `ch:"level"`
	Tier     string     `ch:"tier"`
	Starts   *time.Time `ch:"starts_at"`
	Ends     *time.Time `ch:"ends_at"`
}

type offsetRow struct {
	Zone    string    `ch:"zone"`
	From    time.Time `ch:"from_at"`
	Until   time.Time `ch:"until_at"`
	Seconds int32     `ch:"offset_seconds"`
}

var offsets = []offsetRow{
	{"Australia/Melbourne", time.Date(2025, 10, 4, 16, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 16, 0, 0, 0, time.UTC), 39600},
	{"Australia/Melbourne", time.Date(2026, 4, 4, 16, 0, 0, 0, time.UTC), time.Date(2026, 10, 3, 16, 0, 0, 0, time.UTC), 36000},
	{"Europe/Berlin", time.Date(2025, 10, 26, 1, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), 3600},
	{"Europe/Berlin", time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC), 7200},
}

// turns are weekly shifts of so many people, up to a moment.
func turns(schedule string, level uint8, people int, zone string, until time.Time, policies ...string) []shiftRow {
	var out []shiftRow
	from := time.Date(2026, 1, 6, 9, 0, 0, 0, melbourne)
	for n := 0; from.Before(until); n++ {
		to := from.AddDate(0, 0, 7)
		for _, policy := range policies {
			who := fmt.Sprintf("%s %c", schedule, 'A'+n%people)
			begins, ends := from, to
			out = append(out, shiftRow{ID: fmt.Sprintf("pager:%s/%d/%s/%d", policy, level, schedule, n), Source: "pager", PersonID: "P" + who, Person: who, Zone: zone, Schedule: schedule, Policy: policy,
				Level: level, Tier: [...]string{"L2", "L2", "L3", "L3"}[level], Starts: &begins, Ends: &ends})
		}
		from = to
	}
	return out
}

// paging is the sample with a pager: two rotas, one of them under two policies,
// and somebody who is always called last.
func paging(c company) company {
	c = whole(c)
	for i := range c.Sources {
		if c.Sources[i].Name == "service-desk" {
			c.Sources[i].Entity = "incident, ticket, worklog, action_item"
		}
	}
	till := c.AsOf.Add(-12 * time.Minute)
	c.Sources = append(c.Sources, source{Name: "pager", Type: "pagerduty", Entity: "page, oncall_shift", From: &c.From, To: &till, Records: 900, Staged: 900})
	shifts := turns("Payments L2", 1, 3, "Australia/Melbourne", c.AsOf.AddDate(0, 0, 9), "Payments", "Web")
	shifts = append(shifts, turns("Platform L3", 2, 5, "Europe/Berlin", c.AsOf.AddDate(0, 0, 9), "Payments")...)
	shifts = append(shifts, shiftRow{ID: "pager:always", Source: "pager", PersonID: "PQ", Person: "Q. Always", Zone: "Europe/Berlin", Policy: "Payments", Level: 3, Tier: "L3"})
	var sent []pageRow
	for i := range c.Incidents {
		one := &c.Incidents[i]
		if one.Created.Before(c.AsOf.AddDate(0, 0, -100)) || i%2 == 0 {
			continue
		}
		if i%7 != 0 {
			one.AlertKey = "alert-" + one.Service
		}
		if i%3 == 0 && one.Resolved != nil {
			one.ResolvedBy = "auto"
		}
		at := one.Created.Add(2 * time.Minute)
		rota := map[bool]string{true: "Platform L3", false: "Payments L2"}[i%5 == 0]
		for _, h := range shifts {
			if h.Schedule == rota && h.Policy == "Payments" && !at.Before(*h.Starts) && at.Before(*h.Ends) {
				zone := h.Zone
				if i%11 == 0 {
					zone = ""
				}
				sent = append(sent, pageRow{one.ID, "pager", at, h.PersonID, h.Person, zone, h.ID, 1})
			}
		}
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "oncall_shifts", shifts)
		insert(t, conn, "pages", sent)
		insert(t, conn, "zone_offsets", offsets)
		offHours(t, conn)
	})
	return c
}

// recountedIn counts the tallies of some blocks again, and holds their views to
// the rule of numbers.
func recountedIn(t *testing.T, conn driver.Conn, c company, document string, p metrics.Period, blocks ...string) string {
	t.Helper()
	page, _ := text(t, conn, options("", c.AsOf), document, p, nil)
	sound(t, document, page)
	upTo := p
	if c.AsOf.Before(p.EndsAt) {
		upTo.EndsAt = c.AsOf
	}
	d, err := documentOf(document)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(t.Context(), conn, options("", c.AsOf), document, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range d.blocks {
		for _, name := range blocks {
			if b.name != name {
				continue
			}
			a, err := b.answer(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range offenders(reflect.ValueOf(*a), b.name, "") {
				t.Error(one)
			}
		}
	}
	for _, name := range blocks {
		part := between(page, `<section class="block" id="`+name+`"`, `</section>`)
		seen := map[string]bool{}
		for _, m := range tallied.FindAllStringSubmatch(part, -1) {
			what, raw := html.UnescapeString(m[2]), m[1]
			if seen[what+raw] {
				continue
			}
			seen[what+raw] = true
			if _, known := derived[what]; known {
				continue
			}
			one, listed := recounts[what]
			if !listed {
				t.Errorf("%s: nothing counts %s again", name, what)
				continue
			}
			allowed := one.again(t, conn, page, upTo, c)
			if !has(allowed, raw) {
				t.Errorf("%s: %s is %s on the page, counted again %v", name, what, raw, allowed[:min(len(allowed), 12)])
			}
		}
		if len(seen) < 4 {
			t.Errorf("%s: only %d tallies", name, len(seen))
		}
	}
	return page
}

func TestPagesAreCountedAgain(t *testing.T) {
	conn, c := filled(t, "paging")
	page := recountedIn(t, conn, c, metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), "pages")
	part := between(page, `<section class="block" id="pages"`, `</section>`)
	says(t, part, []string{"Payments L2", "Platform L3", "Noisiest alerts", "alert-checkout-api", "the hour where the responder lives is not known", "in 13 weeks came outside business hours"}, "Q. Always", "Payments L2 A")
	if strings.Count(part, "data-chart=") != 1 {
		t.Error("there is no strip of hours")
	}
}

// Four pages of one week, of known hours: in Melbourne on duty, at night and on
// a Saturday; and where the responder's zone is not known.
func paged4(zone string) company {
	hours := []time.Time{
		time.Date(2026, 6, 10, 11, 0, 0, 0, melbourne), time.Date(2026, 6, 11, 2, 30, 0, 0, melbourne),
		time.Date(2026, 6, 13, 12, 0, 0, 0, melbourne), time.Date(2026, 6, 15, 22, 5, 0, 0, melbourne),
	}
	c := few(4, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) { row.AlertKey = "disk" })
	c.Sources = append(c.Sources, source{Name: "pager", Type: "pagerduty", Entity: "page, oncall_shift", From: &c.From, To: &c.AsOf, Records: 9, Staged: 9})
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		shifts := turns("Data L2", 1, 3, zone, c.AsOf.AddDate(0, 0, 9), "Data")
		var rows []pageRow
		for i, at := range hours {
			rows = append(rows, pageRow{c.Incidents[i].ID, "pager", at, "Px", "x", zone, shifts[22].ID, 1})
		}
		insert(t, conn, "oncall_shifts", shifts)
		insert(t, conn, "pages", rows)
		insert(t, conn, "zone_offsets", offsets)
		offHours(t, conn)
	})
	return c
}

func TestPagesStandInTheHoursOfTheResponder(t *testing.T) {
	for zone, want := range map[string][]string{
		"Australia/Melbourne": {"4 pages; 3 outside business hours, 2 of them at night.", "Wed 1 (1) 0 0 1 (1)", "Thu 0 0 1 (1) 1 (1)", "Sat 0 1 (1) 0 1 (1)", "All days 1 (1) 1 (1) 2 (2) 4 (4)", "disk", "pages seldom"},
		// Eight hours behind, the same moments are others.
		"Europe/Berlin": {"4 pages; 3 outside business hours, 2 of them at night.", "Wed 0 1 (1) 1 (1) 2 (2)", "Mon 1 (1) 0 0 1 (1)"},
		"":              {"4 pages; none known outside business hours. Of 4 the hour where the responder lives is not known."},
	} {
		t.Run(zone, func(t *testing.T) {
			weekly, _, _ := pagesOfWeek(t, paged4(zone))
			part := between(weekly, `<section class="block" id="pages"`, `</section>`)
			says(t, part, want)
			if drawn := strings.Contains(part, "data-chart="); drawn != (zone != "") {
				t.Errorf("drawn: %v", drawn)
			}
		})
	}
}

func TestAWeekWithoutPagesIsASentence(t *testing.T) {
	c := paged4("Australia/Melbourne")
	for i := range c.Incidents {
		c.Incidents[i].Created = c.Incidents[i].Created.AddDate(0, 0, -28)
	}
	c.With = []func(*testing.T, driver.Conn){func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "pages", []pageRow{{c.Incidents[0].ID, "pager", c.Incidents[0].Created, "Px", "x", "Australia/Melbourne", "", 1}})
		insert(t, conn, "zone_offsets", offsets)
		offHours(t, conn)
	}}
	weekly, monthly, _ := pagesOfWeek(t, c)
	says(t, weekly, []string{"Pages: nobody was paged in this week; the last 13 weeks had 1 page."})
	says(t, monthly, []string{"On-call health: no rota handed over in the 3 months up to the end of this month."})
}

func TestAlertsThatNobodyActsOnAreAskedAbout(t *testing.T) {
	for _, x := range []struct {
		pages, idle, times int
		want               string
	}{{5, 5, 5, ""}, {6, 3, 6, "delete or tune?"}, {6, 2, 6, "tune, or mend the cause?"}, {40, 0, 9, "tune, or mend the cause?"}} {
		if got := advice(x.pages, x.idle, x.times).Text; got != x.want {
			t.Errorf("%v: %q", x, got)
		}
	}
}
