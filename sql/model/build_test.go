package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// A small world of its own: an input, two marts over it, the evidence and a KPI.
var world = map[string]string{
	"marts/doubled.sql": `-- mart: doubled
-- title: Doubled, with a 'quote' and a \
-- grain: one row per number
-- key: n
-- reads: numbers_in
-- tests: unique(n); twice >= 0
-- columns:
--   n: the number's name, as 'quoted' or \ not
--   twice: two times it
SELECT n, value * 2 AS twice FROM numbers_in`,
	"marts/total.sql": `-- mart: total
-- title: Total
-- grain: one row
-- key: total
-- reads: doubled
-- columns:
--   total: the sum
--   as_of: the moment
SELECT sum(twice) AS total, {as_of:DateTime64(3, 'UTC')} AS as_of FROM doubled`,
	"marts/kpi_evidence.sql": `-- mart: kpi_evidence
-- title: Evidence
-- grain: one row per KPI and candidate
-- key: kpi, id
-- tests: unique(kpi, id)
-- columns:
--   kpi: its name
--   id: the candidate
--   value: the weight
SELECT '' AS kpi, '' AS id, 0. AS value WHERE 0`,
	"kpis/big_numbers.sql": `-- kpi: big_numbers
-- title: Big numbers
-- asks: How many?
-- kind: count
-- entity: number
-- better: lower
-- counts: numbers
-- reads: numbers_in
-- source: none
-- tests: value >= 0
SELECT 'big_numbers' AS kpi, n AS id, toFloat64(value) AS value FROM numbers_in`,
}

func worldWith(t *testing.T, changes map[string]string) []*Model {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range world {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, text := range changes {
		if text == "" {
			delete(files, name)
		} else {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	models, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return models
}

// numbersIn is the input of the small world.
func numbersIn(rows ...[]any) Input {
	return Input{Name: "numbers_in", Title: "Numbers", Grain: "one row per number", Key: []string{"n"}, Defines: true,
		Columns: []InputColumn{{"n", "String", "name"}, {"value", "Int64", "how much"}}, Rows: Fixed(rows)}
}

func build(t *testing.T, conn driver.Conn, models []*Model, inputs ...Input) (*Published, error) {
	t.Helper()
	return Build(context.Background(), conn, models, BuildOptions{AsOf: asOf, Inputs: inputs, Now: clock})
}

func mustBuild(t *testing.T, conn driver.Conn, models []*Model, inputs ...Input) *Published {
	t.Helper()
	p, err := build(t, conn, models, inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func want(t *testing.T, conn driver.Conn, query string, rows ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, rows...), lines(t, conn, query)); diff != "" {
		t.Errorf("%s: want (-), got (+)\n%s", query, diff)
	}
}

func TestBuildPublishesAllAsOneSet(t *testing.T) {
	conn := database(t, "builds")
	p := mustBuild(t, conn, worldWith(t, nil), numbersIn([]any{"a", int64(1)}, []any{"b", int64(2)}))
	if p.ID != 1 || p.Models != 6 || len(p.Definition) != 12 {
		t.Errorf("got %+v", p)
	}
	want(t, conn, "SELECT n, twice FROM doubled ORDER BY n", "a | 2", "b | 4")
	want(t, conn, "SELECT * FROM total", "6 | 2026-11-01 00:00:00.000")
	want(t, conn, "SELECT * FROM kpi_evidence ORDER BY id", "big_numbers | a | 1", "big_numbers | b | 2")
	want(t, conn, "SELECT id, as_of, definition = '"+p.Definition+"', started_at, ended_at FROM builds",
		"1 | 2026-11-01 00:00:00.000 | 1 | 2026-11-01 00:00:00.000 | 2026-11-01 00:00:00.000")
	want(t, conn, "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = 'build_doubled' ORDER BY position",
		"build | the build that made the row", `n | the number's name, as 'quoted' or \ not`, "twice | two times it")
	want(t, conn, "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = 'build_doubled'", `internal: the rows of every build; read doubled. Doubled, with a 'quote' and a \`)
	want(t, conn, "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = 'doubled'", `Doubled, with a 'quote' and a \`)
}

// A check that fails lists the rows that break it, and nothing is published.
func TestBuildChecksListTheirRows(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, nil)
	mustBuild(t, conn, models, numbersIn([]any{"a", int64(1)}))
	bad := [][]any{{"a", int64(5)}, {"a", int64(6)}, {"b", int64(7)}}
	for i := range 12 {
		bad = append(bad, []any{fmt.Sprint("minus ", i), int64(-1)})
	}
	_, err := build(t, conn, models, numbersIn(bad...))
	var failed *CheckError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	var got []string
	for _, f := range failed.Failures {
		got = append(got, fmt.Sprintf("%s: %s: %d rows, %d shown, first %s", f.File, f.Check, f.Rows, len(f.Sample), f.Sample[0]))
	}
	slices.Sort(got)
	expected := []string{
		`kpis/big_numbers.sql: unique(kpi, id): 1 rows, 1 shown, first {"kpi":"big_numbers","id":"a","rows":2}`,
		`kpis/big_numbers.sql: value >= 0: 12 rows, 10 shown, first {"kpi":"big_numbers","id":"minus 0","value":-1}`,
		`marts/doubled.sql: twice >= 0: 12 rows, 10 shown, first {"n":"minus 0","twice":-2}`,
		`marts/doubled.sql: unique(n): 1 rows, 1 shown, first {"n":"a","rows":2}`,
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Error(diff)
	}
	if text := err.Error(); !strings.Contains(text, "marts/doubled.sql: check `unique(n)` fails for 1 rows:\n  {\"n\":\"a\"") || !strings.Contains(text, "nothing was published") {
		t.Errorf("the error says %s", text)
	}
	want(t, conn, "SELECT n, twice FROM doubled", "a | 2")
	want(t, conn, "SELECT count() FROM builds", "1")
	want(t, conn, "SELECT DISTINCT build FROM build_doubled", "1")
	want(t, conn, "SELECT DISTINCT build FROM build_kpi_evidence", "1")
}

// NULL breaks no check.
func TestBuildChecksPassOverNULL(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, map[string]string{"marts/doubled.sql": strings.Replace(world["marts/doubled.sql"], "value * 2", "nullIf(value, 0)", 1), "marts/total.sql": ""})
	mustBuild(t, conn, models, numbersIn([]any{"a", int64(0)}))
	want(t, conn, "SELECT * FROM doubled", "a | NULL")
}

func TestBuildNamesTheFileOfASQLError(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, map[string]string{"marts/total.sql": strings.Replace(world["marts/total.sql"], "sum(twice)", "sum(thrice)", 1)})
	_, err := build(t, conn, models, numbersIn())
	if err == nil || !strings.HasPrefix(err.Error(), "marts/total.sql: ") || !strings.Contains(err.Error(), "thrice") {
		t.Errorf("got %v", err)
	}
	want(t, conn, "SELECT count() FROM builds", "0")
}

// A process that died in the middle of a build leaves rows under the number
// that the next build takes.
func TestBuildRemovesLeftOverRowsOfOneThatDied(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, nil)
	mustBuild(t, conn, models, numbersIn([]any{"a", int64(1)}))
	for _, table := range []string{"build_doubled", "build_numbers_in"} {
		mustExec(t, conn, "INSERT INTO "+table+" SELECT 2, 'left over', 9")
	}
	mustExec(t, conn, "INSERT INTO build_kpi_evidence SELECT 2, 'left over', 'x', 9")
	want(t, conn, "SELECT n FROM doubled", "a")
	mustBuild(t, conn, models, numbersIn([]any{"b", int64(2)}))
	want(t, conn, "SELECT n FROM doubled", "b")
	want(t, conn, "SELECT n FROM numbers_in", "b")
	want(t, conn, "SELECT id FROM kpi_evidence", "b")
}

// The last two builds stay, so that a reader of the one before is not cut off.
func TestBuildKeepsTheLastTwo(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, nil)
	for i := range 4 {
		mustBuild(t, conn, models, numbersIn([]any{fmt.Sprint("n", i), int64(i)}))
	}
	for _, table := range []string{"build_doubled", "build_total", "build_kpi_evidence", "build_numbers_in"} {
		want(t, conn, "SELECT DISTINCT build FROM "+table+" ORDER BY build", "3", "4")
	}
	want(t, conn, "SELECT n FROM doubled", "n3")
	want(t, conn, "SELECT count() FROM builds", "4")
}

// What is published stays visible and whole while the next build is made: from
// another connection, two views never show two builds.
func TestBuildIsVisibleAsAWholeOrNotAtAll(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, nil)
	rows := func(n int) Input { return numbersIn([]any{"a", int64(n)}, []any{"b", int64(n)}) }
	mustBuild(t, conn, models, rows(1))
	stop, seen := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			got, err := texts(context.Background(), conn, `SELECT
				(SELECT sum(twice) FROM doubled), (SELECT any(total) FROM total), (SELECT sum(value) * 2 FROM kpi_evidence), (SELECT sum(value) * 2 FROM numbers_in)`)
			if err == nil && (got[0][0] == "0" || slices.ContainsFunc(got[0], func(v string) bool { return v != got[0][0] })) {
				err = fmt.Errorf("saw parts of several builds: %v", got)
			}
			if err != nil {
				seen <- err
				return
			}
			select {
			case <-stop:
				seen <- nil
				return
			default:
			}
		}
	}()
	for n := 2; n < 10; n++ {
		mustBuild(t, conn, models, rows(n))
	}
	close(stop)
	if err := <-seen; err != nil {
		t.Error(err)
	}
}

// The definition version follows the models and the rules, not the data nor the
// moment.
func TestBuildDefinitionVersion(t *testing.T) {
	conn := database(t, "builds")
	models := worldWith(t, nil)
	first := mustBuild(t, conn, models, numbersIn([]any{"a", int64(1)})).Definition
	same := func(what string, equal bool, got string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if (got == first) != equal {
			t.Errorf("%s: version %s after %s", what, got, first)
		}
	}
	later, err := Build(context.Background(), conn, models, BuildOptions{AsOf: asOf.Add(time.Hour), Inputs: []Input{numbersIn([]any{"a", int64(1)})}, Now: time.Now})
	same("a later as_of", true, later.Definition, err)
	rule, err := build(t, conn, models, numbersIn([]any{"a", int64(2)}))
	same("another rule", false, rule.Definition, err)
	data := numbersIn([]any{"a", int64(1)})
	data.Defines = false
	first = mustBuild(t, conn, models, data).Definition
	data.Rows = Fixed([][]any{{"a", int64(2)}})
	other, err := build(t, conn, models, data)
	same("other data", true, other.Definition, err)
	edited, err := build(t, conn, worldWith(t, map[string]string{"marts/total.sql": world["marts/total.sql"] + " WHERE 1"}), data)
	same("an edited model", false, edited.Definition, err)
}
