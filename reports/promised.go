package reports

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// promisedShown is how many actions a card lists.
const promisedShown = 5

// promisedAfter is what was promised after an incident.
type promisedAfter struct {
	Actions []action // by the end of the page, the open ones first
	All     int
	Since   int // promised after it
}

// actionsAfter reads that of incidents, by their id.
func (s *sheet) actionsAfter(ctx context.Context, ids []string) (map[string]promisedAfter, error) {
	var rows []struct {
		action
		Incident string `ch:"incident_id"`
		After    uint8  `ch:"after_end"`
		All      uint64 `ch:"of_all"`
		Since    uint64 `ch:"of_since"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT `+actionColumns+`, a.incident_id AS incident_id, a.after_end AS after_end,
		       toUInt64(count() OVER (PARTITION BY a.incident_id)) AS of_all, toUInt64(sum(a.after_end) OVER (PARTITION BY a.incident_id)) AS of_since
		FROM (
			SELECT *, arrayJoin(arrayIntersect(incident_ids, @ids)) AS incident_id, toUInt8(ifNull(action_items.created_at >= toDateTime64(@end, 3, 'UTC'), 0)) AS after_end
			FROM action_items WHERE hasAny(incident_ids, @ids)
		) AS a
		ORDER BY incident_id, after_end, ifNull(a.resolved_at < toDateTime64(@end, 3, 'UTC'), 0), isNull(a.due_on), a.due_on, a.id
		LIMIT `+fmt.Sprint(promisedShown)+` BY incident_id`, clickhouse.Named("ids", ids), moment("end", s.end()))
	if err != nil {
		return nil, fmt.Errorf("read what was promised after the incidents: %w", err)
	}
	out := map[string]promisedAfter{}
	for _, r := range rows {
		one := out[r.Incident]
		one.All, one.Since = int(r.All-r.Since), int(r.Since)
		if r.After == 0 {
			one.Actions = append(one.Actions, r.action)
		}
		out[r.Incident] = one
	}
	return out, nil
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
	actions, err := s.actionsAfter(ctx, ids)
	if err != nil {
		return err
	}
	for _, i := range of {
		t := out[i.ID]
		if reviewing {
			t.Review = s.reviewOf(reviews[i.ID])
		}
		after := actions[i.ID]
		for n := range after.Actions {
			a := &after.Actions[n]
			t.Promised = append(t.Promised, tell("%s %s: %s", called(a.place()), quote(clip(a.Title, 90)), s.promiseOf(a)))
		}
		if more := after.All - len(after.Actions); more > 0 {
			t.Promised = append(t.Promised, many("card/promised", more, "more", "more"))
		}
		switch since := tallyOf("card/promised-since", after.Since); {
		case after.Since > 0 && after.All == 0:
			t.Promised = []prose{tell("No action by the end of this %s; %s promised since.", s.period.Kind, since)}
		case after.Since > 0:
			t.Promised = append(t.Promised, tell("%s more promised since.", since))
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
