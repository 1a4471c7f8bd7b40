package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// changesQuestion has no struct in the vendor's client.
type changesQuestion struct {
	Since   string   `url:"since"` // only with a Z at its end
	Until   string   `url:"until"`
	TeamIDs []string `url:"team_ids,omitempty,brackets"`
	Limit   int      `url:"limit"`
	Offset  int      `url:"offset"`
	Total   bool     `url:"total,omitempty"`
}

// changeEvents lists what was sent as a change. A change event never changes.
func (s *pagerdutySource) changeEvents(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	w := walk{At: from, Until: s.now}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &w); err != nil {
			return fmt.Errorf("the position is not one of this source: %w; ingest with --full", err)
		}
	}
	return s.windows("/change_events", pagerdutyWindow, func(ctx context.Context, since, until time.Time, offset int) (*listing, error) {
		body, err := s.get(ctx, "/change_events", changesQuestion{
			Since: pagerdutyTime(since), Until: pagerdutyTime(until), TeamIDs: s.Teams,
			Limit: pagerdutyLimit, Offset: offset, Total: offset == 0,
		})
		if err != nil {
			return nil, err
		}
		l, err := cut(body, "change_events")
		if err != nil {
			return nil, fmt.Errorf("GET /change_events: %w", err)
		}
		return l, nil
	}).read(ctx, w, func(found []glance, behind walk) error {
		records := make([]record, 0, len(found))
		for i := range found {
			if s.wantsAny(found[i].services) {
				records = append(records, found[i].record("change_event"))
			}
		}
		return land(records, cursorOf(behind))
	})
}

// wantsAny says whether the config wants what concerns these services: none
// named may be any.
func (s *pagerdutySource) wantsAny(services []string) bool {
	return len(services) == 0 || slices.ContainsFunc(services, s.wants)
}
