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
		(SELECT (groupArrayIf(kpi, kind = 'duration'), groupArrayIf(kpi, stock = 1), groupArrayIf(kpi, kind IN ('rate', 'share'))) FROM kpis) AS kinds,
		has(kinds.1, kpi) AS lasts,
		has(kinds.2, kpi) AS stands,
		(lasts OR stands) AND included = 1 AND ifNull(from_at < ends, 0) AND ifNull(at >= ends, 1) AS is_open,
		multiIf(included = 0, 3, is_open AND lasts, 2, has(kinds.3, kpi) AND isNull(hit), 1, 0) AS fate`

// What ended before the period is no part of it: said apart from the rest, it lets
// the engine pass over those rows by the table's key.
const inPeriod = `(isNull(at) OR at >= starts) AND (is_open OR ifNull(at >= starts AND at < ends, 0) AND (NOT stands OR included = 0))`

// asRead is the order in which a reader wants the rows of a KPI: what counted, hits
// first and the slowest or heaviest first; then, for a duration, what was still open
// at the end, oldest first; then what was left out. ranked is the same among the rows
// of a fate as one number: the bits of floats that are not negative sort as they do.
// Key and id, which it leaves out, part equals only.
const (
	asRead = `included DESC, is_open, hit DESC NULLS LAST, if(is_open, NULL, value) DESC NULLS LAST, from_at, at, key, id`
	ranked = `
		toDateTime64('2200-01-01 00:00:00', 3, 'UTC') AS never,
		bitNot(if(is_open OR isNull(value), 0, reinterpretAsUInt64(toFloat64(assumeNotNull(value))) + 1)) AS weight,
		bitShiftLeft(toUInt256(4 * is_open + if(isNull(hit), 2, 1 - assumeNotNull(hit))), 192) + bitShiftLeft(toUInt256(weight), 128)
			+ bitShiftLeft(toUInt256(toUnixTimestamp64Milli(ifNull(from_at, never)) + 9000000000000), 64) + toUInt256(toUnixTimestamp64Milli(ifNull(at, never)) + 9000000000000) AS place`
)

func spanned(p Period) []any {
	return []any{clickhouse.Named("starts", instant(p.StartsAt)), clickhouse.Named("ends", instant(p.EndsAt))}
}

// EvidenceSQL is the condition on kpi_evidence under which a KPI's rows stand
// behind its figures of a period, for people to read: the same rule as inPeriod,
// spelled for the kind of the KPI.
func EvidenceSQL(k KPI, p Period) string {
	at := func(t time.Time) string { return "'" + t.UTC().Format(time.DateTime) + "'" }
	from, to := at(p.StartsAt), at(p.EndsAt)
	rows := fmt.Sprintf("at >= %s AND at < %s", from, to)
	open := fmt.Sprintf("included = 1 AND from_at < %s AND ifNull(at >= %s, 1)", to, to)
	switch {
	case k.Stock: // what was open at the end, and what was left out
		rows = "included = 0 AND " + rows + " OR " + open
	case k.Kind == KindDuration:
		rows += " OR " + open
	}
	return fmt.Sprintf("kpi = '%s' AND (%s)", k.Name, rows)
}

// Top is what stands behind a KPI's figures of a period: the first rows of each
// fate, in the order in which a reader wants them, and how many there are.
type Top struct {
	Rows  []Evidence
	Count [Fates]int
}

// EvidenceTop reads that of all KPIs, at most so many rows of each fate: a week
// of 100,000 incidents is not sorted, nor read, to show 300. The first pass counts
// and finds the last place that is taken where there are more, by numbers alone; the
// second reads what stands before it.
func EvidenceTop(ctx context.Context, conn driver.Conn, p Period, most int) (map[string]*Top, error) {
	var counts []struct {
		KPI  string `ch:"of_kpi"`
		Fate int64  `ch:"of_fate"`
		N    uint64 `ch:"n"`
		Last string `ch:"last_place"`
	}
	err := conn.Select(ctx, &counts, within+","+ranked+fmt.Sprintf(`
		SELECT toString(kpi) AS of_kpi, toInt64(fate) AS of_fate, count() AS n, if(n > %d, toString(arrayMax(groupArraySorted(%d)(place))), '') AS last_place
		FROM kpi_evidence WHERE `+inPeriod+` GROUP BY of_kpi, of_fate ORDER BY of_kpi, of_fate`, most, most), spanned(p)...)
	if err != nil {
		return nil, fmt.Errorf("count evidence: %w", err)
	}
	out := map[string]*Top{}
	crowded, last := []string{""}, []string{"0"}
	for _, c := range counts {
		if out[c.KPI] == nil {
			out[c.KPI] = &Top{}
		}
		out[c.KPI].Count[c.Fate] = int(c.N)
		if c.Last != "" {
			crowded, last = append(crowded, fmt.Sprint(c.Fate, c.KPI)), append(last, c.Last)
		}
	}
	rows, err := evidence(ctx, conn, ","+ranked+`, transform(concat(toString(fate), toString(kpi)), @crowded, range(1, length(@crowded) + 1), 0) AS crowd`,
		fmt.Sprintf(` FROM kpi_evidence WHERE `+inPeriod+` AND (crowd = 0 OR place <= arrayMap(l -> toUInt256(l), @last)[crowd])
		ORDER BY kpi, %s LIMIT %d BY kpi, fate`, asRead, most), append(spanned(p), clickhouse.Named("crowded", crowded), clickhouse.Named("last", last))...)
	for _, e := range rows {
		if top := out[e.KPI]; top != nil {
			top.Rows = append(top.Rows, e)
		}
	}
	return out, err
}

func evidence(ctx context.Context, conn driver.Conn, with, which string, args ...any) ([]Evidence, error) {
	rows, err := conn.Query(ctx, within+with+`
		SELECT toString(kpi), toString(entity), id, key, title, url, from_at, at,
			CAST(value AS Nullable(Float64)), CAST(hit AS Nullable(UInt8)), toString(basis), refs, settles_at,
			toUInt8(included), toString(reason)`+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer rows.Close()
	var out []Evidence
	for rows.Next() {
		var e Evidence
		var included uint8
		if err := rows.Scan(&e.KPI, &e.Entity, &e.ID, &e.Key, &e.Title, &e.URL, &e.FromAt, &e.At,
			&e.Value, &e.Hit, &e.Basis, &e.Refs, &e.SettlesAt, &included, &e.Reason); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		e.Included = included != 0
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return out, nil
}

// Durations are the values behind a period's medians, of each duration, ascending.
func Durations(ctx context.Context, conn driver.Conn, p Period) (map[string][]float64, error) {
	var rows []struct {
		KPI     string    `ch:"of_kpi"`
		Seconds []float64 `ch:"seconds"`
	}
	err := conn.Select(ctx, &rows, `
		SELECT toString(kpi) AS of_kpi, arraySort(groupArray(toFloat64(assumeNotNull(value)))) AS seconds
		FROM kpi_evidence
		WHERE kpi IN (SELECT kpi FROM kpis WHERE kind = 'duration') AND included = 1 AND isNotNull(value)
			AND ifNull(at >= toDateTime64(@starts, 3, 'UTC') AND at < toDateTime64(@ends, 3, 'UTC'), 0)
		GROUP BY of_kpi`, spanned(p)...)
	if err != nil {
		return nil, fmt.Errorf("read durations: %w", err)
	}
	out := map[string][]float64{}
	for _, r := range rows {
		out[r.KPI] = r.Seconds
	}
	return out, nil
}

// Cohorts are the survival, by each duration, of what started in a stretch of
// time (a period, or one made of several), as known at its end. Taking what
// started, not what was open, keeps the long ones from being counted more often
// than they happen.
func Cohorts(ctx context.Context, conn driver.Conn, p Period, level float64) (map[string]Survival, error) {
	var rows []struct {
		KPI   string    `ch:"of_kpi"`
		Ended []float64 `ch:"lasted"`
		Open  []float64 `ch:"so_far"`
	}
	err := conn.Select(ctx, &rows, `
		WITH toDateTime64(@starts, 3, 'UTC') AS starts, toDateTime64(@ends, 3, 'UTC') AS ends,
			ifNull(at < ends, 0) AS is_over
		SELECT toString(kpi) AS of_kpi,
			groupArrayIf(toFloat64(assumeNotNull(value)), is_over AND isNotNull(value)) AS lasted,
			groupArrayIf((toUnixTimestamp64Milli(ends) - toUnixTimestamp64Milli(assumeNotNull(from_at))) / 1000, NOT is_over) AS so_far
		FROM kpi_evidence
		WHERE kpi IN (SELECT kpi FROM kpis WHERE kind = 'duration') AND included = 1 AND ifNull(from_at >= starts AND from_at < ends, 0)
		GROUP BY of_kpi`, spanned(p)...)
	if err != nil {
		return nil, fmt.Errorf("read cohorts: %w", err)
	}
	out := map[string]Survival{}
	for _, r := range rows {
		ended := make([]bool, len(r.Ended)+len(r.Open))
		for i := range r.Ended {
			ended[i] = true
		}
		out[r.KPI] = KaplanMeier(append(r.Ended, r.Open...), ended, level)
	}
	return out, nil
}

// instant is a time as toDateTime64 reads it. Bound as text, since the driver
// cuts a bound time.Time to seconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
