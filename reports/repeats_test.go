package reports

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// What a fix came to: done and held, done and not, none. Each case is an alert of
// its own that came in April, twice, and in the week.
func TestWhatTheFixOfARepeatCameTo(t *testing.T) {
	cases := []struct {
		name  string
		fix   actionRow
		want  string // in the table
		found string // in the exceptions
	}{
		{"done before it came back", promise(1, "04-02", "05-01", "05-02", nil), "Came back once while a fix was open, once after its fixes were done", "The fix FIX-1 was done on Sat 2 May, and did not hold."},
		{"done after it came back", promise(2, "04-02", "06-14", "06-14", nil), "Came back twice while FIX-2 was open", "The fix FIX-2 was done on Sun 14 Jun, after that."},
		{"promised since", promise(3, "06-12", "07-14", "", nil), "Not come back since the fix was promised", "The fix FIX-3 is open for 3 days, with A. Marlow, due Tue 14 Jul."},
		{"nobody has it", promise(4, "06-12", "", "", func(a *actionRow) { a.Owner = "" }), "open for 3 days, with nobody, no day promised", "The fix FIX-4 is open for 3 days, with nobody, no day promised."},
		{"promised after the page", promise(5, "06-16 06:00", "07-14", "", nil), "no fix promised", "No fix is promised."},
	}
	c := few(0, morning.AddDate(0, -8, 0), nil)
	var fixes []actionRow
	for n, one := range cases {
		for m, began := range []string{"04-01", "04-20", "06-10"} {
			row := incidentOf(10*n+m, *when(began), "Pool exhausted")
			row.Services, row.Teams, row.AlertKey = []string{one.name}, []string{"Payments"}, one.name
			settle(&row, 4*time.Hour, c.AsOf)
			c.Incidents = append(c.Incidents, row)
		}
		one.fix.Incidents = []string{c.Incidents[len(c.Incidents)-3].ID}
		fixes = append(fixes, one.fix)
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) { insert(t, conn, "action_items", fixes) })
	conn := openWarehouse(t)
	fill(t, conn, c)
	s, err := open(t.Context(), conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := repeats(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.findRepeats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	table, err := set("repeats", a.View)
	if err != nil {
		t.Fatal(err)
	}
	says(t, a.lead().String(), []string{"5 incidents of this week belong to 5 problems that came back within 90 days; 2 did so after a fix was promised; for 1 no fix is promised."})
	for n, one := range cases {
		row := between(string(table), `<bdi class="service">`+one.name, "</tr>")
		if n == len(cases)-1 {
			says(t, row, []string{one.want}, "FIX-")
		} else {
			says(t, row, []string{one.want, one.fix.Key})
		}
		if !slices.ContainsFunc(found, func(f finding) bool {
			said := prose(f.Pieces).String()
			return strings.HasPrefix(said, one.name+": the same alert 3 times in 90 days") && strings.Contains(said, one.found)
		}) {
			t.Errorf("%s: no finding says %q: %v", one.name, one.found, found)
		}
	}
}

// The fix that is named is the one that stood when the problem came back; one that
// was promised after it says so. What came back more than 90 days ago is not counted,
// as it is not among the times.
func TestTheFixOfARepeatIsTheOneThatStoodThen(t *testing.T) {
	c := few(0, morning.AddDate(0, -12, 0), nil)
	for n, began := range []string{"01-02", "01-10", "01-20", "05-01", "06-10", "06-11", "06-11 18:00"} {
		row := incidentOf(n, *when(began), "Nightly load late")
		row.Services, row.Teams, row.Cause = []string{"reporting"}, []string{"Data"}, "load too slow"
		if n == 3 || n == 4 {
			row.AlertKey = "nightly-late" // the fifth is a repeat of the alert, and counts there too
		}
		settle(&row, 4*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, row)
	}
	after := func(n int) func(*actionRow) {
		return func(a *actionRow) { a.Incidents = []string{c.Incidents[n].ID} }
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "action_items", []actionRow{
			promise(1, "01-03", "02-01", "01-25", after(0)), // open in January, done since
			promise(2, "05-06", "07-01", "", after(3)),
			promise(3, "06-12", "07-14", "", after(4)),
			promise(4, "06-13", "07-20", "", after(5)),
		})
	})
	s, table := repeatsOf(t, c)
	row := between(table, "same service and cause", "</tr>")
	says(t, row, []string{"FIX-2 Raise the limit: open for", "Promised since: FIX-3, FIX-4", "Came back 3 times while FIX-2 was open"}, "done on")
	found, err := s.findRepeats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		says(t, prose(f.Pieces).String(), []string{"The fix FIX-2 is open", "came back 3 times while it was open. Promised since: FIX-3, FIX-4."})
	}
	if len(found) == 0 {
		t.Error("no finding")
	}
}

// Where a page ends before an incident did, the caption says until when its time
// is counted.
func TestACutTimeSaysUntilWhen(t *testing.T) {
	c := few(0, morning.AddDate(0, -8, 0), nil)
	for n, began := range []string{"05-20", "06-14 06:00"} {
		row := incidentOf(n, *when(began), "Nightly load late")
		row.Services, row.Teams, row.AlertKey = []string{"reporting"}, []string{"Data"}, "nightly-late"
		settle(&row, 20*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, row)
	}
	for name, hours := range map[string]int{"over": 2, "cut": 48} {
		t.Run(name, func(t *testing.T) {
			settle(&c.Incidents[1], time.Duration(hours)*time.Hour, c.AsOf)
			_, table := repeatsOf(t, c)
			if said := strings.Contains(table, "until 15 Jun where it was not over by then"); said != (name == "cut") {
				t.Errorf("the caption: %s", between(table, "<figcaption>", "</figcaption>"))
			}
		})
	}
}

// The second repeats the first by its alert, the third the second by its title: the
// second stands in both groups.
func TestAnIncidentOfTwoGroupsCountsOnce(t *testing.T) {
	c := few(0, morning.AddDate(0, -8, 0), nil)
	for n, one := range []struct{ began, title, alert string }{{"05-20", "Disk is full", "disk"}, {"06-10", "Orders are late", "disk"}, {"06-12", "Orders are late", ""}} {
		row := incidentOf(n, *when(one.began), one.title)
		row.Services, row.Teams, row.AlertKey, row.TitleKey = []string{"orders"}, []string{"Payments"}, one.alert, strings.ToLower(one.title)
		settle(&row, 4*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, row)
	}
	s, _ := repeatsOf(t, c)
	all, err := s.repeatGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if all.Count != 2 || all.Now != 2 || all.Hours != 12*time.Hour || all.Few != 1 || all.part() != 2./3 {
		t.Errorf("%d groups, %d incidents of this week, %v, %d with %v of them", all.Count, all.Now, all.Hours, all.Few, all.part())
	}
}

// At the clock of the build a group is a known issue: the same incidents, the
// same repeats under a promise.
func TestGroupsAreKnownIssues(t *testing.T) {
	c := whole(sample(7))
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		var many []actionRow
		for n := 0; n < len(c.Incidents); n += 5 {
			i := c.Incidents[n]
			made := i.Created.AddDate(0, 0, 2)
			row := promise(n, "", "", "", func(a *actionRow) { a.Created, a.Incidents = &made, []string{i.ID} })
			if n%10 == 0 {
				done := made.AddDate(0, 0, 40)
				row.Resolved = &done
			}
			many = append(many, row)
		}
		insert(t, conn, "action_items", many)
	})
	conn := openWarehouse(t)
	fill(t, conn, c)
	s, err := open(t.Context(), conn, options("", c.AsOf), metrics.Monthly, runningAt(t, metrics.Month, c.AsOf), nil)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := s.repeatGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var issues []struct {
		Means string   `ch:"means"`
		IDs   []string `ch:"incident_ids"`
		Here  uint64   `ch:"of_window"`
		Open  uint64   `ch:"came_back_while_open"`
		After uint64   `ch:"came_back_after_closed"`
		Fixes []string `ch:"fixes"`
	}
	// A known issue counts a repeat in one group, over all time; a page counts
	// what came back in each that it stands in, in 90 days.
	if err := conn.Select(t.Context(), &issues, `SELECT k.means AS means, k.incident_ids AS incident_ids,
			countIf(r.fix_state = 'while its fix was open') AS came_back_while_open, countIf(r.fix_state = 'after its fix was closed') AS came_back_after_closed,
			arrayFilter(f -> f IN (SELECT id FROM action_items WHERE created_at < toDateTime64(@asof, 3, 'UTC')), any(k.fixes)) AS fixes,
			toUInt64(arrayCount(i -> i IN (SELECT id FROM incidents WHERE created_at >= toDateTime64(@since, 3, 'UTC')), incident_ids)) AS of_window
		FROM known_issues AS k
		LEFT JOIN (SELECT concat(means, '|', name) AS of_id, fix_state, incident_id FROM recurrences WHERE gap_days <= 90
			AND incident_id IN (SELECT id FROM incidents WHERE created_at >= toDateTime64(@since, 3, 'UTC'))) AS r ON r.of_id = k.id AND has(k.incident_ids, r.incident_id)
		GROUP BY k.id, means, incident_ids`, moment("asof", c.AsOf), moment("since", s.trailing(repeatDays).StartsAt)); err != nil {
		t.Fatal(err)
	}
	if len(groups.Groups) < 5 {
		t.Fatalf("only %d groups", len(groups.Groups))
	}
	promised := 0
	for _, g := range groups.Groups {
		found := false
		for _, k := range issues {
			if k.Means != g.Means || !slices.ContainsFunc(k.IDs, func(id string) bool { return id == g.latest[0] }) {
				continue
			}
			found = true
			if int(k.Here) != g.Times || int(k.Open) != g.WhileOpen || int(k.After) != g.AfterDone || strings.Join(k.Fixes, " ") != strings.Join(g.fixes, " ") {
				t.Errorf("%s: %d of %d members, came back %d and %d, known issue says %d and %d; fixes %d, %d", g.what(30), g.Times, k.Here, g.WhileOpen, g.AfterDone, k.Open, k.After, len(g.fixes), len(k.Fixes))
			}
		}
		if !found {
			t.Errorf("%s is no known issue", g.what(30))
		}
		promised += g.WhileOpen + g.AfterDone
	}
	if promised == 0 {
		t.Error("nothing came back under a promise: the test tests nothing")
	}
}

// repeatsOf sets the block of the week that ended last.
func repeatsOf(t *testing.T, c company) (*sheet, string) {
	t.Helper()
	conn := openWarehouse(t)
	fill(t, conn, c)
	s, err := open(t.Context(), conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := repeats(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	table, err := set("repeats", a.View)
	if err != nil {
		t.Fatal(err)
	}
	return s, string(table)
}
