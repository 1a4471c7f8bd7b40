package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

const (
	oncallAhead  = 7 * 24 * time.Hour  // how far into the future shifts are read
	oncallWindow = 88 * 24 * time.Hour // the vendor allows three months
)

// oncalls lists who is on call, up to a week ahead. The past is read in windows
// with a cursor; the last window, in which the present is, in one go: only then
// is it known which planned shifts are no more.
func (s *pagerdutySource) oncalls(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	until := s.now.Add(oncallAhead)
	last := until.Add(-oncallWindow)
	if last.Before(from) {
		last = from
	}
	past := walk{At: from, Until: last}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &past); err != nil {
			return fmt.Errorf("the position is not one of this source: %w; ingest with --full", err)
		}
		past.Until = last // a later run's present
	}
	err := s.listOncalls(ctx, past, func(found []glance, behind walk) error {
		records := make([]record, len(found))
		for i := range found {
			records[i] = oncallRecord(&found[i])
		}
		return land(records, cursorOf(behind))
	})
	if err != nil {
		return err
	}
	var present []record
	err = s.listOncalls(ctx, walk{At: last, Until: until}, func(found []glance, _ walk) error {
		for i := range found {
			present = append(present, oncallRecord(&found[i]))
		}
		if s.o.Sample > 0 && len(present) >= s.o.Sample {
			return errSampled
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSampled) {
		return err
	}
	if s.o.Sample == 0 {
		if present, err = s.replan(ctx, present, last, until); err != nil {
			return err
		}
	}
	return land(present, cursorOf(walk{At: last, Until: last}))
}

func (s *pagerdutySource) listOncalls(ctx context.Context, w walk, take func([]glance, walk) error) error {
	return s.windows("/oncalls", oncallWindow, func(ctx context.Context, since, until time.Time, offset int) (*listing, error) {
		body, err := s.get(ctx, "/oncalls", pagerduty.ListOnCallOptions{
			Since: pagerdutyTime(since), Until: pagerdutyTime(until), TimeZone: "UTC",
			Limit: pagerdutyLimit, Offset: uint(offset), Total: offset == 0,
		})
		if err != nil {
			return nil, err
		}
		l, err := cut(body, "oncalls")
		if err != nil {
			return nil, fmt.Errorf("GET /oncalls: %w", err)
		}
		for i := range l.records {
			l.records[i].id = oncallID(&l.records[i])
		}
		return l, nil
	}).read(ctx, w, take)
}

// oncallID names an entry, which has no id of its own, by what it is and when it
// begins: one that ends earlier than planned is the same one.
func oncallID(g *glance) string {
	if g.policy == "" || g.user == "" {
		return ""
	}
	parts := []string{g.policy, g.level, cmp.Or(g.schedule, "-"), g.user, cmp.Or(g.start, "-")}
	return strings.Join(parts, "/")
}

// oncallRecord has no version: the last reading holds.
func oncallRecord(g *glance) record {
	return record{Entity: "oncall", ID: g.id, Payload: g.raw}
}

// replan leaves of the present entries those that are new or have changed, and
// adds a tombstone for each planned one that is no more. Past ones stay as they
// were seen.
func (s *pagerdutySource) replan(ctx context.Context, present []record, from, until time.Time) ([]record, error) {
	rows, err := s.w.Query(ctx, `
		SELECT id, current.1, current.2, toUInt8(current.2 = 0 AND ifNull(ends > ?, 1) AND ifNull(starts < ?, 1))
		FROM (
			SELECT id, argMax((payload, deleted), seq) AS current,
				parseDateTime64BestEffortOrNull(JSONExtractString(current.1, 'start'), 3, 'UTC') AS starts,
				parseDateTime64BestEffortOrNull(JSONExtractString(current.1, 'end'), 3, 'UTC') AS ends
			FROM raw_records WHERE source = ? AND entity = 'oncall' GROUP BY id)
		WHERE current.2 = 1 OR ends IS NULL OR ends >= ?`,
		s.now, until, s.Name, from)
	if err != nil {
		return nil, s.unread(err)
	}
	defer rows.Close()
	type entry struct {
		payload string
		gone    bool
	}
	known, planned := map[string]entry{}, map[string]bool{}
	for rows.Next() {
		var id, payload string
		var gone, ahead uint8
		if err := rows.Scan(&id, &payload, &gone, &ahead); err != nil {
			return nil, s.unread(err)
		}
		known[id] = entry{payload, gone == 1}
		if ahead == 1 && payload != "" {
			planned[id] = true
		}
	}
	if err := rows.Err(); err != nil {
		return nil, s.unread(err)
	}
	var changed []record
	for _, r := range present {
		delete(planned, r.ID)
		if k, ok := known[r.ID]; !ok || k.gone || k.payload != string(r.Payload) {
			changed = append(changed, r)
		}
	}
	for id := range planned {
		changed = append(changed, record{Entity: "oncall", ID: id, Payload: []byte(`{"deleted":"superseded"}`), Gone: true})
	}
	return changed, nil
}
