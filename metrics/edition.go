package metrics

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrNoBuild is returned by EditionOf before the first build is published.
var ErrNoBuild = errors.New("no KPI has been computed yet; run `srekpi transform` first")

// Edition is the published build as a reader dates it.
type Edition struct {
	AsOf       time.Time // the build's clock: nothing later is known to it
	Definition string    // version of its models and rules
	DataAsOf   time.Time // how far the newest source reaches, at most AsOf: the period of the reports is found from it
	Slowest    time.Time // how far the slowest source reaches: what lies before it is complete; zero while one has delivered nothing
	Sources    []Reach
	Periods    []Period
	Issues     []Issue
}

// Reach is how far a source delivers.
type Reach struct {
	Source string
	To     *time.Time // nil: it has delivered nothing yet
}

// EditionOf reads the published build. Times are in loc, the reporting zone.
func EditionOf(ctx context.Context, conn driver.Conn, loc *time.Location) (*Edition, error) {
	e := &Edition{}
	var builds uint64
	err := conn.QueryRow(ctx, "SELECT count(), argMax(as_of, id), argMax(definition, id) FROM builds").Scan(&builds, &e.AsOf, &e.Definition)
	if err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	if builds == 0 {
		return nil, ErrNoBuild
	}
	e.AsOf = e.AsOf.In(loc)
	if err := e.reach(ctx, conn, loc); err != nil {
		return nil, err
	}
	if e.Periods, err = calendar(ctx, conn, loc); err != nil {
		return nil, err
	}
	e.Issues, err = Issues(ctx, conn)
	return e, err
}

// reach reads how far each source delivers, and what follows from it.
func (e *Edition) reach(ctx context.Context, conn driver.Conn, loc *time.Location) error {
	rows, err := conn.Query(ctx, "SELECT toString(source), collected_to FROM sources ORDER BY source")
	if err != nil {
		return fmt.Errorf("read the collected range: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r Reach
		if err := rows.Scan(&r.Source, &r.To); err != nil {
			return fmt.Errorf("read the collected range: %w", err)
		}
		if r.To != nil {
			to := r.To.In(loc)
			r.To = &to
		}
		e.Sources = append(e.Sources, r)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the collected range: %w", err)
	}
	e.DataAsOf, e.Slowest = time.Time{}, e.AsOf
	for _, r := range e.Sources {
		if r.To == nil {
			e.Slowest = time.Time{}
			continue
		}
		if r.To.After(e.DataAsOf) {
			e.DataAsOf = *r.To
		}
		if r.To.Before(e.Slowest) {
			e.Slowest = *r.To
		}
	}
	if e.DataAsOf.IsZero() {
		e.DataAsOf = e.AsOf // nothing is collected: the pages are those of now
	}
	return nil
}

// Current finds the period of a document that runs at the end of the data, and
// the one that ended last; nil where there is none.
func (e *Edition) Current(document string) (running, ended *Period) {
	return Current(e.Periods, documentKind[document], e.DataAsOf)
}

// Past lists the periods of a document that have begun, oldest first: every one
// that it can be written for.
func (e *Edition) Past(document string) []Period {
	var out []Period
	for _, p := range e.Periods {
		if p.Kind == documentKind[document] && p.StartsAt.Before(e.DataAsOf) {
			out = append(out, p)
		}
	}
	return out
}

// Issue finds the issue of a document's period; nil while it is a draft.
func (e *Edition) Issue(document string, p Period) *Issue {
	for i := range e.Issues {
		if e.Issues[i].Document == document && e.Issues[i].PeriodStart.Equal(p.Start) {
			return &e.Issues[i]
		}
	}
	return nil
}

// calendar reads the periods that the build's values stand in.
func calendar(ctx context.Context, conn driver.Conn, loc *time.Location) ([]Period, error) {
	rows, err := conn.Query(ctx, "SELECT period, period_start, starts_at, ends_at, label FROM periods ORDER BY starts_at, period DESC")
	if err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	defer rows.Close()
	var ps []Period
	for rows.Next() {
		var p Period
		if err := rows.Scan(&p.Kind, &p.Start, &p.StartsAt, &p.EndsAt, &p.Label); err != nil {
			return nil, fmt.Errorf("read periods: %w", err)
		}
		p.Start = dateOf(p.Start) // a Date comes back as midnight in the machine's zone
		p.StartsAt, p.EndsAt = p.StartsAt.In(loc), p.EndsAt.In(loc)
		ps = append(ps, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read periods: %w", err)
	}
	return ps, nil
}
