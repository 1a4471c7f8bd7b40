package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// findPromises: what was promised after major incidents and is overdue at the
// end of the page, in one sentence with the oldest.
func (s *sheet) findPromises(ctx context.Context) ([]finding, error) {
	var rows []struct {
		action
		All uint64 `ch:"of_all"`
	}
	err := s.conn.Select(ctx, &rows, `SELECT `+actionColumns+`, count() OVER () AS of_all
		FROM action_items AS a
		WHERE ifNull(a.created_at < toDateTime64(@end, 3, 'UTC'), 1) AND ifNull(a.resolved_at >= toDateTime64(@end, 3, 'UTC'), 1) AND ifNull(toString(a.due_on) < @today, 0)
		  AND a.id IN (SELECT fix_id FROM (SELECT id AS fix_id, arrayJoin(incident_ids) AS after FROM action_items)
		               WHERE after IN (SELECT id FROM incidents WHERE ifNull(incidents.major, has(@major, incidents.severity)) = 1))
		ORDER BY a.due_on, a.id LIMIT 1`,
		moment("end", s.end()), clickhouse.Named("today", s.end().In(s.clock.zone).Format(time.DateOnly)), clickhouse.Named("major", severities(s.options.Major)))
	if err != nil {
		return nil, fmt.Errorf("read overdue promises: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	oldest, n := rows[0], int(rows[0].All)
	f := finding{Kind: "promise", Rank: 74, Ask: "Chase or drop?", Pieces: capped(tell("%s promised after major incidents %s overdue", many("promise/grave", n, "action", "actions"), isAre(n)))}
	which := "; the oldest is "
	if n == 1 {
		which = ": "
	}
	f.Pieces = append(f.Pieces, tell("%s%s %s, for %s", which, called(oldest.place()), quote(clip(oldest.Title, 80)), daysOf("promise/overdue-days", max(day, s.end().Sub(s.over(&oldest.action)))))...)
	if owner := clip(oldest.Owner, 40); owner != "" {
		f.Pieces = append(f.Pieces, tell(", with %s.", plainly(owner))...)
	} else {
		f.Pieces = append(f.Pieces, say(", with nobody."))
	}
	return []finding{f}, nil
}
