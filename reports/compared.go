package reports

import (
	"context"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// compared holds this month against the months before it, taken together.
func (s *sheet) compared(ctx context.Context, r *reading) (metrics.Comparison, int, error) {
	last := len(r.Points) - 1
	now := r.Points[last].Value
	var earlier []metrics.Value
	var starts []time.Time
	days := 0.0
	for i := max(0, last-comparedMonths); i < last; i++ {
		if v := r.Points[i].Value; v != nil && v.Complete {
			earlier, starts = append(earlier, *v), append(starts, r.Points[i].Start)
			days += r.Points[i].Start.AddDate(0, 1, 0).Sub(r.Points[i].Start).Hours() / 24
		}
	}
	if len(earlier) == 0 {
		return metrics.Comparison{Verdict: "no whole month before it"}, 0, nil
	}
	switch r.KPI.Kind {
	case metrics.KindDuration:
		before, err := s.earlierDurations(ctx, r.KPI, starts)
		if err != nil {
			return metrics.Comparison{}, 0, err
		}
		after, err := s.durationsOf(ctx, r.KPI)
		if err != nil {
			return metrics.Comparison{}, 0, err
		}
		return metrics.CompareDurations(before, after, metrics.Level), len(earlier), nil
	case metrics.KindRate:
		var k, n float64
		for _, v := range earlier {
			if v.K != nil && v.N != nil {
				k, n = k+*v.K, n+*v.N
			}
		}
		if now.K == nil || now.N == nil {
			return metrics.Comparison{}, 0, nil
		}
		return metrics.CompareRates(k, n, *now.K, *now.N, metrics.Level), len(earlier), nil
	case metrics.KindCount:
		if r.KPI.Stock || r.KPI.Unit != "" {
			return metrics.Comparison{}, 0, nil // a level carries over, and hours are no separate events
		}
		var sum float64
		for _, v := range earlier {
			if v.Value != nil {
				sum += *v.Value
			}
		}
		if now.Value == nil {
			return metrics.Comparison{}, 0, nil
		}
		return metrics.CompareCounts(sum, *now.Value, days, s.period.Start.AddDate(0, 1, 0).Sub(s.period.Start).Hours()/24, metrics.Level), len(earlier), nil
	}
	return metrics.Comparison{}, 0, nil
}

// earlierDurations are the values of earlier months, from their evidence.
func (s *sheet) earlierDurations(ctx context.Context, k metrics.KPI, starts []time.Time) ([]float64, error) {
	var out []float64
	for _, start := range starts {
		at := time.Date(start.Year(), start.Month(), 1, 0, 0, 0, 0, s.clock.zone)
		month := metrics.Period{Kind: metrics.Month, Start: start, StartsAt: at, EndsAt: at.AddDate(0, 1, 0)}
		seconds, err := s.durationsIn(ctx, k, month)
		if err != nil {
			return nil, err
		}
		out = append(out, seconds...)
	}
	return out, nil
}

// monthsBefore names what a month was held against: near the start of the
// history there are fewer than three whole ones.
func monthsBefore(n int) string {
	if n == 1 {
		return "the one whole month before"
	}
	return "the " + spelled(n) + " months before"
}
