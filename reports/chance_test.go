package reports

import (
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

func TestASuspicionIsHeldAgainstChance(t *testing.T) {
	for _, one := range []struct {
		k, n, chance float64
		want         string
	}{
		{1, 12, .09, "cannot tell from chance"}, {30, 60, .09, "more than chance"}, {1, 60, .4, "less than chance"},
	} {
		if got := besideChance(metrics.Wilson(one.k, one.n, metrics.Level), one.chance); got != one.want {
			t.Errorf("%v of %v beside %v: %q", one.k, one.n, one.chance, got)
		}
	}
	if got := besideChance(metrics.Interval{}, .3); got != "cannot tell from chance" {
		t.Error(got)
	}
}
