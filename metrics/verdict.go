package metrics

import (
	"fmt"
	"strings"
)

// MinP90 is the number of values below which "9 in 10 within" is not said and
// the slowest is shown.
const MinP90 = 29

// Headline is the one-line answer of a KPI for one period and dimension value:
// stats are its rows of kpi_values. It never prints a figure that is not there:
// an empty set is "none", an uncollected period "not collected", a counted zero 0.
func Headline(k KPI, stats []Value) string {
	switch k.Kind {
	case KindDuration:
		return durationHeadline(k, stats)
	case KindRate:
		return rateHeadline(Stat(stats, KindRate))
	case KindShare:
		return shareHeadline(k, Stat(stats, KindShare))
	case KindCount:
		return countHeadline(k, Stat(stats, KindCount))
	case KindAverage:
		return averageHeadline(k, Stat(stats, KindAverage))
	}
	return NotCollected
}

// Plausible is the interval that belongs to a value: the exact one of a median,
// made from the sorted durations behind it; Wilson's of a rate; the range of a
// share; the exact one of a count of events. Others have none: resampling means
// and p90 promises 95 % and keeps 65 to 88.
func Plausible(k KPI, v Value, sorted []float64) Interval {
	switch {
	case v.Value == nil:
		return Interval{}
	case k.Kind == KindDuration && v.Stat == "median":
		return MedianInterval(sorted, Level)
	case k.Kind == KindRate && v.K != nil && v.N != nil && whole(*v.K) && whole(*v.N):
		return Wilson(*v.K, *v.N, Level)
	case k.Kind == KindShare && v.Low != nil && v.High != nil:
		return Interval{Low: *v.Low, High: *v.High, OK: true}
	case k.Kind == KindCount && events(k, v):
		return PoissonExact(*v.Value, Level)
	}
	return Interval{}
}

// events tells whether a count is of separate events in time: hours are no
// events, and what is open at the end of a week was not drawn in it.
func events(k KPI, v Value) bool {
	return !k.Stock && k.Unit == "" && v.N != nil && *v.N == *v.Value && whole(*v.Value)
}

// IsChance tells the averages of a chance: what coincidence alone would give,
// printed beside the rate that it explains away.
func IsChance(kpi string) bool { return strings.HasPrefix(kpi, "suspected_by_chance_") }

func whole(x float64) bool { return x >= 0 && x == float64(int64(x)) }

func durationHeadline(k KPI, stats []Value) string {
	count := Stat(stats, "count")
	if count == nil || count.Value == nil {
		return NotCollected
	}
	ended := k.Past()
	parts := []string{}
	say := func(format string, stat string) {
		if v := Stat(stats, stat); v != nil && v.Value != nil && !gap(*v.Value) {
			parts = append(parts, fmt.Sprintf(format, Duration(*v.Value)))
		}
	}
	switch n := *count.Value; {
	case n == 0 && count.Open == 0:
		return None
	case n == 0:
		return fmt.Sprintf("none %s, %s", ended, k.lasts(count.Open))
	case n == 1:
		say("%s", "median")
		parts = append(parts, "the only one "+ended)
	default:
		say("typical %s", "median")
		if n >= MinP90 {
			say("9 in 10 within %s", "p90")
		} else {
			say("slowest %s", "max")
		}
		parts = append(parts, Number(n)+" "+ended)
	}
	return strings.Join(append(parts, k.lasts(count.Open)), ", ")
}

func rateHeadline(v *Value) string {
	if v == nil || v.N == nil {
		return NotCollected
	}
	if *v.N == 0 || v.K == nil {
		if v.Unknown > 0 {
			return NotKnown + unsettled(v)
		}
		return None
	}
	s := fmt.Sprintf("%s of %s, %s", Number(*v.K), Number(*v.N), Percent(*v.K / *v.N))
	if i := Plausible(KPI{Kind: KindRate}, *v, nil); i.OK {
		s += ", plausibly " + PercentRange(i)
	}
	return s + unsettled(v)
}

// unsettled says what a rate leaves out because its outcome is not known:
// pending while it may still become so.
func unsettled(v *Value) string {
	switch {
	case v.Unknown == 0:
		return ""
	case v.Complete:
		return fmt.Sprintf(", %s unknown", Number(v.Unknown))
	}
	return fmt.Sprintf(", %s pending or unknown", Number(v.Unknown))
}

func shareHeadline(k KPI, v *Value) string {
	if v == nil || v.N == nil {
		return NotCollected
	}
	if v.Low == nil || v.High == nil {
		return None
	}
	whole := *v.N + v.Unknown
	if *v.N == 0 {
		return fmt.Sprintf("0–100 %%, none of %s classified", k.amount(whole))
	}
	if v.Unknown == 0 {
		return fmt.Sprintf("%s of %s", Percent(*v.Low), k.amount(whole))
	}
	return fmt.Sprintf("%s of %s, %s unclassified", PercentRange(Interval{Low: *v.Low, High: *v.High}),
		k.amount(whole), k.amount(v.Unknown))
}

func countHeadline(k KPI, v *Value) string {
	if v == nil || v.Value == nil {
		return NotCollected
	}
	s := k.amount(*v.Value)
	if i := Plausible(k, *v, nil); i.OK && *v.Value > 0 {
		return fmt.Sprintf("%s, a pace of %s a %s", s, Range(i.Low, i.High), v.Period)
	}
	if k.Unit != "" && v.N != nil && *v.N > 0 {
		s += fmt.Sprintf(" over %s %s", Number(*v.N), k.rows(*v.N))
	}
	return s
}

func averageHeadline(k KPI, v *Value) string {
	if v == nil || v.N == nil {
		return NotCollected
	}
	if v.Value == nil || *v.N == 0 {
		return None
	}
	one, many := k.per(), k.per()+"s"
	if *v.N == 1 {
		many = one
	}
	if IsChance(k.Name) {
		return fmt.Sprintf("%s of %s %s by chance alone", Percent(*v.Value), Number(*v.N), many)
	}
	return fmt.Sprintf("%s per %s, %s %s", Number(*v.Value), one, Number(*v.N), many)
}
