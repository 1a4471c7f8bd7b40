package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// beforeShown is how many changes a card lists.
const beforeShown = 5

// near is a change that may have to do with an incident.
type near struct {
	Incident string     `ch:"incident_id"`
	ID       string     `ch:"change_id"`
	Key      string     `ch:"key"`
	URL      string     `ch:"url"`
	Title    string     `ch:"title"`
	Outcome  string     `ch:"outcome"`
	Started  *time.Time `ch:"started_at"`
	Ended    *time.Time `ch:"ended_at"`
	Grade    string     `ch:"grade"`
	Basis    string     `ch:"basis"`
	All      uint64     `ch:"of_all"`
}

// changesBefore fills in the changes that a record names as the cause or cites,
// and those that ended on a service of the incident in the 24 hours before it
// began, each with what the tie rests on. What ended after the page had not yet.
func (s *sheet) changesBefore(ctx context.Context, of []incident, ids []string, out map[string]*story) error {
	if !s.delivers("change") {
		for _, t := range out {
			t.NoBefore = tell("Changes are not collected.")
		}
		return nil
	}
	first := slices.MinFunc(of, func(a, b incident) int { return a.beganAt().Compare(b.beganAt()) }).beganAt()
	last := slices.MaxFunc(of, func(a, b incident) int { return a.Created.Compare(b.Created) }).Created
	var rows []near
	err := s.conn.Select(ctx, &rows, `
		WITH links AS (
			SELECT incident_id, change_id, grade, basis FROM change_incident_links WHERE incident_id IN @ids AND (grade != 'suspected' OR change_id IN (
				SELECT id FROM changes WHERE changes.ended_at >= toDateTime64(@first, 3, 'UTC') - toIntervalHour(24) AND changes.ended_at <= toDateTime64(@last, 3, 'UTC')))
		)
		SELECT l.incident_id AS incident_id, l.change_id AS change_id, c.key AS key, c.url AS url, c.title AS title, c.went AS outcome,
		       c.began AS started_at, c.ended AS ended_at, ['explicit', 'mentioned', 'suspected'][l.rank] AS grade, l.basis AS basis,
		       toUInt64(count() OVER (PARTITION BY l.incident_id)) AS of_all
		FROM (
			SELECT incident_id, change_id, min(indexOf(['explicit', 'mentioned', 'suspected'], toString(grade))) AS rank,
			       argMin(toString(basis), (indexOf(['explicit', 'mentioned', 'suspected'], toString(grade)), toString(basis))) AS basis
			FROM links GROUP BY incident_id, change_id
		) AS l
		INNER JOIN (
			SELECT id, key, url, title, toNullable(changes.started_at) AS began, if(changes.ended_at < toDateTime64(@end, 3, 'UTC'), toNullable(changes.ended_at), NULL) AS ended,
			       if(changes.ended_at >= toDateTime64(@end, 3, 'UTC'), '', toString(outcome)) AS went
			FROM changes WHERE id IN (SELECT change_id FROM links) AND ifNull(ifNull(changes.started_at, changes.ended_at) < toDateTime64(@end, 3, 'UTC'), 1)
		) AS c ON c.id = l.change_id
		INNER JOIN (
			SELECT id, least(assumeNotNull(i.created_at), ifNull(i.impact_started_at, assumeNotNull(i.created_at))) AS began FROM incidents AS i WHERE id IN @ids
		) AS i ON i.id = l.incident_id
		WHERE l.rank < 3 OR ifNull(c.began, c.ended) <= i.began AND c.ended >= i.began - toIntervalHour(24)
		ORDER BY incident_id, l.rank, abs(dateDiff('second', ifNull(c.ended, c.began), i.began)), change_id
		LIMIT `+fmt.Sprint(beforeShown)+` BY incident_id`, clickhouse.Named("ids", ids), moment("end", s.end()), moment("first", first), moment("last", last))
	if err != nil {
		return fmt.Errorf("read the changes before the incidents: %w", err)
	}
	byIncident := map[string][]near{}
	for _, r := range rows {
		byIncident[r.Incident] = append(byIncident[r.Incident], r)
	}
	for _, i := range of {
		t, found := out[i.ID], byIncident[i.ID]
		for _, c := range found {
			at := place{Text: change{ID: c.ID, Key: c.Key}.name(), URL: link(c.URL)}
			if c.Grade == "explicit" {
				t.causes[c.Key], t.causes[c.ID] = at, at
			}
			t.Before = append(t.Before, c.words(at, i.beganAt()))
		}
		switch {
		case len(found) > 0:
			if more := int(found[0].All) - len(found); more > 0 {
				t.Before = append(t.Before, capped(many("card/changes", more, "more", "more")))
			}
		case !s.reaches("change"):
			t.NoBefore = tell("No source of changes reaches into this %s.", s.period.Kind)
		case len(i.Services) == 0:
			t.NoBefore = tell("The ticket names no service, so nothing can be looked up.")
		default:
			t.NoBefore = tell("No change on its services in the 24 h before.")
		}
	}
	return nil
}

// words tell a change, how it went and how sure the tie is.
func (c near) words(at place, began time.Time) prose {
	out := tell("%s %s", at, quote(clip(c.Title, 90)))
	if word, failed := (change{Outcome: c.Outcome}).hurt(); failed {
		out = append(out, tell(", %s", word)...)
	}
	switch end := c.Ended; {
	case end != nil && end.After(began):
		if c.Started != nil && !c.Started.After(began) {
			out = append(out, say(", under way when it began"))
		} else {
			out = append(out, say(", after it had begun"))
		}
	case end != nil:
		out = append(out, tell(", ended %s before", lastingOf("card/lag", began.Sub(*end)))...)
	}
	switch c.Grade {
	case "explicit":
		if c.Basis == "the change's caused_incidents" {
			return append(out, say(": the change names this incident."))
		}
		return append(out, say(": named by the ticket."))
	case "mentioned":
		if c.Basis == "the incident's title" {
			return append(out, say(": mentioned in the title."))
		}
		return append(out, say(": mentioned in a note."))
	}
	return append(out, say(": same service, no proof."))
}

// causesOf are the changes that a record names as the cause, by incident: one of
// each, the smallest by its id where there are several.
func (s *sheet) causesOf(ctx context.Context, of []incident) (map[string]place, error) {
	out := map[string]place{}
	for _, i := range of {
		if key := clip(i.CausedByChange, 40); key != "" {
			out[i.ID] = place{Text: key} // as the ticket writes it, collected or not
		}
	}
	if len(of) == 0 {
		return out, nil
	}
	var rows []near
	err := s.conn.Select(ctx, &rows, `
		SELECT incident_id, c.id AS change_id, c.key AS key, c.url AS url
		FROM (SELECT incident_id, min(change_id) AS change_id FROM change_incident_links WHERE grade = 'explicit' AND incident_id IN @ids GROUP BY incident_id) AS l
		INNER JOIN (SELECT id, key, url FROM changes WHERE id IN (SELECT change_id FROM change_incident_links WHERE grade = 'explicit' AND incident_id IN @ids)) AS c ON c.id = l.change_id
		ORDER BY incident_id`, clickhouse.Named("ids", recordsOf(of)))
	if err != nil {
		return nil, fmt.Errorf("read what caused the major incidents: %w", err)
	}
	for _, r := range rows {
		out[r.Incident] = place{Text: change{ID: r.ID, Key: r.Key}.name(), URL: link(r.URL)}
	}
	return out, nil
}
