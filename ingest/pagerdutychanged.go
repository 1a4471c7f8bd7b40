package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

// changed fetches the incidents that are older than the watermark and not what
// they were: those that are open, were open when they landed, or have new log
// entries.
func (r *incidentsSync) changed(ctx context.Context, at incidentsCursor) error {
	if err := r.openOnes(ctx, at); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	ids, err := r.stale(ctx)
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return r.open[id] || id <= at.After })
	for batch := range slices.Chunk(ids, 500) {
		known, err := r.landed(ctx, batch)
		if err != nil {
			return err
		}
		for _, id := range batch {
			records, err := r.fetch(ctx, id, known[id])
			if err != nil {
				return err
			}
			at.After = id
			if err := r.land(records, cursorOf(at)); err != nil {
				return err
			}
		}
	}
	return nil
}

// openOnes lands all incidents that are open, however old, and not as they landed
// last. While the list is read it grows shorter, which moves the rest: it is read
// again then.
func (r *incidentsSync) openOnes(ctx context.Context, at incidentsCursor) error {
	for range 3 {
		first, last := -1, -1
		var before map[string]bool
		for offset, more := 0, true; more && offset+pagerdutyLimit <= pagerdutyReach; {
			l, err := r.incidentPage(ctx, pagerduty.ListIncidentsOptions{
				DateRange: "all", Statuses: []string{"triggered", "acknowledged"},
				SortBy: "created_at:asc,incident_number:asc", Offset: uint(offset), Total: true,
			})
			if err != nil {
				return err
			}
			if before, err = fresh(l, before); err != nil {
				return fmt.Errorf("GET /incidents: %w", err)
			}
			if err := r.landOpen(ctx, l.records, at); err != nil {
				return err
			}
			if offset == 0 {
				first = l.total
			}
			last, offset, more = l.total, offset+l.step(), l.more
		}
		if first == last {
			return nil
		}
	}
	return nil
}

func (r *incidentsSync) landOpen(ctx context.Context, found []glance, at incidentsCursor) error {
	var old []string
	for i := range found {
		if created := found[i].createdAt(); !created.IsZero() && created.Before(r.from) {
			old = append(old, found[i].id)
		}
	}
	known, err := r.landed(ctx, old)
	if err != nil {
		return err
	}
	current, err := r.current(ctx, found)
	if err != nil {
		return err
	}
	for i := range found {
		g := &found[i]
		if r.open[g.id] {
			continue
		}
		if current[g.id] == string(g.raw) {
			r.open[g.id] = true
			continue
		}
		var records []record
		if slices.Contains(old, g.id) && !known[g.id] {
			// Older than all that was asked for, but it matters now: with its past.
			if records, err = r.history(ctx, g, r.until); err != nil {
				return err
			}
		}
		if err := r.land(append(records, g.record("incident")), cursorOf(at)); err != nil {
			return err
		}
		r.open[g.id] = true
	}
	return nil
}

// current gives the payloads of incidents as they landed last, by id.
func (r *incidentsSync) current(ctx context.Context, found []glance) (map[string]string, error) {
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].id
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := r.w.Query(ctx, `
		SELECT id, argMax((payload, deleted), (ifNull(updated_at, toDateTime64(0, 3)), seq)).1 FROM raw_records
		WHERE source = ? AND entity = 'incident' AND id IN (?) GROUP BY id
		HAVING argMax(deleted, (ifNull(updated_at, toDateTime64(0, 3)), seq)) = 0`, r.Name, ids)
	if err != nil {
		return nil, &landingError{err}
	}
	defer rows.Close()
	payloads := map[string]string{}
	for rows.Next() {
		var id, payload string
		if err := rows.Scan(&id, &payload); err != nil {
			return nil, &landingError{err}
		}
		payloads[id] = payload
	}
	if err := rows.Err(); err != nil {
		return nil, &landingError{err}
	}
	return payloads, nil
}

// stale gives the ids of incidents that may have changed and that the list of
// new ones has not brought: what log entries name, and what is open as it landed.
func (r *incidentsSync) stale(ctx context.Context) ([]string, error) {
	ids, err := r.namedOnes(ctx)
	if err != nil {
		return nil, err
	}
	// What this run has landed is as it is now.
	open, err := r.texts(ctx, `
		SELECT id FROM (
			SELECT id, argMax((told, deleted), (ifNull(updated_at, toDateTime64(0, 3)), seq)) AS current
			FROM raw_records
			PREWHERE source = ? AND entity = 'incident' AND id NOT IN (
				SELECT id FROM raw_records WHERE source = ? AND entity = 'incident' AND run_id = ?)
			GROUP BY id)
		WHERE current.2 = 0 AND current.1 != '' AND JSONExtractString(current.1, 'status') != 'resolved'
		AND ifNull(parseDateTime64BestEffortOrNull(JSONExtractString(current.1, 'created_at'), 3, 'UTC') < ?, 1)`,
		r.Name, r.Name, r.id, r.from)
	if err != nil {
		return nil, err
	}
	ids = append(ids, open...)
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// namedOnes are what log entries name. A run that has not read both lists itself
// finds them in what has landed.
func (r *incidentsSync) namedOnes(ctx context.Context) ([]string, error) {
	if r.named != nil {
		return slices.Collect(maps.Keys(r.named)), nil
	}
	return r.texts(ctx, `
		SELECT DISTINCT JSONExtractString(payload, 'incident', 'id') AS incident
		FROM raw_records
		WHERE source = ? AND entity = 'log_entry' AND deleted = 0 AND updated_at >= ? AND incident != ''
		AND incident NOT IN (
			SELECT id FROM raw_records
			WHERE source = ? AND entity = 'incident' AND parseDateTime64BestEffortOrNull(JSONExtractString(told, 'created_at'), 3, 'UTC') >= ?)`,
		r.Name, r.from, r.Name, r.from)
}

// landed says which of some incidents have ever landed.
func (s *pagerdutySource) landed(ctx context.Context, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	if len(ids) == 0 {
		return known, nil
	}
	found, err := s.texts(ctx, "SELECT DISTINCT id FROM raw_records WHERE source = ? AND entity = 'incident' AND id IN (?)", s.Name, ids)
	for _, id := range found {
		known[id] = true
	}
	return known, err
}

// fetch gets one incident, and its past where it is new to us. One that is not
// there is remembered: only a census may say that it is gone.
func (r *incidentsSync) fetch(ctx context.Context, id string, known bool) ([]record, error) {
	path := "/incidents/" + url.PathEscape(id)
	body, err := r.including(func(include []string) ([]byte, error) {
		return r.get(ctx, path, struct {
			TimeZone string   `url:"time_zone"`
			Includes []string `url:"include,omitempty,brackets"`
		}{"UTC", include})
	})
	if refused(err, http.StatusNotFound) {
		if known || !r.restricted() {
			r.missing = append(r.missing, id)
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	g, err := one(body, "incident")
	if err == nil && g.id != id {
		err = errors.New("its answer is another incident")
	}
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", path, err)
	}
	if !known && !r.wants(g.service) {
		return nil, nil
	}
	var records []record
	if until, whole := r.wholePast(&g, known); whole {
		if records, err = r.history(ctx, &g, until); err != nil {
			return nil, err
		}
	}
	return append(records, g.record("incident")), nil
}

// wholePast says whether the list of log entries leaves out some of an
// incident's past, and until when it must be asked for. An incident that has
// been given to a service or team that the config leaves out took its entries
// along, the one of its end as well.
func (r *incidentsSync) wholePast(g *glance, known bool) (until time.Time, whole bool) {
	switch {
	case !known:
		return r.until, r.restricted() || g.createdAt().Before(r.from)
	case r.restricted() && g.status == "resolved":
		// It may have ended since the run began, and is not looked at again.
		if end := g.version().Add(time.Second); end.After(r.until) {
			return end, true
		}
		return r.until, true
	}
	return time.Time{}, false
}
