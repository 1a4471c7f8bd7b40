package metrics

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// EachEvidence reads the rows that EvidenceOf lists, in its order, one at a time:
// a month of 100,000 rows does not have to stand in memory. They come without their
// dims, which take longer to read than all the rest. An error of row ends
// the reading and is returned as it is.
func EachEvidence(ctx context.Context, conn driver.Conn, kpi string, p Period, row func(Evidence) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the engine else reads a result that was left to its end
	rows, err := conn.Query(ctx, within+`
		SELECT toString(kpi), toString(entity), id, key, title, url, from_at, at,
			CAST(value AS Nullable(Float64)), CAST(hit AS Nullable(UInt8)), toString(basis), refs, settles_at,
			toUInt8(included), toString(reason)`+those+`
		ORDER BY included DESC, is_open, hit DESC NULLS LAST, if(is_open, NULL, value) DESC NULLS LAST, from_at, at, key, id`,
		bound(kpi, p)...)
	if err != nil {
		return fmt.Errorf("read evidence of %s: %w", kpi, err)
	}
	for rows.Next() {
		var e Evidence
		var included uint8
		if err := rows.Scan(&e.KPI, &e.Entity, &e.ID, &e.Key, &e.Title, &e.URL, &e.FromAt, &e.At,
			&e.Value, &e.Hit, &e.Basis, &e.Refs, &e.SettlesAt, &included, &e.Reason); err != nil {
			cancel()
			rows.Close()
			return fmt.Errorf("read evidence of %s: %w", kpi, err)
		}
		e.Included = included != 0
		if err := row(e); err != nil {
			cancel()
			rows.Close()
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read evidence of %s: %w", kpi, err)
	}
	return rows.Close()
}
