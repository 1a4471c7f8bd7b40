package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Floor is the shortest duration that comparisons and limits know, in seconds.
// They work on logarithms, which zero has not, and trackers round to the minute:
// nobody acts on a difference below one.
const Floor = 60

// CannotTell begins the verdict of every comparison whose interval includes no
// change.
const CannotTell = "cannot tell"

// Comparison is what can be said of a change from one period to another.
type Comparison struct {
	Effect    float64  // durations and counts: after ÷ before; rates: after − before
	Interval  Interval // of the effect
	Direction int      // −1 down, +1 up, 0 cannot tell
	Needed    int      // in each period, to tell a change of this size; 0 where it was told or nothing can be said
	Verdict   string
}

// CompareDurations compares two sets of durations (seconds) by the ratio of
// their geometric means, with Welch's interval on the logarithms.
func CompareDurations(before, after []float64, level float64) Comparison {
	n1, n2 := float64(len(before)), float64(len(after))
	if n1 < 2 || n2 < 2 {
		return Comparison{Verdict: fmt.Sprintf("%s: too few (%d against %d)", CannotTell, len(after), len(before))}
	}
	m1, v1 := stat.MeanVariance(logs(before), nil)
	m2, v2 := stat.MeanVariance(logs(after), nil)
	c := Comparison{Effect: math.Exp(m2 - m1)}
	s1, s2 := v1/n1, v2/n2
	if s1+s2 == 0 { // all values alike, most likely all at the floor
		c.Verdict = fmt.Sprintf("%s: the durations do not vary", CannotTell)
		return c
	}
	freedom := (s1 + s2) * (s1 + s2) / (s1*s1/(n1-1) + s2*s2/(n2-1))
	half := distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile((1+level)/2) * math.Sqrt(s1+s2)
	c.Interval = Interval{Low: math.Exp(m2 - m1 - half), High: math.Exp(m2 - m1 + half), OK: true}
	c.Direction = beyond(c.Interval, 1)
	if c.Direction != 0 {
		c.Verdict = ratioWords(c, "shorter", "longer", "long")
		return c
	}
	size := math.Max(math.Abs(m2-m1), leastRatio)
	c.Needed = int(math.Ceil(planning(level) * (v1 + v2) / (size * size)))
	c.Verdict = cannotTell(fmt.Sprintf("%d against %d", len(after), len(before)), c.Needed,
		math.Abs(m2-m1) < leastRatio, "10 %")
	return c
}

// CompareRates compares k1 of n1 before with k2 of n2 after by their difference,
// with Newcombe's interval, which is made of the two Wilson intervals.
func CompareRates(k1, n1, k2, n2, level float64) Comparison {
	w1, w2 := Wilson(k1, n1, level), Wilson(k2, n2, level)
	if !w1.OK || !w2.OK {
		return Comparison{Verdict: CannotTell + ": nothing to compare with"}
	}
	p1, p2 := k1/n1, k2/n2
	d := p2 - p1
	c := Comparison{Effect: d, Interval: Interval{
		Low:  d - math.Hypot(p2-w2.Low, w1.High-p1),
		High: d + math.Hypot(w2.High-p2, p1-w1.Low),
		OK:   true,
	}}
	c.Direction = beyond(c.Interval, 0)
	if c.Direction != 0 {
		low, high := math.Abs(c.Interval.Low), math.Abs(c.Interval.High)
		c.Verdict = fmt.Sprintf("%s %s (plausibly %s)", points(math.Abs(d)), [...]string{"lower", "", "higher"}[c.Direction+1],
			Range(100*math.Min(low, high), 100*math.Max(low, high)))
		return c
	}
	const least = 0.05
	size := math.Max(math.Abs(d), least)
	other := p1 + math.Copysign(size, d)
	if other < 0 || other > 1 {
		other = p1 - math.Copysign(size, d)
	}
	mid := (p1 + other) / 2
	za, zb := normalQuantile(level), distuv.UnitNormal.Quantile(power)
	root := za*math.Sqrt(2*mid*(1-mid)) + zb*math.Sqrt(p1*(1-p1)+other*(1-other))
	c.Needed = int(math.Ceil(root * root / (size * size)))
	c.Verdict = cannotTell(fmt.Sprintf("%s of %s against %s of %s", Number(k2), Number(n2), Number(k1), Number(n1)),
		c.Needed, math.Abs(d) < least, "5 points")
	return c
}

// CompareCounts compares two counts of independent events by the ratio of their
// rates: exact, since given their sum the later one is binomial. The exposures
// are what they were counted over, say the days of two months.
func CompareCounts(before, after, exposureBefore, exposureAfter, level float64) Comparison {
	if !(before >= 0 && after >= 0 && exposureBefore > 0 && exposureAfter > 0) {
		return Comparison{Verdict: CannotTell + ": nothing to compare with"}
	}
	scale := exposureBefore / exposureAfter
	p := PoissonP(before, after, exposureBefore, exposureAfter)
	c := Comparison{}
	if before > 0 {
		c.Effect = after / before * scale
	}
	tail := (1 - level) / 2
	low, high := 0.0, 0.0
	if after > 0 {
		q := distuv.Beta{Alpha: after, Beta: before + 1}.Quantile(tail)
		low = q / (1 - q) * scale
	}
	if before > 0 { // after none before, any increase is possible: no upper end
		q := distuv.Beta{Alpha: after + 1, Beta: before}.Quantile(1 - tail)
		high = q / (1 - q) * scale
		c.Interval = Interval{Low: low, High: high, OK: true}
	}
	if p < 1-level {
		c.Direction = 1
		if after/exposureAfter < before/exposureBefore {
			c.Direction = -1
		}
		c.Verdict = ratioWords(c, "fewer", "more", "many")
		if before == 0 {
			c.Verdict = fmt.Sprintf("more: %s after none", Number(after))
		} else if after == 0 {
			c.Verdict = fmt.Sprintf("fewer: none after %s", Number(before))
		}
		return c
	}
	ratio := (after + 0.5) / (before + 0.5) * scale
	size := math.Max(math.Abs(math.Log(ratio)), leastRatio)
	ratio = math.Exp(size)
	// Log ratio's variance is 1/a + 1/b; the mean of a and b = a·ratio is asked.
	c.Needed = int(math.Ceil(planning(level) * (1 + 1/ratio) / (size * size) * (1 + ratio) / 2))
	c.Verdict = cannotTell(fmt.Sprintf("%s against %s", Number(after), Number(before)), c.Needed, size == leastRatio, "10 %")
	return c
}

// PoissonP is the exact two-sided probability, twice the smaller tail, that two
// counts differ this much when the rate is the same: 0.30 for 5 and then 10.
func PoissonP(before, after, exposureBefore, exposureAfter float64) float64 {
	n := before + after
	if n == 0 {
		return 1
	}
	b := distuv.Binomial{N: n, P: exposureAfter / (exposureBefore + exposureAfter)}
	atMost := b.CDF(after)
	atLeast := 1.0
	if after > 0 {
		atLeast = 1 - b.CDF(after-1)
	}
	return math.Min(1, 2*math.Min(atMost, atLeast))
}

const power = 0.8 // with which a change of the planned size would be told

var leastRatio = math.Log(1.1) // smaller changes are not worth planning for

// planning is (z for the level + z for the power)².
func planning(level float64) float64 {
	z := normalQuantile(level) + distuv.UnitNormal.Quantile(power)
	return z * z
}

func logs(durations []float64) []float64 {
	out := make([]float64, len(durations))
	for i, d := range durations {
		out[i] = math.Log(math.Max(d, Floor))
	}
	return out
}

// beyond is the side of the value on which the whole interval lies; 0 for none.
func beyond(i Interval, x float64) int {
	switch {
	case i.Low > x:
		return 1
	case i.High < x:
		return -1
	}
	return 0
}

func ratioWords(c Comparison, less, more, as string) string {
	i := c.Interval
	switch {
	case c.Direction < 0:
		return fmt.Sprintf("%s %% %s (plausibly %s %%)", Number(100*(1-c.Effect)), less, Range(100*(1-i.High), 100*(1-i.Low)))
	case c.Effect < 1.95: // which would read "2 times"
		return fmt.Sprintf("%s %% %s (plausibly %s %%)", Number(100*(c.Effect-1)), more, Range(100*(i.Low-1), 100*(i.High-1)))
	}
	return fmt.Sprintf("%s times as %s (plausibly %s times)", Number(c.Effect), as, Range(i.Low, i.High))
}

// cannotTell adds how much data it would take: the honest form of "no change".
func cannotTell(have string, needed int, small bool, least string) string {
	size := "a change of this size"
	if small {
		size = "even a change by " + least
	}
	return fmt.Sprintf("%s: %s; %s would take about %s in each", CannotTell, have, size, roughly(needed))
}
