package metrics

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func only(ps []Period, kind string) (out []Period) {
	for _, p := range ps {
		if p.Kind == kind {
			out = append(out, p)
		}
	}
	return out
}

var mondayMidnight = WeekEnd{Day: time.Monday}

func TestAWeekWithADaylightSavingNightKeepsItsWallClock(t *testing.T) {
	tests := []struct {
		zone, day   string
		end         WeekEnd
		start, end_ string
		hours       float64
	}{
		// Melbourne: clocks forward on Sunday 4 October 2026, back on 5 April 2026.
		{"Australia/Melbourne", "2026-10-01T00:00:00Z", WeekEnd{Day: time.Tuesday}, "2026-09-29T00:00:00+10:00", "2026-10-06T00:00:00+11:00", 167},
		{"Australia/Melbourne", "2026-04-02T00:00:00Z", WeekEnd{Day: time.Tuesday}, "2026-03-31T00:00:00+11:00", "2026-04-07T00:00:00+10:00", 169},
		// Berlin: forward on 29 March 2026, back on 25 October 2026.
		{"Europe/Berlin", "2026-03-26T00:00:00Z", mondayMidnight, "2026-03-23T00:00:00+01:00", "2026-03-30T00:00:00+02:00", 167},
		{"Europe/Berlin", "2026-10-22T00:00:00Z", mondayMidnight, "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00", 169},
		// 09:00 on the Sunday of the change is still 09:00 on the wall.
		{"Europe/Berlin", "2026-03-26T00:00:00Z", WeekEnd{Day: time.Sunday, Offset: 9 * time.Hour}, "2026-03-22T09:00:00+01:00", "2026-03-29T09:00:00+02:00", 167},
		{"UTC", "2026-03-26T00:00:00Z", mondayMidnight, "2026-03-23T00:00:00Z", "2026-03-30T00:00:00Z", 168},
	}
	for _, tt := range tests {
		at := moment(t, tt.day)
		weeks := only(Periods(zone(t, tt.zone), tt.end, at, at), Week)
		if len(weeks) != 1 {
			t.Fatalf("%s %s: %d weeks around one moment", tt.zone, tt.day, len(weeks))
		}
		w := weeks[0]
		if got := w.StartsAt.Format(time.RFC3339); got != tt.start {
			t.Errorf("%s %s starts %s, want %s", tt.zone, tt.day, got, tt.start)
		}
		if got := w.EndsAt.Format(time.RFC3339); got != tt.end_ {
			t.Errorf("%s %s ends %s, want %s", tt.zone, tt.day, got, tt.end_)
		}
		if got := w.EndsAt.Sub(w.StartsAt).Hours(); got != tt.hours {
			t.Errorf("%s %s has %v hours, want %v", tt.zone, tt.day, got, tt.hours)
		}
		if w.Start.Format(time.DateTime) != tt.start[:10]+" 00:00:00" || w.Start.Location() != time.UTC {
			t.Errorf("%s %s: period_start %v", tt.zone, tt.day, w.Start)
		}
	}
}

func TestPeriodsTileTheRangeWithoutGapOrOverlap(t *testing.T) {
	from, to := moment(t, "2023-11-15T10:00:00Z"), moment(t, "2026-02-10T10:00:00Z")
	for _, name := range []string{"UTC", "Australia/Melbourne", "Europe/Berlin", "America/St_Johns"} {
		for end := (WeekEnd{}); end.Day <= time.Saturday; end.Day++ {
			for _, end.Offset = range []time.Duration{0, 9*time.Hour + 30*time.Minute, 23 * time.Hour} {
				ps := Periods(zone(t, name), end, from, to)
				for i := 1; i < len(ps); i++ {
					if ps[i].StartsAt.Before(ps[i-1].StartsAt) {
						t.Fatalf("%s %v: not in order at %s", name, end, ps[i].Label)
					}
				}
				for _, kind := range []string{Week, Month} {
					k := only(ps, kind)
					if !k[0].Has(from) || !k[len(k)-1].Has(to) {
						t.Errorf("%s %v %s: from %v to %v does not just cover the range", name, end, kind, k[0].StartsAt, k[len(k)-1].EndsAt)
					}
					slugs := map[string]bool{}
					for i := range k {
						if i > 0 && !k[i].StartsAt.Equal(k[i-1].EndsAt) {
							t.Errorf("%s %v: %s and %s do not meet", name, end, k[i-1].Label, k[i].Label)
						}
						slugs[k[i].Slug()] = true
					}
					if len(slugs) != len(k) {
						t.Errorf("%s %v %s: slugs repeat", name, end, kind)
					}
				}
			}
		}
	}
}

func TestRangeEndsDecideWhichPeriodsOverlap(t *testing.T) {
	mon := moment(t, "2026-10-05T00:00:00Z")
	weeks := only(Periods(time.UTC, mondayMidnight, mon.AddDate(0, 0, -7), mon), Week)
	if len(weeks) != 2 { // the week that starts at the last instant shares it
		t.Errorf("a week and the first instant of the next: %d weeks", len(weeks))
	}
	weeks = only(Periods(time.UTC, mondayMidnight, mon.AddDate(0, 0, -7), mon.Add(-1)), Week)
	if len(weeks) != 1 {
		t.Errorf("exactly one week: %d weeks", len(weeks))
	}
	if ps := Periods(time.UTC, mondayMidnight, mon, mon.Add(-1)); ps != nil {
		t.Errorf("an empty range has %d periods", len(ps))
	}
}

func TestSlugAndLabelAreOfTheReportingZone(t *testing.T) {
	tests := []struct {
		zone, at    string
		end         WeekEnd
		kind        string
		slug, label string
		start       string
	}{
		{"Australia/Melbourne", "2026-10-01T00:00:00Z", WeekEnd{Day: time.Tuesday}, Week, "2026-10-06", "week to Tue 6 Oct 2026, 00:00", "2026-09-29"},
		{"UTC", "2026-10-01T00:00:00Z", mondayMidnight, Week, "2026-10-05", "week to Mon 5 Oct 2026, 00:00", "2026-09-28"},
		{"UTC", "2026-12-30T00:00:00Z", mondayMidnight, Week, "2027-01-04", "week to Mon 4 Jan 2027, 00:00", "2026-12-28"},
		{"Australia/Melbourne", "2026-08-31T15:00:00Z", mondayMidnight, Month, "2026-09", "September 2026", "2026-09-01"},
		{"UTC", "2028-02-29T12:00:00Z", mondayMidnight, Month, "2028-02", "February 2028", "2028-02-01"},
		{"UTC", "2026-12-31T23:59:59Z", mondayMidnight, Month, "2026-12", "December 2026", "2026-12-01"},
	}
	for _, tt := range tests {
		at := moment(t, tt.at)
		ps := only(Periods(zone(t, tt.zone), tt.end, at, at), tt.kind)
		if len(ps) != 1 {
			t.Fatalf("%s: %d periods", tt.at, len(ps))
		}
		if p := ps[0]; p.Slug() != tt.slug || p.Label != tt.label || p.Start.Format(time.DateOnly) != tt.start {
			t.Errorf("%s: got %q %q %s", tt.at, p.Slug(), p.Label, p.Start.Format(time.DateOnly))
		}
	}
}

func TestFebruaryHas29DaysInALeapYear(t *testing.T) {
	for at, days := range map[string]int{"2028-02-10T00:00:00Z": 29, "2026-02-10T00:00:00Z": 28, "2100-02-10T00:00:00Z": 28} {
		m := only(Periods(time.UTC, mondayMidnight, moment(t, at), moment(t, at)), Month)[0]
		if got := int(m.EndsAt.Sub(m.StartsAt).Hours() / 24); got != days {
			t.Errorf("%s: %d days", m.Label, got)
		}
	}
}

func TestCurrentFindsTheRunningAndTheEndedPeriod(t *testing.T) {
	ps := Periods(time.UTC, mondayMidnight, moment(t, "2026-08-01T00:00:00Z"), moment(t, "2026-12-01T00:00:00Z"))
	tests := []struct{ kind, at, running, ended string }{
		{Week, "2026-10-05T00:00:00Z", "2026-10-12", "2026-10-05"}, // the end belongs to the next
		{Week, "2026-10-04T23:59:59Z", "2026-10-05", "2026-09-28"},
		{Month, "2026-10-05T00:00:00Z", "2026-10", "2026-09"},
		{Month, "2026-08-05T00:00:00Z", "2026-08", ""},
		{Month, "2027-08-05T00:00:00Z", "", "2026-12"},
	}
	slug := func(p *Period) string {
		if p == nil {
			return ""
		}
		return p.Slug()
	}
	for _, tt := range tests {
		running, ended := Current(ps, tt.kind, moment(t, tt.at))
		if slug(running) != tt.running || slug(ended) != tt.ended {
			t.Errorf("%s at %s: %q, %q; want %q, %q", tt.kind, tt.at, slug(running), slug(ended), tt.running, tt.ended)
		}
	}
}

func TestWorkingDayCountsMondayToFriday(t *testing.T) {
	loc := zone(t, "Australia/Melbourne")
	tests := []struct {
		month string
		n     int
		want  string
	}{
		{"2026-10-01", 1, "2026-10-01T00:00:00+10:00"}, // a Thursday
		{"2026-10-01", 5, "2026-10-07T00:00:00+11:00"}, // over a weekend and the clock change
		{"2026-08-01", 1, "2026-08-03T00:00:00+10:00"}, // the 1st is a Saturday
		{"2026-08-01", 5, "2026-08-07T00:00:00+10:00"},
		{"2026-11-01", 5, "2026-11-06T00:00:00+11:00"}, // the 1st is a Sunday
		{"2026-10-01", 0, "2026-10-01T00:00:00+10:00"},
	}
	for _, tt := range tests {
		month, _ := time.Parse(time.DateOnly, tt.month)
		if got := WorkingDay(loc, month, tt.n).Format(time.RFC3339); got != tt.want {
			t.Errorf("working day %d of %s: %s, want %s", tt.n, tt.month, got, tt.want)
		}
	}
}

// Stepping leads to the periods that the calendar has, over nights on which the
// clocks change and a whole year.
func TestAStepLeadsToThePeriodsOfTheCalendar(t *testing.T) {
	for _, name := range []string{"UTC", "Australia/Melbourne", "Europe/Berlin", "America/New_York"} {
		ps := Periods(zone(t, name), WeekEnd{Day: time.Sunday, Offset: 9 * time.Hour}, moment(t, "2025-12-15T00:00:00Z"), moment(t, "2027-02-01T00:00:00Z"))
		for _, kind := range []string{Week, Month} {
			all := only(ps, kind)
			middle := len(all) / 2
			for i, want := range all {
				got := all[middle].Step(i - middle)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s, %s %d: -want +got:\n%s", name, kind, i, diff)
				}
				if i > 0 && (!cmp.Equal(all[i-1].Next(), want) || !cmp.Equal(want.Prev(), all[i-1])) {
					t.Errorf("%s: %s and %s are not neighbours", name, all[i-1].Label, want.Label)
				}
			}
		}
	}
}
