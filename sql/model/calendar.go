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
			var rows [][]any
			for i := range cfg.Calendars {
				rows = append(rows, calendarRows(&cfg.Calendars[i], first.Add(-calendarBack), b.AsOf.Add(calendarAhead))...)
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
	// Wall clock times, so that 08:00 stays 08:00 over a daylight-saving night.
	y, m, d := from.In(k.Location).Date()
	at := func(d int, offset time.Duration) time.Time {
		return time.Date(y, m, d, int(offset/time.Hour), int(offset%time.Hour/time.Minute), 0, 0, k.Location)
	}
	var rows [][]any
	workdays, open := uint32(0), 0.0
	for ; at(d, 0).Before(to); d++ {
		start := at(d, 0)
		name := start.Format(time.DateOnly)
		opens, closes := at(d, k.Opens), at(d, k.Closes)
		if holidays[name] != "" || !k.Weekdays[start.Weekday()] {
			closes = opens
		} else {
			workdays++
		}
		date := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
		rows = append(rows, []any{k.Name, date, start.UTC(), at(d+1, 0).UTC(), opens.UTC(), closes.UTC(), holidays[name], workdays, open})
		open += closes.Sub(opens).Seconds()
	}
	return rows
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
	d -= 7
	for time.Date(y, m, d, 0, 0, 0, 0, zone).Weekday() != w.FromDay {
		d++
	}
	long := (int(w.ToDay) - int(w.FromDay) + 7) % 7
	if long == 0 && w.ToOffset <= w.FromOffset {
		long = 7
	}
	at := func(d int, offset time.Duration) time.Time {
		return time.Date(y, m, d, int(offset/time.Hour), int(offset%time.Hour/time.Minute), 0, 0, zone)
	}
	var rows [][]any
	for ; at(d, w.FromOffset).Before(to); d += 7 {
		rows = append(rows, []any{w.Name, at(d, w.FromOffset).UTC(), at(d+long, w.ToOffset).UTC()})
	}
	return rows
}
