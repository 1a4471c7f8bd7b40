package metrics

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Student's sleep data (Biometrika 6, 1908), whose Welch interval is printed
// with t.test of R: difference 1.58, 95 % −0.2054832 to 3.3654832. Here they are
// logarithms of durations, so the ratio's ends are its exponentials.
func TestRatioOfGeometricMeansAgreesWithAPublishedInterval(t *testing.T) {
	lift := func(xs ...float64) []float64 {
		out := make([]float64, len(xs))
		for i, x := range xs {
			out[i] = math.Exp(10 + x)
		}
		return out
	}
	c := CompareDurations(lift(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2), lift(1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4), Level)
	if !near(math.Log(c.Effect), 1.58, 1e-9) || !near(math.Log(c.Interval.Low), -0.2054832, 1e-6) || !near(math.Log(c.Interval.High), 3.3654832, 1e-6) || c.Direction != 0 {
		t.Errorf("%+v", c)
	}
}

// With as many in each as it says, four changes in five of that size are told.
func TestNeededIsEnoughForRates(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	for _, one := range []struct{ k1, k2, n float64 }{{6, 9, 30}, {2, 5, 40}, {20, 26, 60}} {
		c := CompareRates(one.k1, one.n, one.k2, one.n, Level)
		if c.Needed == 0 {
			t.Fatalf("%+v was told", one)
		}
		n := float64(c.Needed)
		got, within := coverage(4000, power, func() bool {
			a := distuv.Binomial{N: n, P: one.k1 / one.n, Src: rng}.Rand()
			b := distuv.Binomial{N: n, P: one.k2 / one.n, Src: rng}.Rand()
			return CompareRates(a, n, b, n, Level).Direction == 1
		})
		if !near(got, power, within+0.03) { // the plan is for the test of two proportions
			t.Errorf("%+v: told %.4f with %d in each", one, got, c.Needed)
		}
	}
}

// The mean moving range of two neighbours is 1.128 standard deviations of a
// normal series, so the limits lie three of them from the centre.
func TestLimitsLieThreeSigmaFromTheCentre(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	series := make([]float64, 200_000)
	for i := range series {
		series[i] = 50 + 4*rng.NormFloat64()
	}
	l := XmR(series, Linear)
	if !near(l.Centre, 50, 0.05) || !near(l.High, 62, 0.15) || !near(l.Low, 38, 0.15) {
		t.Errorf("%+v", l)
	}
}
