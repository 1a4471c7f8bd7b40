package reports

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// series makes a reading of weekly values; NaN is a week without one.
func series(k metrics.KPI, values ...float64) *reading {
	r := &reading{KPI: k, Judged: -1}
	start := time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC)
	for i, x := range values {
		v := &metrics.Value{KPI: k.Name, Stat: headStat(k), Period: metrics.Week, PeriodStart: start.AddDate(0, 0, 7*i), Complete: true, N: ptr(10.0)}
		if !math.IsNaN(x) {
			v.Value = ptr(x)
		}
		r.Points = append(r.Points, moored{Start: v.PeriodStart, Value: v})
	}
	return r
}

var steady = []float64{.30, .35, .28, .33, .31, .36, .29, .34, .30, .33, .32, .31, .35, .30}

func TestAPointThatIsNotSettledIsNotJudged(t *testing.T) {
	rate := metrics.KPI{Name: "reopen_rate", Kind: metrics.KindRate, Better: "lower"}
	r := series(rate, append(append([]float64{}, steady...), .99)...)
	r.judge(time.Time{}, true)
	if w := r.word(); w.Text != "unusually high" || w.Tone != "worse" || w.Shape != "up" {
		t.Errorf("settled: %+v", w)
	}
	last := r.Points[len(r.Points)-1].Value
	last.Complete, last.Unknown = false, 4
	r.Signals, r.Judged = nil, -1
	r.judge(time.Time{}, true)
	if w := r.word(); w.Text != "normal" {
		t.Errorf("pending: %+v", w)
	}
	if r.current() || r.value() != r.Points[len(r.Points)-2].Value {
		t.Error("a pending rate is printed, not the newest settled one")
	}
}

func TestARateOfWhichMostIsUnknownIsNotJudged(t *testing.T) {
	rate := metrics.KPI{Name: "recurrence_rate_90d", Kind: metrics.KindRate, Better: "lower"}
	r := series(rate, append(append([]float64{}, steady...), .99)...)
	r.Points[len(r.Points)-1].Value.Unknown = 11
	r.judge(time.Time{}, true)
	if w := r.word(); w.Text != "mostly unknown" || r.standing() != nil {
		t.Errorf("%+v", w)
	}
}

func TestACountOfARunningWeekIsPrintedAndNotJudged(t *testing.T) {
	count := metrics.KPI{Name: "incident_count", Kind: metrics.KindCount, Better: "lower"}
	r := series(count, 8, 9, 7, 10, 8, 9, 11, 8, 7, 9, 10, 8, 9, 1)
	r.Points[13].Value.Complete = false
	r.judge(time.Time{}, true)
	if !r.current() || r.Judged != 12 || r.word().Text != "normal" {
		t.Errorf("shown %d, judged %d, %+v", r.Shown, r.Judged, r.word())
	}
}

func TestTheNormalRangeIsKept(t *testing.T) {
	rate := metrics.KPI{Name: "reopen_rate", Kind: metrics.KindRate}
	values := append([]float64{}, steady...)
	for len(values) < longestBaseline {
		values = append(values, .32)
	}
	before := series(rate, values...)
	before.judge(time.Time{}, true)
	after := series(rate, append(values, .9, .95, .92, .9)...)
	after.judge(time.Time{}, true)
	if before.Limits != after.Limits {
		t.Errorf("limits moved with the data: %+v, %+v", before.Limits, after.Limits)
	}
	rebased := series(rate, append(values, .9, .95, .92, .9)...)
	rebased.judge(rebased.Points[20].Start, true)
	if rebased.Limits.OK || rebased.word().Text != "too early to say" {
		t.Errorf("rebased on 8 points: %+v", rebased.Limits)
	}
}

func TestASparklineHasNoNaN(t *testing.T) {
	nan := math.NaN()
	for _, values := range [][]float64{{nan}, {nan, nan, 0}, {0, 0, 0}, {1, nan, 2}, append([]float64{nan}, steady...)} {
		r := series(metrics.KPI{Name: "x", Kind: metrics.KindCount}, values...)
		r.judge(time.Time{}, true)
		if svg := string(r.spark(13)); svg == "" || containsAny(svg, "NaN", "Inf") {
			t.Errorf("%v: %s", values, svg)
		}
	}
}

// Limits are set from the first 12 to 24 settled points. From the 24th on no
// later data move them; a dated reason does.
func TestLimitsAreFrozenUntilADatedReason(t *testing.T) {
	rate := metrics.KPI{Name: "reopen_rate", Kind: metrics.KindRate}
	r := rand.New(rand.NewPCG(9, 9))
	var values []float64
	for range longestBaseline {
		values = append(values, 0.2+0.1*r.Float64())
	}
	short := series(rate, values[:11]...)
	short.judge(time.Time{}, true)
	if short.Limits.OK {
		t.Error("11 points made a normal range")
	}
	frozen := series(rate, values...)
	frozen.judge(time.Time{}, true)
	for range 40 {
		values = append(values, r.Float64())
		later := series(rate, values...)
		later.judge(time.Time{}, true)
		if later.Limits != frozen.Limits {
			t.Fatalf("point %d moved the limits: %+v, %+v", len(values), frozen.Limits, later.Limits)
		}
	}
	// The 25th point decides nothing, the 24th does.
	other := append([]float64{}, values[:longestBaseline]...)
	other[longestBaseline-1] = 0.9
	moved := series(rate, other...)
	moved.judge(time.Time{}, true)
	if moved.Limits == frozen.Limits {
		t.Error("the 24th point is no part of the baseline")
	}

	s := &sheet{clock: clock{melbourne}, kpis: []metrics.KPI{rate}, period: metrics.Period{StartsAt: morning.AddDate(1, 0, 0)}}
	start := series(rate, values...).Points[30].Start
	for _, one := range []struct {
		title, scope string
		at           time.Time
		moves        bool
	}{
		{"Rebase: new pager", "", start, true}, {"rebase: new pager", "reopen_rate", start, true},
		{"Rebase: new pager", "incident_count", start, false}, {"New pager", "", start, false}, {"Rebase: to come", "", morning.AddDate(2, 0, 0), false},
	} {
		s.notes = []annotation{{At: one.at, Title: one.title, Scope: one.scope}}
		again := series(rate, values...)
		again.judge(s.rebased(rate.Name), true)
		if (again.Limits != frozen.Limits) != one.moves {
			t.Errorf("%+v: %+v", one, again.Limits)
		}
	}
}

// A level carries over: a backlog that creeps is no row of independent points.
func TestAStockIsNotJudged(t *testing.T) {
	values := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 40}
	r := series(metrics.KPI{Name: "backlog", Kind: metrics.KindCount, Stock: true}, values...)
	r.judge(time.Time{}, true)
	if r.Limits.OK || r.standing() != nil || r.word().Text != "a level, not judged" {
		t.Errorf("%+v %+v", r.Limits, r.word())
	}
}

// Of a rate that jumps from nothing to all no value would be unusual.
func TestLimitsThatAllowEveryValueMakeNothingNormal(t *testing.T) {
	rate := metrics.KPI{Name: "change_failure_rate", Kind: metrics.KindRate, Better: "lower"}
	r := series(rate, 0, 1, 0, .5, 1, 0, .9, .1, 1, 0, .8, 0, 1, .5)
	r.judge(time.Time{}, true)
	if w := r.word(); w.Text != "varies too much to tell" || w.Tone != "few" || r.band().Text != "" || r.standing() != nil {
		t.Errorf("%+v, normal %q", w, r.band().Text)
	}
	count := series(metrics.KPI{Name: "incident_count", Kind: metrics.KindCount}, 0, 9, 0, 5, 8, 0, 9, 1, 9, 0, 8, 0, 9, 5)
	count.judge(time.Time{}, true)
	if count.Wide || count.word().Text != "normal" {
		t.Errorf("a count has no top: %+v", count.word())
	}
}

func TestARateOfFewerThanSixIsNoPoint(t *testing.T) {
	rate := metrics.KPI{Name: "reopen_rate", Kind: metrics.KindRate, Better: "lower"}
	plain := series(rate, steady...)
	plain.judge(time.Time{}, true)
	r := series(rate, append(append([]float64{}, steady...), 1, .33)...)
	for _, p := range r.Points[len(steady):] {
		p.Value.N = ptr(3.0)
	}
	r.judge(time.Time{}, true)
	if r.Limits != plain.Limits || len(r.Signals) > 0 || r.word().Text != "too few to judge" {
		t.Errorf("%+v, %+v, %+v", r.Limits, r.Signals, r.word())
	}
	r.Points[len(steady)+1].Value.N = ptr(6.0)
	r.judge(time.Time{}, true)
	if r.word().Text != "normal" {
		t.Errorf("six make a point: %+v", r.word())
	}
}

// Shifts that still run when the month is over make its average no final one.
func TestAnAverageThatSettlesLateShowsTheNewestSettledPeriod(t *testing.T) {
	average := metrics.KPI{Name: "pages_per_shift", Kind: metrics.KindAverage, Better: "lower", Unit: "shift"}
	r := series(average, append(append([]float64{}, steady...), .99)...)
	r.Points[len(steady)].Value.Complete = false
	r.judge(time.Time{}, true)
	if r.current() || r.Shown != len(steady)-1 || r.Judged != r.Shown || r.word().Text != "normal" {
		t.Errorf("shown %d, judged %d, %+v", r.Shown, r.Judged, r.word())
	}
	r.judge(time.Time{}, false)
	if !r.current() {
		t.Error("of a running period the average so far is not shown")
	}
}
