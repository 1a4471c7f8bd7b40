package ingest

import (
	"context"
	"time"
)

// landed are the versions of those records of an entity that are there and not
// deleted, by id.
func (s *apiSource) landed(ctx context.Context, entity string, ids []string) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	if len(ids) == 0 {
		return found, nil
	}
	return found, s.eachLanded(ctx, entity, " AND id IN (?)", []any{ids}, func(id string, version time.Time) {
		found[id] = version
	})
}

// eachLanded calls f for the records of an entity that are there and not
// deleted, with their versions.
func (s *apiSource) eachLanded(ctx context.Context, entity, where string, a []any, f func(id string, version time.Time)) error {
	rows, err := s.w.Query(ctx, `
		SELECT id, max(ifNull(updated_at, toDateTime64(0, 3))) AS version FROM raw_records
		WHERE source = ? AND entity = ?`+where+`
		GROUP BY id HAVING argMax(deleted, (ifNull(updated_at, toDateTime64(0, 3)), seq)) = 0`,
		append([]any{s.Name, entity}, a...)...)
	if err != nil {
		return &landingError{err}
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var version time.Time
		if err := rows.Scan(&id, &version); err != nil {
			return &landingError{err}
		}
		if version.Unix() == 0 {
			version = time.Time{}
		}
		f(id, version)
	}
	if err := rows.Err(); err != nil {
		return &landingError{err}
	}
	return nil
}
