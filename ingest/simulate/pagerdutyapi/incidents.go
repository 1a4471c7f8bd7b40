package pagerdutyapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// listIncidents selects by the time of creation, never by that of a change.
func (s *Server) listIncidents(v *view, r *http.Request) ([]byte, *refusal) {
	p, refused := readPage(r)
	if refused != nil {
		return nil, refused
	}
	loc, refused := zone(r, time.UTC)
	if refused != nil {
		return nil, refused
	}
	within, refused := s.incidentPeriod(v, r)
	if refused != nil {
		return nil, refused
	}
	q := r.URL.Query()
	keep, refused := incidentFilter(q)
	if refused != nil {
		return nil, refused
	}
	from, to := span(len(v.incidents), func(i int) time.Time { return v.incidents[i].created }, within)
	rows := v.incidents[from:to]
	if keep != nil {
		rows = slices.DeleteFunc(slices.Clone(rows), func(row *incidentRow) bool { return !keep(row) })
	}
	if rows, refused = sorted(rows, q.Get("sort_by")); refused != nil {
		return nil, refused
	}
	with := readIncludes(q)
	return p.write("incidents", len(rows), func(b []byte, i int) []byte {
		return v.appendIncident(b, rows[i], loc, with)
	}), nil
}

// incidentPeriod is the range of creation times: one month where an end is
// missing, six at most.
func (s *Server) incidentPeriod(v *view, r *http.Request) (period, *refusal) {
	now := s.options.Clock()
	all := period{until: s.visible().Add(time.Second)}
	if r.URL.Query().Get("date_range") == "all" {
		return all, nil
	}
	given, refused := readGiven(v, r)
	if refused != nil {
		return given, refused
	}
	switch {
	case given.since.IsZero() && given.until.IsZero():
		given = period{addMonths(now, -1), now.Add(time.Second)}
	case given.since.IsZero():
		given.since = addMonths(given.until, -1)
	case given.until.IsZero():
		given.until = addMonths(given.since, 1)
	case given.until.After(addMonths(given.since, 6)):
		return given, invalid(" is invalid.") // the vendor's own words
	}
	if given.until.After(all.until) {
		given.until = all.until
	}
	return given, nil
}

// readGiven reads since and until, in the zone that the request names, else in the account's.
func readGiven(v *view, r *http.Request) (period, *refusal) {
	loc, refused := zone(r, v.zone)
	if refused != nil {
		return period{}, refused
	}
	return readPeriod(r, loc)
}

// incidentFilter gives what the other parameters select; nil: everything.
func incidentFilter(q url.Values) (func(*incidentRow) bool, *refusal) {
	var all []func(*incidentRow) bool
	oneOf := func(name string, allowed []string, value func(*incidentRow) string) *refusal {
		wanted := q[name]
		for _, w := range wanted {
			if allowed != nil && !slices.Contains(allowed, w) {
				return invalid(name + " is invalid.")
			}
		}
		if len(wanted) > 0 {
			all = append(all, func(row *incidentRow) bool { return slices.Contains(wanted, value(row)) })
		}
		return nil
	}
	if refused := cmp.Or(
		oneOf("statuses[]", []string{"triggered", "acknowledged", "resolved"}, func(row *incidentRow) string { return row.Status }),
		oneOf("urgencies[]", []string{"high", "low"}, func(row *incidentRow) string { return row.Urgency }),
		oneOf("service_ids[]", nil, func(row *incidentRow) string { return row.Service.ID }),
		oneOf("incident_key", nil, func(row *incidentRow) string { return row.Key }),
	); refused != nil {
		return nil, refused
	}
	if teams := q["team_ids[]"]; len(teams) > 0 {
		all = append(all, func(row *incidentRow) bool { return anyOf(row.Teams, teams) })
	}
	if users := q["user_ids[]"]; len(users) > 0 { // a resolved incident is assigned to nobody
		all = append(all, func(row *incidentRow) bool {
			return row.Status != "resolved" && slices.ContainsFunc(row.assigned(), func(e LogEntry) bool {
				return slices.Contains(users, e.User.ID)
			})
		})
	}
	if len(all) == 0 {
		return nil, nil
	}
	return func(row *incidentRow) bool {
		for _, keep := range all {
			if !keep(row) {
				return false
			}
		}
		return true
	}, nil
}

func anyOf(named []Named, ids []string) bool {
	return slices.ContainsFunc(named, func(n Named) bool { return slices.Contains(ids, n.ID) })
}

var incidentOrders = map[string]func(a, b *incidentRow) int{
	"incident_number": func(a, b *incidentRow) int { return cmp.Compare(a.Number, b.Number) },
	"created_at":      func(a, b *incidentRow) int { return a.created.Compare(b.created) },
	"urgency":         func(a, b *incidentRow) int { return cmp.Compare(a.Urgency, b.Urgency) },
	"resolved_at":     func(a, b *incidentRow) int { return a.resolved().Compare(b.resolved()) },
}

// resolved is when the incident was resolved; zero: it is not.
func (in *Incident) resolved() time.Time {
	if change := in.statusChange(); in.Status == "resolved" && change != nil {
		return change.At
	}
	return time.Time{}
}

// sorted orders by up to two fields; the rows come in the order of creation.
func sorted(rows []*incidentRow, by string) ([]*incidentRow, *refusal) {
	if by == "" {
		return rows, nil
	}
	var orders []func(a, b *incidentRow) int
	for field := range strings.SplitSeq(by, ",") {
		name, direction, _ := strings.Cut(field, ":")
		order := incidentOrders[name]
		switch {
		case order == nil, len(orders) == 2:
			return nil, invalid("sort_by is invalid.")
		case direction == "desc":
			orders = append(orders, func(a, b *incidentRow) int { return order(b, a) })
		case direction == "asc", direction == "":
			orders = append(orders, order)
		default:
			return nil, invalid("sort_by is invalid.")
		}
	}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b *incidentRow) int {
		for _, order := range orders {
			if c := order(a, b); c != 0 {
				return c
			}
		}
		return 0
	})
	return rows, nil
}

// readIncludes knows the two includes that matter; the vendor's others are
// accepted and leave the references as they are.
func readIncludes(q url.Values) includes {
	return includes{
		firstTrigger: slices.Contains(q["include[]"], "first_trigger_log_entries"),
		external:     slices.Contains(q["include[]"], "external_references"),
	}
}

// getIncident finds by id or by number.
func (s *Server) getIncident(v *view, r *http.Request) ([]byte, *refusal) {
	row := v.byID[r.PathValue("id")]
	if row == nil {
		return nil, notFound
	}
	b := v.appendIncident([]byte(`{"incident":`), row, time.UTC, readIncludes(r.URL.Query()))
	return append(b, '}'), nil
}
