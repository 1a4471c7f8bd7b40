package metrics

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// known is the current build beside the issues of a document.
type known struct {
	conn        driver.Conn
	values      map[figureKey]Value
	periods     map[string]bool
	versions    map[string]string // of each KPI
	current     made              // but for the version
	starts      []time.Time       // of the issues' periods
	issues      map[time.Time]made
	noted       map[string][]noted // versions of each KPI, by issue
	definitions map[[2]string][]definitionPart
}

// noted is a KPI's definition version in an issue.
type noted struct {
	in      time.Time
	version string
}

// stated is a figure with what it was made from.
type stated struct {
	Value
	made
}

// knownNow reads what is known now of all figures that a document ever issued.
func knownNow(ctx context.Context, conn driver.Conn, document string) (*known, error) {
	k := &known{conn: conn, values: map[figureKey]Value{}, periods: map[string]bool{}, issues: map[time.Time]made{}, noted: map[string][]noted{}, definitions: map[[2]string][]definitionPart{}}
	if err := k.readIssues(ctx, document); err != nil || len(k.starts) == 0 {
		return k, err // nothing was printed that could be another now
	}
	kind := documentKind[document]
	values, err := selectValues(ctx, conn, `period = @period AND (kpi, stat, period_start, dim, dim_value) IN (
		SELECT kpi, stat, of_period, dim, dim_value FROM published_values WHERE document = @document)`, bySeries,
		clickhouse.Named("period", kind), clickhouse.Named("document", document))
	if err != nil {
		return nil, err
	}
	for _, v := range values {
		k.values[keyOf(v)] = v
	}
	var starts []string
	if err := conn.QueryRow(ctx, "SELECT groupArray(toString(period_start)) FROM periods WHERE period = @period", clickhouse.Named("period", kind)).Scan(&starts); err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	for _, s := range starts {
		k.periods[s] = true
	}
	if k.versions, err = versions(ctx, conn); err != nil {
		return nil, err
	}
	if err := conn.QueryRow(ctx, "SELECT argMax(definition, id) FROM builds").Scan(&k.current.build); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	k.current.landed, err = landedTo(ctx, conn)
	return k, err
}

// readIssues reads what the figures of each issue were made from.
func (k *known) readIssues(ctx context.Context, document string) error {
	rows, err := k.conn.Query(ctx, `
		SELECT DISTINCT period_start, toString(kpi), kpi_definition, definition, landed_to
		FROM published_values WHERE document = @document ORDER BY period_start, kpi`, clickhouse.Named("document", document))
	if err != nil {
		return fmt.Errorf("read issues: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n noted
		var kpi string
		var by made
		if err := rows.Scan(&n.in, &kpi, &n.version, &by.build, &by.landed); err != nil {
			return fmt.Errorf("read issues: %w", err)
		}
		n.in = dateOf(n.in)
		if _, seen := k.issues[n.in]; !seen {
			k.starts = append(k.starts, n.in)
		}
		k.issues[n.in] = by
		k.noted[kpi] = append(k.noted[kpi], n)
	}
	return rows.Err()
}

// lastBefore is the period of the last issue before one.
func (k *known) lastBefore(start time.Time) (time.Time, bool) {
	for i := len(k.starts) - 1; i >= 0; i-- {
		if k.starts[i].Before(start) {
			return k.starts[i], true
		}
	}
	return time.Time{}, false
}

// at is what an issue made a KPI's figures from; where it printed none, by the
// version that the one before it noted.
func (k *known) at(kpi string, start time.Time) made {
	by := k.issues[start]
	for _, n := range k.noted[kpi] {
		if !n.in.After(start) {
			by.version = n.version
		}
	}
	return by
}

// versions reads the definition version of each KPI in the current build.
func versions(ctx context.Context, conn driver.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT DISTINCT toString(kpi), version FROM definitions")
	if err != nil {
		return nil, fmt.Errorf("read definitions: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var kpi, version string
		if err := rows.Scan(&kpi, &version); err != nil {
			return nil, fmt.Errorf("read definitions: %w", err)
		}
		out[kpi] = version
	}
	return out, rows.Err()
}

// landedTo is the last ingest run that landed a record.
func landedTo(ctx context.Context, conn driver.Conn) (uint64, error) {
	var run uint64
	if err := conn.QueryRow(ctx, "SELECT max(run_id) FROM raw_records").Scan(&run); err != nil {
		return 0, fmt.Errorf("read what has landed: %w", err)
	}
	return run, nil
}

// now is what is known of an issued figure; one without a row has no value.
func (k *known) now(was Value) stated {
	v, ok := k.values[keyOf(was)]
	if !ok {
		v = Value{KPI: was.KPI, Stat: was.Stat, Period: was.Period, PeriodStart: was.PeriodStart, Dim: was.Dim, DimValue: was.DimValue}
	}
	by := k.current
	by.version = k.versions[was.KPI]
	return stated{v, by}
}

// definition reads what a version of a KPI rested on: of an issued figure from
// what was kept of it, else from the current build.
func (k *known) definition(ctx context.Context, kpi, version string) ([]definitionPart, error) {
	at := [2]string{kpi, version}
	if parts, ok := k.definitions[at]; ok {
		return parts, nil
	}
	table := "published_definitions"
	if k.versions[kpi] == version {
		table = "definitions"
	}
	rows, err := k.conn.Query(ctx, "SELECT DISTINCT toString(part), toString(kind), hash, content FROM "+table+" WHERE kpi = @kpi AND version = @version ORDER BY 1",
		clickhouse.Named("kpi", kpi), clickhouse.Named("version", version))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close()
	var parts []definitionPart
	for rows.Next() {
		var p definitionPart
		if err := rows.Scan(&p.name, &p.kind, &p.hash, &p.content); err != nil {
			return nil, fmt.Errorf("read %s: %w", table, err)
		}
		parts = append(parts, p)
	}
	k.definitions[at] = parts
	return parts, rows.Err()
}
