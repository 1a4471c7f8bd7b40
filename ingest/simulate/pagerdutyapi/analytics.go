package pagerdutyapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

const (
	defaultAnalyticsLimit = 20
	maxAnalyticsLimit     = 1000
)

type analyticsQuery struct {
	Filters       analyticsFilters `json:"filters"`
	StartingAfter string           `json:"starting_after"`
	Limit         *int             `json:"limit"`
	Order         string           `json:"order"`
	OrderBy       string           `json:"order_by"`
	TimeZone      string           `json:"time_zone"`
}

type analyticsFilters struct {
	CreatedAtStart string   `json:"created_at_start,omitempty"`
	CreatedAtEnd   string   `json:"created_at_end,omitempty"`
	UpdatedAfter   string   `json:"updated_after,omitempty"`
	Urgency        string   `json:"urgency,omitempty"`
	TeamIDs        []string `json:"team_ids,omitempty"`
	ServiceIDs     []string `json:"service_ids,omitempty"`
	PriorityNames  []string `json:"priority_names,omitempty"`
}

type analyticsAnswer struct {
	Data          []analyticsBody  `json:"data"`
	First         *string          `json:"first"`
	Last          *string          `json:"last"`
	Limit         int              `json:"limit"`
	More          bool             `json:"more"`
	Order         string           `json:"order"`
	OrderBy       string           `json:"order_by"`
	Filters       analyticsFilters `json:"filters"`
	TimeZone      string           `json:"time_zone"`
	StartingAfter *string          `json:"starting_after"`
	EndingBefore  *string          `json:"ending_before"`
}

// analyticsRow is an incident as analytics knew it at its last run.
type analyticsRow struct {
	*incidentRow
	entries []LogEntry
	updated time.Time // when analytics took the last change over, not when that happened
}

// listAnalytics pages by cursor, the id of the last incident seen.
func (s *Server) listAnalytics(v *view, r *http.Request) ([]byte, *refusal) {
	q := analyticsQuery{Order: "desc", OrderBy: "created_at", TimeZone: "Etc/UTC"}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return nil, invalid("The body is no JSON object of the right form.")
	}
	loc, err := time.LoadLocation(q.TimeZone)
	if err != nil {
		return nil, invalid("time_zone is invalid.")
	}
	limit := defaultAnalyticsLimit
	if q.Limit != nil {
		limit = *q.Limit
	}
	switch {
	case limit < 1 || limit > maxAnalyticsLimit:
		return nil, invalid("limit must be between 1 and 1000.")
	case q.Order != "asc" && q.Order != "desc":
		return nil, invalid("order is invalid.")
	case q.OrderBy != "created_at" && q.OrderBy != "seconds_to_resolve":
		return nil, invalid("order_by is invalid.")
	}
	rows, refused := s.analyticsRows(v, q.Filters, loc)
	if refused != nil {
		return nil, refused
	}
	if q.OrderBy == "seconds_to_resolve" {
		slices.SortStableFunc(rows, func(a, b analyticsRow) int { return int(a.secondsToResolve() - b.secondsToResolve()) })
	}
	if q.Order == "desc" {
		slices.Reverse(rows)
	}
	answer := analyticsAnswer{
		Data: []analyticsBody{}, Limit: limit, Order: q.Order, OrderBy: q.OrderBy, Filters: q.Filters, TimeZone: q.TimeZone,
	}
	if q.StartingAfter != "" {
		at := slices.IndexFunc(rows, func(row analyticsRow) bool { return row.ID == q.StartingAfter })
		if at < 0 {
			return nil, invalid("starting_after is invalid.")
		}
		rows = rows[at+1:]
		answer.StartingAfter = &q.StartingAfter
	}
	answer.More = len(rows) > limit
	for _, row := range rows[:min(limit, len(rows))] {
		answer.Data = append(answer.Data, v.analyticsBody(row, loc))
	}
	if n := len(answer.Data); n > 0 {
		answer.First, answer.Last = &answer.Data[0].ID, &answer.Data[n-1].ID
	}
	return render(answer), nil
}

// analyticsRows gives the incidents that the filters select, oldest first.
func (s *Server) analyticsRows(v *view, f analyticsFilters, loc *time.Location) ([]analyticsRow, *refusal) {
	var created period
	var updatedAfter time.Time
	for _, filter := range []struct {
		name, text string
		into       *time.Time
	}{
		{"created_at_start", f.CreatedAtStart, &created.since},
		{"created_at_end", f.CreatedAtEnd, &created.until},
		{"updated_after", f.UpdatedAfter, &updatedAfter},
	} {
		if filter.text == "" {
			continue
		}
		t, ok := parseTime(filter.text, loc)
		if !ok {
			return nil, invalid(filter.name + " is invalid.")
		}
		*filter.into = t
	}
	horizon := s.options.Clock().Add(-s.options.AnalyticsLag)
	var rows []analyticsRow
	from, to := span(len(v.incidents), func(i int) time.Time { return v.incidents[i].created }, created)
	for _, in := range v.incidents[from:to] {
		if in.Created.After(horizon) {
			break // younger than all that analytics knows, and so are the rest
		}
		row := analyticsRow{incidentRow: in, entries: in.Entries, updated: in.Created}
		for n := len(row.entries); n > 0 && row.entries[n-1].At.After(horizon); n = len(row.entries) {
			row.entries = row.entries[:n-1]
		}
		if n := len(row.entries); n > 0 {
			row.updated = row.entries[n-1].At
		}
		if in.Updated.After(row.updated) && !in.Updated.After(horizon) {
			row.updated = in.Updated
		}
		row.updated = seconds(row.updated.Add(s.options.AnalyticsLag))
		switch {
		case f.UpdatedAfter != "" && !row.updated.After(updatedAfter),
			f.Urgency != "" && f.Urgency != in.Urgency,
			len(f.ServiceIDs) > 0 && !slices.Contains(f.ServiceIDs, in.Service.ID),
			len(f.TeamIDs) > 0 && !anyOf(in.Teams, f.TeamIDs),
			len(f.PriorityNames) > 0 && (in.Priority == nil || !slices.Contains(f.PriorityNames, in.Priority.Name)):
			continue
		}
		rows = append(rows, row)
	}
	return rows, nil
}
