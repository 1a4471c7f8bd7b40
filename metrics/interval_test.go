package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

// The usual table of distribution-free 95 % limits of the median: the rank of
// the lower one.
func TestMedianRanksAreThoseOfTheTable(t *testing.T) {
	ranks := map[int]int{6: 1, 7: 1, 8: 1, 9: 2, 10: 2, 11: 2, 12: 3, 13: 3, 14: 3, 15: 4, 16: 4, 17: 5, 18: 5, 19: 5, 20: 6, 25: 8, 30: 10, 50: 18, 100: 40}
	for n := range 101 {
		sorted := make([]float64, n)
		for i := range sorted {
			sorted[i] = float64(i + 1)
		}
		got := MedianInterval(sorted, Level)
		if got.OK != (n >= 6) {
			t.Errorf("n = %d: OK = %v", n, got.OK)
		}
		if want, listed := ranks[n]; listed && (got.Low != float64(want) || got.High != float64(n+1-want)) {
			t.Errorf("n = %d: ranks %v to %v, want %d to %d", n, got.Low, got.High, want, n+1-want)
		}
	}
}

func TestWilsonAgreesWithPublishedValues(t *testing.T) {
	tests := []struct{ k, n, low, high float64 }{
		{0, 10, 0, 0.2775},
		{10, 10, 0.7225, 1},
		{3, 14, 0.0757, 0.4759},
		// Newcombe, Statistics in Medicine 17 (1998) 857, table I.
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
	}
	for _, tt := range tests {
		i := Wilson(tt.k, tt.n, Level)
		if !i.OK || !near(i.Low, tt.low, 6e-5) || !near(i.High, tt.high, 6e-5) {
			t.Errorf("%v of %v: %+v, want %v to %v", tt.k, tt.n, i, tt.low, tt.high)
		}
	}
	for _, bad := range [][2]float64{{0, 0}, {3, 2}, {-1, 5}, {math.NaN(), 5}, {1, math.NaN()}} {
		if i := Wilson(bad[0], bad[1], Level); i != (Interval{}) {
			t.Errorf("%v: %+v", bad, i)
		}
	}
}

func TestPoissonAgreesWithGarwoodsTable(t *testing.T) {
	for count, want := range map[float64][2]float64{
		0: {0, 3.689}, 1: {0.0253, 5.572}, 2: {0.2422, 7.225}, 3: {0.6187, 8.767}, 5: {1.623, 11.668},
		10: {4.795, 18.390}, 20: {12.217, 30.888}, 50: {37.111, 65.919}, 100: {81.364, 121.627},
	} {
		i := PoissonExact(count, Level)
		if !i.OK || !near(i.Low, want[0], 6e-4) || !near(i.High, want[1], 6e-4) {
			t.Errorf("%v: %+v, want %v", count, i, want)
		}
	}
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		if i := PoissonExact(bad, Level); i != (Interval{}) {
			t.Errorf("%v: %+v", bad, i)
		}
	}
}

// coverage draws runs times and returns the share of intervals with the truth,
// and three standard errors of that share at the given level.
func coverage(runs int, level float64, covers func() bool) (share, error3 float64) {
	hits := 0
	for range runs {
		if covers() {
			hits++
		}
	}
	return float64(hits) / float64(runs), 3 * math.Sqrt(level*(1-level)/float64(runs))
}

func TestMedianIntervalCoversAsOftenAsItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{6, 9, 12, 20, 45} {
		// Exactly this, for any continuous distribution.
		r := medianRank(n, Level)
		exact := 1 - 2*distuv.Binomial{N: float64(n), P: 0.5}.CDF(float64(r-1))
		got, within := coverage(8000, exact, func() bool {
			xs := make([]float64, n)
			for i := range xs {
				xs[i] = math.Exp(8 + 1.4*rng.NormFloat64()) // skewed like resolution times
			}
			slices.Sort(xs)
			return MedianInterval(xs, Level).Has(math.Exp(8))
		})
		if exact < Level || !near(got, exact, within) {
			t.Errorf("n = %d: covered %.4f, exactly %.4f ± %.4f", n, got, exact, within)
		}
	}
}

func TestPoissonIntervalCoversAtLeastAsOftenAsItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, rate := range []float64{0.5, 2, 7, 30} {
		law := distuv.Poisson{Lambda: rate, Src: rng}
		got, within := coverage(8000, Level, func() bool { return PoissonExact(law.Rand(), Level).Has(rate) })
		if got < Level-within {
			t.Errorf("rate %v: covered %.4f", rate, got)
		}
	}
}

// Wilson's coverage swings around the level from one proportion to the next;
// what it promises is the level on the average over them.
func TestWilsonCoversOnTheAverageAsOftenAsItSays(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []float64{10, 25, 80} {
		got, within := coverage(12000, Level, func() bool {
			p := rng.Float64()
			return Wilson(distuv.Binomial{N: n, P: p, Src: rng}.Rand(), n, Level).Has(p)
		})
		if !near(got, Level, within+0.005) {
			t.Errorf("n = %v: covered %.4f", n, got)
		}
	}
}
