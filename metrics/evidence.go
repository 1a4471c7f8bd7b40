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

// Fate is what became of a row in a period.
type Fate int

const (
	Counted   Fate = iota
	Unknown        // it counts, and its outcome is not, or not yet, known
	StillOpen      // a duration that outlasts the period
	LeftOut
	Fates // how many there are
)

// within tells which rows stand behind a KPI's figures of a period, and the fate
// of each. Only a duration and a stock are carried as open: a change that ends
// after the period also has from_at inside it and at behind it, and belongs to
// the next one.
const within = `
	WITH toDateTime64(@starts, 3, 'UTC') AS starts,
		toDateTime64(@ends, 3, 'UTC') AS ends,
		(SELECT (countIf(kind = 'duration'), countIf(stock = 1), countIf(kind IN ('rate', 'share'))) FROM kpis WHERE kpi = @kpi) AS carried,
		carried.1 + carried.2 > 0 AND included = 1 AND ifNull(from_at < ends, 0) AND ifNull(at >= ends, 1) AS is_open,
		multiIf(included = 0, 3, is_open AND carried.1 > 0, 2, carried.3 > 0 AND isNull(hit), 1, 0) AS fate`

const those = `
	FROM kpi_evidence
	WHERE kpi = @kpi AND (is_open OR ifNull(at >= starts AND at < ends, 0) AND (carried.2 = 0 OR included = 0))`

func bound(kpi string, p Period) []any {
	return []any{clickhouse.Named("kpi", kpi), clickhouse.Named("starts", instant(p.StartsAt)), clickhouse.Named("ends", instant(p.EndsAt))}
}

// EvidenceOf lists the rows behind a KPI's figures of one period, as a reader
// wants them: what counted, hits first and the slowest or heaviest first; then,
// for a duration, what was still open at the end, oldest first; then what was
// left out.
func EvidenceOf(ctx context.Context, conn driver.Conn, kpi string, p Period) ([]Evidence, error) {
	return evidence(ctx, conn, kpi, p, "")
}

// EvidenceTop lists the first rows of each fate in the same order, at most so
// many of each, and counts them all: a week of 100,000 incidents is not read to
// show 300.
func EvidenceTop(ctx context.Context, conn driver.Conn, kpi string, p Period, most int) ([]Evidence, [Fates]int, error) {
	var count [Fates]int
	rows, err := conn.Query(ctx, within+` SELECT toInt64(fate) AS of_fate, toInt64(count()) `+those+` GROUP BY of_fate`, bound(kpi, p)...)
	if err != nil {
		return nil, count, fmt.Errorf("count evidence of %s: %w", kpi, err)
	}
	defer rows.Close()
	for rows.Next() {
		var fate, n int64
		if err := rows.Scan(&fate, &n); err != nil {
			return nil, count, fmt.Errorf("count evidence of %s: %w", kpi, err)
		}
		count[fate] = int(n)
	}
	if err := rows.Err(); err != nil {
		return nil, count, fmt.Errorf("count evidence of %s: %w", kpi, err)
	}
	out, err := evidence(ctx, conn, kpi, p, fmt.Sprintf(" LIMIT %d BY fate", most))
	return out, count, err
}

func evidence(ctx context.Context, conn driver.Conn, kpi string, p Period, limit string) ([]Evidence, error) {
	rows, err := conn.Query(ctx, within+`
		SELECT toString(kpi), toString(entity), id, key, title, url, from_at, at,
			CAST(value AS Nullable(Float64)), CAST(hit AS Nullable(UInt8)), dims, toString(basis), refs, settles_at,
			toUInt8(included), toString(reason)`+those+`
		ORDER BY included DESC, is_open, hit DESC NULLS LAST, if(is_open, NULL, value) DESC NULLS LAST, from_at, at, key, id`+limit,
		bound(kpi, p)...)
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

// Durations are the values behind a period's median, ascending.
func Durations(ctx context.Context, conn driver.Conn, kpi string, p Period) ([]float64, error) {
	var out []struct {
		Value float64 `ch:"seconds"`
	}
	err := conn.Select(ctx, &out, `
		SELECT toFloat64(assumeNotNull(value)) AS seconds
		FROM kpi_evidence
		WHERE kpi = @kpi AND included = 1 AND isNotNull(value) AND ifNull(at >= toDateTime64(@starts, 3, 'UTC') AND at < toDateTime64(@ends, 3, 'UTC'), 0)
		ORDER BY seconds`, bound(kpi, p)...)
	if err != nil {
		return nil, fmt.Errorf("read durations of %s: %w", kpi, err)
	}
	seconds := make([]float64, len(out))
	for i, row := range out {
		seconds[i] = row.Value
	}
	return seconds, nil
}

// CohortOf is the survival of what started in a stretch of time; see Cohort.
func CohortOf(ctx context.Context, conn driver.Conn, kpi string, p Period, level float64) (Survival, error) {
	var rows []struct {
		FromAt *time.Time `ch:"began"`
		At     *time.Time `ch:"stopped"`
		Value  *float64   `ch:"seconds"`
	}
	err := conn.Select(ctx, &rows, `
		SELECT toNullable(e.from_at) AS began, toNullable(e.at) AS stopped, CAST(e.value AS Nullable(Float64)) AS seconds
		FROM kpi_evidence AS e
		WHERE e.kpi = @kpi AND e.included = 1 AND ifNull(e.from_at >= toDateTime64(@starts, 3, 'UTC') AND e.from_at < toDateTime64(@ends, 3, 'UTC'), 0)
		ORDER BY began, stopped`, bound(kpi, p)...)
	if err != nil {
		return Survival{}, fmt.Errorf("read the cohort of %s: %w", kpi, err)
	}
	es := make([]Evidence, len(rows))
	for i, row := range rows {
		es[i] = Evidence{FromAt: row.FromAt, At: row.At, Value: row.Value, Included: true}
	}
	return Cohort(es, p, level), nil
}

// instant is a time as toDateTime64 reads it. Bound as text, since the driver
// cuts a bound time.Time to seconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
