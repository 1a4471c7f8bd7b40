package ingest

import (
	"context"
	"errors"
	"time"
)

// census lists all incidents anew, to learn which are not shown any more: gone,
// or hidden from this key. A sweep that does not come to its end says nothing.
func (s *pagerdutySource) census(ctx context.Context, reach time.Time) error {
	f := &feed{apiSource: &s.apiSource, name: censusFeed, at: feedPosition{Way: s.scope(), Reach: reach}}
	known, err := s.knownIncidents(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	err = s.listIncidents(ctx, walk{At: reach, Until: s.now}, func(found []glance, _ walk) error {
		var records []record
		for i := range found {
			g := &found[i]
			seen[g.id] = true
			k, ever := known[g.id]
			if !ever {
				past, err := s.history(ctx, g, s.now)
				if err != nil {
					return err
				}
				records = append(records, past...)
			}
			if !ever || k.gone || g.version().After(k.version) {
				records = append(records, g.record("incident"))
			}
		}
		return f.land(ctx, records, nil)
	})
	var braked error
	if err == nil {
		shown, landed := len(seen), 0
		for _, k := range known {
			if !k.gone && !k.created.Before(reach) {
				landed++
			}
		}
		gone := s.tombstones(known, seen, reach)
		if braked = s.brake("incidents", shown, max(landed, len(gone)), len(gone)); braked == nil {
			err = f.land(ctx, gone, nil)
		}
	}
	if err != nil {
		return errors.Join(err, f.flush(context.WithoutCancel(ctx)))
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	if braked != nil {
		return braked
	}
	return s.counted(ctx, s.scope(), reach)
}

// knownIncident is the current version of an incident as it landed.
type knownIncident struct {
	version, created time.Time
	gone             bool
}

func (s *pagerdutySource) knownIncidents(ctx context.Context) (map[string]knownIncident, error) {
	rows, err := s.w.Query(ctx, `
		SELECT id, ifNull(current.2, toDateTime64(0, 3, 'UTC')), current.3,
			ifNull(parseDateTime64BestEffortOrNull(JSONExtractString(current.1, 'created_at'), 3, 'UTC'), toDateTime64(0, 3, 'UTC'))
		FROM (
			SELECT id, argMax((told, updated_at, deleted), (ifNull(updated_at, toDateTime64(0, 3)), seq)) AS current
			FROM raw_records WHERE source = ? AND entity = 'incident' GROUP BY id)`, s.Name)
	if err != nil {
		return nil, s.unread(err)
	}
	defer rows.Close()
	known := map[string]knownIncident{}
	for rows.Next() {
		var id string
		var k knownIncident
		var gone uint8
		if err := rows.Scan(&id, &k.version, &gone, &k.created); err != nil {
			return nil, s.unread(err)
		}
		k.gone = gone == 1
		known[id] = k
	}
	if err := rows.Err(); err != nil {
		return nil, s.unread(err)
	}
	return known, nil
}

// tombstones are for the incidents that a complete sweep did not show, and for
// older ones that were asked for by name and not found. What is younger than the
// overlap may only be late.
func (s *pagerdutySource) tombstones(known map[string]knownIncident, seen map[string]bool, reach time.Time) []record {
	var gone []record
	bury := func(id string) {
		k, ok := known[id]
		if !ok || k.gone || seen[id] {
			return
		}
		seen[id] = true
		r := record{Entity: "incident", ID: id, Payload: []byte(`{"deleted":"gone or hidden"}`), Gone: true}
		if k.version.Unix() > 0 {
			r.Version = k.version
		}
		gone = append(gone, r)
	}
	for id, k := range known {
		if !k.created.Before(reach) && k.created.Before(s.now.Add(-overlap)) {
			bury(id)
		}
	}
	for _, id := range s.missing {
		bury(id)
	}
	s.missing = nil
	return gone
}
