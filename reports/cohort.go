package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// cohortSpan is the stretch whose durations are followed with the open ones
// counted in: 13 weeks or 3 months, up to the end of the page.
func (s *sheet) cohortSpan() metrics.Period {
	p := metrics.Period{Kind: s.period.Kind, EndsAt: s.end()}
	local := s.period.StartsAt.In(s.clock.zone)
	if s.period.Kind == metrics.Month {
		p.StartsAt = local.AddDate(0, -2, 0)
	} else {
		p.StartsAt = local.AddDate(0, 0, -7*12)
	}
	return p
}

func (s *sheet) cohortWords() string {
	if s.period.Kind == metrics.Month {
		return "3 months"
	}
	return "13 weeks"
}

// cohort says how long a duration typically takes with those counted in that
// have not ended. It spans more than the period, so it is a sentence of its own.
func (s *sheet) cohort(ctx context.Context, r *reading) (prose, error) {
	if r.KPI.Kind != metrics.KindDuration || r.value() == nil {
		return nil, nil
	}
	if s.cohorts == nil {
		var err error
		if s.cohorts, err = metrics.Cohorts(ctx, s.conn, s.cohortSpan(), metrics.Level); err != nil {
			return nil, err
		}
	}
	c := s.cohorts[r.KPI.Name]
	if c.Ended >= c.N {
		return nil, nil
	}
	in := "open ones"
	if lasting := r.KPI.Lasting(); lasting != "still open" {
		in = "those " + lasting
	}
	return tell("Last %s, %s counted in: typical %s.", s.cohortWords(), in, cohortOf(*r.value(), c)), nil
}
