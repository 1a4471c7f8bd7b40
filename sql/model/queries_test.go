package model

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// What a view documents is what it returns: names, types, order; and its title
// and columns stand in the engine for whoever looks there.
func TestViewsReturnWhatTheyDocument(t *testing.T) {
	w := engine(t)
	plain := regexp.MustCompile(`LowCardinality\((\w+)\)`)
	for _, v := range shared.queries.Views {
		have, err := describe(context.Background(), w, "(SELECT * FROM "+v.Name+"("+arguments(v)+"))")
		if err != nil {
			t.Errorf("%s: %v", v.Name, err)
			continue
		}
		var got, want []string
		for _, c := range have {
			got = append(got, c.name+" "+plain.ReplaceAllString(c.typ, "$1"))
		}
		for _, c := range v.Columns {
			want = append(want, c.Name+" "+c.Type)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s returns\n%q, documented are\n%q", v.Name, got, want)
		}
		created := lines(t, w, "SELECT create_table_query FROM system.tables WHERE database = 'srekpi' AND name = ?", v.Name)[0]
		for _, says := range []string{"COMMENT " + literal(v.Title), "`" + v.Columns[0].Name + "` " + v.Columns[0].Type + " COMMENT " + literal(v.Columns[0].Meaning)} {
			if !strings.Contains(created, says) {
				t.Errorf("%s: its definition lacks %s", v.Name, says)
			}
		}
		for _, p := range v.Params {
			if !strings.Contains(v.SQL, "{"+p.Name+":"+p.Type+"}") {
				t.Errorf("%s: documents the parameter %s %s, which it does not take", v.Name, p.Name, p.Type)
			}
		}
		for _, taken := range regexp.MustCompile(`\{(\w+):`).FindAllStringSubmatch(v.SQL, -1) {
			if !slices.ContainsFunc(v.Params, func(p InputColumn) bool { return p.Name == taken[1] }) {
				t.Errorf("%s: takes the parameter %s, which it does not document", v.Name, taken[1])
			}
		}
	}
}

// arguments fill a view's parameters with something of their type.
func arguments(v *View) string {
	var out []string
	for _, p := range v.Params {
		value := map[string]string{"String": "'change_failure_rate'", "Date": "'2026-09-01'", "UInt32": "30", "Array(String)": "[]", "DateTime64(3, 'UTC')": "'2026-09-01 00:00:00'"}[p.Type]
		if p.Name == "kpi" && v.Name == "durations_before_and_after" {
			value = "'time_to_resolve'"
		}
		out = append(out, p.Name+" = "+value)
	}
	return strings.Join(out, ", ")
}

// The tables that a file says it reads are those that it reads.
func TestQueriesReadWhatTheyDeclare(t *testing.T) {
	w := engine(t)
	var tables []string
	for _, name := range lines(t, w, "SELECT name FROM system.tables WHERE database = 'srekpi'") {
		tables = append(tables, name)
	}
	check := func(name, sql string, reads []string) {
		for _, table := range tables {
			used := regexp.MustCompile(`(FROM|JOIN) ` + table + `\b`).MatchString(sql)
			if declared := slices.Contains(reads, table); used != declared {
				t.Errorf("%s: reads %s: %t, declared: %t", name, table, used, declared)
			}
		}
	}
	for _, v := range shared.queries.Views {
		check(v.Name, v.SQL, v.Reads)
	}
	for _, e := range shared.queries.Examples {
		check(e.Name, e.SQL, e.Reads)
	}
}

// A function documents its arguments in their order, and its example runs.
func TestFunctionsAreDocumented(t *testing.T) {
	w := engine(t)
	for _, f := range shared.queries.Functions {
		var args []string
		for _, a := range f.Args {
			args = append(args, a.Name)
		}
		if head, _, _ := strings.Cut(f.SQL, " ->"); head != "("+strings.Join(args, ", ")+")" {
			t.Errorf("%s takes %s, documented are %v", f.Name, head, args)
		}
		if !strings.Contains(f.Example, f.Name+"(") {
			t.Errorf("%s: its example does not call it", f.Name)
		}
		lines(t, w, f.Example)
	}
}

// A name means one thing.
func TestQueriesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range lines(t, engine(t), "SELECT name FROM system.tables WHERE database = 'srekpi'") {
		seen[name] = true
	}
	for _, m := range shared.models {
		for _, k := range m.KPIs {
			seen[k.Name] = true
		}
	}
	for _, f := range shared.queries.Functions {
		if seen[f.Name] {
			t.Errorf("the function %s is called like a table or KPI", f.Name)
		}
	}
	for _, m := range shared.models {
		if slices.ContainsFunc(shared.queries.Views, func(v *View) bool { return v.Name == m.Name }) {
			t.Errorf("the view %s is called like a model", m.Name)
		}
	}
}

func someQueries(t *testing.T, half string) Queries {
	t.Helper()
	q, err := LoadQueries(fstest.MapFS{
		"functions/half_of_it.sql": {Data: []byte("-- function: half_of_it\n-- title: T\n-- args:\n--   x: it\n-- gives: g\n-- source: s\n-- example: SELECT half_of_it(2)\n(x) -> x / " + half)},
		"views/halves.sql": {Data: []byte("-- view: halves\n-- title: Halves\n-- asks: a\n-- grain: g\n-- params:\n--   least Int64: l\n-- columns:\n--   half Float64: h\n-- reads: numbers_in\n" +
			"-- example: SELECT 1\nSELECT half_of_it(value) AS half FROM numbers_in WHERE value >= {least:Int64}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *q
}

// Functions and views are made with the tables, again when their text changes or
// somebody replaced one, and otherwise left alone.
func TestQueriesAreMadeWhenTheyChange(t *testing.T) {
	conn, ctx := database(t, "builds"), context.Background()
	t.Cleanup(func() { conn.Exec(ctx, "DROP FUNCTION IF EXISTS half_of_it") })
	build := func(q Queries) {
		t.Helper()
		if _, err := Build(ctx, conn, worldWith(t, nil), BuildOptions{AsOf: asOf, Inputs: []Input{numbersIn([]any{"a", int64(8)})}, Queries: q, Now: clock}); err != nil {
			t.Fatal(err)
		}
	}
	const made = "SELECT toString(uuid), toString(metadata_modification_time) FROM system.tables WHERE database = currentDatabase() AND name = 'halves'"
	build(someQueries(t, "2"))
	want(t, conn, "SELECT half FROM halves(least = 1)", "4")
	before := lines(t, conn, made)
	build(someQueries(t, "2"))
	want(t, conn, made, before...)
	build(someQueries(t, "4"))
	want(t, conn, "SELECT half, half_of_it(8) FROM halves(least = 1)", "2 | 2")
	mustExec(t, conn, "CREATE OR REPLACE FUNCTION half_of_it AS (x) -> 0")
	build(someQueries(t, "4"))
	want(t, conn, "SELECT half_of_it(8)", "2")
}

func TestQueriesOfBadHeaders(t *testing.T) {
	for name, c := range map[string]struct{ file, text, says string }{
		"unknown key":     {"views/v.sql", "-- view: v\n-- kpi: x\nSELECT 1", `views/v.sql:2: unknown header key "kpi"; a view file knows view, title`},
		"untyped column":  {"views/v.sql", "-- view: v\n-- title: t\n-- asks: a\n-- grain: g\n-- params:\n--   p String: p\n-- columns:\n--   c: a column\n-- reads: x\n-- example: e\nSELECT 1", "views/v.sql:8: columns: \"c\" is not `name Type: meaning`"},
		"no example":      {"functions/f.sql", "-- function: f\n-- title: t\n-- args:\n--   x: x\n-- gives: g\n-- source: s\n(x) -> x", "functions/f.sql:1: the header lacks `-- example: …`"},
		"another name":    {"examples/e.sql", "-- example: d\nSELECT 1", `examples/e.sql:1: the example is called "d", its file "e"`},
		"nothing to read": {"examples/e.sql", "-- example: e\n-- title: t\n-- asks: a\n-- reads: x\nSELECT 1", "the header lacks `-- read: …`"},
	} {
		_, err := LoadQueries(fstest.MapFS{c.file: {Data: []byte(c.text)}})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %s", name, err, c.says)
		}
	}
}

// The question that everybody asks is one short query.
func TestExampleOfTheFridayFreezeIsShort(t *testing.T) {
	for _, e := range shared.queries.Examples {
		if n := strings.Count(e.SQL, "\n") + 1; e.Name == "friday_freeze" && n >= 20 {
			t.Errorf("%s takes %d lines", e.Name, n)
		}
	}
	if !slices.ContainsFunc(shared.queries.Examples, func(e *Example) bool { return e.Name == "friday_freeze" }) {
		t.Error(fmt.Errorf("there is no example friday_freeze"))
	}
}
