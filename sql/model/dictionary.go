package model

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// The layers of the dictionary that are not made of model files.
const (
	Landing  Layer = "landing"
	Rules    Layer = "config" // tables that say what the config says
	Internal Layer = "state"
)

// Dictionary says what everything in the warehouse means, and what rests on what.
type Dictionary struct {
	Tables    []*Table
	KPIs      []*KPIEntry
	Functions []*Function
	Views     []*ViewEntry
	Examples  []*Example
}

// Table is one documented table.
type Table struct {
	Name, Title, Grain, Also, Note string
	Layer                          Layer
	Internal                       bool // for the models: analysts read another one
	Key                            []string
	Columns                        []InputColumn
	Reads, ReadBy                  []string // what it is made of, and what is made of it, one step each way
	From                           []string // all that it rests on, raw first
	KPIs                           []string // those that rest on it
	Examples                       []string // example queries and views that read it
}

// KPIEntry is one KPI and the road of its figures.
type KPIEntry struct {
	KPI
	File  string
	Reads []string // what its evidence is read from
	From  []string // all that it rests on, raw first
}

// ViewEntry is a parameterised view, and all that it rests on.
type ViewEntry struct {
	*View
	From []string
}

// Layers are in the order of a record's road.
var Layers = []Layer{Landing, Staging, Rules, Mart, KPIs, Internal}

// ReadDictionary makes the dictionary from the files' headers; types, and what
// migrations made, it reads from the engine.
func ReadDictionary(ctx context.Context, conn driver.Conn, models []*Model, inputs []Input, queries *Queries) (*Dictionary, error) {
	d := &Dictionary{Functions: queries.Functions, Examples: queries.Examples}
	tables, err := documented(ctx, conn)
	if err != nil {
		return nil, err
	}
	road := roadOf(models, append(slices.Clone(inputs), definitionsInput(models, inputs)))
	byName := map[string]*Model{}
	for _, m := range models {
		byName[m.Name] = m
	}
	grains := map[string]Input{}
	for _, in := range append(slices.Clone(inputs), definitionsInput(models, inputs)) {
		grains[in.Name] = in
	}
	for _, t := range tables {
		if slices.ContainsFunc(queries.Views, func(v *View) bool { return v.Name == t.Name }) {
			continue
		}
		if m := byName[t.Name]; m != nil && m.Layer == Mart {
			t.Layer, t.Grain, t.Also, t.Note, t.Key = Mart, m.Grain, m.Also, m.Note, m.Key
			t.Internal = strings.HasPrefix(m.Note, "for the models") || strings.HasPrefix(m.Note, "for the KPIs")
		} else if in, ok := grains[t.Name]; ok {
			t.Layer, t.Grain, t.Key = Rules, in.Grain, in.Key
		} else {
			t.place()
		}
		t.Reads, t.ReadBy, t.From = road.reads(t.Name), road.readBy(t.Name), road.from(t.Name)
		for _, m := range models {
			if m.Layer == KPIs && slices.Contains(road.from(m.Name), t.Name) {
				for _, k := range m.KPIs {
					t.KPIs = append(t.KPIs, k.Name)
				}
			}
		}
		slices.Sort(t.KPIs)
		for _, e := range queries.Examples {
			if slices.Contains(e.Reads, t.Name) {
				t.Examples = append(t.Examples, e.Name)
			}
		}
		d.Tables = append(d.Tables, t)
	}
	// What a KPI's file makes stands in kpi_evidence: it is no table of its own.
	tablesOf := func(names []string) []string {
		return slices.DeleteFunc(names, func(name string) bool { return byName[name] != nil && byName[name].Layer == KPIs })
	}
	for _, t := range d.Tables {
		t.Reads, t.ReadBy, t.From = tablesOf(t.Reads), tablesOf(t.ReadBy), tablesOf(t.From)
	}
	slices.SortStableFunc(d.Tables, func(a, b *Table) int {
		return slices.Index(Layers, a.Layer) - slices.Index(Layers, b.Layer)
	})
	for _, m := range models {
		for _, k := range m.KPIs {
			d.KPIs = append(d.KPIs, &KPIEntry{KPI: k, File: m.File, Reads: road.reads(m.Name), From: road.from(m.Name)})
		}
	}
	slices.SortFunc(d.KPIs, func(a, b *KPIEntry) int { return strings.Compare(a.Name, b.Name) })
	for _, v := range queries.Views {
		seen := map[string]bool{}
		for _, r := range v.Reads {
			seen[r] = true
			for _, f := range road.from(r) {
				seen[f] = true
			}
		}
		d.Views = append(d.Views, &ViewEntry{View: v, From: tablesOf(road.sorted(seen))})
	}
	return d, nil
}

// place puts a table that a migration made into its layer: its comment says it.
func (t *Table) place() {
	kind, title, _ := strings.Cut(t.Title, ": ")
	t.Internal = strings.HasPrefix(kind, "internal")
	t.Layer = Internal
	for _, layer := range []Layer{Landing, Staging} {
		if strings.HasSuffix(kind, string(layer)) {
			t.Layer = layer
		}
	}
	t.Title = strings.ToUpper(title[:min(1, len(title))]) + title[min(1, len(title)):]
}

// documented reads the tables and columns that the engine shows to analysts.
func documented(ctx context.Context, conn driver.Conn) ([]*Table, error) {
	rows, err := conn.Query(ctx, `SELECT t.name, t.comment, c.names, c.types, c.comments
		FROM (SELECT name, comment FROM system.tables WHERE database = currentDatabase() AND NOT startsWith(name, 'build_') AND name != 'goose_db_version') AS t
		LEFT JOIN (
			SELECT table, groupArray(name) AS names, groupArray(type) AS types, groupArray(comment) AS comments
			FROM (SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase() ORDER BY table, position) GROUP BY table
		) AS c ON c.table = t.name
		ORDER BY t.name`)
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	defer rows.Close()
	var out []*Table
	for rows.Next() {
		t := &Table{}
		var names, types, comments []string
		if err := rows.Scan(&t.Name, &t.Title, &names, &types, &comments); err != nil {
			return nil, fmt.Errorf("read the tables: %w", err)
		}
		for i, name := range names {
			t.Columns = append(t.Columns, InputColumn{Name: name, Type: types[i], Meaning: comments[i]})
		}
		out = append(out, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	return out, nil
}

// road is what each table is made of.
type road struct {
	made map[string][]string
	rank map[string]int
}

func roadOf(models []*Model, inputs []Input) *road {
	r := &road{made: map[string][]string{"raw_records": nil}, rank: map[string]int{}}
	add := func(name string, reads ...string) {
		for _, read := range reads {
			if read != name && !slices.Contains(r.made[name], read) {
				r.made[name] = append(r.made[name], read)
			}
		}
	}
	for _, m := range models {
		switch m.Layer {
		case Staging:
			add(m.Fills, "raw_records")
			add(m.Fills, m.Reads...)
		case KPIs:
			add(m.Name, m.Reads...)
			add(Evidence, m.Name)
		default:
			add(m.Name, m.Reads...)
		}
	}
	for _, in := range inputs {
		add(in.Name, in.Reads...)
	}
	for i, name := range []string{"raw_records", "sync_runs", "quarantine"} {
		r.rank[name] = i - 10
	}
	for name := range r.made {
		if strings.HasPrefix(name, "stg_") {
			r.rank[name] = -5
		}
	}
	return r
}

func (r *road) reads(name string) []string {
	return slices.Sorted(slices.Values(r.made[name]))
}

func (r *road) readBy(name string) []string {
	var out []string
	for _, by := range slices.Sorted(maps.Keys(r.made)) {
		if slices.Contains(r.made[by], name) {
			out = append(out, by)
		}
	}
	return out
}

// from lists all that a table rests on. Staging models of one type may read what
// another one of that type fills, so a circle ends the walk.
func (r *road) from(name string) []string {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(at string) {
		for _, read := range r.made[at] {
			if !seen[read] {
				seen[read] = true
				visit(read)
			}
		}
	}
	visit(name)
	delete(seen, name)
	return r.sorted(seen)
}

func (r *road) sorted(names map[string]bool) []string {
	return slices.SortedFunc(maps.Keys(names), func(a, b string) int {
		if r.rank[a] != r.rank[b] {
			return r.rank[a] - r.rank[b]
		}
		return strings.Compare(a, b)
	})
}
