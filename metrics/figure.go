package metrics

import (
	"math"
	"strconv"
	"strings"
)

// The ways of having no figure. 0 is a figure.
const (
	None         = "none"          // collected, and nothing to measure
	NotKnown     = "not known"     // collected, and the outcome of all of it is not known, or not yet
	NotCollected = "not collected" // nobody looked
)

// Duration writes seconds with two figures and the unit: "42 min", "1.1 h",
// "3.4 d". Days are 24 hours, the clock of every duration here. NaN, which is
// no duration, is "none".
func Duration(seconds float64) string {
	switch {
	case gap(seconds):
		return None
	case seconds < 0:
		return "−" + Duration(-seconds)
	case seconds == 0:
		return "0 min"
	case seconds < 30:
		return "under 1 min"
	}
	// The limits lie where rounding would reach the next unit: 59.7 min is 1 h.
	switch minutes := seconds / 60; {
	case minutes < 59.5:
		return Number(math.Max(minutes, 1)) + " min"
	case minutes < 47.5*60:
		return Number(minutes/60) + " h"
	default:
		return Number(minutes/60/24) + " d"
	}
}

// Number writes at most one decimal, and none from 10 on; a half goes up, as
// readers round; thousands are parted by commas.
func Number(x float64) string {
	if gap(x) {
		return None
	}
	if math.Abs(x) < 0.05 {
		return "0" // and no minus before it
	}
	if x < 0 {
		return "−" + Number(-x)
	}
	if x < 9.95 {
		return strings.TrimSuffix(tenths(x), ".0")
	}
	s := units(x)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent writes a proportion: "21 %". Only 0 is "0 %" and only 1 is "100 %".
func Percent(p float64) string {
	if gap(p) {
		return None
	}
	return percentage(100*p) + " %"
}

func percentage(x float64) string {
	switch {
	case x < 0:
		return "−" + percentage(-x)
	case x > 0 && x < 0.05:
		return "under 0.1"
	case x > 0 && x < 0.95 || x > 99 && x < 99.95:
		return tenths(x)
	case x > 99 && x < 100:
		return "over 99.9"
	}
	return units(x)
}

// The two round a half away from 0; strconv rounds it to the even digit, so that
// 0.25 and 0.75 would go opposite ways.
func tenths(x float64) string { return strconv.FormatFloat(math.Round(10*x)/10, 'f', 1, 64) }
func units(x float64) string  { return strconv.FormatFloat(math.Round(x), 'f', 0, 64) }

// PercentRange writes an interval of proportions: "8–48 %".
func PercentRange(i Interval) string {
	return Range(100*i.Low, 100*i.High) + " %"
}

// DurationRange writes an interval of durations, the unit stated once where it
// is the same: "0.8–2.3 h", "42 min–1.2 h".
func DurationRange(i Interval) string {
	low, high := Duration(i.Low), Duration(i.High)
	if low == high {
		return low
	}
	a, unit, _ := strings.Cut(low, " ")
	if _, same, _ := strings.Cut(high, " "); same == unit {
		low = a
	}
	return low + "–" + high
}

// Range writes two ends, in whole numbers where they lie far enough apart.
func Range(low, high float64) string {
	if high >= 10 && high-low >= 3 {
		low, high = math.Round(low), math.Round(high)
	}
	a, b := Number(low), Number(high)
	if a == b {
		return a
	}
	return a + "–" + b
}

// points writes a difference of two proportions.
func points(d float64) string {
	if s := percentage(100 * d); s != "1" {
		return s + " points"
	}
	return "1 point"
}

// roughly keeps two figures: a planned number of incidents is no measurement.
func roughly(n int) string {
	unit := 1
	for n/unit >= 100 {
		unit *= 10
	}
	return Number(float64((n + unit/2) / unit * unit))
}
