package reports

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

// Six promises: closed after 2, 4 and 9 days, open for 3, 5 and 12.
func TestClosingCountsTheOpenOnes(t *testing.T) {
	c := closingOf([]float64{9, 3, 2, 12, 5, 4}, []bool{true, false, true, false, false, true})
	for _, want := range []struct {
		days, part float64
		watched    int
	}{{0, 0, 6}, {2, 1.0 / 6, 5 + 1}, {3.5, 1.0 / 6, 4}, {4, 1 - 5.0/6*3/4, 4}, {9, 1 - 5.0/6*3/4*1/2, 2}, {12, 1 - 5.0/6*3/4*1/2, 1}} {
		part, watched, known := c.at(want.days)
		if math.Abs(part-want.part) > 1e-12 || watched != want.watched || !known {
			t.Errorf("after %v days: %v of %d, want %v of %d", want.days, part, watched, want.part, want.watched)
		}
	}
	if _, watched, known := c.at(13); known || watched != 0 {
		t.Errorf("nothing was watched for 13 days, got %d", watched)
	}
}

// The picture and the sentence beside it come from two computations.
func TestClosingReachesHalfAtTheMedian(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := 1; n < 60; n++ {
		days, ended := make([]float64, n), make([]bool, n)
		for i := range days {
			days[i], ended[i] = float64(r.IntN(40)), r.IntN(3) > 0
		}
		half := metrics.KaplanMeier(days, ended, 0.95)
		c := closingOf(days, ended)
		if !half.Reached {
			if last := c.steps; len(last) > 0 && last[len(last)-1].Part > 0.5+1e-9 {
				t.Errorf("%v %v: more than half are closed and no median", days, ended)
			}
			continue
		}
		before, _, _ := c.at(half.Median - 1e-6)
		after, _, _ := c.at(half.Median)
		if before > 0.5+1e-9 || after < 0.5-1e-9 {
			t.Errorf("%v %v: median %v, where the curve goes from %v to %v", days, ended, half.Median, before, after)
		}
	}
}
