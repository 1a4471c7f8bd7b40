package metrics

import (
	"testing"
	"time"
)

// cohort is what Cohorts asks the engine for, counted row by row.
func cohort(es []Evidence, p Period, level float64) Survival {
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

func TestCohortCountsTheOpenOnesAsLongAsTheyAreKnown(t *testing.T) {
	at := moment(t, "2026-10-01T00:00:00Z")
	p := only(Periods(time.UTC, mondayMidnight, at, at), Week)[0]
	end := p.EndsAt
	row := func(fromHours, hours float64, included bool) Evidence {
		from := end.Add(-time.Duration(fromHours * float64(time.Hour)))
		e := Evidence{FromAt: &from, Included: included}
		if hours > 0 {
			stop := from.Add(time.Duration(hours * float64(time.Hour)))
			e.At, e.Value = &stop, f(hours*3600)
		}
		return e
	}
	es := []Evidence{
		row(100, 1, true), row(90, 3, true), row(80, 2, true),
		row(70, 0, true),    // open: 70 h and counting
		row(10, 30, true),   // ended after the week: at its end 10 h old
		row(50, 4, false),   // left out
		row(400, 390, true), // ended in the week, started long before
	}
	s := cohort(es, p, Level)
	if s.N != 5 || s.Ended != 3 || s.Median != 3*3600 || s.Followed != 70*3600 {
		t.Errorf("%+v", s)
	}
}
