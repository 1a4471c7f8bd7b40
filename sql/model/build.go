package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Evidence is the mart that all KPI files fill; its own file gives the shape.
const Evidence = "kpi_evidence"

// keepBuilds is how many published builds stay, so that a reader of the one
// before the newest is not cut off in the middle of a query.
const keepBuilds = 2

// BuildOptions say what a build computes and for when.
type BuildOptions struct {
	AsOf   time.Time        // nothing later than this is known to the build
	Inputs []Input          // tables that Go fills
	Now    func() time.Time // for builds.started_at and ended_at
}

// Building is one build while it is made.
type Building struct {
	ID   uint32
	AsOf time.Time

	conn       driver.Conn
	columns    map[string]string // of each table made so far, as a list for SQL
	standing   bool              // all tables stand as the models want them: nothing to create or alter
	evidence   []Check           // what holds for the rows of every KPI file
	definition hash.Hash
	rules      map[string]rule // of each input that definitions rest on, once filled
}

// Published is what a build that passed its checks reports.
type Published struct {
	ID         uint32
	Definition string // hash over models and rules
	Models     int
}

// CheckError carries every check that failed; nothing was published.
type CheckError struct{ Failures []Failure }

func (e *CheckError) Error() string {
	lines := make([]string, 0, len(e.Failures)+1)
	for _, f := range e.Failures {
		lines = append(lines, f.String())
	}
	lines = append(lines, fmt.Sprintf("%d checks failed, nothing was published; the last published build still stands. Mend the rows at their source or the mapping, then run `srekpi transform`", len(e.Failures)))
	return strings.Join(lines, "\n")
}

// Build computes all models and publishes them as one set.
func Build(ctx context.Context, conn driver.Conn, models []*Model, o BuildOptions) (*Published, error) {
	started := o.Now()
	inputs := append(slices.Clone(o.Inputs), definitionsInput(models, o.Inputs))
	nodes, err := ordered(nodesOf(models, inputs))
	if err != nil {
		return nil, err
	}
	b := &Building{AsOf: o.AsOf.UTC(), conn: conn, columns: map[string]string{}, definition: sha256.New(), rules: map[string]rule{}}
	if err := conn.QueryRow(ctx, "SELECT toUInt32(max(id) + 1) FROM builds").Scan(&b.ID); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	// A build that died may have left rows under this number.
	if err := dropBuilds(ctx, conn, func(id uint32) bool { return id >= b.ID }); err != nil {
		return nil, err
	}
	if b.standing, err = stands(ctx, conn, nodes); err != nil {
		return nil, err
	}
	var failures []Failure
	for _, n := range nodes {
		if err := b.make(ctx, n); err != nil {
			return nil, err
		}
		failed, err := b.check(ctx, n)
		if err != nil {
			return nil, err
		}
		failures = append(failures, failed...)
	}
	if len(failures) > 0 {
		return nil, errors.Join(&CheckError{failures}, dropBuilds(ctx, conn, func(id uint32) bool { return id == b.ID }))
	}
	p := &Published{ID: b.ID, Definition: hex.EncodeToString(b.definition.Sum(nil))[:12], Models: len(nodes)}
	structure, err := structureOf(ctx, conn, nodes)
	if err != nil {
		return nil, err
	}
	if err := conn.Exec(ctx, "INSERT INTO builds (id, as_of, definition, structure, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?)",
		p.ID, b.AsOf, p.Definition, structure, started.UTC(), o.Now().UTC()); err != nil {
		return nil, fmt.Errorf("publish build %d: %w", p.ID, err)
	}
	return p, dropBuilds(ctx, conn, func(id uint32) bool { return id+keepBuilds <= b.ID })
}

// make computes one table of the build.
func (b *Building) make(ctx context.Context, n *node) error {
	if n.input != nil {
		columns := make([]column, len(n.input.Columns))
		for i, c := range n.input.Columns {
			columns[i] = column{c.Name, c.Type, c.Meaning}
		}
		if err := b.stand(ctx, n.name, n.input.Title, n.input.Key, columns); err != nil {
			return err
		}
		return b.fill(ctx, n.input)
	}
	m := n.model
	fmt.Fprintf(b.definition, "%s\n%s\n", m.Name, m.SQL)
	query := b.Query(m)
	qctx := queryContext(ctx, b.AsOf)
	target := m.Name
	if m.Layer == KPIs {
		target = Evidence
	} else if err := b.standFor(ctx, m, query); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	columns := b.columns[target]
	insert := fmt.Sprintf("INSERT INTO %s (build, %s) SELECT toUInt32(%d), %s FROM (%s)", physical(target), columns, b.ID, columns, query)
	if err := b.conn.Exec(qctx, insert); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	return nil
}

// standFor makes sure that a mart's table has the columns of its query.
func (b *Building) standFor(ctx context.Context, m *Model, query string) error {
	if b.standing {
		columns := make([]column, len(m.Columns))
		for i, c := range m.Columns {
			columns[i].name = c.Name
		}
		return b.stand(ctx, m.Name, m.Title, m.Key, columns)
	}
	columns, err := describe(queryContext(ctx, b.AsOf), b.conn, "("+query+")")
	if err != nil {
		return err
	}
	for i, c := range columns {
		columns[i].comment = m.meaning(c.name)
	}
	return b.stand(ctx, m.Name, m.Title, m.Key, columns)
}

// stand makes sure that a table of the build stands.
func (b *Building) stand(ctx context.Context, name, title string, key []string, columns []column) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = identifier(c.name)
	}
	b.columns[name] = strings.Join(names, ", ")
	if b.standing {
		return nil
	}
	return ensure(ctx, b.conn, name, title, key, columns)
}

// Query is a model's SELECT over this build's own tables: each table that it
// reads is a CTE of that name, which hides the published view.
func (b *Building) Query(m *Model) string {
	var with []string
	for _, r := range m.Reads {
		if _, made := b.columns[r]; made {
			with = append(with, fmt.Sprintf("%s AS (SELECT * EXCEPT(build) FROM %s WHERE build = %d)", r, physical(r), b.ID))
		}
	}
	if len(with) == 0 {
		return m.SQL
	}
	return "WITH " + strings.Join(with, ", ") + "\nSELECT * FROM (\n" + m.SQL + "\n)"
}

// From is this build's rows of one table, to stand behind FROM.
func (b *Building) From(name string) string {
	return fmt.Sprintf("(SELECT * EXCEPT(build) FROM %s WHERE build = %d)", physical(name), b.ID)
}

// Conn reads the warehouse while the build is made.
func (b *Building) Conn() driver.Conn { return b.conn }

func (b *Building) check(ctx context.Context, n *node) ([]Failure, error) {
	if n.model == nil {
		return nil, nil
	}
	from, checks := b.From(n.name), n.model.Checks
	if n.model.Name == Evidence {
		b.evidence = checks // its table is still empty: the KPI files fill it
	}
	if n.model.Layer == KPIs {
		checks = append(slices.Clone(checks), b.evidence...)
		names := make([]string, len(n.model.KPIs))
		for i, k := range n.model.KPIs {
			names[i] = "'" + k.Name + "'"
		}
		from = fmt.Sprintf("(SELECT * FROM %s WHERE kpi IN (%s))", b.From(Evidence), strings.Join(names, ", "))
	}
	var failures []Failure
	for _, c := range checks {
		f, err := c.run(queryContext(ctx, b.AsOf), b.conn, n.model, from)
		if err != nil {
			return nil, err
		}
		if f != nil {
			failures = append(failures, *f)
		}
	}
	return failures, nil
}

func (m *Model) meaning(column string) string {
	for _, c := range m.Columns {
		if c.Name == column {
			return c.Meaning
		}
	}
	return ""
}

// noteInput makes a rule's content part of the definition version.
func (b *Building) noteInput(in *Input, rows [][]any) {
	if in.recorded() {
		b.rules[in.Name] = rule{in, rows}
	}
	if !in.Defines {
		return
	}
	text, err := json.Marshal(rows)
	if err != nil {
		panic(err) // rows hold strings, numbers and times
	}
	fmt.Fprintf(b.definition, "%s\n%s\n", in.Name, text)
}

// timeFormat is how a time is handed to the engine as a parameter.
const timeFormat = "2006-01-02 15:04:05.000"

// queryContext carries what every model may rely on: the parameter as_of, and
// joins that fill a missing side with NULL instead of ” and 0.
func queryContext(ctx context.Context, asOf time.Time) context.Context {
	return clickhouse.Context(ctx,
		clickhouse.WithParameters(clickhouse.Parameters{"as_of": asOf.UTC().Format(timeFormat)}),
		clickhouse.WithSettings(clickhouse.Settings{
			"join_use_nulls":                              1,
			"enable_materialized_cte":                     1, // a model may say of a CTE that it is to be computed once
			"do_not_merge_across_partitions_select_final": 1,
		}))
}
