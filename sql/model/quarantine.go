package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// outcomes says of each row of a file that cannot be read, or could not be read
// before, what stands against it now: an empty text is nothing. Of several readings of a
// row the latest decides, since the row may have been mended in the file.
func (f Feed) outcomes(skip string) string {
	bad := fmt.Sprintf("reason != '' AND NOT %s AND deleted = 0", skip)
	return fmt.Sprintf(`, outcomes AS (
    SELECT r.id AS id, JSONExtractString(r.payload, '_file') AS file,
           toUInt64OrZero(ifNull(JSONExtract(r.payload, '_line', 'Nullable(String)'), '')) AS line,
           max(r.seq) AS seq, argMax(s.bad, r.seq) AS reason
    FROM new_records AS r
    INNER JOIN (SELECT id, seq, if(%s, reason, '') AS bad FROM staged) AS s ON s.id = r.id AND s.seq = r.seq
    WHERE r.id IN (SELECT id FROM staged WHERE %s UNION ALL SELECT id FROM quarantine WHERE %s)
    GROUP BY id, file, line
)
`, bad, bad, f.held())
}

// held chooses the quarantined rows that this feed put there, in this run or in
// an earlier one: not those of ingest, and of a log's two models only its own.
// Its steps can fail by their time alone, which no record has.
func (f Feed) held() string {
	is := "NOT"
	if f.Model.Fills == stagingEvents {
		is = ""
	}
	return fmt.Sprintf("source = %s AND entity = %s AND step = 'staging' AND %s match(reason, '^at[: ]')", literal(f.Source), literal(f.Entity), is)
}

// releaseRows bounds the length of one statement.
const releaseRows = 1000

// release lets out of quarantine what can be read now, and the reasons that no
// longer hold. A mutation cannot read what is staged, so it is told row by row.
func (f Feed) release(ctx context.Context, conn driver.Conn, with string) error {
	rows, err := conn.Query(ctx, fmt.Sprintf(`%sSELECT DISTINCT q.id, q.file, q.line, q.reason
FROM (SELECT id, file, line, reason FROM quarantine WHERE %s) AS q
INNER JOIN outcomes AS o ON o.id = q.id AND o.file = q.file AND o.line = q.line
WHERE q.reason != o.reason`, with, f.held()))
	if err != nil {
		return fmt.Errorf("look for mended records: %w", err)
	}
	defer rows.Close()
	var mended []string
	for rows.Next() {
		var id, file, reason string
		var line uint64
		if err := rows.Scan(&id, &file, &line, &reason); err != nil {
			return err
		}
		mended = append(mended, fmt.Sprintf("(%s, %d, %s)", literals([]string{id, file}), line, literal(reason)))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look for mended records: %w", err)
	}
	sync := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"mutations_sync": 2}))
	for some := range slices.Chunk(mended, releaseRows) {
		query := fmt.Sprintf("ALTER TABLE quarantine DELETE WHERE %s AND (id, file, line, reason) IN (%s)", f.held(), strings.Join(some, ", "))
		if err := conn.Exec(sync, query); err != nil {
			return fmt.Errorf("release mended records: %w", err)
		}
	}
	return nil
}

// quarantined counts the rows of files that are held, whatever stands against them.
func (f Feed) quarantined(ctx context.Context, conn driver.Conn) (uint64, error) {
	var n uint64
	if err := conn.QueryRow(ctx, "SELECT uniqExact(id, file, line) FROM quarantine WHERE source = ? AND entity = ?", f.Source, f.Entity).Scan(&n); err != nil {
		return 0, fmt.Errorf("count quarantine: %w", err)
	}
	return n, nil
}
