package reports

import (
	"maps"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

func init() {
	kept := promisedQ + onDay + ` >= ` + fromDay + ` AND ` + onDay + ` < ` + toDay + ` AND ` + doneDay + ` <= ` + onDay
	maps.Copy(recounts, map[string]recount{
		"learning/first": {sql: `SELECT toFloat64(countIf(` + doneDay + ` <= ifNull(toString(first_due_on), '')) + countIf(isNull(first_due_on) AND due_moves = 0)) ` + kept},
		"learning/moved": {sql: `SELECT toFloat64(countIf(` + doneDay + ` > ifNull(toString(first_due_on), '') AND due_moves > 0)) ` + kept},
	})
}

// Of four done by their day in May, one had been moved and was done by the first
// day all the same, and one only by the moved one; the post-mortem of one
// incident is begun and done after the end of the month.
func TestWhatAMonthKept(t *testing.T) {
	c := promising()
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "postmortems", []postmortemRow{
			{ID: "pm6", Key: "PIR-6", Incidents: []string{"service-desk:OPS-6"}, Created: when("06-02"), Resolved: when("06-15")},
		})
		insert(t, conn, "postmortems", []postmortemRow{
			{ID: "pm9", Key: "PIR-9", Incidents: []string{"service-desk:OPS-7"}, Created: when("06-03")},
		})
	})
	early := c.With
	c.With = append([]func(*testing.T, driver.Conn){func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "action_items", []actionRow{
			promise(301, "04-10", "05-12", "05-11", nil),
			promise(302, "04-10", "05-13", "05-13", nil),
			promise(303, "04-10", "05-20", "05-05", func(a *actionRow) { a.Moves, a.First = 1, ptr(dayOf("05-06")) }),
			promise(304, "04-10", "05-21", "05-20", func(a *actionRow) { a.Moves, a.First = 2, ptr(dayOf("04-20")) }),
			promise(305, "04-10", "04-20", "06-10", nil),
		})
	}}, early...)
	conn := openWarehouse(t)
	fill(t, conn, c)
	monthly, _ := text(t, conn, options("", c.AsOf), metrics.Monthly, periodAt(t, metrics.Month, c.AsOf), nil)
	says(t, section2(monthly, "learning"), []string{
		"Of the 4, 3 by the day promised at first; 1 only after it was moved.",
		"Besides, 2 promised for a day before May 2026 were still open at its end.",
		"OPS-6 Pool of node-6 exhausted none yet begun since, Tue 2 Jun; done Mon 15 Jun: PIR-6",
		"OPS-7 Pool of node-7 exhausted not done PIR-2 done since, Tue 16 Jun",
	}, "not started", "PIR-9")
	promisesAgain(t, conn, c, metrics.Monthly, monthly, 14)
}

func TestAPostmortemIsToldAsItStood(t *testing.T) {
	s := &sheet{asOf: morning, period: metrics.Period{Kind: metrics.Month, EndsAt: *when("06-01 00:00")}}
	for _, x := range []struct {
		key, due, done string
		want           string
	}{
		{"PIR-1", "05-20", "05-19", "done"}, {"PIR-1", "05-20", "05-21", "done late"}, {"PIR-1", "05-20", "06-02", "overdue, not done"}, {"PIR-1", "06-20", "", "not done"}, {"PIR-1", "", "", "not done"},
		{"", "05-20", "", "overdue, none yet"}, {"", "06-20", "", "none yet"}, {"", "", "", "none yet"},
	} {
		if got := s.reviewState(review{Key: x.key, Due: when(x.due), Done: when(x.done)}).Text; got != x.want {
			t.Errorf("%+v: %q", x, got)
		}
	}
}

func TestTooFewPromisesForACurve(t *testing.T) {
	c := promising()
	c.With = []func(*testing.T, driver.Conn){func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "action_items", []actionRow{promise(1, "04-02", "05-01", "", nil)})
		working(t, conn)
	}}
	_, monthly, _ := pagesOfWeek(t, c)
	says(t, section2(monthly, "learning"), []string{"In the year before the end of this month, 1 action was promised and 1 is still open: too few for a curve.", "Post-mortems are tickets that a rule {is: postmortem"}, "Half of")
}
