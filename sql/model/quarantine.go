package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// quarantine holds the new records that cannot be read, lets out what can be
// read now, and says how many more are held than before.
func (f Feed) quarantine(ctx context.Context, conn driver.Conn, runs []string, skip string) (uint64, error) {
	before, err := f.quarantined(ctx, conn)
	if err != nil {
		return 0, err
	}
	// Mostly nothing is held and each record has its row, which takes a fraction of
	// the time to see that it takes to find the suspects.
	looks := []string{"SELECT count() FROM raw_records WHERE " + f.suspects(runs)}
	if before == 0 {
		looks = []string{"SELECT count() FROM (" + f.unstaged(runs) + ")", looks[0]}
	}
	for _, look := range looks {
		var found uint64
		if err := conn.QueryRow(ctx, look).Scan(&found); err != nil {
			return 0, fmt.Errorf("look for unreadable records: %w", err)
		}
		if found == 0 {
			return 0, nil
		}
	}
	if err := f.judge(ctx, conn, runs, skip); err != nil {
		return 0, err
	}
	with := "WITH new_records AS (SELECT * FROM raw_records WHERE " + f.suspects(runs) + ")" + f.outcomes()
	insert := fmt.Sprintf(`INSERT INTO quarantine (source, entity, id, file, line, model, reason, payload, first_seen)
%sSELECT r.source, r.entity, r.id, o.file AS file, o.line AS line, %s, o.reason AS reason, r.payload, r.fetched_at
FROM (SELECT * FROM outcomes WHERE reason != '') AS o
INNER JOIN new_records AS r ON r.seq = o.seq
WHERE (r.id, file, line, reason) NOT IN (SELECT id, file, line, reason FROM quarantine WHERE %s)`, with, literal(f.Model.Name), f.held())
	if err := conn.Exec(ctx, insert); err != nil {
		return 0, fmt.Errorf("quarantine: %w", err)
	}
	after, err := f.quarantined(ctx, conn)
	if err != nil {
		return 0, err
	}
	if before > 0 {
		if err := f.release(ctx, conn, with); err != nil {
			return 0, err
		}
	}
	if err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+f.verdicts()); err != nil {
		return 0, fmt.Errorf("quarantine: %w", err)
	}
	return after - before, nil
}

// judge writes down what stands against each suspect. Joined to anything, the
// model's expressions would be computed over and over: the engine takes minutes
// where it now takes a second.
func (f Feed) judge(ctx context.Context, conn driver.Conn, runs []string, skip string) error {
	query := fmt.Sprintf("CREATE OR REPLACE TABLE %s ENGINE = MergeTree ORDER BY seq AS\n%sSELECT seq, if(NOT %s AND deleted = 0, reason, '') AS bad FROM staged",
		f.verdicts(), f.with(f.suspects(runs)), skip)
	if err := conn.Exec(ctx, query); err != nil {
		return fmt.Errorf("judge what is unreadable: %w", err)
	}
	return nil
}

// verdictsOf begins the name of each table of verdicts.
const verdictsOf = "staging_verdicts_"

// verdicts is the table that judge fills: one for each source, since sources are staged side by side.
func (f Feed) verdicts() string { return identifier(verdictsOf + f.Source) }

// unstaged lists the taken records that left no row.
func (f Feed) unstaged(runs []string) string {
	return fmt.Sprintf("SELECT id FROM raw_records WHERE %s AND deleted = 0 AND seq NOT IN (SELECT seq FROM %s WHERE source = %s)",
		f.taken(runs), f.Model.Fills, literal(f.Source))
}

// dropVerdicts removes what a process left that died while it judged.
func dropVerdicts(ctx context.Context, conn driver.Conn) error {
	var left []string
	if err := conn.QueryRow(ctx, "SELECT groupArray(name) FROM system.tables WHERE database = currentDatabase() AND startsWith(name, ?)", verdictsOf).Scan(&left); err != nil {
		return fmt.Errorf("look for verdicts: %w", err)
	}
	for _, table := range left {
		if err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+identifier(table)); err != nil {
			return fmt.Errorf("drop verdicts: %w", err)
		}
	}
	return nil
}

// suspects are the taken records that left no row, and all else of the same ids
// or of ids that are held: few, so that good records are converted only once. Of
// an API's record only the newest version counts; each row of a file does.
func (f Feed) suspects(runs []string) string {
	taken, unstaged := f.taken(runs), f.unstaged(runs)
	if f.Model.Type != configs.TypeFile {
		// Few records lack a row, so that versions are compared of few.
		unstaged = fmt.Sprintf(`SELECT id FROM (
        SELECT id, argMax((seq, deleted), (ifNull(updated_at, toDateTime64(0, 3, 'UTC')), seq)) AS newest FROM raw_records WHERE %s AND id IN (%s) GROUP BY entity, id
    ) WHERE newest.2 = 0 AND newest.1 NOT IN (SELECT seq FROM %s WHERE source = %s)`, taken, unstaged, f.Model.Fills, literal(f.Source))
	}
	return fmt.Sprintf(`%s AND id IN (
    %s
    UNION ALL SELECT id FROM quarantine WHERE %s)`, taken, unstaged, f.held())
}

// outcomes says of each suspect what stands against it now: an empty text is
// nothing. Of several readings of a record, in a file of a row, the latest
// decides, since it may have been mended at its source.
func (f Feed) outcomes() string {
	return `, outcomes AS (
    SELECT r.id AS id, JSONExtractString(r.payload, '_file') AS file,
           toUInt64OrZero(ifNull(JSONExtract(r.payload, '_line', 'Nullable(String)'), '')) AS line,
           max(r.seq) AS seq, argMax(s.bad, r.seq) AS reason
    FROM new_records AS r
    INNER JOIN (SELECT seq, max(bad) AS bad FROM ` + f.verdicts() + ` GROUP BY seq) AS s ON s.seq = r.seq
    GROUP BY id, file, line
)
`
}

// held chooses the quarantined rows that this feed put there, in this run or in
// an earlier one: not those of ingest, nor of another model that reads the same
// records.
func (f Feed) held() string {
	return fmt.Sprintf("source = %s AND entity IN (%s) AND step = 'staging' AND model = %s", literal(f.Source), f.entities(), literal(f.Model.Name))
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

// quarantined counts the records, or rows of files, that the source holds,
// whatever stands against them.
func (f Feed) quarantined(ctx context.Context, conn driver.Conn) (uint64, error) {
	var n uint64
	if err := conn.QueryRow(ctx, "SELECT uniqExact(id, file, line) FROM quarantine WHERE source = ? AND entity IN ("+f.entities()+")", f.Source).Scan(&n); err != nil {
		return 0, fmt.Errorf("count quarantine: %w", err)
	}
	return n, nil
}
