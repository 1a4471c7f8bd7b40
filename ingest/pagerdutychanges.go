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

// changeLateness is how late a change event may come: its sender dates it.
const changeLateness = 7 * 24 * time.Hour

// changeEvents lists what was sent as a change. A change event never changes.
func (s *pagerdutySource) changeEvents(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	w := walk{At: from, Until: s.now}
	if reach := s.feeds[len(s.feeds)-1].at.Reach; from.After(reach) {
		if w.At = from.Add(-changeLateness); w.At.Before(reach) {
			w.At = reach
		}
	}
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
		var early []string
		for i := range found {
			if found[i].version().Before(from) {
				early = append(early, found[i].id)
			}
		}
		known, err := s.apiSource.landed(ctx, "change_event", early)
		if err != nil {
			return err
		}
		records := make([]record, 0, len(found))
		for i := range found {
			if _, ever := known[found[i].id]; !ever && s.wantsAny(found[i].services) {
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
