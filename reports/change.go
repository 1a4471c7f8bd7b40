package reports

import (
	"context"
	"fmt"
	"time"
)

// change is one row of the mart: a deployment, a switch, a repair by plan.
type change struct {
	ID       string     `ch:"id"`
	Key      string     `ch:"key"`
	URL      string     `ch:"url"`
	Title    string     `ch:"title"`
	Services []string   `ch:"services"`
	Kind     string     `ch:"kind"`
	Type     string     `ch:"type"`
	Risk     string     `ch:"risk"`
	Started  *time.Time `ch:"started_at"`
	Ended    *time.Time `ch:"ended_at"`
	Outcome  string     `ch:"outcome"`
}

// blame ties a change to an incident, with how sure the tie is.
type blame struct {
	Change   string  `ch:"change_id"`
	Incident string  `ch:"incident_id"`
	Grade    string  `ch:"grade"`
	Basis    string  `ch:"basis"`
	Lag      float64 `ch:"lag_seconds"`
}

// endedBetween are the ids of the changes that ended (else started) in a span of time.
const endedBetween = `SELECT id FROM changes AS c WHERE ` + endedThere

const endedThere = `ifNull(c.ended_at, c.started_at) >= toDateTime64(@from, 3, 'UTC') AND ifNull(c.ended_at, c.started_at) < toDateTime64(@to, 3, 'UTC')`

// changesBetween reads the changes that ended (else started) in a span of time.
func (s *sheet) changesBetween(ctx context.Context, from, to time.Time) ([]change, error) {
	var rows []change
	err := s.conn.Select(ctx, &rows, `
		SELECT id, key, url, title, services, toString(kind) AS kind, toString(type) AS type, toString(risk) AS risk,
		       toNullable(c.started_at) AS started_at, toNullable(c.ended_at) AS ended_at, toString(outcome) AS outcome
		FROM changes AS c
		WHERE `+endedThere+`
		ORDER BY ifNull(c.ended_at, c.started_at), id`, moment("from", from), moment("to", to))
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	return rows, nil
}

// blamesBetween reads the ties of the changes that ended (else started) in a span of time.
func (s *sheet) blamesBetween(ctx context.Context, from, to time.Time) ([]blame, error) {
	var rows []blame
	err := s.conn.Select(ctx, &rows, `
		SELECT change_id, incident_id, toString(grade) AS grade, toString(basis) AS basis, toFloat64(ifNull(lag_seconds, 0)) AS lag_seconds
		FROM change_incident_links
		WHERE change_id IN (`+endedBetween+`)
		ORDER BY change_id, indexOf(['explicit', 'mentioned', 'suspected'], grade), incident_id`, moment("from", from), moment("to", to))
	if err != nil {
		return nil, fmt.Errorf("read links between changes and incidents: %w", err)
	}
	return rows, nil
}

// when is the moment that places a change in a period.
func (c change) when() time.Time {
	if c.Ended != nil {
		return *c.Ended
	}
	return *c.Started
}

func (c change) name() string {
	if key := clip(c.Key, 32); key != "" {
		return key
	}
	return clip(c.ID, 40)
}

// hurt says whether the change is known to have gone wrong, and in which words.
func (c change) hurt() (word string, failed bool) {
	switch c.Outcome {
	case "rolled_back":
		return "rolled back", true
	case "failed":
		return "failed", true
	case "successful_with_issues":
		return "worked, with issues", false
	case "successful":
		return "worked", false
	case "":
		return "outcome not recorded", false
	}
	return clean(c.Outcome), false
}
