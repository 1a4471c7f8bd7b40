package reports

import (
	"slices"
	"time"
)

// stretch is a part of time: its first moment, and the first after it.
type stretch struct{ from, to time.Time }

func (a stretch) within(b stretch) stretch {
	if a.from.Before(b.from) {
		a.from = b.from
	}
	if a.to.After(b.to) {
		a.to = b.to
	}
	return a
}

func (a stretch) empty() bool { return !a.from.Before(a.to) }

// merged is the same time in as few spans as it takes, in order.
func merged(spans []stretch) []stretch {
	all := slices.DeleteFunc(slices.Clone(spans), stretch.empty)
	slices.SortFunc(all, func(a, b stretch) int { return a.from.Compare(b.from) })
	var out []stretch
	for _, one := range all {
		if n := len(out); n > 0 && !one.from.After(out[n-1].to) {
			if one.to.After(out[n-1].to) {
				out[n-1].to = one.to
			}
			continue
		}
		out = append(out, one)
	}
	return out
}

// without is what is left of a stretch outside of others.
func (a stretch) without(others []stretch) []stretch {
	var out []stretch
	for _, one := range merged(others) {
		if one = one.within(a); one.empty() {
			continue
		}
		if a.from.Before(one.from) {
			out = append(out, stretch{a.from, one.from})
		}
		a.from = one.to
	}
	if !a.empty() {
		out = append(out, a)
	}
	return out
}

// shared is the time that lies in both.
func shared(a, b []stretch) []stretch {
	var out []stretch
	for _, x := range merged(a) {
		for _, y := range merged(b) {
			if both := x.within(y); !both.empty() {
				out = append(out, both)
			}
		}
	}
	return out
}
