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
