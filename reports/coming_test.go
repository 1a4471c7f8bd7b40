package reports

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

func init() {
	maps.Copy(derived, map[string]string{
		"coming/gap": "time that no shift of a level covers: TestGaps", "coming/gaps": "", "coming/gaps/first": "", "coming/gaps/more": "", "coming/rotas/more": "", "coming/always/more": "",
		"planned/begun": "TestWhatBecameOfAPlannedChange", "planned/clashing": "changes that meet: TestClashes", "planned/clashes": "", "oncall/more": "", "pages/rotas/more": "",
		"coming/shifts/read": "the most that are read", "planned/more/clashing": "",
	})
	const ahead = ` FROM changes WHERE planned_start >= @to AND planned_start < toStartOfDay(@to, 'Australia/Melbourne') + INTERVAL 7 DAY AND status = 'planned' AND environment IN ('', 'production')`
	maps.Copy(recounts, map[string]recount{
		"coming/rotas":         {sql: `SELECT toFloat64(uniqExact(schedule)) FROM oncall_shifts WHERE ends_at > @to AND schedule != ''`},
		"coming/standing/more": {sql: `SELECT toFloat64(uniqExact(source, person)) - 30 FROM oncall_shifts WHERE isNull(starts_at) AND isNull(ends_at)`},
		"planned/more/grave":   {sql: `SELECT toFloat64(countIf(type = 'emergency' OR risk = 'high')) - 40` + ahead},
		"planned/all":          {sql: `SELECT toFloat64(count())` + ahead},
		"planned/grave":        {sql: `SELECT toFloat64(countIf(type = 'emergency' OR risk = 'high'))` + ahead},
		"planned/more":         {sql: `SELECT toFloat64(count()) - 40` + ahead},
		"planned/elsewhere":    {sql: `SELECT toFloat64(count())` + strings.Replace(ahead, "environment IN", "environment NOT IN", 1)},
	})
}

// hours after a Monday's midnight in the zone of the tests.
func hence(h int) time.Time {
	return time.Date(2026, 6, 15, 0, 0, 0, 0, melbourne).Add(time.Duration(h) * time.Hour)
}

func turn(who, schedule, policy string, level uint8, from, to int) shift {
	starts, ends := hence(from), hence(to)
	return shift{Source: "p", Person: who, Schedule: schedule, Policy: policy, Level: level, Tier: map[bool]string{true: "L2", false: "L3"}[level == 1], Starts: &starts, Ends: &ends}
}

func inHours(rotas []*rota) string {
	var out []string
	for _, r := range rotas {
		for _, g := range r.segments {
			out = append(out, fmt.Sprintf("%s %d-%d %s%s", r.name, int(g.from.Sub(hence(0)).Hours()), int(g.to.Sub(hence(0)).Hours()), g.kind, strings.Join(append([]string{""}, g.who...), " ")))
		}
	}
	return strings.Join(out, "; ")
}

func TestGaps(t *testing.T) {
	window := stretch{hence(0), hence(168)}
	for name, x := range map[string]struct {
		shifts []shift
		known  int
		want   string
	}{
		"nobody for a day":                {[]shift{turn("A", "L2", "x", 1, -30, 80), turn("B", "L2", "x", 1, 104, 200)}, 168, "L2 0-80 held A; L2 80-104 gap; L2 104-168 held B"},
		"one schedule under two policies": {[]shift{turn("A", "L2", "x", 1, 0, 168), turn("A", "L2", "y", 1, 0, 168)}, 168, "L2 0-168 held A"},
		"the night is another rota's": {[]shift{turn("A", "Day", "x", 1, 0, 84), turn("B", "Night", "x", 1, 84, 168)}, 168,
			"Day 0-84 held A; Day 84-168 spare; Night 0-84 spare; Night 84-168 held B"},
		"of two rotas of a level both are away": {[]shift{turn("A", "Day", "x", 1, 0, 80), turn("B", "Night", "x", 1, 90, 168)}, 168,
			"Day 0-80 held A; Day 80-90 gap; Day 90-168 spare; Night 0-80 spare; Night 80-90 gap; Night 90-168 held B"},
		"beyond what is known":      {[]shift{turn("A", "L2", "x", 1, 0, 100)}, 120, "L2 0-100 held A; L2 100-120 gap; L2 120-168 unknown"},
		"nothing is known":          {[]shift{turn("A", "L2", "x", 1, 0, 100)}, 0, "L2 0-100 held A; L2 100-168 unknown"},
		"two at once":               {[]shift{turn("B", "L2", "x", 1, 0, 168), turn("A", "L2", "x", 1, 50, 60)}, 168, "L2 0-50 held B; L2 50-60 held A B; L2 60-168 held B"},
		"held until now":            {[]shift{turn("A", "L2", "x", 1, -30, -2)}, 168, "L2 0-168 gap"},
		"of a policy that is gone":  {[]shift{turn("A", "Old", "x", 1, -30, -2), turn("B", "New", "x", 1, -2, 168)}, 168, "New 0-168 held B"},
		"somebody stands behind it": {[]shift{turn("A", "L2", "x", 1, 0, 80), {Source: "p", Person: "Q", Policy: "x", Level: 1, Tier: "L2"}}, 168, "L2 0-80 held A; L2 80-168 spare"},
	} {
		rotas, _ := rosterOf(x.shifts, window, func(string) time.Time { return hence(x.known) })
		if got := inHours(rotas); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, x.want)
		}
	}
	_, standing := rosterOf([]shift{{Source: "p", Person: "Q", Policy: "y", Level: 3}, {Source: "p", Person: "Q", Policy: "x", Level: 3}}, window, func(string) time.Time { return hence(168) })
	if len(standing) != 1 || alwaysOf(standing[0]).String() != "Q is always on call: level 3 of x; y." {
		t.Errorf("%v", standing)
	}
}

func TestClashes(t *testing.T) {
	at := func(id string, from, to int, services ...string) *planned {
		c := &planned{ID: id, Key: id, Starts: hence(from), Services: services}
		if to > 0 {
			end := hence(to)
			c.Ends = &end
		}
		return c
	}
	all := []*planned{at("a", 1, 4, "x", "y"), at("b", 3, 5, "y", "x"), at("c", 4, 6, "x"), at("d", 2, 0, "x"), at("e", 2, 3, "z"), at("f", 7, 0, "x"), at("g", 7, 0, "x")}
	clashesOf(all)
	for i, want := range []int{2, 2, 1, 1, 0, 1, 1} {
		if all[i].meets != want {
			t.Errorf("%s meets %d others, want %d: %v", all[i].ID, all[i].meets, want, all[i].clashes)
		}
	}
}

// ahead is a company with a pager and changes planned for the week to come.
func ahead(more int) company {
	c := paging(sample(7))
	monday := time.Date(2026, 6, 15, 0, 0, 0, 0, melbourne) // the week ends on the Tuesday
	add := func(key string, days, hours, length int, shape func(*changeRow)) {
		start := monday.AddDate(0, 0, days).Add(time.Duration(hours) * time.Hour)
		end := start.Add(time.Duration(length) * time.Hour)
		row := changeRow{ID: "change-export:" + key, Source: "change-export", Key: key, URL: "https://desk.example.com/change/" + key, Title: "Work on " + key, Services: []string{"search"}, Teams: []string{"Discovery"},
			Type: "normal", Risk: "low", Environment: "production", PlannedStart: &start, PlannedEnd: &end, Status: "planned", Attributes: map[string]string{}}
		if shape != nil {
			shape(&row)
		}
		c.Changes = append(c.Changes, row)
	}
	add("CHG-IN", 2, 10, 2, nil)
	add("CHG-WITH", 2, 11, 2, func(r *changeRow) { r.Services = []string{"checkout-api", "search"} })
	add("CHG-LONG", 2, 20, 20, func(r *changeRow) { r.Services, r.Risk = []string{"cdn"}, "high" })
	add("CHG-OPEN", 4, 10, 0, func(r *changeRow) { r.PlannedEnd, r.Services = nil, nil })
	add("CHG-GONE", 2, 10, 2, func(r *changeRow) { r.Status = "cancelled" })
	add("CHG-LATER", 9, 10, 2, nil)
	add("CHG-STAGE", 2, 10, 2, func(r *changeRow) { r.Environment = "staging" })
	add("CHG-EVIL", 3, 10, 2, func(r *changeRow) {
		r.Title, r.URL, r.Services, r.Teams, r.Type = hostile[0], "javascript:alert(1)", []string{hostile[4]}, []string{hostile[3]}, "emergency"
	})
	for i := range more {
		add(fmt.Sprintf("CHG-M%03d", i), 3, 12, 1, func(r *changeRow) { r.Services = []string{fmt.Sprintf("service-%d", i)} })
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "cab_windows", []struct {
			Name string    `ch:"name"`
			From time.Time `ch:"starts_at"`
			To   time.Time `ch:"ends_at"`
		}{{"Midweek", monday.AddDate(0, 0, 2), monday.AddDate(0, 0, 3)}, {"Thursday", monday.AddDate(0, 0, 3), monday.AddDate(0, 0, 4)}})
	})
	return c
}

func TestTheComingDays(t *testing.T) {
	conn := openWarehouse(t)
	c := ahead(60)
	fill(t, conn, c)
	if err := conn.Exec(t.Context(), `ALTER TABLE oncall_shifts DELETE WHERE schedule = 'Payments L2' AND starts_at > '2026-06-15' SETTINGS mutations_sync = 2`); err != nil {
		t.Fatal(err)
	}
	page := recountedIn(t, conn, c, metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), "coming")
	part := between(page, `<section class="block" id="coming"`, `</section>`)
	says(t, part, []string{
		"2 rotas are on call, with 1 gap in the first level.",
		"gap in the first level Nobody is on call for Payments L2 from Tue 16 Jun 09:00 to the end of Mon 22 Jun, 6.6 d.",
		"Tue 16 Jun Wed 17 Jun Thu 18 Jun Fri 19 Jun Sat 20 Jun Sun 21 Jun Mon 22 Jun",
		"until 09:00 nobody from 09:00 nobody",
		"Q. Always is always on call: level 3 of Payments.",
		"65 changes are planned, 2 of high risk or emergency; 2 share a service and a time with another.",
		"Midweek Wed 17 Jun 00:00 to Thu 18 Jun 00:00",
		"CHG-IN Work on CHG-IN at the same time as CHG-WITH on search Wed 17 Jun 10:00 to 12:00 search Discovery normal, low risk",
		"CHG-LONG Work on CHG-LONG Wed 17 Jun 20:00 to Thu 18 Jun 16:00 past the window's end cdn Discovery normal, high risk",
		"25 more, of less risk and without a clash", "1 more is planned outside production.",
		"</script><script>alert(1)</script>",
	}, "CHG-GONE", "CHG-LATER", "CHG-STAGE")
	says(t, between(page, `<section class="block" id="exceptions"`, `</section>`), []string{"Nobody is on call for Payments L2 from Tue 16 Jun 09:00 to the end of Mon 22 Jun, 6.6 d. Who covers it?"})
	if strings.Contains(part, "javascript:") || strings.Contains(part, "<script>") {
		t.Error("words of a change run")
	}
	if strings.Index(part, "Work on CHG-LONG") > strings.Index(part, "Work on CHG-IN") {
		t.Error("the change of high risk does not come first")
	}
	if rows := strings.Count(between(part, "<table class=\"planned", "</section>"), `<th scope="row"`); rows > plannedShown {
		t.Errorf("%d changes are shown", rows)
	}
}

func TestTheComingDaysWithoutAny(t *testing.T) {
	weekly, _, _ := pagesOfWeek(t, whole(company{AsOf: morning, From: morning.AddDate(0, -2, 0)}))
	says(t, weekly, []string{"The coming seven days: neither shifts nor changes are collected: add a source of type pagerduty (shifts) and one with entity: change to srekpi.yml",
		"Pages: pages and shifts are not collected: add a source of type pagerduty to srekpi.yml"}, "with no gap")
}

func TestChangesPlannedWithoutShiftsOrWindows(t *testing.T) {
	c := ahead(0)
	c.With = nil
	c.Sources = c.Sources[:2]
	weekly, _, _ := pagesOfWeek(t, c)
	part := between(weekly, `<section class="block" id="coming"`, `</section>`)
	says(t, part, []string{"5 changes are planned", "Who is on call is not collected: add a source of type pagerduty to srekpi.yml.", "No window of changes is configured: changes.cab in srekpi.yml gives them.",
		"CHG-OPEN Work on CHG-OPEN Fri 19 Jun 10:00 end not stated blank Discovery"}, "Outside the windows", "on call, with")
}

func TestManyPeopleAreAlwaysOnCall(t *testing.T) {
	c := ahead(0)
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		var rows []shiftRow
		for i := range 40 {
			rows = append(rows, shiftRow{ID: fmt.Sprintf("pager:s%d", i), Source: "pager", Person: fmt.Sprintf("Person %d", i), Policy: "Payments", Level: 3, Tier: "L3"})
		}
		insert(t, conn, "oncall_shifts", rows)
	})
	conn := openWarehouse(t)
	fill(t, conn, c)
	page := recountedIn(t, conn, c, metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), "coming")
	says(t, between(page, `<section class="block" id="coming"`, `</section>`), []string{"11 more are always on call."})
}

// What is left out is called harmless only where it is.
func TestTheChangesThatAreNotShown(t *testing.T) {
	all := func(n, grave, clashing int) []*planned {
		out := make([]*planned, n)
		for i := range out {
			out[i] = &planned{Grave: b2u(i < grave), meets: b2i(i < grave && i < clashing || i >= grave && i-grave < clashing)}
		}
		return out
	}
	for want, x := range map[string][3]int{
		"": {40, 40, 40},
		"1 more, of less risk and without a clash, is in the source of changes.":                                            {41, 3, 7},
		"20 more, of less risk and without a clash, are in the source of changes.":                                          {60, 40, 0},
		"20 more, 5 of high risk or emergency, are in the source of changes.":                                               {60, 45, 0},
		"20 more, of less risk, 2 at the same time as another on a service, are in the source of changes.":                  {60, 0, 42},
		"20 more, 20 of high risk or emergency, 10 at the same time as another on a service, are in the source of changes.": {60, 60, 50},
	} {
		if got := notShown(all(x[0], x[1], x[2])).String(); got != want {
			t.Errorf("%v:\n got %q\nwant %q", x, got, want)
		}
	}
	c := ahead(60)
	for i := range c.Changes {
		c.Changes[i].Risk = "high"
	}
	conn := openWarehouse(t)
	fill(t, conn, c)
	page := recountedIn(t, conn, c, metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), "coming")
	says(t, between(page, `<section class="block" id="coming"`, `</section>`), []string{"25 more, 25 of high risk or emergency, are in the source of changes."})
}

// Of more shifts than are read nobody knows who holds what looks like a gap.
func TestMoreShiftsThanAreRead(t *testing.T) {
	c := ahead(0)
	c.Also = append(c.Also, fmt.Sprintf(`INSERT INTO oncall_shifts (id, source, person_id, person, schedule, policy, level, tier, starts_at, ends_at)
		SELECT concat('pager:m', toString(number)), 'pager', toString(number), concat('Person ', toString(number)), concat('Rota ', leftPad(toString(number %% 4000), 4, '0')), concat('Policy ', toString(number %% 4000)), 1, 'L2',
			toDateTime64('%[1]s', 3, 'UTC') + toIntervalDay(intDiv(number, 4000)), toDateTime64('%[1]s', 3, 'UTC') + toIntervalDay(intDiv(number, 4000) + 1) FROM numbers(%[2]d)`,
		c.AsOf.UTC().Format("2006-01-02 15:04:05"), shiftsRead+1))
	weekly, _, _ := pagesOfWeek(t, c)
	part := between(weekly, `<section class="block" id="coming"`, `</section>`)
	says(t, part, []string{"At least 4,000 rotas are on call.", "More than 20,000 shifts touch these days and not all were read, so no gap is named and rotas may be missing.", "not known"}, "Nobody is on call", "with no gap", "a gap in one of them")
	says(t, between(weekly, `<section class="block" id="exceptions"`, `</section>`), nil, "Nobody is on call")
}

// Who covered days that are over is no question for a meeting.
func TestNobodyIsAskedToCoverDaysThatAreOver(t *testing.T) {
	week := periodAt(t, metrics.Week, morning)
	s := &sheet{document: metrics.Weekly, period: week, clock: clock{melbourne}, asOf: week.EndsAt.AddDate(0, 0, 7), sources: []source{{Name: "pager", Entity: "oncall_shift", Staged: 1}}}
	if found, err := s.findUncovered(t.Context()); found != nil || err != nil { // without reading anything
		t.Errorf("%v, %v", found, err)
	}
}

func TestWhatBecameOfAPlannedChange(t *testing.T) {
	for want, c := range map[string]planned{"": {Status: "planned"}, "begun since": {Status: "started"}, "done since": {Status: "done", Outcome: "successful"},
		"rolled back since": {Status: "done", Outcome: "rolled_back"}, "failed since": {Status: "done", Outcome: "failed"}} {
		if got := c.since(); got != want {
			t.Errorf("%s %s: %q, want %q", c.Status, c.Outcome, got, want)
		}
	}
}
