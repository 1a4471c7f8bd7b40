package reports

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// promisedShown is how many actions a card lists.
const promisedShown = 5

// actionsAfter reads the actions that were promised after incidents by the end of
// the page, the open ones first, and how many each incident has in all.
func (s *sheet) actionsAfter(ctx context.Context, ids []string) (map[string][]action, map[string]int, error) {
	var rows []struct {
		action
		Incident string `ch:"incident_id"`
		All      uint64 `ch:"of_all"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT `+actionColumns+`, a.incident_id AS incident_id, toUInt64(count() OVER (PARTITION BY a.incident_id)) AS of_all
		FROM (
			SELECT *, arrayJoin(arrayIntersect(incident_ids, @ids)) AS incident_id FROM action_items
			WHERE hasAny(incident_ids, @ids) AND ifNull(action_items.created_at < toDateTime64(@end, 3, 'UTC'), 1)
		) AS a
		ORDER BY incident_id, ifNull(a.resolved_at < toDateTime64(@end, 3, 'UTC'), 0), isNull(a.due_on), a.due_on, a.id
		LIMIT `+fmt.Sprint(promisedShown)+` BY incident_id`, clickhouse.Named("ids", ids), moment("end", s.end()))
	if err != nil {
		return nil, nil, fmt.Errorf("read what was promised after the incidents: %w", err)
	}
	found, all := map[string][]action{}, map[string]int{}
	for _, r := range rows {
		found[r.Incident] = append(found[r.Incident], r.action)
		all[r.Incident] = int(r.All)
	}
	return found, all, nil
}

// promisedSince fills in the actions that were promised after the incidents, and
// their post-mortems.
func (s *sheet) promisedSince(ctx context.Context, of []incident, ids []string, out map[string]*story) error {
	promises, err := s.tellsPromises(ctx)
	if err != nil {
		return err
	}
	reviews, reviewing, err := s.reviewsAfter(ctx, of)
	if err != nil {
		return err
	}
	actions, all, err := s.actionsAfter(ctx, ids)
	if err != nil {
		return err
	}
	for _, i := range of {
		t := out[i.ID]
		if reviewing {
			t.Review = s.reviewOf(reviews[i.ID])
		}
		for n := range actions[i.ID] {
			a := &actions[i.ID][n]
			t.Promised = append(t.Promised, tell("%s %s: %s", called(a.place()), quote(clip(a.Title, 90)), s.promiseOf(a)))
		}
		switch more := all[i.ID] - promisedShown; {
		case more > 0:
			t.Promised = append(t.Promised, many("card/promised", more, "more", "more"))
		case !promises && !reviewing:
			t.Promised = []prose{tell("Actions and post-mortems are not collected.")}
		case !promises:
			t.Promised = []prose{tell("Actions are not collected.")}
		case len(t.Promised) == 0:
			t.Promised = []prose{tell("No action is promised.")}
		}
		if promises && !reviewing {
			t.Promised = append(t.Promised, tell("Post-mortems are not collected."))
		}
	}
	return nil
}
