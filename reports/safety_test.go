package reports

import (
	"maps"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

func init() {
	// The evidence is counted, where the page takes away what is stated.
	blank := func(dim, what string) recount {
		return recount{sql: `SELECT toFloat64(` + what + `) FROM kpi_evidence WHERE kpi = 'change_failure_rate' AND included = 1 AND empty(dims['` + dim + `']) GROUP BY toStartOfMonth(at, 'Australia/Melbourne')`}
	}
	for _, dim := range []string{"risk", "kind"} {
		maps.Copy(recounts, map[string]recount{
			"safety/" + dim + "/k": blank(dim, "countIf(hit = 1)"), "safety/" + dim + "/n": blank(dim, "count(hit)"), "safety/" + dim + "/unknown": blank(dim, "countIf(isNull(hit))"),
			"safety/" + dim + "/rate": blank(dim, "countIf(hit = 1) / count(hit)"),
		})
	}
	maps.Copy(derived, map[string]string{"safety/blank/interval": "the low end of metrics.Plausible: TestWhatIsNotStatedMakesTheRowsAddUp"})
}

func TestWhatIsNotStatedMakesTheRowsAddUp(t *testing.T) {
	value := func(k, n, unknown float64) metrics.Value {
		return metrics.Value{KPI: failureRate, Stat: metrics.KindRate, Value: ptr(k / max(n, 1)), K: &k, N: &n, Unknown: unknown}
	}
	k := metrics.KPI{Name: failureRate, Kind: metrics.KindRate}
	all := value(5, 60, 7)
	stated := []metrics.Value{value(1, 30, 0), value(2, 10, 3)}
	row := blankRow(k, "risk", all, stated)
	if row == nil {
		t.Fatal("there is no row")
	}
	if b := row.Blank; row.Name != "not stated" || b.K.Raw != "2" || b.N.Raw != "20" || b.Unknown.Raw != "4" || b.Rate.Text != "10 %" || b.Interval.Text != metrics.PercentRange(metrics.Wilson(2, 20, metrics.Level)) {
		t.Errorf("%+v", *b)
	}
	row = blankRow(k, "risk", value(3, 40, 7), stated)
	if row == nil || row.Blank.N.Raw != "0" || row.Blank.Unknown.Raw != "4" || row.Blank.Rate.Text != metrics.NotKnown || row.Blank.Interval.Text != "" || row.high != 0 {
		t.Errorf("only the outcome is not known: %+v", row)
	}
	if row := blankRow(k, "risk", value(3, 40, 3), stated); row != nil {
		t.Errorf("all is stated: %+v", row)
	}
	if row := blankRow(k, "all", all, nil); row != nil {
		t.Errorf("all changes are no part: %+v", row)
	}
}
