package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// analyticsLag is how far what the vendor computes lies behind, at most.
const analyticsLag = 24 * time.Hour

// analyticsQuestion has more filters than the vendor's client knows.
type analyticsQuestion struct {
	Filters       analyticsFilters `json:"filters"`
	StartingAfter string           `json:"starting_after,omitempty"`
	Limit         int              `json:"limit"`
	Order         string           `json:"order"`
	OrderBy       string           `json:"order_by"`
	TimeZone      string           `json:"time_zone"`
}

type analyticsFilters struct {
	UpdatedAfter string   `json:"updated_after"`
	ServiceIDs   []string `json:"service_ids,omitempty"`
	TeamIDs      []string `json:"team_ids,omitempty"`
}

// analyticsCursor is the last incident that was read.
type analyticsCursor struct {
	After string `json:"after"`
}

// analytics reads what the vendor computes for each incident.
func (s *pagerdutySource) analytics(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	const path = "/analytics/raw/incidents"
	var at analyticsCursor
	if cursor != nil {
		if err := json.Unmarshal(cursor, &at); err != nil {
			return fmt.Errorf("the position is not one of this source: %w; ingest with --full", err)
		}
	}
	question := analyticsQuestion{
		Filters: analyticsFilters{UpdatedAfter: pagerdutyTime(from.Add(-analyticsLag)), ServiceIDs: s.Services, TeamIDs: s.Teams},
		Limit:   1000, Order: "asc", OrderBy: "created_at", TimeZone: "Etc/UTC",
	}
	for more := true; more; {
		question.StartingAfter = at.After
		body, err := s.post(ctx, path, question)
		if err != nil {
			return err
		}
		l, err := cut(body, "data")
		if err == nil && l.more && (l.last == "" || l.last == at.After) {
			err = errors.New("the server says that there is more, and not where; run it again later")
		}
		if err != nil {
			return fmt.Errorf("POST %s: %w", path, err)
		}
		records := make([]record, len(l.records))
		for i := range l.records {
			records[i] = l.records[i].record("analytics")
		}
		at.After, more = l.last, l.more
		if err := land(records, cursorOf(at)); err != nil {
			return err
		}
	}
	return nil
}
