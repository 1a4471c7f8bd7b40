package reports

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func TestTooFewPromisesForACurve(t *testing.T) {
	c := promising()
	c.With = []func(*testing.T, driver.Conn){func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "action_items", []actionRow{promise(1, "04-02", "05-01", "", nil)})
		working(t, conn)
	}}
	_, monthly, _ := pagesOfWeek(t, c)
	says(t, section2(monthly, "learning"), []string{"In the year before the end of this month, 1 action was promised and 1 is still open: too few for a curve.", "Post-mortems are tickets that a rule {is: postmortem"}, "Half of")
}
