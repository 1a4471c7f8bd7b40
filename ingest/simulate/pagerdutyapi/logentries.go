package pagerdutyapi

import (
	"net/http"
	"slices"
	"time"
)

// overview has the types that change an incident; is_overview=true leaves the rest out.
var overview = []string{"trigger", "acknowledge", "unacknowledge", "escalate", "resolve", "annotate", "snooze"}

func (s *Server) listLogEntries(v *view, r *http.Request) ([]byte, *refusal) {
	return s.writeEntries(v, r, v.entries)
}

func (s *Server) listIncidentLogEntries(v *view, r *http.Request) ([]byte, *refusal) {
	incident := v.byID[r.PathValue("id")]
	if incident == nil {
		return nil, notFound
	}
	return s.writeEntries(v, r, incident.entries)
}

// writeEntries lists entries by when they were made, the newest first.
func (s *Server) writeEntries(v *view, r *http.Request, rows []*entryRow) ([]byte, *refusal) {
	p, refused := readPage(r)
	if refused != nil {
		return nil, refused
	}
	loc, refused := zone(r, v.zone)
	if refused != nil {
		return nil, refused
	}
	within, refused := readPeriod(r, loc)
	if refused != nil {
		return nil, refused
	}
	if end := s.visible().Add(time.Second); within.until.IsZero() || within.until.After(end) {
		within.until = end
	}
	q := r.URL.Query()
	channels := slices.Contains(q["include[]"], "channels")
	from, to := span(len(rows), func(i int) time.Time { return rows[i].at }, within)
	teams, brief := q["team_ids[]"], q.Get("is_overview") == "true"
	if len(teams) == 0 && !brief {
		return p.write("log_entries", to-from, func(b []byte, i int) []byte {
			return v.appendEntry(b, rows[to-1-i], loc, channels)
		}), nil
	}
	var kept []*entryRow
	for i := to - 1; i >= from; i-- {
		row := rows[i]
		if (len(teams) == 0 || anyOf(row.incident.Teams, teams)) && (!brief || slices.Contains(overview, row.Type)) {
			kept = append(kept, row)
		}
	}
	return p.write("log_entries", len(kept), func(b []byte, i int) []byte {
		return v.appendEntry(b, kept[i], loc, channels)
	}), nil
}
