package metrics

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestFiveThenTenIsNoChange(t *testing.T) {
	if p := PoissonP(5, 10, 1, 1); !near(p, 0.3018, 5e-5) {
		t.Errorf("p = %v, want 0.30", p)
	}
	c := CompareCounts(5, 10, 1, 1, Level)
	if c.Direction != 0 || c.Effect != 2 || c.Verdict != "cannot tell: 10 against 5; a change of this size would take about 42 in each" {
		t.Errorf("%+v", c)
	}
}

func TestPoissonP(t *testing.T) {
	tests := []struct{ before, after, e1, e2, p float64 }{
		{0, 0, 1, 1, 1},
		{0, 5, 1, 1, 0.0625},     // 2 × ½⁵
		{0, 6, 1, 1, 0.03125},    // 2 × ½⁶
		{10, 10, 1, 1, 1},        // capped
		{2, 12, 1, 1, 0.0129395}, // 2 × 106 / 2¹⁴
		{31, 28, 31, 28, 1},      // the same rate in a longer month
		{3, 0, 2, 1, 0.5925926},  // 2 × (2/3)³
	}
	for _, tt := range tests {
		if p := PoissonP(tt.before, tt.after, tt.e1, tt.e2); !near(p, tt.p, 1e-6) {
			t.Errorf("%v then %v: %v, want %v", tt.before, tt.after, p, tt.p)
		}
	}
}

// The interval and the test are the same statement, so the page can never say
// "more" beside an interval that includes no change.
func TestCountIntervalAgreesWithItsTest(t *testing.T) {
	for before := range 25 {
		for after := range 25 {
			c := CompareCounts(float64(before), float64(after), 30, 31, Level)
			if c.Interval.OK && (c.Direction != 0) == c.Interval.Has(1) {
				t.Errorf("%d then %d: %+v", before, after, c)
			}
			if c.Direction == 0 && c.Needed <= 0 && before+after > 0 {
				t.Errorf("%d then %d needs %d", before, after, c.Needed)
			}
			if printable(c.Verdict) != nil {
				t.Error(printable(c.Verdict))
			}
		}
	}
}

func TestComparisonWords(t *testing.T) {
	minutes := func(ms ...float64) []float64 {
		for i := range ms {
			ms[i] *= 60
		}
		return ms
	}
	long := minutes(100, 120, 140, 160, 180, 200, 130, 150)
	short := minutes(50, 60, 70, 80, 90, 100, 65, 75)
	tests := []struct {
		got  Comparison
		want string
	}{
		{CompareDurations(long, short, Level), "50 % shorter (plausibly 36–61 %)"},
		{CompareDurations(short, long, Level), "2 times as long (plausibly 1.6–2.5 times)"},
		{CompareDurations(short, append([]float64{}, minutes(75, 90, 100, 120, 135, 150, 95, 110)...), Level), "48 % longer (plausibly 16–89 %)"},
		{CompareDurations(long, long, Level), "cannot tell: 8 against 8; even a change by 10 % would take about 86 in each"},
		{CompareDurations(minutes(10, 100, 1000), minutes(20, 300, 900, 1000), Level), "cannot tell: 4 against 3; a change of this size would take about 69 in each"},
		{CompareDurations(long[:1], short, Level), "cannot tell: too few (8 against 1)"},
		{CompareDurations(nil, nil, Level), "cannot tell: too few (0 against 0)"},
		{CompareDurations(make([]float64, 5), minutes(0, 0, 0.5), Level), "cannot tell: the durations do not vary"},
		{CompareRates(30, 100, 12, 100, Level), "18 points lower (plausibly 7–29)"},
		{CompareRates(2, 50, 14, 50, Level), "24 points higher (plausibly 10–38)"},
		{CompareRates(1, 10, 3, 14, Level), "cannot tell: 3 of 14 against 1 of 10; a change of this size would take about 160 in each"},
		{CompareRates(0, 10, 0, 14, Level), "cannot tell: 0 of 14 against 0 of 10; even a change by 5 points would take about 150 in each"},
		{CompareRates(0, 0, 3, 14, Level), "cannot tell: nothing to compare with"},
		{CompareCounts(20, 45, 1, 1, Level), "2.3 times as many (plausibly 1.3–4 times)"},
		{CompareCounts(40, 15, 1, 1, Level), "63 % fewer (plausibly 31–81 %)"},
		{CompareCounts(0, 7, 1, 1, Level), "more: 7 after none"},
		{CompareCounts(7, 0, 1, 1, Level), "fewer: none after 7"},
		{CompareCounts(0, 0, 1, 1, Level), "cannot tell: 0 against 0; even a change by 10 % would take about 1,700 in each"},
		{CompareCounts(math.NaN(), 3, 1, 1, Level), "cannot tell: nothing to compare with"},
	}
	for _, tt := range tests {
		if tt.got.Verdict != tt.want {
			t.Errorf("%q\n  want %q", tt.got.Verdict, tt.want)
		}
		if strings.HasPrefix(tt.want, CannotTell) != (tt.got.Direction == 0) {
			t.Errorf("%q has direction %d", tt.want, tt.got.Direction)
		}
	}
}

// Newcombe, Statistics in Medicine 17 (1998) 873, method 10 without correction.
func TestDifferenceOfRatesAgreesWithPublishedValues(t *testing.T) {
	tests := []struct{ k1, n1, k2, n2, low, high float64 }{
		{48, 80, 56, 70, 0.0524, 0.3339},
		{3, 10, 9, 10, 0.1705, 0.8090},
		{0, 10, 10, 10, 0.6075, 1},
		{2, 7, 6, 7, 0.0582, 0.8062},
		{0, 29, 5, 56, -0.0381, 0.1926},
		{0, 20, 0, 10, -0.1611, 0.2775},
	}
	for _, tt := range tests {
		i := CompareRates(tt.k1, tt.n1, tt.k2, tt.n2, Level).Interval
		if !near(i.Low, tt.low, 6e-5) || !near(i.High, tt.high, 6e-5) {
			t.Errorf("%+v: %+v", tt, i)
		}
	}
}

func TestZeroDurationsCountAsTheFloor(t *testing.T) {
	a := CompareDurations([]float64{0, 600, 1200}, []float64{300, 600, 0}, Level)
	b := CompareDurations([]float64{Floor, 600, 1200}, []float64{300, 600, Floor}, Level)
	if a != b || math.IsInf(a.Effect, 0) || !a.Interval.OK {
		t.Errorf("%+v, %+v", a, b)
	}
}

func TestDurationComparisonCoversAsOftenAsItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, n := range [][2]int{{5, 20}, {12, 12}, {40, 15}} {
		told := 0
		got, within := coverage(8000, Level, func() bool {
			sample := func(n int, spread float64) []float64 {
				xs := make([]float64, n)
				for i := range xs {
					xs[i] = math.Exp(9 + spread*rng.NormFloat64())
				}
				return xs
			}
			c := CompareDurations(sample(n[0], 1.2), sample(n[1], 0.8), Level)
			if c.Direction != 0 {
				told++
			}
			return c.Interval.Has(1)
		})
		if !near(got, Level, within+0.005) {
			t.Errorf("n = %v: covered %.4f", n, got)
		}
		if told != int(math.Round((1-got)*8000)) {
			t.Errorf("n = %v: a verdict disagrees with its interval", n)
		}
	}
}

func TestRateAndCountComparisonsCoverAsOftenAsTheySay(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	got, within := coverage(8000, Level, func() bool {
		p1, p2 := rng.Float64(), rng.Float64()
		k1 := distuv.Binomial{N: 30, P: p1, Src: rng}.Rand()
		k2 := distuv.Binomial{N: 45, P: p2, Src: rng}.Rand()
		return CompareRates(k1, 30, k2, 45, Level).Interval.Has(p2 - p1)
	})
	if !near(got, Level, within+0.01) {
		t.Errorf("rates: covered %.4f", got)
	}
	falsely, within := coverage(8000, 1-Level, func() bool {
		law := distuv.Poisson{Lambda: 12, Src: rng}
		return CompareCounts(law.Rand(), law.Rand(), 1, 1, Level).Direction != 0
	})
	if falsely > 1-Level+within {
		t.Errorf("counts: a false verdict in %.4f", falsely)
	}
}

// With as many as it says, four changes in five are told.
func TestNeededIsEnough(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	sample := func(n int, ratio float64) []float64 {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = ratio * math.Exp(9+rng.NormFloat64())
		}
		return xs
	}
	needed := int(math.Ceil(planning(Level) * 2 / (math.Log(2) * math.Log(2)))) // as CompareDurations plans for a doubling
	got, within := coverage(4000, power, func() bool {
		return CompareDurations(sample(needed, 1), sample(needed, 2), Level).Direction == 1
	})
	if !near(got, power, within+0.015) {
		t.Errorf("durations: told %.4f with %d in each", got, needed)
	}

	c := CompareCounts(20, 30, 1, 1, Level)
	ratio := 30.5 / 20.5
	before := 2 * float64(c.Needed) / (1 + ratio)
	got, within = coverage(4000, power, func() bool {
		a := distuv.Poisson{Lambda: before, Src: rng}.Rand()
		b := distuv.Poisson{Lambda: before * ratio, Src: rng}.Rand()
		return CompareCounts(a, b, 1, 1, Level).Direction == 1
	})
	if !near(got, power, within+0.03) { // the exact test is a little stricter than its approximation
		t.Errorf("counts: told %.4f with %d in each", got, c.Needed)
	}
}
