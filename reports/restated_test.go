package reports

import (
	"maps"
	"regexp"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

func init() {
	maps.Copy(derived, map[string]string{"findings/folded": "what the page leaves out", "head/missing": "rows of the list behind it", "head/changed": "rows of the block"})
}

// An issued page keeps what it printed, beside what is known now.
func TestAnIssuedPageShowsWhatItPrinted(t *testing.T) {
	conn, c := filled(t, "sample")
	o := options(t.TempDir(), c.AsOf)
	for name, kind := range kindOf {
		p := periodAt(t, kind, c.AsOf)
		issue := &metrics.Issue{Document: name, PeriodStart: p.Start, IssuedAt: c.AsOf, DataAsOf: c.AsOf, Definition: "4be1f0a97c3d22e8b1"}
		first, made := text(t, conn, o, name, p, issue)
		says(t, first, []string{"ISSUED"}, "as issued", "Restated since this was issued")
		changed := 0
		for i := range made.Printed {
			if v := &made.Printed[i].Value; v.KPI == "time_to_resolve" && v.Stat == "median" && v.Dim == "all" && v.PeriodStart.Equal(p.Start) {
				v.Value, changed = ptr(*v.Value*3), changed+1
			}
		}
		if changed != 1 {
			t.Fatalf("%s prints the typical time to resolve %d times", name, changed)
		}
		if err := metrics.Publish(t.Context(), conn, name, p, issue.IssuedAt, issue.DataAsOf, issue.Definition, made.Printed); err != nil {
			t.Fatal(err)
		}
		page, _ := text(t, conn, o, name, p, issue)
		says(t, page, []string{"as issued: ", "1 figure is another now", "Restated since this was issued"})
		was := regexp.MustCompile(`as issued: (?:<a [^>]*>)?<data[^>]* data-kpi="([^"]*)" data-part="issued"`).FindAllStringSubmatch(page, -1)
		for _, m := range was {
			if want := "time_to_resolve/median/" + kind + "/" + p.Start.Format("2006-01-02") + "/all/"; m[1] != want {
				t.Errorf("%s: %s reads otherwise than issued, want %s alone", name, m[1], want)
			}
		}
		if len(was) == 0 {
			t.Errorf("%s: the figure as issued stands nowhere beside the one of now", name)
		}
	}
}
