package metrics

import (
	"strings"
	"testing"
	"time"
)

func TestDue(t *testing.T) {
	loc := zone(t, "Australia/Melbourne")
	tuesday := WeekEnd{Day: time.Tuesday}
	ps := Periods(loc, tuesday, moment(t, "2026-05-01T00:00:00Z"), moment(t, "2026-12-31T00:00:00Z"))
	weekly := func(starts ...string) (out []Issue) {
		for _, s := range starts {
			d, _ := time.Parse(time.DateOnly, s)
			out = append(out, Issue{Document: Weekly, PeriodStart: d})
		}
		return out
	}
	monthly := func(s string) []Issue {
		d, _ := time.Parse(time.DateOnly, s)
		return []Issue{{Document: Monthly, PeriodStart: d}}
	}
	tests := []struct {
		name           string
		document       string
		dataAsOf, asOf string
		issued         []Issue
		want           string
	}{
		// The week from Tue 29 Sep to Tue 6 Oct 00:00 +11:00, the night of the clock change in it.
		{"a first run issues the week that just ended and none before", Weekly, "2026-10-06T00:30:00+11:00", "2026-10-06T00:30:00+11:00", nil, "2026-10-06"},
		{"data to the very end are enough", Weekly, "2026-10-06T00:00:00+11:00", "2026-10-06T06:00:00+11:00", nil, "2026-10-06"},
		{"one source that ends a second earlier holds the issue", Weekly, "2026-10-05T23:59:59+11:00", "2026-10-06T06:00:00+11:00", nil, ""},
		{"the week is not over", Weekly, "2026-10-05T23:59:59+11:00", "2026-10-05T23:59:59+11:00", weekly("2026-09-22"), ""},
		{"file data that end long before now", Weekly, "2026-06-10T00:00:00Z", "2026-10-06T06:00:00+11:00", nil, ""},
		{"a week is issued once", Weekly, "2026-10-08T00:00:00Z", "2026-10-08T00:00:00Z", weekly("2026-09-29"), ""},
		{"an issue of the other document does not count", Weekly, "2026-10-08T00:00:00Z", "2026-10-08T00:00:00Z", monthly("2026-09-29"), "2026-10-06"},
		{"the week after the last issue", Weekly, "2026-10-08T00:00:00Z", "2026-10-08T00:00:00Z", weekly("2026-09-15", "2026-09-22"), "2026-10-06"},
		{"a missed week is caught up", Weekly, "2026-10-14T00:00:00Z", "2026-10-14T00:00:00Z", weekly("2026-09-22"), "2026-10-06 2026-10-13"},
		{"a late source gets the week before the last one out", Weekly, "2026-10-07T00:00:00Z", "2026-10-14T00:00:00Z", weekly("2026-09-22"), "2026-10-06"},
		{"after a long pause only what is not stale", Weekly, "2026-10-14T00:00:00Z", "2026-10-14T00:00:00Z", weekly("2026-06-09"), "2026-10-06 2026-10-13"},
		{"a gap before the last issue stays one", Weekly, "2026-10-14T00:00:00Z", "2026-10-14T00:00:00Z", weekly("2026-09-15", "2026-09-29"), "2026-10-13"},
		{"a run with an old as-of", Weekly, "2026-09-30T00:00:00Z", "2026-09-30T00:00:00Z", weekly("2026-09-29"), ""},
		{"nothing has ended in the range", Weekly, "2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", nil, ""},

		// The 1st of August 2026 is a Saturday: the fifth working day is Friday the 7th.
		{"the fourth working day is too early", Monthly, "2026-08-06T23:59:59+10:00", "2026-08-06T23:59:59+10:00", nil, ""},
		{"the fifth working day", Monthly, "2026-08-07T00:00:00+10:00", "2026-08-07T00:00:00+10:00", nil, "2026-07"},
		{"later in the month still", Monthly, "2026-08-27T00:00:00+10:00", "2026-08-27T00:00:00+10:00", nil, "2026-07"},
		{"a month is issued once", Monthly, "2026-08-27T00:00:00+10:00", "2026-08-27T00:00:00+10:00", monthly("2026-07-01"), ""},
		{"not before the data reach past its end", Monthly, "2026-07-31T12:00:00+10:00", "2026-08-27T00:00:00+10:00", monthly("2026-06-01"), ""},
		{"a month missed altogether stays so", Monthly, "2026-09-08T00:00:00+10:00", "2026-09-08T00:00:00+10:00", monthly("2026-06-01"), "2026-08"},
		{"an unknown document", "daily", "2026-10-14T00:00:00Z", "2026-10-14T00:00:00Z", nil, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, p := range Due(tt.document, ps, moment(t, tt.dataAsOf), moment(t, tt.asOf), tt.issued, loc, 5) {
			got = append(got, p.Slug())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, got, tt.want)
		}
	}
}
