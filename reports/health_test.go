package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

func TestHealthReadsAsSentences(t *testing.T) {
	conn, c := filled(t, "sample")
	for _, row := range []string{
		`'desk', 'ticket: no rule of work fits it', 'tickets that no rule of work fits', 58, 740, 'change_failure_rate', 0.08, 0.19, 0.095, 0.095, 99, 'add a rule'`,
		`'form', 'ticket: no rule of work fits it', 'ticket that no rule of work fits', 1, 740, 'change_failure_rate', 0.08, 0.19, 0.09, 0.12, 98, 'add a rule'`,
		`'form', 'change: outcome not recorded', 'change without a recorded outcome', 1, 1, 'change_failure_rate', 0, 1, NULL, NULL, 97, 'record it'`,
		`'form', 'no impact times', 'resolved incidents without a start or end of impact', 24, 24, 'time_to_mitigate', NULL, NULL, NULL, NULL, 96, 'note it'`,
		`'form', 'no customer impact', 'incident that does not say whether customers were affected', 1, 9, 'impact_hours', NULL, NULL, NULL, NULL, 95, 'say it'`,
	} {
		if err := conn.Exec(t.Context(), "INSERT INTO data_health SELECT "+row+", []"); err != nil {
			t.Fatal(err)
		}
	}
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	page = between(page, `id="health"`, `</section>`)
	says(t, page, []string{
		"58 tickets that no rule of work fits, of 740 (desk)",
		"1 ticket that no rule of work fits, of 740 (form)",
		"1 change without a recorded outcome (form)",
		"Change failure rate, 8–19 %, becomes about 9.5 % if they are like the rest",
		"becomes about 9–12 % if it is like the rest",
		"Change failure rate, 0–100 %: nothing is known of it yet",
		"24 resolved incidents without a start or end of impact, of 24 (form)",
		"Time to mitigate measures the impact, not the record",
		"1 incident that does not say whether customers were affected, of 9 (form)",
		"Hours of customer impact can count it",
		"Not readable of service-desk: 1 row never landed; 2 records landed but could not be converted.",
	}, "%, becomes 9")
	if t.Failed() {
		t.Log(strings.Join(strings.Fields(plain(page)), " "))
	}
}

// Of many reasons a page names the most frequent, and counts all.
func TestManyReasonsOfUnreadableRows(t *testing.T) {
	conn := openWarehouse(t)
	c := sample(7)
	for n := range 23 {
		c.Held = append(c.Held, heldRow{Source: "service-desk", Entity: "incident", ID: fmt.Sprint("X-", n), Reason: fmt.Sprintf("reason %02d", n), FirstSeen: c.AsOf})
	}
	fill(t, conn, c)
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	page = between(page, `id="health"`, `</section>`)
	says(t, page, []string{"26 records could not be read", "5 more reasons are in the table quarantine.", "is no time of the layout", "reason 18"}, "reason 19")
}
