package metrics

import "math"

// MinKnown is how many known outcomes make a rate a point: one of three jumps
// from 0 to 33 % by a single one.
const MinKnown = 6

// MinBaseline is how many points a normal range takes.
const MinBaseline = 12

// Scale is the transformation under which a series varies evenly, so that its
// limits are as far above the centre as below it.
type Scale int

const (
	Linear Scale = iota // rates
	Log                 // durations: weekly medians
	Rare                // days between rare events: the power 1/3.6 (Nelson 1994) makes them nearly normal
)

const nelson = 1 / 3.6

func (s Scale) forward(x float64) float64 {
	switch {
	case s == Log:
		return math.Log(math.Max(x, Floor)) // as in comparisons
	case s == Rare:
		return math.Pow(math.Max(x, 0), nelson)
	}
	return x
}

func (s Scale) back(y float64) float64 {
	switch {
	case s == Log:
		return math.Exp(y)
	case s == Rare:
		return math.Pow(math.Max(y, 0), 1/nelson)
	}
	return y
}

// Limits are the natural process limits of an XmR chart, in the units of the
// series. They are set from a baseline once and then kept: recomputed at every
// point they would follow the change that they should show. Rebase them only
// with a dated reason.
type Limits struct {
	Centre, Low, High float64 // Low of a rate may lie below 0; see Shown
	Scale             Scale
	N                 int  // points of the baseline
	OK                bool // false: fewer than MinBaseline points, or points that never vary
}

// XmR sets limits: mean ± 2.66 × mean moving range, on the series' scale. NaN
// points are gaps; the range is taken between neighbours that exist.
func XmR(baseline []float64, scale Scale) Limits {
	var sum, moves, last float64
	l := Limits{Scale: scale}
	for _, x := range baseline {
		if gap(x) {
			continue
		}
		y := scale.forward(x)
		if l.N > 0 {
			moves += math.Abs(y - last)
		}
		sum += y
		last = y
		l.N++
	}
	// Without any movement the range has no width, and the first event after
	// twelve quiet weeks would be a signal.
	if l.N < MinBaseline || moves == 0 {
		return l
	}
	centre := sum / float64(l.N)
	reach := 2.66 * moves / float64(l.N-1)
	l.Centre, l.Low, l.High = scale.back(centre), scale.back(centre-reach), scale.back(centre+reach)
	if scale == Linear {
		l.Centre, l.Low, l.High = centre, centre-reach, centre+reach
	}
	l.OK = true
	return l
}

// Excludes tells whether the range rules any value out between the least and the
// most that the figure can be. One that does not makes nothing normal.
func (l Limits) Excludes(least, most float64) bool {
	return l.OK && (l.Low > least || l.High < most)
}

// Shown is the normal range as a chart draws it, cut to what the figure can be:
// 0 to 1 for a rate. Signals are judged against the uncut one.
func (l Limits) Shown(least, most float64) Interval {
	if !l.OK {
		return Interval{}
	}
	return Interval{Low: math.Max(l.Low, least), High: math.Min(l.High, most), OK: true}
}

func gap(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }
