package simulate

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// AsOf is the demo's fixed clock: a Tuesday morning before the weekly catch-up.
var AsOf = time.Date(2026, 10, 6, 7, 0, 0, 0, time.UTC)

// Seed is the seed of the company that the demo shows.
const Seed uint64 = 20261006

// months of history before the month in which it ends: thirteen whole ones, so
// that a month can stand beside the same month of the year before.
const months = 13

// monthStart is midnight on the first of t's month, n months later.
func monthStart(t time.Time, n int) time.Time {
	return time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, t.Location())
}

// weekStart is midnight on the Monday of t's week, n weeks later. It goes
// through time.Date, as a day is not always 24 hours long.
func weekStart(t time.Time, n int) time.Time {
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back+7*n, 0, 0, 0, 0, t.Location())
}

// Incidents follow the load: working days and working hours, a small bump when
// the nightly jobs run.
var (
	incidentWeekday = [7]float64{0.5, 1.25, 1.15, 1.2, 1.15, 1.15, 0.6} // from Sunday
	incidentHour    = [24]float64{2, 3, 4, 2, 1, 1, 2, 4, 7, 9, 10, 9, 8, 9, 10, 9, 8, 7, 5, 4, 4, 3, 2, 2}
	changeWeekday   = [7]float64{0.08, 1.3, 1.5, 1.5, 1.35, 1.1, 0.12}
	changeHour      = [24]float64{0, 0, 0, 0, 1, 2, 3, 4, 7, 9, 10, 8, 5, 8, 9, 8, 5, 3, 2, 2, 2, 1, 0, 0}
)

// dice is a stream of chance for one purpose, so that a change to one service
// leaves the history of the others as it was.
type dice struct{ *rand.Rand }

func newDice(seed uint64, purpose string) dice {
	h := fnv.New64a()
	h.Write([]byte(purpose))
	return dice{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

func (d dice) chance(p float64) bool { return d.Float64() < p }

func (d dice) between(low, high time.Duration) time.Duration {
	return low + time.Duration(d.Int64N(int64(high-low)+1)).Truncate(time.Second)
}

// index draws a position by weight.
func (d dice) index(weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	at := d.Float64() * sum
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func (d dice) pick(from []string) string { return from[d.IntN(len(from))] }

// poisson counts the events of a day (Knuth; the means here are below 2).
func (d dice) poisson(mean float64) int {
	limit, p, n := math.Exp(-mean), 1.0, 0
	for {
		if p *= d.Float64(); p <= limit {
			return n
		}
		n++
	}
}

// logNormal draws a duration of this median, in whole seconds.
func (d dice) logNormal(median time.Duration, sigma float64) time.Duration {
	x := float64(median) * math.Exp(sigma*d.NormFloat64())
	return time.Duration(x).Truncate(time.Second)
}

// clock draws a time of day on the given day.
func (d dice) clock(day time.Time, hours [24]float64) time.Time {
	return day.Add(time.Duration(d.index(hours[:]))*time.Hour + d.between(0, time.Hour-time.Second))
}
