package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
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
	Lag      float64 `ch:"lag_seconds"`
}

// endedBetween are the ids of the changes that ended (else started) in a span of time.
const endedBetween = `SELECT id FROM changes AS c WHERE ` + endedThere

const endedThere = `ifNull(c.ended_at, c.started_at) >= toDateTime64(@from, 3, 'UTC') AND ifNull(c.ended_at, c.started_at) < toDateTime64(@to, 3, 'UTC')`

// harmful is a change of the page's period that failed, or that incidents are tied to.
type harmful struct {
	change
	Confirmed uint8  `ch:"confirmed"` // it failed, or a record states that it caused an incident
	Causes    uint64 `ch:"causes"`    // incidents of which a record states so
	Tied      uint64 `ch:"tied"`      // incidents, by whatever grade
	Suspects  uint64 `ch:"suspects"`  // how many are not confirmed, the same in each row
}

// harmful reads the confirmed ones, and of the suspected ones those with the most
// incidents, all in the order of time.
func (s *sheet) harmful(ctx context.Context) ([]harmful, error) {
	var rows []harmful
	err := s.conn.Select(ctx, &rows, `
		SELECT * FROM (
			SELECT c.*, ifNull(l.causes, 0) AS causes, ifNull(l.tied, 0) AS tied, toUInt8(c.outcome IN ('failed', 'rolled_back') OR causes > 0) AS confirmed,
			       toUInt64(countIf(confirmed = 0) OVER ()) AS suspects
			FROM (
				SELECT id, key, url, title, services, toString(kind) AS kind, toString(type) AS type, toString(risk) AS risk,
				       toNullable(c.started_at) AS started_at, toNullable(c.ended_at) AS ended_at, toString(outcome) AS outcome
				FROM changes AS c WHERE `+endedThere+`
			) AS c
			LEFT JOIN (
				SELECT change_id, toUInt64(countIf(grade = 'explicit')) AS causes, uniqExact(incident_id) AS tied
				FROM change_incident_links WHERE change_id IN (`+endedBetween+`) GROUP BY change_id
			) AS l ON l.change_id = c.id
			WHERE confirmed = 1 OR tied > 0
			ORDER BY tied DESC, ifNull(ended_at, started_at), id
			LIMIT @most BY if(confirmed = 1, id, '')
		)
		ORDER BY ifNull(ended_at, started_at), id`, moment("from", s.period.StartsAt), moment("to", s.end()), clickhouse.Named("most", suspectsShown))
	if err != nil {
		return nil, fmt.Errorf("read the changes that hurt: %w", err)
	}
	return rows, nil
}

// completed counts the changes of the page's period, and those of which nobody
// recorded how they ended.
func (s *sheet) completed(ctx context.Context) (all, unrecorded int, err error) {
	var n, without uint64
	if err := s.conn.QueryRow(ctx, `SELECT count(), countIf(outcome = '') FROM changes AS c WHERE `+endedThere, moment("from", s.period.StartsAt), moment("to", s.end())).Scan(&n, &without); err != nil {
		return 0, 0, fmt.Errorf("count changes: %w", err)
	}
	return int(n), int(without), nil
}

// blamesOf reads the first ties of some changes, the surest first, each incident once.
func (s *sheet) blamesOf(ctx context.Context, changes []string) ([]blame, error) {
	if len(changes) == 0 {
		return nil, nil
	}
	var rows []blame
	err := s.conn.Select(ctx, &rows, `
		SELECT change_id, incident_id, toString(grade) AS grade, toFloat64(ifNull(lag_seconds, 0)) AS lag_seconds
		FROM (
			SELECT * FROM change_incident_links WHERE change_id IN @ids
			ORDER BY change_id, indexOf(['explicit', 'mentioned', 'suspected'], toString(grade)), incident_id LIMIT 1 BY change_id, incident_id
		)
		ORDER BY change_id, indexOf(['explicit', 'mentioned', 'suspected'], grade), incident_id
		LIMIT @most BY change_id`, clickhouse.Named("ids", changes), clickhouse.Named("most", causedShown))
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
