package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
	"github.com/srekpi/srekpi/sql/forget"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// The person that these tests forget, and what betrays that person in lower case: both tools know the account.
const forgottenPerson = "E. Brandt"

var betraying = []string{"brandt", "712020:5f3db112", "pmvlrnh"}

// forgettable is a copy of the demo that may be changed.
func forgettable(t *testing.T) string {
	t.Helper()
	from, _ := demo(t)
	dir := filepath.Join(t.TempDir(), "work")
	if out, err := exec.Command("cp", "-a", from, dir).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v %s", err, out)
	}
	return dir
}

// TestForget forgets a person of the demo, and has the tools send that person again.
func TestForget(t *testing.T) {
	dir := forgettable(t)
	config := filepath.Join("demo", "srekpi.yml")
	if n := bearing(t, filepath.Join(dir, "demo", "data", "store")); len(n) == 0 {
		t.Fatal("nothing in the demo's store bears the name: this test looks for nothing")
	}
	before := published(t, filepath.Join(dir, "demo"), figures)

	for _, args := range [][]string{{}, {"--person", "10023"}} {
		if code, said := logged(t, dir, append([]string{"forget", "-c", config}, args...)...); code != exitUsage {
			t.Errorf("forget %v: exit %d, %s", args, code, said)
		}
	}
	code, said := logged(t, dir, "forget", "-c", config, "--person", forgottenPerson)
	if code != exitUsage || !strings.Contains(said, "nothing was changed") {
		t.Fatalf("without a terminal and --yes: exit %d, %s", code, said)
	}

	// What a later run brings: both tools anew, and a file that writes the name in other ways.
	tools := serve(t, time.Time{}, simulate.AsOf, pagerdutyapi.Options{})
	tools.office(t, filepath.Join(dir, "demo"))
	more := filepath.Join(dir, "demo", "exports", "letters.jsonl")
	write(t, more, `{"id":"1","title":"Brandt, E. called","opened":"2026-09-01","drill":"yes","who":"E.\u0020Brandt"}
{"id":"2","title":"see /people?name=e%2Ebrandt","opened":"2026-09-02","drill":"yes","who":"[~e.brandt]","nested":"{\"by\":\"e. br\\u0061ndt\"}"}
{"id":"3","title":"E.&nbsp;Brandt & Brandtner","opened":"2026-09-03","drill":"yes","who":"E_BRANDT"}
{"id":"","title":"no id, by E. Brandt","opened":"2026-09-03"}
`)
	text, err := os.ReadFile(filepath.Join(dir, config))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, config), strings.Replace(string(text), "sources:\n", `sources:
  - name: letters
    type: file
    entity: incident
    path: exports/letters.jsonl
    fields: {id: id, title: title, created_at: opened, resolved_by: who, exercise: drill}
    attributes: {call: title}
`, 1)+"# E. Brandt keeps this file\n")

	out := srekpi(t, dir, 0, "forget", "-c", config, "--person", forgottenPerson, "--yes")
	for _, want := range []string{"PMVLRNH", "e.brandt@larkspur.example", "exports/letters.jsonl", "srekpi.yml:", filepath.Join("weekly", "2026-10-05.html")} {
		if !strings.Contains(out, want) {
			t.Errorf("forget does not tell of %s:\n%s", want, out)
		}
	}
	forgot(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "public")); err != nil { // as listed
		t.Fatal(err)
	}
	code, said = logged(t, dir, "run", "-c", config, "--as-of", asOf)
	if code != exitDone && code != exitPartial || strings.Contains(said, "not finished") {
		t.Fatalf("run: exit %d, %s", code, said)
	}
	for _, format := range []string{"md", "json"} {
		srekpi(t, dir, 0, "report", "weekly", "-c", config, "--format", format, "-o", filepath.Join(dir, "public", "week."+format))
	}
	srekpi(t, dir, 0, "report", "-c", config, "--email")
	forgot(t, dir)
	for _, page := range bearingPages(t, filepath.Join(dir, "public")) {
		t.Errorf("%s bears the name", page)
	}
	same(t, published(t, filepath.Join(dir, "demo"), figures), before)

	// Lists land where they differ from what is there: those of the person do not.
	_, said = logged(t, dir, "ingest", "-c", config, "--source", "pagerduty")
	if strings.Contains(said, " user") || !strings.Contains(said, "request") {
		t.Errorf("users landed again: %s", said)
	}

	rows := published(t, filepath.Join(dir, "demo"), map[string]string{
		"who":  "SELECT id, resolved_by = (SELECT any(pseudonym) FROM forgotten), title LIKE '%Brandtner%' FROM stg_incidents FINAL WHERE source = 'letters' ORDER BY id",
		"held": "SELECT count() FROM quarantine WHERE source = 'letters' AND payload LIKE '%by person-%'",
	})
	if got := strings.Join(rows["who"], ";"); got != "letters:1\t1\t0;letters:2\t0\t0;letters:3\t1\t1" && got != "1\t1\t0;2\t0\t0;3\t1\t1" {
		t.Errorf("the letters landed as %q", got)
	}
	if rows["held"][0] != "1" {
		t.Errorf("%s letters in quarantine bear the pseudonym, not 1", rows["held"][0])
	}
	if code, said := logged(t, dir, "forget", "-c", config, "--person", "Nobody Atall", "--yes"); code != exitPartial {
		t.Errorf("somebody who is not there: exit %d, %s", code, said)
	}
}

// figures do not say who.
var figures = map[string]string{
	"kpis":    "SELECT kpi, stat, period, period_start, dim, dim_value, value, n FROM kpi_values WHERE kpi NOT IN ('data_health') AND dim = 'all' ORDER BY ALL",
	"people":  "SELECT uniqExact(person), count() FROM oncall_shifts",
	"tickets": "SELECT uniqExact(assignee), count() FROM tickets WHERE NOT startsWith(id, 'letters')",
}

// TestForgetKilled kills a forget at random moments. Repeated, it comes to its end.
func TestForgetKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	args := []string{"forget", "-c", filepath.Join("demo", "srekpi.yml"), "--person", forgottenPerson, "--yes"}
	for round := range 2 {
		dir := forgettable(t)
		cmd := command(t, dir, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := 500*time.Millisecond + time.Duration(random.Float64()*float64(4*time.Second))
		time.Sleep(after)
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		srekpi(t, dir, 0, args...)
		forgot(t, dir)
		if t.Failed() {
			t.Fatalf("round %d, killed after %v", round, after)
		}
	}
}

// TestForgetLeavesNoDraft has a table as a forget leaves that is killed after a swap. No writer publishes it.
func TestForgetLeavesNoDraft(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	config := filepath.Join(dir, "srekpi.yml")
	write(t, config, "sources:\n  - {name: a, type: file, entity: incident, path: '*.csv', fields: {id: id, created_at: at}}\n")
	for _, work := range []func(ws *workspace) error{
		func(ws *workspace) error {
			return ws.wh.Exec(ctx, "CREATE TABLE forgetting_kinds (who String) ENGINE = MergeTree ORDER BY who AS SELECT 'E. Brandt'")
		},
		func(*workspace) error { return errors.New("failed") },
	} {
		_ = writing(ctx, config, io.Discard, work)
		ws, err := openReader(ctx, config, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		var left uint64
		err = ws.wh.QueryRow(ctx, "SELECT count() FROM system.tables WHERE startsWith(name, 'forgetting_')").Scan(&left)
		if err := errors.Join(err, ws.wh.Close()); err != nil || left != 0 {
			t.Errorf("%d drafts are published, %v", left, err)
		}
	}
}

// TestForgetTellsOfCopies has a reader that is open, an export and a history of the prompt.
func TestForgetTellsOfCopies(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	config := filepath.Join(dir, "srekpi.yml")
	write(t, config, "sources:\n  - {name: a, type: file, entity: incident, path: '*.csv', fields: {id: id, created_at: at}}\n")
	history, export := filepath.Join(dir, "state", "srekpi", "sql_history"), filepath.Join(dir, exportFolder)
	for _, folder := range []string{filepath.Dir(history), export} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, history, "SELECT 1\nSELECT * FROM tickets WHERE assignee = 'e. brandt'\n")
	write(t, filepath.Join(export, warehouse.ExportedFile), `{"build": 7, "as_of": "2026-10-05T00:00:00Z", "tables": [{"table": "tickets", "file": "tickets.csv"}]}`)
	if err := writing(ctx, config, io.Discard, func(*workspace) error { return nil }); err != nil {
		t.Fatal(err)
	}
	reader, err := openReader(ctx, config, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := (*forget.List)(nil).With(forget.Typed(forgottenPerson), now())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = reader.traces(ctx, list, &out)
	for _, want := range []string{fmt.Sprintf("pid %d\n", os.Getpid()), export + ", build 7 as of 2026-10-05", history + ":2\n", "Not known to srekpi"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not told:\n%s", want, out.String())
		}
	}
	if err := errors.Join(err, reader.wh.Close()); err != nil {
		t.Fatal(err)
	}
	if left, err := reader.readers(ctx); err != nil || len(left) != 0 {
		t.Errorf("readers that have ended are told: %v, %v", left, err)
	}
}

// forgot looks for the person in all that is stored: in each table of what is published, as the engine reads it, and
// in each file of it and of the writer's store, unpacked.
func forgot(t *testing.T, dir string) {
	t.Helper()
	data := filepath.Join(dir, "demo", "data")
	ctx := context.Background()
	w, err := warehouse.OpenReader(ctx, warehouse.Options{URL: "chdb://" + data})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	rows, err := w.Query(ctx, `SELECT c.database, c.table, groupArray(c.name) FROM system.columns AS c
		INNER JOIN system.tables AS t ON t.database = c.database AND t.name = c.table
		WHERE c.type LIKE '%String%' AND (c.database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA') OR c.table LIKE '%\\_log')
		GROUP BY ALL ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := 0
	for rows.Next() {
		var database, table string
		var columns []string
		if err := rows.Scan(&database, &table, &columns); err != nil {
			t.Fatal(err)
		}
		tables++
		var n uint64
		query := fmt.Sprintf("SELECT countIf(multiSearchAny(replaceAll(lower(toString(tuple(`%s`))), 'brandtner', ''), ?)) FROM `%s`.`%s`", strings.Join(columns, "`, `"), database, table)
		if err := w.QueryRow(ctx, query, betraying).Scan(&n); err != nil {
			t.Fatalf("%s.%s: %v", database, table, err)
		}
		if n > 0 {
			t.Errorf("%d rows of %s.%s bear the name", n, database, table)
		}
	}
	if tables < 60 {
		t.Errorf("only %d tables hold texts: not all were looked at", tables)
	}
	for _, folder := range []string{"store", "published/"} {
		for _, file := range bearing(t, filepath.Join(data, folder)+"/") {
			t.Errorf("%s bears the name", file)
		}
	}
}

// bearing are the files below a folder that bear the name, as they lie there or unpacked from the engine's blocks.
func bearing(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		packed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		// Not all files are packed. In one that is, the beginning of another's longer name can stand alone.
		text, _ := io.ReadAll(compress.NewReader(bytes.NewReader(packed)))
		if len(text) == 0 {
			text = packed
		}
		if betrays(text) {
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func bearingPages(t *testing.T, dir string) []string {
	t.Helper()
	found := bearing(t, dir)
	pages := 0
	for _, pattern := range []string{"weekly/*.html", "weekly/*.eml", "monthly/*.html", "week.md", "week.json"} {
		matches, _ := filepath.Glob(filepath.Join(dir, pattern))
		if pages += len(matches); len(matches) == 0 {
			t.Errorf("there is no %s to look at", pattern)
		}
	}
	return found
}

func betrays(text []byte) bool {
	text = bytes.ReplaceAll(bytes.ToLower(text), []byte("brandtner"), nil)
	for _, needle := range betraying {
		if bytes.Contains(text, []byte(needle)) {
			return true
		}
	}
	return false
}
