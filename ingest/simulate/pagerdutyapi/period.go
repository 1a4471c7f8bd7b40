package pagerdutyapi

import (
	"net/http"
	"time"
)

// period is a time range: from since on, until before until. A zero end is open.
type period struct{ since, until time.Time }

var timeLayouts = []string{
	time.RFC3339, // Go reads a fraction of a second wherever a layout has seconds
	"2006-01-02T15:04:05-0700",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"2006-01-02",
}

// parseTime reads ISO 8601. What names no zone is a time of loc.
func parseTime(text string, loc *time.Location) (time.Time, bool) {
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// readPeriod reads since and until, which may each be missing.
func readPeriod(r *http.Request, loc *time.Location) (period, *refusal) {
	var p period
	q := r.URL.Query()
	for name, into := range map[string]*time.Time{"since": &p.since, "until": &p.until} {
		if text := q.Get(name); text != "" {
			t, ok := parseTime(text, loc)
			if !ok {
				return p, invalid(name + " must be an ISO 8601 time.")
			}
			*into = t
		}
	}
	if !p.since.IsZero() && !p.until.IsZero() && p.until.Before(p.since) {
		return p, invalid("until is before since.")
	}
	return p, nil
}

// zone is the time zone that the request names, else the given one.
func zone(r *http.Request, otherwise *time.Location) (*time.Location, *refusal) {
	name := r.URL.Query().Get("time_zone")
	if name == "" {
		return otherwise, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, invalid("time_zone is invalid.")
	}
	return loc, nil
}

// addMonths keeps the day of the month, or takes the last one of a shorter
// month, where Go would run on into the next.
func addMonths(t time.Time, n int) time.Time {
	moved := t.AddDate(0, n, 0)
	if moved.Day() != t.Day() {
		moved = moved.AddDate(0, 0, -moved.Day())
	}
	return moved
}

// stamp is a time as the API writes it: whole seconds.
func stamp(t time.Time, loc *time.Location) string {
	return t.In(loc).Format(time.RFC3339)
}
