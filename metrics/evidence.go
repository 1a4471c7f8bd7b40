package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Evidence is one row behind a number: what it contributes, or why it does not.
type Evidence struct {
	KPI, Entity, ID, Key, Title, URL string
	FromAt, At                       *time.Time
	Value                            *float64 // seconds for a duration, else a weight
	Hit                              *uint8   // the numerator flag; nil: not, or not yet, known
	Dims                             map[string][]string
	Basis                            string
	Refs                             []string
	SettlesAt                        *time.Time
	Included                         bool
	Reason                           string
}

// OpenIn tells whether a duration was still open when the period ended, whatever
// became of it later.
func (e Evidence) OpenIn(p Period) bool {
	return e.Included && e.FromAt != nil && e.FromAt.Before(p.EndsAt) && (e.At == nil || !e.At.Before(p.EndsAt))
}

// EvidenceOf lists the rows behind a KPI's figures of one period, as a reader
// wants them: what counted, hits first and the slowest or heaviest first; then,
// for a duration, what was still open at the end, oldest first; then what was
// left out.
func EvidenceOf(ctx context.Context, conn driver.Conn, kpi string, p Period) ([]Evidence, error) {
	// Only a duration and a stock are carried as open. A change that ends after the
	// period also has from_at inside it and at behind it, and belongs to the next one.
	rows, err := conn.Query(ctx, `
		WITH toDateTime64(@starts, 3, 'UTC') AS starts,
			toDateTime64(@ends, 3, 'UTC') AS ends,
			(SELECT (countIf(kind = 'duration'), countIf(stock = 1)) FROM kpis WHERE kpi = @kpi) AS carried,
			carried.1 + carried.2 > 0 AND included = 1 AND ifNull(from_at < ends, 0) AND ifNull(at >= ends, 1) AS is_open
		SELECT toString(kpi), toString(entity), id, key, title, url, from_at, at,
			CAST(value AS Nullable(Float64)), CAST(hit AS Nullable(UInt8)), dims, toString(basis), refs, settles_at,
			toUInt8(included), toString(reason)
		FROM kpi_evidence
		WHERE kpi = @kpi AND (is_open OR ifNull(at >= starts AND at < ends, 0) AND (carried.2 = 0 OR included = 0))
		ORDER BY included DESC, is_open, hit DESC NULLS LAST, if(is_open, NULL, value) DESC NULLS LAST, from_at, at, key, id`,
		clickhouse.Named("kpi", kpi), clickhouse.Named("starts", instant(p.StartsAt)), clickhouse.Named("ends", instant(p.EndsAt)))
	if err != nil {
		return nil, fmt.Errorf("read evidence of %s: %w", kpi, err)
	}
	defer rows.Close()
	var out []Evidence
	for rows.Next() {
		var e Evidence
		var included uint8
		if err := rows.Scan(&e.KPI, &e.Entity, &e.ID, &e.Key, &e.Title, &e.URL, &e.FromAt, &e.At,
			&e.Value, &e.Hit, &e.Dims, &e.Basis, &e.Refs, &e.SettlesAt, &included, &e.Reason); err != nil {
			return nil, fmt.Errorf("read evidence of %s: %w", kpi, err)
		}
		e.Included = included != 0
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read evidence of %s: %w", kpi, err)
	}
	return out, nil
}

// instant is a time as toDateTime64 reads it. Bound as text, since the driver
// cuts a bound time.Time to seconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
