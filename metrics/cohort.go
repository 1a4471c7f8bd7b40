package metrics

import (
	"slices"
	"sort"
)

// In tells whether a row counts in a dimension's value. A row of several
// services counts in each; every row counts in "all".
func (e Evidence) In(dim, value string) bool {
	return dim == "all" || slices.Contains(e.Dims[dim], value)
}

// Ended returns the durations behind a period's median, sorted: of the rows that
// count and ended in it.
func Ended(es []Evidence, p Period) []float64 {
	var seconds []float64
	for _, e := range es {
		if e.Included && e.At != nil && p.Has(*e.At) && e.Value != nil {
			seconds = append(seconds, *e.Value)
		}
	}
	sort.Float64s(seconds)
	return seconds
}

// Cohort is the survival of what started in a stretch of time (a period, or one
// made of several), as known at its end. Taking what started, not what was open,
// keeps the long ones from being counted more often than they happen.
func Cohort(es []Evidence, p Period, level float64) Survival {
	var seconds []float64
	var ended []bool
	for _, e := range es {
		if !e.Included || e.FromAt == nil || !p.Has(*e.FromAt) {
			continue
		}
		switch {
		case e.OpenIn(p):
			seconds = append(seconds, p.EndsAt.Sub(*e.FromAt).Seconds())
			ended = append(ended, false)
		case e.Value != nil:
			seconds = append(seconds, *e.Value)
			ended = append(ended, true)
		}
	}
	return KaplanMeier(seconds, ended, level)
}
