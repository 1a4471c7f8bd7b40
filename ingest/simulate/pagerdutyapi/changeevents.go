package pagerdutyapi

import (
	"net/http"
	"slices"
	"time"
)

type changeBody struct {
	ID          string         `json:"id"`
	Type        string         `json:"type"`
	Summary     string         `json:"summary"`
	Timestamp   string         `json:"timestamp"`
	Source      string         `json:"source"`
	Integration *ref           `json:"integration"`
	Services    []ref          `json:"services"`
	Details     map[string]any `json:"custom_details"`
	Links       []changeLink   `json:"links"`
}

type changeLink struct {
	Href string `json:"href"`
	Text string `json:"text"`
}

// listChangeEvents lists the newest first. Its answer has null for limit and
// offset, as the vendor's has.
func (s *Server) listChangeEvents(v *view, r *http.Request) ([]byte, *refusal) {
	p, refused := readPage(r)
	if refused != nil {
		return nil, refused
	}
	p.bare = true
	within, refused := readUTCPeriod(r)
	if refused != nil {
		return nil, refused
	}
	if end := s.visible().Add(time.Second); within.until.IsZero() || within.until.After(end) {
		within.until = end
	}
	from, to := span(len(v.changes), func(i int) time.Time { return v.changes[i].at }, within)
	rows := slices.Clone(v.changes[from:to])
	slices.Reverse(rows)
	if teams := r.URL.Query()["team_ids[]"]; len(teams) > 0 {
		rows = slices.DeleteFunc(rows, func(row *changeRow) bool { return !v.ownedBy(row.Services, teams) })
	}
	return p.write("change_events", len(rows), func(b []byte, i int) []byte {
		row := rows[i]
		return append(b, row.body.get(func() []byte { return render(v.changeBody(row)) })...)
	}), nil
}

// readUTCPeriod takes YYYY-MM-DDThh:mm:ssZ and nothing else.
func readUTCPeriod(r *http.Request) (period, *refusal) {
	q := r.URL.Query()
	for _, name := range []string{"since", "until"} {
		if text := q.Get(name); text != "" {
			if _, err := time.Parse("2006-01-02T15:04:05Z", text); err != nil || len(text) != len("2006-01-02T15:04:05Z") {
				return period{}, invalid(name + " must be a UTC ISO 8601 datetime string.")
			}
		}
	}
	return readPeriod(r, time.UTC)
}

func (v *view) changeBody(row *changeRow) changeBody {
	body := changeBody{
		ID:        row.ID,
		Type:      "change_event",
		Summary:   row.Summary,
		Timestamp: stamp(row.at, time.UTC),
		Source:    row.Source,
		Services:  v.refs("service", row.Services),
		Details:   row.Details,
		Links:     []changeLink{},
	}
	for _, l := range row.Links {
		body.Links = append(body.Links, changeLink{l.URL, l.Summary})
	}
	return body
}

// ownedBy says whether one of the teams owns one of the objects.
func (v *view) ownedBy(objects []Named, teams []string) bool {
	return slices.ContainsFunc(objects, func(n Named) bool {
		return slices.ContainsFunc(v.account.Owners[n.ID], func(team string) bool { return slices.Contains(teams, team) })
	})
}
