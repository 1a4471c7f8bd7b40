package metrics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Level is the confidence level of every interval that a report prints.
const Level = 0.95

// Interval is what the data leave plausible. OK is false where they are too few
// to say; then Low and High are 0 and must not be printed.
type Interval struct {
	Low, High float64
	OK        bool
}

// Has tells whether x is plausible.
func (i Interval) Has(x float64) bool { return i.OK && i.Low <= x && x <= i.High }

// MedianInterval is the narrowest pair of order statistics, equally far from
// both ends, that covers the median with at least this probability, whatever
// the distribution. At 95 % it takes six values.
func MedianInterval(sorted []float64, level float64) Interval {
	r := medianRank(len(sorted), level)
	if r == 0 {
		return Interval{}
	}
	return Interval{Low: sorted[r-1], High: sorted[len(sorted)-r], OK: true}
}

// medianRank is the largest r for which the r-th smallest and the r-th largest
// of n values enclose the median with probability 1 − 2·P(Bin(n, ½) < r) of at
// least level; 0 where not even the extremes do.
func medianRank(n int, level float64) int {
	if n < 1 || !(level > 0 && level < 1) {
		return 0
	}
	half := distuv.Binomial{N: float64(n), P: 0.5}
	r := 0
	for r < n/2 && 1-2*half.CDF(float64(r)) >= level {
		r++
	}
	return r
}

// Wilson is the score interval of a proportion k of n. It stays inside 0 to 1
// and says something even at 0 of n.
func Wilson(k, n, level float64) Interval {
	if !(n > 0 && k >= 0 && k <= n) {
		return Interval{}
	}
	z := normalQuantile(level)
	p, zz := k/n, z*z/n
	centre := (p + zz/2) / (1 + zz)
	half := z / (1 + zz) * math.Sqrt(p*(1-p)/n+zz/(4*n))
	i := Interval{Low: centre - half, High: centre + half, OK: true}
	if k == 0 {
		i.Low = 0 // exactly: rounding must not leave 1e-17
	}
	if k == n {
		i.High = 1
	}
	return i
}

// PoissonExact is Garwood's interval of the rate behind a count.
func PoissonExact(count, level float64) Interval {
	if !(count >= 0) || math.IsInf(count, 0) {
		return Interval{}
	}
	tail := (1 - level) / 2
	i := Interval{High: distuv.ChiSquared{K: 2*count + 2}.Quantile(1-tail) / 2, OK: true}
	if count > 0 {
		i.Low = distuv.ChiSquared{K: 2 * count}.Quantile(tail) / 2
	}
	return i
}

// normalQuantile is the two-sided quantile: 1.96 for 95 %.
func normalQuantile(level float64) float64 {
	return distuv.UnitNormal.Quantile((1 + level) / 2)
}
