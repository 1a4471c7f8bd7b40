package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Restatement is an issued figure that is another one now.
type Restatement struct {
	Was, Is  Value
	IssuedAt time.Time // of what was
	Gone     bool      // its period is no longer computed: weeks end elsewhere, or history begins later
	Causes   []string
}

// Cause is why, in words.
func (r Restatement) Cause() string { return strings.Join(r.Causes, "; ") }

// The causes that lie in no rule.
const (
	LateData    = "late or corrected data"
	lateToo     = "possibly late or corrected data too"
	settledToo  = "outcomes that were pending have settled"
	becameKnown = "outcomes that were not known then"
	oldVersion  = "another definition version, or late data"
)

// issued is a figure as an issue recorded it.
type issued struct {
	Value
	made
	at time.Time
}

// made is what a figure was made from.
type made struct {
	version string // definition of the KPI; empty where an issue did not yet note it
	build   string // definition of everything
	landed  uint64 // the last ingest run that had landed a record
}

// RestatedBy lists what the page of p says anew of figures that earlier issues
// of the document printed, however old they are: against what is known now, or,
// once the page is issued, against what it recorded, so that it says the same
// for ever. Each figure is compared with its newest issue, so that one that was
// restated is not listed again. A draft behind the last issue restates nothing.
func RestatedBy(ctx context.Context, conn driver.Conn, document string, p Period) ([]Restatement, error) {
	fail := func(err error) ([]Restatement, error) {
		return nil, fmt.Errorf("compare issued %s figures: %w", document, err)
	}
	was, err := issuedFigures(ctx, conn, document, "period_start < toDate(@start)", p)
	if err != nil || len(was) == 0 {
		return nil, err
	}
	own, err := issuedFigures(ctx, conn, document, "period_start = toDate(@start)", p)
	if err != nil {
		return nil, err
	}
	now, err := knownNow(ctx, conn, document)
	if err != nil {
		return fail(err)
	}
	if len(own) == 0 {
		later, err := issuedFigures(ctx, conn, document, "period_start > toDate(@start)", p)
		if err != nil || len(later) > 0 {
			return nil, err
		}
		return now.compare(ctx, was, func(w issued) (Value, made, bool) { v, m := now.of(w.Value); return v, m, true })
	}
	recorded := map[figureKey]issued{}
	for _, f := range own {
		recorded[keyOf(f.Value)] = f
	}
	return now.compare(ctx, was, func(w issued) (Value, made, bool) {
		f, ok := recorded[keyOf(w.Value)]
		return f.Value, f.made, ok
	})
}

// RestatedSince lists which of its period's figures an issue printed that are
// others now.
func RestatedSince(ctx context.Context, conn driver.Conn, document string, p Period) ([]Restatement, error) {
	was, err := issuedFigures(ctx, conn, document, "period_start = toDate(@start) AND of_period = period_start", p)
	if err != nil || len(was) == 0 {
		return nil, err
	}
	now, err := knownNow(ctx, conn, document)
	if err != nil {
		return nil, fmt.Errorf("compare issued %s figures: %w", document, err)
	}
	return now.compare(ctx, was, func(w issued) (Value, made, bool) { v, m := now.of(w.Value); return v, m, true })
}

// issuedFigures reads the newest issue of each figure among those that match.
func issuedFigures(ctx context.Context, conn driver.Conn, document, where string, p Period) ([]issued, error) {
	rows, err := conn.Query(ctx, `
		SELECT toString(kpi), toString(stat), of_period, toString(dim), dim_value, value, low, high, k, n, unknown, open, excluded,
			complete = 1, issued_at, kpi_definition, definition, landed_to
		FROM published_values
		WHERE document = @document AND `+where+`
		ORDER BY of_period DESC, kpi, dim != 'all', dim, dim_value, stat, period_start DESC
		LIMIT 1 BY of_period, kpi, stat, dim, dim_value`,
		clickhouse.Named("document", document), clickhouse.Named("start", p.Start.Format(time.DateOnly)))
	if err != nil {
		return nil, fmt.Errorf("read issued %s figures: %w", document, err)
	}
	defer rows.Close()
	var out []issued
	for rows.Next() {
		f := issued{Value: Value{Period: documentKind[document]}}
		if err := rows.Scan(&f.KPI, &f.Stat, &f.PeriodStart, &f.Dim, &f.DimValue, &f.Value.Value, &f.Low, &f.High, &f.K, &f.N,
			&f.Unknown, &f.Open, &f.Excluded, &f.Complete, &f.at, &f.version, &f.build, &f.landed); err != nil {
			return nil, fmt.Errorf("read issued %s figures: %w", document, err)
		}
		f.PeriodStart = dateOf(f.PeriodStart)
		out = append(out, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read issued %s figures: %w", document, err)
	}
	return out, nil
}

// figureKey names a figure within its document.
type figureKey struct{ kpi, stat, start, dim, value string }

func keyOf(v Value) figureKey {
	return figureKey{v.KPI, v.Stat, v.PeriodStart.Format(time.DateOnly), v.Dim, v.DimValue}
}

// known is the current build beside what was issued.
type known struct {
	conn        driver.Conn
	values      map[figureKey]Value
	periods     map[string]bool
	versions    map[string]string // of each KPI
	build       string
	landed      uint64
	definitions map[[2]string][]definitionPart
}

// knownNow reads what is known now of all figures that a document ever issued.
func knownNow(ctx context.Context, conn driver.Conn, document string) (*known, error) {
	k := &known{conn: conn, values: map[figureKey]Value{}, periods: map[string]bool{}, definitions: map[[2]string][]definitionPart{}}
	kind := documentKind[document]
	values, err := selectValues(ctx, conn, `period = @period AND (kpi, stat, period_start, dim, dim_value) IN (
		SELECT kpi, stat, of_period, dim, dim_value FROM published_values WHERE document = @document)`,
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
	if err := conn.QueryRow(ctx, "SELECT argMax(definition, id) FROM builds").Scan(&k.build); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	k.landed, err = landedTo(ctx, conn)
	return k, err
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

// of is what is known now of an issued figure: one without a row has no value.
func (k *known) of(was Value) (Value, made) {
	v, ok := k.values[keyOf(was)]
	if !ok {
		v = Value{KPI: was.KPI, Stat: was.Stat, Period: was.Period, PeriodStart: was.PeriodStart, Dim: was.Dim, DimValue: was.DimValue}
	}
	return v, made{version: k.versions[was.KPI], build: k.build, landed: k.landed}
}

// compare lists the figures that differ from what they are, with why.
func (k *known) compare(ctx context.Context, was []issued, is func(issued) (Value, made, bool)) ([]Restatement, error) {
	var out []Restatement
	for _, w := range was {
		v, by, ok := is(w)
		if !ok || alike(w.Value, v) {
			continue
		}
		redefined := by.version != w.version
		if by.version == "" || w.version == "" {
			redefined = by.build != w.build
		}
		if pending(w.Value) && !redefined {
			continue // it has settled, as the page said that it would
		}
		r := Restatement{Was: w.Value, Is: v, IssuedAt: w.at, Gone: !k.periods[w.PeriodStart.Format(time.DateOnly)]}
		var err error
		if r.Causes, err = k.causes(ctx, w, v, by, redefined); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (k *known) causes(ctx context.Context, was issued, is Value, by made, redefined bool) ([]string, error) {
	if !redefined {
		if part(is) && was.Unknown > is.Unknown && equal(whole0(was.N)+was.Unknown, whole0(is.N)+is.Unknown) {
			return []string{becameKnown}, nil
		}
		return []string{LateData}, nil
	}
	if by.version == "" || was.version == "" {
		return []string{oldVersion}, nil
	}
	before, err := k.definition(ctx, was.KPI, was.version)
	if err != nil {
		return nil, err
	}
	after, err := k.definition(ctx, was.KPI, by.version)
	if err != nil {
		return nil, err
	}
	causes := slices.Clone(explained(before, after))
	if pending(was.Value) {
		causes = append(causes, settledToo)
	}
	if was.landed == 0 || by.landed != was.landed {
		causes = append(causes, lateToo)
	}
	return causes, nil
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

// part says that a figure is a part of a whole.
func part(v Value) bool { return v.Stat == KindRate || v.Stat == KindShare }

// pending says that outcomes behind a figure were still to come.
func pending(v Value) bool { return part(v) && !v.Complete && v.Unknown > 0 }

// alike says that two figures print the same: the value, and of a part of a
// whole what it is made of.
func alike(a, b Value) bool {
	if !sameNumber(a.Value, b.Value) {
		return false
	}
	if !part(a) || a.Value == nil {
		return true
	}
	return sameNumber(a.K, b.K) && sameNumber(a.N, b.N) && (a.Stat == KindRate || equal(a.Unknown, b.Unknown))
}

func sameNumber(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equal(*a, *b)
}

// equal allows for sums that were added up in another order.
func equal(a, b float64) bool {
	return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b), 1e-3)
}

func whole0(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
