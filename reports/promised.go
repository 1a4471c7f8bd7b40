package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// promisedShown is how many actions, and how many reviews, a card lists.
const promisedShown = 5

// followUp is an action or a review that an incident led to.
type followUp struct {
	Incident string     `ch:"incident_id"`
	Kind     string     `ch:"kind"`
	ID       string     `ch:"of_id"`
	Key      string     `ch:"key"`
	URL      string     `ch:"url"`
	Title    string     `ch:"title"`
	Owner    string     `ch:"owner"`
	Due      *time.Time `ch:"due_on"`
	Resolved *time.Time `ch:"resolved_at"`
	All      uint64     `ch:"of_all"`
}

// promisedSince fills in the actions that were promised after the incidents, and
// their post-mortems.
func (s *sheet) promisedSince(ctx context.Context, of []incident, ids []string, out map[string]*story) error {
	if !s.delivers("action_item") {
		for _, t := range out {
			t.Promised = []prose{tell("Actions and post-mortems are not collected.")}
		}
		return nil
	}
	var rows []followUp
	err := s.conn.Select(ctx, &rows, `
		SELECT incident_id, kind, of_id, key, url, title, owner, due_on, resolved_at, toUInt64(count() OVER (PARTITION BY incident_id, kind)) AS of_all
		FROM (
			SELECT arrayJoin(arrayIntersect(incident_ids, @ids)) AS incident_id, 'action' AS kind, id AS of_id, key, url, title, owner, toNullable(a.due_on) AS due_on, toNullable(a.resolved_at) AS resolved_at
			FROM action_items AS a WHERE hasAny(incident_ids, @ids)
			UNION ALL
			SELECT arrayJoin(arrayIntersect(incident_ids, @ids)) AS incident_id, 'review' AS kind, id AS of_id, key, url, title, owner, CAST(NULL, 'Nullable(Date)') AS due_on, toNullable(p.resolved_at) AS resolved_at
			FROM postmortems AS p WHERE hasAny(incident_ids, @ids)
		)
		ORDER BY incident_id, kind, isNotNull(resolved_at), isNull(due_on), due_on, of_id
		LIMIT `+fmt.Sprint(promisedShown)+` BY incident_id, kind`, clickhouse.Named("ids", ids))
	if err != nil {
		return fmt.Errorf("read what was promised after the incidents: %w", err)
	}
	today := s.asOf.In(s.clock.zone).Format(time.DateOnly)
	for n, r := range rows {
		t := out[r.Incident]
		at := place{Text: incident{ID: r.ID, Key: r.Key}.name(), URL: link(r.URL)}
		last := n+1 == len(rows) || rows[n+1].Incident != r.Incident || rows[n+1].Kind != r.Kind
		more := prose(nil)
		if left := int(r.All) - promisedShown; last && left > 0 {
			more = many("card/promised", left, "more", "more")
		}
		owner := prose{say("no owner")}
		if name := clip(r.Owner, 40); name != "" {
			owner = prose{plainly(name)}
		}
		if r.Kind == "review" {
			one := tell("%s: not done yet, %s", at, owner)
			if r.Resolved != nil {
				one = tell("%s: done %s", at, dated(s.clock.zoned(*r.Resolved, "2 Jan 2006")))
			}
			t.Reviews = append(t.Reviews, one)
			if more != nil {
				t.Reviews = append(t.Reviews, more)
			}
			continue
		}
		one := tell("%s %s, %s", at, quote(clip(r.Title, 90)), owner)
		switch {
		case r.Resolved != nil:
			one = append(one, tell(", done %s", dated(s.clock.zoned(*r.Resolved, "2 Jan 2006")))...)
		case r.Due == nil:
			one = append(one, say(", no due date"))
		case r.Due.Format(time.DateOnly) < today:
			one = append(one, tell(", was due %s", dated(r.Due.Format("2 Jan 2006")))...)
		default:
			one = append(one, tell(", due %s", dated(r.Due.Format("2 Jan 2006")))...)
		}
		t.Promised = append(t.Promised, one)
		if more != nil {
			t.Promised = append(t.Promised, more)
		}
	}
	for _, i := range of {
		t := out[i.ID]
		if t.Promised == nil {
			t.Promised = []prose{tell("No action is promised.")}
		}
		if t.Reviews == nil {
			t.Reviews = []prose{{say("none yet")}}
		}
	}
	return nil
}
