package model

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// A fixture is a folder sql/testdata/<model>/<what it shows>/ with one CSV per
// table that the model reads and want.csv:
//
//   - A CSV names only the columns that matter; the others, and empty cells,
//     have their default, which for a nullable column is NULL. A table without
//     a CSV is empty.
//   - A CSV may be of a table that the model reads through other models: those
//     without a CSV of their own are made first.
//   - want.csv has the columns that the case is about, its rows sorted as text;
//     NULL is written NULL, an empty text as nothing.
//   - as_of: one line, the moment that the model knows of (2026-11-01 00:00:00).
//   - where: one line, a condition that chooses the rows to show.
type fixture struct {
	model  *Model
	dir    string
	tables map[string]string // table → the CSV's text
	want   [][]string        // header and rows
	asOf   time.Time
	where  string
}

func readFixture(m *Model, dir string) (*fixture, error) {
	f := &fixture{model: m, dir: dir, tables: map[string]string{}, asOf: asOf, where: "1"}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		table, isCSV := strings.CutSuffix(e.Name(), ".csv")
		switch {
		case e.Name() == "want.csv":
			f.want, err = csv.NewReader(bytes.NewReader(text)).ReadAll()
		case e.Name() == "as_of":
			f.asOf, err = time.Parse("2006-01-02 15:04:05", strings.TrimSpace(string(text)))
		case e.Name() == "where":
			f.where = strings.TrimSpace(string(text))
		case isCSV && reads(m, table):
			f.tables[table] = string(text)
		default:
			err = fmt.Errorf("%s reads no table of this name; it reads %s", m.File, strings.Join(m.Reads, ", "))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, e.Name()), err)
		}
	}
	if len(f.want) == 0 {
		return nil, fmt.Errorf("%s: want.csv is missing, or lacks the line that chooses the columns", dir)
	}
	return f, nil
}

// reads says that a model reads a table, itself or through other models.
func reads(m *Model, table string) bool {
	return slices.ContainsFunc(m.Reads, func(r string) bool {
		made := martNamed(r)
		return r == table || made != nil && reads(made, table)
	})
}

// martNamed is nil for a table that no mart makes.
func martNamed(name string) *Model {
	i := slices.IndexFunc(shared.models, func(m *Model) bool { return m.Name == name && m.Layer == Mart })
	if i < 0 {
		return nil
	}
	return shared.models[i]
}

// run makes the model's rows; the result is like want.
func (f *fixture) run(t testing.TB) ([][]string, error) {
	b, err := f.prepare(t, f.model, map[string]string{})
	if err != nil {
		return nil, err
	}
	kpi := "''"
	if f.model.Layer == KPIs {
		kpi = "kpi"
	}
	all, err := texts(queryContext(context.Background(), f.asOf), b.conn, fmt.Sprintf("SELECT %s, toUInt8(ifNull(%s, 0)), %s FROM (%s)", kpi, f.where, strings.Join(f.want[0], ", "), b.Query(f.model)))
	if err != nil {
		return nil, err
	}
	var got [][]string
	for _, row := range all {
		if err := f.names(row[0]); err != nil {
			return nil, err
		}
		if row[1] == "1" {
			got = append(got, row[2:])
		}
	}
	slices.SortFunc(got, slices.Compare)
	return append([][]string{f.want[0]}, got...), nil
}

// prepare makes a database with the tables that a model's header declares, and
// no other, so that the builder's own query path can run it there. Made are the
// tables that hold a model's rows, from another database, by its name.
func (f *fixture) prepare(t testing.TB, m *Model, made map[string]string) (*Building, error) {
	ctx := context.Background()
	b := &Building{ID: 1, AsOf: f.asOf, columns: map[string]string{}}
	var tables []string
	for _, table := range m.Reads {
		if !slices.Contains(schemaTables, table) {
			b.columns[table] = "*"
			table = physical(table)
		}
		tables = append(tables, table)
	}
	for _, table := range m.Reads {
		if err := f.make(t, table, made); err != nil {
			return nil, err
		}
	}
	b.conn = database(t, tables...)
	for _, table := range m.Reads {
		var err error
		if text, stated := f.tables[table]; stated {
			err = b.load(ctx, b.conn, table, text)
		} else if from := made[table]; from != "" {
			err = b.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT * FROM %s", physical(table), from))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
	}
	return b, nil
}

// make runs a mart that stands between a table of the fixture and its model.
func (f *fixture) make(t testing.TB, table string, made map[string]string) error {
	m := martNamed(table)
	if _, done := made[table]; done || m == nil {
		return nil
	}
	between := false
	for given := range f.tables {
		between = between || given != table && reads(m, given)
	}
	if _, stated := f.tables[table]; stated || !between {
		return nil
	}
	b, err := f.prepare(t, m, made)
	if err != nil {
		return err
	}
	ctx := queryContext(context.Background(), f.asOf)
	columns, err := describe(ctx, shared.wh, physical(table))
	if err != nil {
		return err
	}
	names := make([]string, len(columns)-1)
	for i, c := range columns[1:] {
		names[i] = identifier(c.name)
	}
	list := strings.Join(names, ", ")
	target := fmt.Sprintf("fx_made_%d.%s", shared.n.Add(1), physical(table))
	database, _, _ := strings.Cut(target, ".")
	mustExec(t, shared.wh, "CREATE DATABASE "+database)
	t.Cleanup(func() { shared.wh.Exec(context.Background(), "DROP DATABASE "+database+" SYNC") })
	mustExec(t, shared.wh, fmt.Sprintf("CREATE TABLE %s AS srekpi.%s", target, physical(table)))
	made[table] = target
	if err := b.conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (build, %s) SELECT 1, %s FROM (%s)", target, list, list, b.Query(m))); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	return nil
}

// load fills a table of the fixture from a CSV.
func (b *Building) load(ctx context.Context, conn driver.Conn, table, text string) error {
	target := table
	if _, made := b.columns[table]; made {
		target = physical(table)
	}
	columns, err := describe(ctx, conn, target)
	if err != nil {
		return err
	}
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) == 0 {
		return errors.Join(err, errors.New("no line of column names"))
	}
	var types []string
	for _, name := range records[0] {
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		if i < 0 {
			return fmt.Errorf("%s has no column %q", table, name)
		}
		types = append(types, identifier(name)+" "+columns[i].typ)
	}
	names := strings.Join(records[0], ", ")
	build, into := "", names
	if _, made := b.columns[table]; made {
		build, into = "1, ", "build, "+names
	}
	return conn.Exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s%s FROM format(CSVWithNames, %s, %s)",
		target, into, build, names, literal(strings.Join(types, ", ")), literal(text)))
}

// names refuses evidence of a KPI that the file's header does not name: no value
// would be made of it.
func (f *fixture) names(kpi string) error {
	if f.model.Layer == KPIs && !slices.ContainsFunc(f.model.KPIs, func(k KPI) bool { return k.Name == kpi }) {
		return fmt.Errorf("%s lists evidence of %q, which its header does not name", f.model.File, kpi)
	}
	return nil
}

// difference is empty when the model makes what want.csv says.
func (f *fixture) difference(t testing.TB) string {
	got, err := f.run(t)
	if err != nil {
		return err.Error()
	}
	return cmp.Diff(f.want, got)
}

// update writes what the model makes into want.csv.
func (f *fixture) update(t testing.TB) error {
	got, err := f.run(t)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	if err := w.WriteAll(got); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(f.dir, "want.csv"), text.Bytes(), 0o644)
}
