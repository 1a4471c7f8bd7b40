package ingest

import (
	"context"
	"net/http"
)

// joined fetches the worklogs of issues that came into view after they were
// worked on: because they were moved into a project of the config, or shown
// again. The feed has passed their moments.
func (s *jiraSource) joined(ctx context.Context, land landing) error {
	f := s.feeds[len(s.feeds)-1]
	if f.at.Mark.IsZero() || f.at.From.Before(f.at.Mark.Add(-overlap)) {
		return nil // all worklogs are asked for
	}
	// The feed of deleted worklogs comes last: when it moved, all was complete.
	rows, err := s.w.Query(ctx, `
		WITH (SELECT max(run_id) FROM positions WHERE source = ? AND stream = ?) AS whole
		SELECT id FROM raw_records WHERE source = ? AND entity = 'issue' AND id IN (
			SELECT id FROM raw_records WHERE source = ? AND entity = 'issue' GROUP BY id
			HAVING argMax(deleted, (ifNull(updated_at, toDateTime64(0, 3)), seq)) = 0
				AND (min(run_id) > whole OR argMaxIf(deleted, (ifNull(updated_at, toDateTime64(0, 3)), seq), run_id <= whole) = 1))
		GROUP BY id
		HAVING argMax(parseDateTime64BestEffortOrZero(JSONExtractString(payload, 'fields', 'created'), 3, 'UTC'), seq) < ?
		ORDER BY id`, s.Name, jiraUnbooked, s.Name, s.Name, f.at.From)
	if err != nil {
		return &landingError{err}
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return &landingError{err}
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return &landingError{err}
	}
	for _, id := range ids {
		err := s.paged(ctx, &jiraIssue{id: id}, "worklog", []string{`"worklogs"`}, `"updated"`, func(shown []jiraEntry) error {
			records := make([]record, len(shown))
			for i, e := range shown {
				records[i] = record{Entity: "worklog", ID: e.id, Version: e.at, Payload: e.raw}
			}
			return land(records, nil)
		})
		if err != nil && !refused(err, http.StatusNotFound) {
			return err
		}
	}
	return nil
}
