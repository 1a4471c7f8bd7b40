package ingest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

// entries lists the log entries of all incidents, the newest of a window first.
// The windows end where the run began, so no entry that is made meanwhile moves
// the others.
func (r *incidentsSync) entries(ctx context.Context, w walk) error {
	if len(r.Services) > 0 {
		if err := r.learnOurs(ctx); err != nil {
			return err
		}
	}
	return r.listEntries(ctx, w, "/log_entries", r.Teams, func(found []glance, behind walk) error {
		records := make([]record, 0, len(found))
		for i := range found {
			e := &found[i]
			if r.unheardOf(e) {
				past, err := r.fetch(ctx, e.incident, false)
				if err != nil {
					return err
				}
				records = append(records, past...)
				r.ours[e.incident] = len(past) > 0
			}
			if r.wantsEntry(e) {
				records = append(records, e.record("log_entry"))
				r.note(e.incident)
			}
		}
		return r.land(records, cursorOf(incidentsCursor{Phase: phaseEntries, walk: behind}))
	})
}

// learnOurs finds the incidents that have landed and are not gone: the list of
// log entries cannot be asked for certain services.
func (r *incidentsSync) learnOurs(ctx context.Context) error {
	if err := r.settle(ctx); err != nil {
		return err
	}
	ids, err := r.texts(ctx, `
		SELECT id FROM raw_records WHERE source = ? AND entity = 'incident'
		GROUP BY id HAVING argMax(deleted, (ifNull(updated_at, toDateTime64(0, 3)), seq)) = 0`, r.Name)
	if err != nil {
		return err
	}
	r.ours = make(map[string]bool, len(ids))
	for _, id := range ids {
		r.ours[id] = true
	}
	return nil
}

func (r *incidentsSync) wantsEntry(g *glance) bool {
	// An incident that is ours stays so, whichever service has it now.
	return g.incident == "" || r.wants(g.service) || r.ours[g.incident]
}

// unheardOf: nothing tells whether the incident of this entry is ours but the
// incident itself. In a first sync that would be a request for each incident of
// everybody else, and the list of new ones has just brought ours.
func (r *incidentsSync) unheardOf(g *glance) bool {
	first := !r.from.After(r.feeds[len(r.feeds)-1].at.Reach)
	if first || len(r.Services) == 0 || g.incident == "" || g.service != "" {
		return false
	}
	_, decided := r.ours[g.incident]
	return !decided
}

// listEntries lists log entries with their channels, which hold the text of notes.
func (s *pagerdutySource) listEntries(ctx context.Context, w walk, path string, teams []string, take func([]glance, walk) error) error {
	return s.windows(path, pagerdutyWindow, func(ctx context.Context, since, until time.Time, offset int) (*listing, error) {
		body, err := s.get(ctx, path, pagerduty.ListLogEntriesOptions{
			Since: pagerdutyTime(since), Until: pagerdutyTime(until), TimeZone: "UTC", TeamIDs: teams,
			Includes: []string{"channels"}, Limit: pagerdutyLimit, Offset: uint(offset), Total: offset == 0,
		})
		if err != nil {
			return nil, err
		}
		l, err := cut(body, "log_entries")
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", path, err)
		}
		return l, nil
	}).read(ctx, w, take)
}

// history is all log entries of one incident, for one that the list by time has
// not brought whole.
func (s *pagerdutySource) history(ctx context.Context, incident *glance, until time.Time) ([]record, error) {
	from := incident.createdAt().Add(-time.Minute)
	if incident.createdAt().IsZero() {
		from = until.Add(-pagerdutyWindow)
	}
	var records []record
	err := s.listEntries(ctx, walk{At: from, Until: until}, "/incidents/"+incident.id+"/log_entries", nil, func(found []glance, _ walk) error {
		for i := range found {
			records = append(records, found[i].record("log_entry"))
		}
		return nil
	})
	if refused(err, http.StatusNotFound) {
		return nil, nil // it went meanwhile
	}
	return records, err
}

// settle lands what has been read, so that queries see it.
func (s *pagerdutySource) settle(ctx context.Context) error {
	return s.feeds[len(s.feeds)-1].flush(ctx)
}

// texts runs a query of one text column.
func (s *pagerdutySource) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.w.Query(ctx, query, args...)
	if err != nil {
		return nil, s.unread(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, s.unread(err)
		}
		found = append(found, text)
	}
	if err := rows.Err(); err != nil {
		return nil, s.unread(err)
	}
	return found, nil
}

// unread is a warehouse that does not tell what it holds: it ends the run.
func (s *pagerdutySource) unread(err error) error {
	return &landingError{fmt.Errorf("look up what has landed: %w", err)}
}
