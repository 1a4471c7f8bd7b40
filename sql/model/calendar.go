package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/srekpi/srekpi/configs"
)

// How far the calendars reach beyond the collected range: back, for incidents
// that were open when it began; ahead, for due dates.
const (
	calendarBack  = 400 * 24 * time.Hour
	calendarAhead = 400 * 24 * time.Hour
)

// firstDate is near the first that the engine's Date can hold, in any zone.
var firstDate = time.Date(1970, 1, 3, 0, 0, 0, 0, time.UTC)

// calendarInput is each day of each calendar. The running sums let a model
// measure business time between two moments without walking the days.
func calendarInput(cfg *configs.Config) Input {
	return Input{
		Name: "calendar", Title: "Days, business hours and holidays", Grain: "one row per calendar and day",
		Key: []string{"calendar", "day"}, Reads: []string{"sources"},
		Columns: []InputColumn{
			{"calendar", "String", "name of the calendar; business holds where none is named"},
			{"day", "Date", "the date in the calendar's zone"},
			{"starts_at", "DateTime64(3, 'UTC')", "its midnight"},
			{"ends_at", "DateTime64(3, 'UTC')", "the midnight after it"},
			{"opens_at", "DateTime64(3, 'UTC')", "when business begins; on a day off the same as closes_at"},
			{"closes_at", "DateTime64(3, 'UTC')", "when business ends"},
			{"holiday", "String", "name of the holiday; empty: none"},
			{"workday", "UInt32", "how many working days there were up to and with this one; a day off has the number of the one before it"},
			{"open_before", "Float64", "business seconds of all days before this one"},
		},
		Rows: func(ctx context.Context, b *Building) ([][]any, error) {
			var from *time.Time
			if err := b.Conn().QueryRow(ctx, "SELECT min(collected_from) FROM "+b.From("sources")).Scan(&from); err != nil {
				return nil, err
			}
			first := b.AsOf
			if from != nil && from.Before(first) {
				first = *from
			}
			if first = first.Add(-calendarBack); first.Before(firstDate) {
				first = firstDate
			}
			var rows [][]any
			for i := range cfg.Calendars {
				rows = append(rows, calendarRows(&cfg.Calendars[i], first, b.AsOf.Add(calendarAhead))...)
			}
			return rows, nil
		},
	}
}

func calendarRows(k *configs.Calendar, from, to time.Time) [][]any {
	holidays := map[string]string{}
	for _, h := range k.Holidays {
		holidays[h.Date] = h.Name
		if h.Name == "" {
			holidays[h.Date] = "holiday"
		}
	}
	y, m, d := from.In(k.Location).Date()
	var rows [][]any
	workdays, open := uint32(0), 0.0
	for start := wall(y, m, d, 0, k.Location); start.Before(to); d++ {
		date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		end := wall(y, m, d+1, 0, k.Location)
		opens, closes := wall(y, m, d, k.Opens, k.Location), wall(y, m, d, k.Closes, k.Location)
		holiday := holidays[date.Format(time.DateOnly)]
		// A zone that moved over the date line has no such day at all.
		if holiday != "" || !k.Weekdays[date.Weekday()] || !start.Before(end) {
			closes = opens
		} else {
			workdays++
		}
		rows = append(rows, []any{k.Name, date, start.UTC(), end.UTC(), opens.UTC(), closes.UTC(), holiday, workdays, open})
		open += closes.Sub(opens).Seconds()
		start = end
	}
	return rows
}

// wall is the moment at which a clock on the wall first shows a time of a day, so
// that 08:00 stays 08:00 over a daylight-saving night. A time that the clock
// leaps over is the moment of the leap: where midnight does not exist, the day
// begins at 01:00.
func wall(y int, m time.Month, d int, offset time.Duration, zone *time.Location) time.Time {
	shown := time.Date(y, m, d, int(offset/time.Hour), int(offset%time.Hour/time.Minute), 0, 0, time.UTC)
	at := time.Date(y, m, d, int(offset/time.Hour), int(offset%time.Hour/time.Minute), 0, 0, zone)
	from, until := at.ZoneBounds()
	shows := func(t time.Time) time.Time {
		_, east := t.Zone()
		return t.UTC().Add(time.Duration(east) * time.Second)
	}
	switch now := shows(at); {
	case now.Before(shown):
		return until
	case now.After(shown):
		return from
	}
	if !from.IsZero() { // shown twice when the clock was put back a moment ago
		_, before := from.Add(-1).Zone()
		_, after := at.Zone()
		if first := at.Add(time.Duration(after-before) * time.Second); first.Before(from) && shows(first).Equal(shown) {
			return first
		}
	}
	return at
}

// calendarText is what a calendar says, as a setting.
func calendarText(k configs.Calendar) string {
	var holidays []string
	for _, h := range k.Holidays {
		holidays = append(holidays, h.Date)
	}
	slices.Sort(holidays)
	return strings.TrimSuffix(fmt.Sprintf("%s %s %s; holidays %s", strings.Join(k.Days, ","), k.Hours, k.Zone, strings.Join(holidays, ",")), "; holidays ")
}

// windowsInput is each turn of the weekly windows for changes.
func windowsInput(cfg *configs.Config) Input {
	return Input{
		Name: "cab_windows", Title: "The windows in which changes go out", Grain: "one row per window and week",
		Key: []string{"name", "starts_at"}, Reads: []string{"sources"},
		Columns: []InputColumn{
			{"name", "String", "as in the config"},
			{"starts_at", "DateTime64(3, 'UTC')", "its first moment"},
			{"ends_at", "DateTime64(3, 'UTC')", "the first moment after it"},
		},
		Rows: func(ctx context.Context, b *Building) ([][]any, error) {
			var from *time.Time
			if err := b.Conn().QueryRow(ctx, "SELECT min(collected_from) FROM "+b.From("sources")).Scan(&from); err != nil {
				return nil, err
			}
			if from == nil || from.After(b.AsOf) {
				from = &b.AsOf
			}
			var rows [][]any
			for _, w := range cfg.Changes.CAB {
				rows = append(rows, windowRows(w, cfg.Location(), *from, b.AsOf.AddDate(0, 0, 35))...)
			}
			return rows, nil
		},
	}
}

func windowRows(w configs.Window, zone *time.Location, from, to time.Time) [][]any {
	y, m, d := from.In(zone).Date()
	d -= 7 // one may have begun before and still run
	for time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday() != w.FromDay {
		d++
	}
	long := (int(w.ToDay) - int(w.FromDay) + 7) % 7
	if long == 0 && w.ToOffset <= w.FromOffset {
		long = 7
	}
	var rows [][]any
	for ; wall(y, m, d, w.FromOffset, zone).Before(to); d += 7 {
		rows = append(rows, []any{w.Name, wall(y, m, d, w.FromOffset, zone).UTC(), wall(y, m, d+long, w.ToOffset, zone).UTC()})
	}
	return rows
}
