package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
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
	AsOf    time.Time        // nothing later than this is known to the build
	Inputs  []Input          // tables that Go fills
	Queries Queries          // the functions and views that stand beside the tables
	Now     func() time.Time // for builds.started_at and ended_at
	Try     int              // how many builds were lost before this one: it gets a number that none of them had
	Reuse   bool             // where all is the same, let the last build stand
}

// Building is one build while it is made.
type Building struct {
	ID   uint32
	AsOf time.Time

	conn     driver.Conn
	standing bool                // all tables stand as the models want them: nothing to create or alter
	tables   map[string]standing // where not: those that stand in any form, by name

	staged     string // names the staged rows that it is made of
	stagedRows uint64

	mu      sync.Mutex
	columns map[string]string  // of each table made so far, as a list for SQL
	rows    map[string][][]any // of each input filled so far
}

// Published is what a build that passed its checks reports.
type Published struct {
	ID         uint32
	Definition string // hash over models and rules
	Models     int
	Stands     bool // all was the same, and it had been published before
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
	b := &Building{AsOf: o.AsOf.UTC(), conn: conn, columns: map[string]string{}, rows: map[string][][]any{}}
	if err := conn.QueryRow(ctx, "SELECT toUInt32(max(id) + 1 + ?) FROM builds", o.Try).Scan(&b.ID); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	// A build that died may have left rows under this number.
	if err := dropBuilds(ctx, conn, func(id uint32) bool { return id >= b.ID }); err != nil {
		return nil, err
	}
	if b.standing, err = stands(ctx, conn, nodes, &o.Queries); err != nil {
		return nil, err
	}
	if !b.standing {
		if b.tables, err = readTables(ctx, conn); err != nil {
			return nil, err
		}
	}
	if err := b.readStaged(ctx); err != nil {
		return nil, err
	}
	if o.Reuse {
		if p, err := b.same(ctx, nodes); p != nil || err != nil {
			return p, err
		}
	}
	failures, err := b.makeAll(ctx, nodes)
	if err != nil {
		return nil, err
	}
	if len(failures) > 0 {
		return nil, errors.Join(&CheckError{failures}, dropBuilds(ctx, conn, func(id uint32) bool { return id == b.ID }))
	}
	if !b.standing {
		if err := o.Queries.create(ctx, conn); err != nil {
			return nil, err
		}
	}
	p := &Published{ID: b.ID, Definition: b.definition(nodes), Models: len(nodes)}
	structure, err := structureOf(ctx, conn, nodes, &o.Queries)
	if err != nil {
		return nil, err
	}
	madeOf, err := b.madeOf(ctx, nodes, func(m *Model) string { return b.From(m.Name) })
	if err != nil {
		return nil, err
	}
	if err := conn.Exec(ctx, "INSERT INTO builds (id, as_of, definition, structure, made_of, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		p.ID, b.AsOf, p.Definition, structure, madeOf, started.UTC(), o.Now().UTC()); err != nil {
		return nil, fmt.Errorf("publish build %d: %w", p.ID, err)
	}
	return p, dropBuilds(ctx, conn, func(id uint32) bool { return id+keepBuilds <= b.ID })
}

// make computes one table of the build.
func (b *Building) make(ctx context.Context, n *node) error {
	if n.input != nil {
		if err := b.standInput(ctx, n.input); err != nil {
			return err
		}
		return b.fill(ctx, n.input)
	}
	m := n.model
	query := b.Query(m)
	qctx := queryContext(ctx, b.AsOf)
	target := m.Name
	if m.Layer == KPIs {
		target = Evidence
	} else if err := b.standFor(ctx, m, query); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	columns := b.listed(target)
	insert := fmt.Sprintf("INSERT INTO %s (build, %s) SELECT toUInt32(%d), %s FROM (%s)", physical(target), columns, b.ID, columns, query)
	if err := b.conn.Exec(qctx, insert); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	return nil
}

// standInput makes sure that an input's table stands.
func (b *Building) standInput(ctx context.Context, in *Input) error {
	columns := make([]column, len(in.Columns))
	for i, c := range in.Columns {
		columns[i] = column{c.Name, c.Type, c.Meaning}
	}
	return b.stand(ctx, in.Name, in.Title, in.Key, columns)
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
	b.mu.Lock()
	b.columns[name] = strings.Join(names, ", ")
	b.mu.Unlock()
	if b.standing {
		return nil
	}
	var before *standing
	if s, there := b.tables[physical(name)]; there {
		before = &s
	}
	return ensure(ctx, b.conn, name, title, key, columns, before)
}

// listed are the columns of a table of the build; empty where it makes no such table.
func (b *Building) listed(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.columns[name]
}

// Query is a model's SELECT over this build's own tables: each table that it
// reads is a CTE of that name, which hides the published view.
func (b *Building) Query(m *Model) string {
	var with []string
	for _, r := range m.Reads {
		if b.listed(r) != "" {
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

func (m *Model) meaning(column string) string {
	for _, c := range m.Columns {
		if c.Name == column {
			return c.Meaning
		}
	}
	return ""
}

// definition is the version of all models and rules, whatever order they were
// computed in.
func (b *Building) definition(nodes []*node) string {
	h := sha256.New()
	for _, n := range nodes {
		switch {
		case n.model != nil:
			fmt.Fprintf(h, "%s\n%s\n", n.model.Name, n.model.SQL)
		case n.input.Defines:
			text, err := json.Marshal(b.rows[n.name])
			if err != nil {
				panic(err) // rows hold strings, numbers and times
			}
			fmt.Fprintf(h, "%s\n%s\n", n.name, text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// timeFormat is how a time is handed to the engine as a parameter.
const timeFormat = "2006-01-02 15:04:05.000"

// spillAt is how many bytes one grouping, sorting or join of a build may hold
// before it goes on in files.
const spillAt = 1 << 30

// queryContext carries what every model may rely on: the parameter as_of, and
// joins that fill a missing side with NULL instead of ” and 0.
func queryContext(ctx context.Context, asOf time.Time) context.Context {
	return clickhouse.Context(ctx,
		clickhouse.WithParameters(clickhouse.Parameters{"as_of": asOf.UTC().Format(timeFormat)}),
		clickhouse.WithSettings(clickhouse.Settings{
			"join_use_nulls": 1,
			"do_not_merge_across_partitions_select_final": 1,
			"max_bytes_before_external_group_by":          spillAt,
			"max_bytes_before_external_sort":              spillAt,
			"max_bytes_before_external_join":              spillAt,
			"max_insert_threads":                          2, // one would sort and compress all that several compute
		}))
}
