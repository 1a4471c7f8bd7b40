package metrics

import (
	"sort"
	"time"
)

// The kinds of period, as kpi_values.period spells them.
const (
	Week  = "week"
	Month = "month"
)

// Period is a week or a month of the reporting zone.
type Period struct {
	Kind     string    // Week or Month
	Start    time.Time // its date in the reporting zone as midnight UTC: kpi_values.period_start
	StartsAt time.Time // first instant, in the reporting zone
	EndsAt   time.Time // first instant after it, in the reporting zone
	Label    string
}

// WeekEnd is the moment at which a reporting week ends. The zero value is
// Sunday 00:00; the project's default is Monday 00:00.
type WeekEnd struct {
	Day    time.Weekday
	Offset time.Duration // after midnight, on the wall clock
}

// Periods returns every week and month that shares an instant with [from, to],
// by start, a week before the month that starts with it. Boundaries are wall
// clock times in loc: a week with a daylight-saving night has 167 or 169 hours.
func Periods(loc *time.Location, end WeekEnd, from, to time.Time) []Period {
	if to.Before(from) {
		return nil
	}
	var ps []Period
	first := from.In(loc)
	y, m, d := first.Date()

	// Two weeks back is early enough for any week end and offset.
	back := (int(first.Weekday()) - int(end.Day) + 7) % 7
	for d := d - back - 14; ; d += 7 {
		p := week(loc, end, y, m, d)
		if p.StartsAt.After(to) {
			break
		}
		if p.EndsAt.After(from) {
			ps = append(ps, p)
		}
	}
	for m := m; ; m++ {
		p := month(loc, y, m)
		if p.StartsAt.After(to) {
			break
		}
		ps = append(ps, p)
	}
	sort.SliceStable(ps, func(i, j int) bool { return ps[i].StartsAt.Before(ps[j].StartsAt) })
	return ps
}

func week(loc *time.Location, end WeekEnd, y int, m time.Month, d int) Period {
	at := func(d int) time.Time {
		// Hours and minutes, not an added duration: 09:00 stays 09:00 when the
		// night before was an hour longer.
		return time.Date(y, m, d, int(end.Offset/time.Hour), int(end.Offset%time.Hour/time.Minute),
			int(end.Offset%time.Minute/time.Second), 0, loc)
	}
	p := Period{Kind: Week, StartsAt: at(d), EndsAt: at(d + 7)}
	p.Start = dateOf(p.StartsAt)
	p.Label = weekLabel(p.EndsAt)
	return p
}

// weekLabel has the hour, since "to Monday" alone leaves open whether Monday is in it.
func weekLabel(ends time.Time) string { return "week to " + ends.Format("Mon 2 Jan 2006, 15:04") }

func month(loc *time.Location, y int, m time.Month) Period {
	p := Period{Kind: Month,
		StartsAt: time.Date(y, m, 1, 0, 0, 0, 0, loc),
		EndsAt:   time.Date(y, m+1, 1, 0, 0, 0, 0, loc)}
	p.Start = time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	p.Label = p.Start.Format("January 2006")
	return p
}

// dateOf is the date that t shows in its own zone, as midnight UTC.
func dateOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// Slug names the period's page: a week by the date on which it ends, a month by
// year and month.
func (p Period) Slug() string {
	if p.Kind == Month {
		return p.Start.Format("2006-01")
	}
	return p.EndsAt.Format("2006-01-02")
}

// Step is the period so many after this one; before it, where n is negative.
func (p Period) Step(n int) Period {
	if p.Kind == Month {
		y, m, _ := p.Start.Date()
		return month(p.StartsAt.Location(), y, m+time.Month(n))
	}
	p.Start, p.StartsAt, p.EndsAt = p.Start.AddDate(0, 0, 7*n), p.StartsAt.AddDate(0, 0, 7*n), p.EndsAt.AddDate(0, 0, 7*n)
	p.Label = weekLabel(p.EndsAt)
	return p
}

// Next is the period after this one.
func (p Period) Next() Period { return p.Step(1) }

// Prev is the period before this one.
func (p Period) Prev() Period { return p.Step(-1) }

// Has tells whether t lies in the period.
func (p Period) Has(t time.Time) bool {
	return !t.Before(p.StartsAt) && t.Before(p.EndsAt)
}

// Current finds, among the periods of one kind, the one that is running at a
// moment and the last one that had ended by then; nil where ps has none.
func Current(ps []Period, kind string, at time.Time) (running, ended *Period) {
	for i := range ps {
		p := &ps[i]
		switch {
		case p.Kind != kind:
		case p.Has(at):
			running = p
		case !p.EndsAt.After(at) && (ended == nil || p.EndsAt.After(ended.EndsAt)):
			ended = p
		}
	}
	return running, ended
}

// WorkingDay is the start, in loc, of the n-th Monday-to-Friday day of a month.
// The month is the one that month shows in its own zone.
func WorkingDay(loc *time.Location, month time.Time, n int) time.Time {
	y, m, _ := month.Date()
	d := 0
	for n = max(n, 1); n > 0; {
		d++
		if wd := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday(); wd != time.Saturday && wd != time.Sunday {
			n--
		}
	}
	return time.Date(y, m, d, 0, 0, 0, 0, loc)
}
