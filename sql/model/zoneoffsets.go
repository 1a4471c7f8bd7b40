package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// zoneOffsetsInput is what clocks showed where responders live, so that a model
// can tell whom a page woke. Go knows the rules of zones for certain, whatever
// the engine was built with.
func zoneOffsetsInput() Input {
	return Input{
		Name: "zone_offsets", Title: "How far clocks were ahead of UTC where responders live", Grain: "one row per zone and time between two changes of its clocks",
		Key: []string{"zone", "from_at"}, Reads: []string{"sources", "stg_people"},
		Columns: []InputColumn{
			{"zone", "String", "IANA name, as in pages and oncall_shifts; a name that is none has no row"},
			{"from_at", "DateTime64(3, 'UTC')", "the moment from which the clocks showed this"},
			{"until_at", "DateTime64(3, 'UTC')", "the first moment after it"},
			{"offset_seconds", "Int32", "what to add to UTC to get the time on the wall"},
		},
		Rows: func(ctx context.Context, b *Building) ([][]any, error) {
			var first *time.Time
			if err := b.Conn().QueryRow(ctx, "SELECT min(collected_from) FROM "+b.From("sources")).Scan(&first); err != nil {
				return nil, err
			}
			zones, err := zonesOfPeople(ctx, b)
			if err != nil || first == nil {
				return nil, err
			}
			var rows [][]any
			for _, zone := range zones {
				// An incident that was open when the range began was paged for before.
				rows = append(rows, zoneRows(zone, first.Add(-calendarBack), b.AsOf)...)
			}
			return rows, nil
		},
	}
}

func zonesOfPeople(ctx context.Context, b *Building) ([]string, error) {
	rows, err := b.Conn().Query(ctx, "SELECT DISTINCT time_zone FROM stg_people FINAL WHERE deleted = 0 AND time_zone != ''")
	if err != nil {
		return nil, fmt.Errorf("read the zones of people: %w", err)
	}
	defer rows.Close()
	var zones []string
	for rows.Next() {
		var zone string
		if err := rows.Scan(&zone); err != nil {
			return nil, err
		}
		zones = append(zones, zone)
	}
	slices.Sort(zones)
	return zones, rows.Err()
}

// zoneRows has no row for a name that Go does not know. "Local" would be the
// zone of the machine.
func zoneRows(name string, from, until time.Time) [][]any {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || strings.EqualFold(name, "local") {
		return nil
	}
	var rows [][]any
	for at := from; !at.After(until); {
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() || end.After(until) { // until holds itself: it is the moment that a build knows of
			end = until.Add(time.Millisecond)
		}
		_, offset := at.In(zone).Zone()
		rows = append(rows, []any{name, at.UTC(), end.UTC(), int32(offset)})
		at = end
	}
	return rows
}
