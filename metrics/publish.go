package metrics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// The documents that are issued.
const (
	Weekly  = "weekly"
	Monthly = "monthly"
)

// ErrIssued is returned by Publish for a period that was issued before.
var ErrIssued = errors.New("already issued")

// Printed is what a page printed: the value with its interval, and the sentence.
type Printed struct {
	Value
	Verdict string
}

// Issue is one edition of a document that was recorded.
type Issue struct {
	Document                        string
	PeriodStart, IssuedAt, DataAsOf time.Time
	Definition                      string
}

// Issues lists all editions, the oldest first.
func Issues(ctx context.Context, conn driver.Conn) ([]Issue, error) {
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT toString(document), period_start, issued_at, data_as_of, definition
		FROM published_values
		ORDER BY issued_at, document, period_start`)
	if err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	defer rows.Close()
	var out []Issue
	for rows.Next() {
		var i Issue
		if err := rows.Scan(&i.Document, &i.PeriodStart, &i.IssuedAt, &i.DataAsOf, &i.Definition); err != nil {
			return nil, fmt.Errorf("list issues: %w", err)
		}
		i.PeriodStart = dateOf(i.PeriodStart)
		out = append(out, i)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list issues: %w", err)
	}
	return out, nil
}

// Publish freezes what a document printed of its period, all or nothing: one
// insert of one block. A rate that settles late and a restated figure are printed
// for an earlier period than the page's own. Nothing printed is an error, as the
// issue would leave no trace and be made again; so is a value of a later period
// or of another kind.
func Publish(ctx context.Context, conn driver.Conn, document string, p Period, issuedAt, dataAsOf time.Time,
	definition string, printed []Printed) error {
	fail := func(err error) error { return fmt.Errorf("publish %s of %s: %w", document, p.Slug(), err) }
	if len(printed) == 0 {
		return fail(errors.New("the page printed no value"))
	}
	for _, v := range printed {
		if v.Period != p.Kind || v.PeriodStart.After(p.Start) {
			return fail(fmt.Errorf("%s is of the %s from %s", v.KPI, v.Period, v.PeriodStart.Format(time.DateOnly)))
		}
	}
	var before uint64
	if err := conn.QueryRow(ctx, `SELECT count() FROM published_values WHERE document = @document AND period_start = toDate(@start)`,
		clickhouse.Named("document", document), clickhouse.Named("start", p.Start.Format(time.DateOnly))).Scan(&before); err != nil {
		return fail(err)
	}
	if before > 0 {
		return fail(ErrIssued)
	}
	defined, err := keepDefinitions(ctx, conn, printed)
	if err != nil {
		return fail(err)
	}
	landed, err := landedTo(ctx, conn)
	if err != nil {
		return fail(err)
	}
	if err := warehouse.Once(ctx, conn, func(ctx context.Context) error {
		return insertPublished(ctx, conn, document, p, issuedAt, dataAsOf, definition, printed, defined, landed)
	}); err != nil {
		return fail(err)
	}
	return nil
}

func insertPublished(ctx context.Context, conn driver.Conn, document string, p Period, issuedAt, dataAsOf time.Time,
	definition string, printed []Printed, defined map[string]string, landed uint64) error {
	batch, err := conn.PrepareBatch(ctx, `
		INSERT INTO published_values (document, period_start, issued_at, data_as_of, definition, kpi_definition, landed_to,
			of_period, kpi, stat, dim, dim_value, value, low, high, k, n, unknown, open, excluded, complete, verdict)`)
	if err != nil {
		return err
	}
	defer batch.Close()
	for _, v := range printed {
		if err := batch.Append(document, p.Start, issuedAt, dataAsOf, definition, defined[v.KPI], landed,
			v.PeriodStart, v.KPI, v.Stat, v.Dim, v.DimValue, v.Value.Value, v.Low, v.High, v.K, v.N,
			v.Unknown, v.Open, v.Excluded, completed(v.Value), v.Verdict); err != nil {
			return err
		}
	}
	return batch.Send()
}

// keepDefinitions keeps what the definition of each printed KPI says, once, and
// returns their versions. It goes before the figures: a definition that no
// figure names does no harm.
func keepDefinitions(ctx context.Context, conn driver.Conn, printed []Printed) (map[string]string, error) {
	var kpis []string
	for _, v := range printed {
		if !slices.Contains(kpis, v.KPI) {
			kpis = append(kpis, v.KPI)
		}
	}
	if err := conn.Exec(ctx, `
		INSERT INTO published_definitions (kpi, version, part, kind, hash, content)
		SELECT kpi, version, part, kind, hash, content FROM definitions
		WHERE kpi IN @kpis AND (kpi, version) NOT IN (SELECT kpi, version FROM published_definitions)`, clickhouse.Named("kpis", kpis)); err != nil {
		return nil, fmt.Errorf("keep the definitions: %w", err)
	}
	return versions(ctx, conn)
}

func completed(v Value) uint8 {
	if v.Complete {
		return 1
	}
	return 0
}

// PublishedValues reads what an edition printed.
func PublishedValues(ctx context.Context, conn driver.Conn, document string, periodStart time.Time) ([]Printed, error) {
	rows, err := conn.Query(ctx, `
		SELECT toString(kpi), toString(stat), of_period, toString(dim), dim_value,
			value, low, high, k, n, unknown, open, excluded, complete = 1, verdict
		FROM published_values
		WHERE document = @document AND period_start = toDate(@start)
		ORDER BY kpi, stat, dim, dim_value`,
		clickhouse.Named("document", document), clickhouse.Named("start", periodStart.Format(time.DateOnly)))
	if err != nil {
		return nil, fmt.Errorf("read published %s: %w", document, err)
	}
	defer rows.Close()
	var out []Printed
	for rows.Next() {
		p := Printed{Value: Value{Period: documentKind[document]}}
		if err := rows.Scan(&p.KPI, &p.Stat, &p.PeriodStart, &p.Dim, &p.DimValue,
			&p.Value.Value, &p.Low, &p.High, &p.K, &p.N, &p.Unknown, &p.Open, &p.Excluded, &p.Complete, &p.Verdict); err != nil {
			return nil, fmt.Errorf("read published %s: %w", document, err)
		}
		p.PeriodStart = dateOf(p.PeriodStart)
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read published %s: %w", document, err)
	}
	return out, nil
}
