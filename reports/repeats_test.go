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
		{"done after it came back", promise(2, "04-02", "06-14", "06-14", nil), "Came back twice since the fix was promised", "The fix FIX-2 was done on Sun 14 Jun, after that."},
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
		Open  uint64   `ch:"came_back_while_open"`
		After uint64   `ch:"came_back_after_closed"`
		Fixes []string `ch:"fixes"`
	}
	if err := conn.Select(t.Context(), &issues, `SELECT means, incident_ids, came_back_while_open, came_back_after_closed, arrayFilter(f -> f IN (SELECT id FROM action_items WHERE created_at < toDateTime64(@asof, 3, 'UTC')), fixes) AS fixes FROM known_issues`, moment("asof", c.AsOf)); err != nil {
		t.Fatal(err)
	}
	if len(groups) < 5 {
		t.Fatalf("only %d groups", len(groups))
	}
	promised := 0
	for _, g := range groups {
		found := false
		for _, k := range issues {
			if k.Means != g.Means || !slices.ContainsFunc(k.IDs, func(id string) bool { return id == g.newestID() }) {
				continue
			}
			found = true
			recent := 0
			for _, id := range k.IDs {
				if slices.ContainsFunc(g.Members, func(m member) bool { return m.ID == id }) {
					recent++
				}
			}
			if recent != len(g.Members) || int(k.Open) != g.WhileOpen || int(k.After) != g.AfterDone || strings.Join(k.Fixes, " ") != strings.Join(g.fixes, " ") {
				t.Errorf("%s: %d of %d members, came back %d and %d, known issue says %d and %d; fixes %d, %d", g.what(30), recent, len(g.Members), g.WhileOpen, g.AfterDone, k.Open, k.After, len(g.fixes), len(k.Fixes))
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

func (g *repeat) newestID() string { return g.Members[len(g.Members)-1].ID }
