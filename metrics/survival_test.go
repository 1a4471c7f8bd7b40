package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func marks(n int, open ...int) []bool {
	ended := make([]bool, n)
	for i := range ended {
		ended[i] = !slices.Contains(open, i)
	}
	return ended
}

// Remission times in weeks, Freireich et al. 1963, as in most textbooks.
func TestKaplanMeierOnTheRemissionTimes(t *testing.T) {
	treated := []float64{6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35}
	s := KaplanMeier(treated, marks(21, 0, 5, 6, 8, 11, 12, 13, 16, 17, 18, 19, 20), Level)
	if s.N != 21 || s.Ended != 9 || !s.Reached || s.Median != 23 || !s.LowOK || s.Low != 13 || s.HighOK {
		t.Errorf("treated: %+v, want 23 (13 to not reached)", s)
	}
	placebo := []float64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23}
	s = KaplanMeier(placebo, marks(21), Level)
	if !s.Reached || s.Median != 8 || s.Low != 4 || !s.HighOK || s.High != 11 {
		t.Errorf("placebo: %+v, want 8 (4 to 11)", s)
	}
}

func TestMedianIsNotReachedWhileMoreThanHalfAreOpen(t *testing.T) {
	s := KaplanMeier([]float64{1, 2, 30, 40, 50}, marks(5, 2, 3, 4), Level)
	if s.Reached || s.Median != 0 || s.Ended != 2 || s.Followed != 50 {
		t.Errorf("%+v", s)
	}
	if s := KaplanMeier(nil, nil, Level); s != (Survival{}) {
		t.Errorf("of nothing: %+v", s)
	}
	if s := KaplanMeier([]float64{9, 9}, []bool{false, false}, Level); s.Reached || s.LowOK || s.HighOK || s.N != 2 {
		t.Errorf("all open: %+v", s)
	}
}

func TestWithoutOpenOnesItIsTheOrdinaryMedian(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for n := 1; n < 40; n++ {
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = rng.ExpFloat64()
		}
		got := KaplanMeier(xs, marks(n), Level)
		slices.Sort(xs)
		if want := (xs[(n-1)/2] + xs[n/2]) / 2; !got.Reached || !near(got.Median, want, 1e-12) {
			t.Errorf("n = %d: %v, want %v", n, got.Median, want)
		}
	}
}

func TestLeavingOutTheOpenOnesWouldFlatter(t *testing.T) {
	s := KaplanMeier([]float64{1, 2, 3, 4, 60, 70}, marks(6, 4, 5), Level)
	if s.Median != 3.5 { // of the closed ones alone: 2.5
		t.Errorf("%+v", s)
	}
}

func TestSurvivalIntervalCoversAsOftenAsItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{20, 60} {
		got, within := coverage(6000, Level, func() bool {
			xs, ended := make([]float64, n), make([]bool, n)
			for i := range xs {
				x, cut := rng.ExpFloat64(), 0.4+3*rng.Float64() // a fifth is still open
				xs[i], ended[i] = math.Min(x, cut), x <= cut
			}
			s := KaplanMeier(xs, ended, Level)
			return s.LowOK && s.Low <= math.Ln2 && (!s.HighOK || s.High >= math.Ln2)
		})
		// The method is asymptotic: within a point and a half of the level.
		if !near(got, Level, within+0.015) {
			t.Errorf("n = %d: covered %.4f", n, got)
		}
	}
}
