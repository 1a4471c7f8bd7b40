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
	in time.Time // the period of the issue
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
// for ever. Each issue has done so for all figures before it. So a figure is
// compared with its newest issue, and only what changed since the last issue can
// be the cause. A draft behind the last issue restates nothing.
func RestatedBy(ctx context.Context, conn driver.Conn, document string, p Period) ([]Restatement, error) {
	fail := func(err error) ([]Restatement, error) {
		return nil, fmt.Errorf("compare issued %s figures: %w", document, err)
	}
	k, err := knownNow(ctx, conn, document)
	if err != nil {
		return fail(err)
	}
	last, ok := k.lastBefore(p.Start)
	if !ok {
		return nil, nil
	}
	figures, err := issuedFigures(ctx, conn, document, "period_start <= toDate(@start)", p)
	if err != nil {
		return fail(err)
	}
	_, done := k.issues[p.Start]
	if !done && k.starts[len(k.starts)-1].After(p.Start) {
		return nil, nil
	}
	var out []Restatement
	for _, steps := range figures {
		was := steps[len(steps)-1]
		is := k.now(was.Value)
		if done {
			if len(steps) == 1 || !was.in.Equal(p.Start) {
				continue // said nothing of it, or for the first time
			}
			was, is = steps[len(steps)-2], stated{was.Value, k.at(was.KPI, p.Start)}
		}
		causes, err := k.causes(ctx, stated{was.Value, k.at(was.KPI, last)}, is)
		if err != nil {
			return fail(err)
		}
		if len(causes) > 0 {
			out = append(out, k.restatement(was, is.Value, causes))
		}
	}
	return out, nil
}

// RestatedSince lists which of its period's figures an issue printed that are
// others now. What a later issue restated has its cause between the issue before
// that one and it.
func RestatedSince(ctx context.Context, conn driver.Conn, document string, p Period) ([]Restatement, error) {
	fail := func(err error) ([]Restatement, error) {
		return nil, fmt.Errorf("compare issued %s figures: %w", document, err)
	}
	k, err := knownNow(ctx, conn, document)
	if err != nil {
		return fail(err)
	}
	figures, err := issuedFigures(ctx, conn, document, "of_period = toDate(@start)", p)
	if err != nil {
		return fail(err)
	}
	var out []Restatement
	for _, steps := range figures {
		was := steps[0]
		if !was.in.Equal(p.Start) {
			continue // first printed by a later issue
		}
		before := was.Value
		var causes []string
		step := func(from time.Time, to stated) error {
			more, err := k.causes(ctx, stated{before, k.at(was.KPI, from)}, to)
			for _, c := range more {
				if !slices.Contains(causes, c) {
					causes = append(causes, c)
				}
			}
			before = to.Value
			return err
		}
		for _, next := range steps[1:] {
			from, _ := k.lastBefore(next.in)
			if err := step(from, stated{next.Value, k.at(was.KPI, next.in)}); err != nil {
				return fail(err)
			}
		}
		is := k.now(was.Value)
		if err := step(k.starts[len(k.starts)-1], is); err != nil {
			return fail(err)
		}
		if len(causes) > 0 && !alike(was.Value, is.Value) {
			out = append(out, k.restatement(was, is.Value, causes))
		}
	}
	return out, nil
}

// issuedFigures reads the figures that match, the newest period first, each as
// the issues recorded it, the oldest first.
func issuedFigures(ctx context.Context, conn driver.Conn, document, where string, p Period) ([][]issued, error) {
	rows, err := conn.Query(ctx, `
		SELECT toString(kpi), toString(stat), of_period, toString(dim), dim_value, value, low, high, k, n, unknown, open, excluded,
			complete = 1, period_start, issued_at
		FROM published_values
		WHERE document = @document AND `+where+`
		ORDER BY of_period DESC, kpi, dim != 'all', dim, dim_value, stat, period_start`,
		clickhouse.Named("document", document), clickhouse.Named("start", p.Start.Format(time.DateOnly)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]issued
	for rows.Next() {
		f := issued{Value: Value{Period: documentKind[document]}}
		if err := rows.Scan(&f.KPI, &f.Stat, &f.PeriodStart, &f.Dim, &f.DimValue, &f.Value.Value, &f.Low, &f.High, &f.K, &f.N,
			&f.Unknown, &f.Open, &f.Excluded, &f.Complete, &f.in, &f.at); err != nil {
			return nil, err
		}
		f.PeriodStart, f.in = dateOf(f.PeriodStart), dateOf(f.in)
		if last := len(out) - 1; last >= 0 && keyOf(out[last][0].Value) == keyOf(f.Value) {
			out[last] = append(out[last], f)
			continue
		}
		out = append(out, []issued{f})
	}
	return out, rows.Err()
}

// figureKey names a figure within its document.
type figureKey struct{ kpi, stat, start, dim, value string }

func keyOf(v Value) figureKey {
	return figureKey{v.KPI, v.Stat, v.PeriodStart.Format(time.DateOnly), v.Dim, v.DimValue}
}

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
	if err := conn.QueryRow(ctx, "SELECT argMax(definition, id) FROM builds").Scan(&k.current.build); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	if k.current.landed, err = landedTo(ctx, conn); err != nil {
		return nil, err
	}
	return k, k.readIssues(ctx, document)
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

func (k *known) restatement(was issued, is Value, causes []string) Restatement {
	return Restatement{Was: was.Value, Is: is, IssuedAt: was.at, Gone: !k.periods[was.PeriodStart.Format(time.DateOnly)], Causes: causes}
}

// causes says why a figure is another one; none where it is not, or has settled
// as the page said that it would.
func (k *known) causes(ctx context.Context, was, is stated) ([]string, error) {
	if alike(was.Value, is.Value) {
		return nil, nil
	}
	redefined := was.version != is.version
	if was.version == "" || is.version == "" {
		redefined = was.build != is.build
	}
	switch {
	case !redefined && pending(was.Value):
		return nil, nil
	case !redefined && part(is.Value) && was.Unknown > is.Unknown && equal(orZero(was.N)+was.Unknown, orZero(is.N)+is.Unknown):
		return []string{becameKnown}, nil
	case !redefined:
		return []string{LateData}, nil
	case was.version == "" || is.version == "":
		return []string{oldVersion}, nil
	}
	before, err := k.definition(ctx, was.KPI, was.version)
	if err != nil {
		return nil, err
	}
	after, err := k.definition(ctx, was.KPI, is.version)
	if err != nil {
		return nil, err
	}
	causes := explained(before, after)
	if pending(was.Value) {
		causes = append(causes, settledToo)
	}
	if was.landed == 0 || is.landed != was.landed {
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

func orZero(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
