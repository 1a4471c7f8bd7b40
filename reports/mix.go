package reports

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// mixes are the hours of the periods that a page looks at, the oldest first.
type mixes struct {
	Points []moored
	Mix    []mix
	Starts time.Time // of the oldest
}

// mix is where the hours of one period went.
type mix struct {
	Hours map[string]float64 // by class; planned is the sum of its parts
	All   float64
	Lost  float64 // of the unclassified, on tickets that are not known
	Known bool    // collected, in part at least
	Whole bool    // over and collected from end to end
}

// mixed is how many periods the typical hours and the picture look at: this one
// and twelve before.
const mixed = 13

// typicalFrom is how many whole periods make a typical one.
const typicalFrom = 6

// workMixes reads the hours of this period and of those before it.
func (s *sheet) workMixes(ctx context.Context, r *reading) (mixes, error) {
	points := r.Points[max(0, len(r.Points)-mixed):]
	m := mixes{Points: points, Mix: make([]mix, len(points)), Starts: s.period.Step(1 - len(points)).StartsAt}
	at := map[string]*mix{}
	for i, p := range points {
		one := &m.Mix[i]
		one.Hours = map[string]float64{}
		one.Known = p.Value != nil && p.Value.N != nil
		one.Whole = one.Known && p.Value.Complete
		at[p.Start.Format(time.DateOnly)] = one
	}
	var rows []struct {
		Start string  `ch:"start"`
		Class string  `ch:"class"`
		Lost  uint8   `ch:"lost"`
		Hours float64 `ch:"hours_sum"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT toString(p.period_start) AS start, toString(w.work_class) AS class, toUInt8(w.ticket_key = '') AS lost, sum(w.hours) AS hours_sum
		FROM (SELECT 1 AS one, started_at, work_class, ticket_key, hours FROM worklogs AS l
		      WHERE l.started_at >= toDateTime64(@from, 3, 'UTC') AND l.started_at < toDateTime64(@to, 3, 'UTC')) AS w
		ASOF INNER JOIN (SELECT 1 AS one, period_start, starts_at FROM periods WHERE period = @kind) AS p ON p.one = w.one AND p.starts_at <= w.started_at
		GROUP BY start, class, lost
		ORDER BY start, class, lost`,
		clickhouse.Named("kind", s.period.Kind), moment("from", m.Starts), moment("to", s.period.EndsAt))
	if err != nil {
		return m, fmt.Errorf("read worklogs: %w", err)
	}
	for _, row := range rows {
		one := at[row.Start]
		if one == nil {
			continue
		}
		one.Hours[row.Class] += row.Hours
		one.All += row.Hours
		switch {
		case row.Class == "" && row.Lost == 1:
			one.Lost += row.Hours
		case row.Class != "" && row.Class != "unplanned" && row.Class != "toil":
			one.Hours["planned"] += row.Hours
		}
	}
	return m, nil
}

func (m mixes) now() mix { return m.Mix[len(m.Mix)-1] }

// any says whether hours were booked in any of the periods.
func (m mixes) any() bool {
	return slices.ContainsFunc(m.Mix, func(one mix) bool { return one.All > 0 })
}

// typical is the middle of what whole periods before this one came to; the
// number of those periods is how sure it is.
func (m mixes) typical(class string) (float64, int) {
	var seen []float64
	for _, one := range m.Mix[:len(m.Mix)-1] {
		if one.Whole {
			seen = append(seen, one.of(class))
		}
	}
	if len(seen) < typicalFrom {
		return math.NaN(), len(seen)
	}
	slices.Sort(seen)
	middle := len(seen) / 2
	if len(seen)%2 == 0 {
		return (seen[middle-1] + seen[middle]) / 2, len(seen)
	}
	return seen[middle], len(seen)
}

// of is the hours of a class; all of them for "all".
func (one mix) of(class string) float64 {
	if class == "all" {
		return one.All
	}
	return one.Hours[class]
}
