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
	made       map[string]bool // tables of this build that have rows or are known to be empty
	evidence   []Check         // what holds for the rows of every KPI file
	definition hash.Hash
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
	nodes, err := ordered(nodesOf(models, o.Inputs))
	if err != nil {
		return nil, err
	}
	b := &Building{AsOf: o.AsOf.UTC(), conn: conn, made: map[string]bool{}, definition: sha256.New()}
	if err := conn.QueryRow(ctx, "SELECT toUInt32(max(id) + 1) FROM builds").Scan(&b.ID); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
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
		return nil, errors.Join(&CheckError{failures}, b.drop(ctx, func(id uint32) bool { return id == b.ID }))
	}
	p := &Published{ID: b.ID, Definition: hex.EncodeToString(b.definition.Sum(nil))[:12], Models: len(nodes)}
	if err := conn.Exec(ctx, "INSERT INTO builds (id, as_of, definition, started_at, ended_at) VALUES (?, ?, ?, ?, ?)",
		p.ID, b.AsOf, p.Definition, started.UTC(), o.Now().UTC()); err != nil {
		return nil, fmt.Errorf("publish build %d: %w", p.ID, err)
	}
	return p, b.drop(ctx, func(id uint32) bool { return id+keepBuilds <= b.ID })
}

func nodesOf(models []*Model, inputs []Input) []*node {
	var nodes []*node
	evidence := &node{name: Evidence}
	for _, m := range models {
		switch {
		case m.Layer == Staging:
			continue
		case m.Name == Evidence:
			evidence.model = m
			evidence.reads = append(evidence.reads, m.Reads...)
			nodes = append(nodes, evidence)
		default:
			nodes = append(nodes, &node{name: m.Name, reads: m.Reads, model: m})
		}
		if m.Layer == KPIs {
			// A KPI file writes into the evidence, so the evidence's table stands
			// first and whoever reads it comes after all KPI files.
			n := nodes[len(nodes)-1]
			n.reads = append([]string{Evidence}, n.reads...)
		}
	}
	for _, n := range nodes {
		for _, r := range n.reads {
			if r == Evidence && n.model.Layer != KPIs {
				for _, m := range models {
					if m.Layer == KPIs {
						n.reads = append(n.reads, m.Name)
					}
				}
				break
			}
		}
	}
	for i := range inputs {
		nodes = append(nodes, &node{name: inputs[i].Name, reads: inputs[i].Reads, input: &inputs[i]})
	}
	return nodes
}

// make computes one table of the build.
func (b *Building) make(ctx context.Context, n *node) error {
	if n.input != nil {
		columns := make([]column, len(n.input.Columns))
		for i, c := range n.input.Columns {
			columns[i] = column{c.Name, c.Type, c.Meaning}
		}
		if err := b.prepare(ctx, n.name, n.input.Title, n.input.Key, columns); err != nil {
			return err
		}
		return b.fill(ctx, n.input)
	}
	m := n.model
	fmt.Fprintf(b.definition, "%s\n%s\n", m.Name, m.SQL)
	query := b.Query(m)
	qctx := queryContext(ctx, b.AsOf)
	columns, err := describe(qctx, b.conn, "("+query+")")
	if err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	target := m.Name
	if m.Layer == KPIs {
		target = Evidence
	} else {
		for i, c := range columns {
			columns[i].comment = m.meaning(c.name)
		}
		if err := b.prepare(ctx, m.Name, m.Title, m.Key, columns); err != nil {
			return err
		}
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "`" + c.name + "`"
	}
	insert := fmt.Sprintf("INSERT INTO %s (build, %s) SELECT toUInt32(%d), * FROM (%s)", physical(target), strings.Join(names, ", "), b.ID, query)
	if err := b.conn.Exec(qctx, insert); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	return nil
}

// prepare makes sure that the table stands and holds nothing of this number:
// a build that died may have left rows.
func (b *Building) prepare(ctx context.Context, name, title string, key []string, columns []column) error {
	if err := ensure(ctx, b.conn, name, title, key, columns); err != nil {
		return err
	}
	b.made[name] = true
	return dropPartition(ctx, b.conn, physical(name), b.ID)
}

func dropPartition(ctx context.Context, conn driver.Conn, table string, id uint32) error {
	if err := conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION %d", table, id)); err != nil {
		return fmt.Errorf("drop build %d of %s: %w", id, table, err)
	}
	return nil
}

// Query is a model's SELECT over this build's own tables: each table that it
// reads is a CTE of that name, which hides the published view.
func (b *Building) Query(m *Model) string {
	var with []string
	for _, r := range m.Reads {
		if b.made[r] {
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

// drop removes the builds that match from every table.
func (b *Building) drop(ctx context.Context, match func(uint32) bool) error {
	rows, err := b.conn.Query(ctx, "SELECT DISTINCT table, toUInt32(partition) FROM system.parts WHERE database = currentDatabase() AND active AND startsWith(table, 'build_') ORDER BY 1, 2")
	if err != nil {
		return fmt.Errorf("list builds: %w", err)
	}
	defer rows.Close()
	type part struct {
		table string
		id    uint32
	}
	var old []part
	for rows.Next() {
		var p part
		if err := rows.Scan(&p.table, &p.id); err != nil {
			return err
		}
		if match(p.id) {
			old = append(old, p)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list builds: %w", err)
	}
	for _, p := range old {
		if err := dropPartition(ctx, b.conn, p.table, p.id); err != nil {
			return err
		}
	}
	return nil
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
			"join_use_nulls": 1,
			"do_not_merge_across_partitions_select_final": 1,
		}))
}
