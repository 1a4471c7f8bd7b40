package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	schema "github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

var freeze = flag.Bool("freeze", false, "keep a store of the present schema version for later tests, as text")

// Stores that released versions made stand there as text, by schema version:
// tables.sql as the engine shows them, and the rows of each landing and state
// table. The config and the files that they were made of stand beside them.
const stores = "../../sql/warehouse/testdata/stores"

// A build's own tables are empty in it: they are made again.
func keptRows(table string) bool { return !strings.HasPrefix(table, "build_") }

// freezeStore writes a data folder as text.
func freezeStore(t *testing.T, data, to string) {
	t.Helper()
	folder.Lock()
	defer folder.Unlock()
	w, err := warehouse.OpenReader(t.Context(), warehouse.Options{URL: "chdb://" + data})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	texts := func(sql string) []string {
		var rows []string
		if err := w.QueryRow(t.Context(), "SELECT groupArray(x) FROM (SELECT * FROM ("+sql+") AS q(x) ORDER BY ALL)").Scan(&rows); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return rows
	}
	var all strings.Builder
	for _, create := range texts("SELECT formatQuery(create_table_query) AS x FROM system.tables WHERE database = currentDatabase()") {
		fmt.Fprintf(&all, "%s;\n\n", create)
	}
	write(t, filepath.Join(to, "tables.sql"), all.String())
	for _, table := range texts("SELECT name AS x FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'") {
		if !keptRows(table) {
			continue
		}
		if rows := texts("SELECT formatRowNoNewline('JSONEachRow', *) AS x FROM " + table); len(rows) > 0 {
			write(t, filepath.Join(to, table+".jsonl"), strings.Join(rows, "\n")+"\n")
		}
	}
}

// thawStore makes a data folder of that text and publishes it.
func thawStore(t *testing.T, from, data string) {
	t.Helper()
	folder.Lock()
	defer folder.Unlock()
	ctx := context.Background()
	w, err := warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://" + data})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	text, err := os.ReadFile(filepath.Join(from, "tables.sql"))
	if err != nil {
		t.Fatal(err)
	}
	creates := strings.Split(strings.TrimSuffix(string(text), ";\n\n"), ";\n\n")
	slices.SortStableFunc(creates, func(a, b string) int { // what views read is there before them
		view := func(s string) int { return strings.Count(s[:12], "VIEW") }
		return view(a) - view(b)
	})
	for _, create := range creates {
		if err := w.Exec(ctx, create); err != nil {
			t.Fatalf("%v\n%s", err, create)
		}
	}
	files, err := filepath.Glob(filepath.Join(from, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		rows, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Exec(ctx, "INSERT INTO "+strings.TrimSuffix(filepath.Base(file), ".jsonl")+" FORMAT JSONEachRow\n"+string(rows)); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	if err := w.Publish(ctx); err != nil {
		t.Fatal(err)
	}
}

func presentSchema(t *testing.T) int {
	t.Helper()
	entries, err := fs.ReadDir(schema.Schema(), ".")
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(entries[len(entries)-1].Name()[:5])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// made is a folder with the config and files of the frozen stores.
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"srekpi.yml", "tickets.csv", "releases.csv"} {
		text, err := os.ReadFile(filepath.Join(stores, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	return dir
}

// What must come through an upgrade as it is, but for columns that are new.
var enduring = map[string]string{
	"raw":         "SELECT source, entity, id, updated_at, fetched_at, run_id, seq, payload, deleted FROM raw_records",
	"quarantine":  "SELECT source, entity, id, file, line, step, reason, payload FROM quarantine",
	"published":   "SELECT document, period_start, issued_at, data_as_of, definition, of_period, kpi, stat, dim, dim_value, value, low, high, k, n, unknown, open, excluded, complete, verdict FROM published_values",
	"runs":        "SELECT run_id, source, status, records FROM sync_runs FINAL",
	"positions":   "SELECT source, stream, position FROM positions FINAL",
	"past builds": "SELECT id, as_of, definition FROM builds WHERE id = 1",
}

func TestOlderStores(t *testing.T) {
	t.Parallel()
	present := presentSchema(t)
	if *freeze {
		dir := made(t)
		srekpi(t, dir, exitPartial, "run", "--as-of", "2026-03-10")
		freezeStore(t, filepath.Join(dir, "data"), filepath.Join(stores, strconv.Itoa(present)))
	}
	kept, err := os.ReadDir(stores)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[int]bool{}
	for _, entry := range kept {
		version, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		versions[version] = true
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			dir := made(t)
			thawStore(t, filepath.Join(stores, entry.Name()), filepath.Join(dir, "data"))
			before := published(t, dir, enduring)
			for name, rows := range before {
				if len(rows) == 0 {
					t.Errorf("the store has no %s", name)
				}
			}
			for _, reader := range [][]string{{"sql", "SELECT 1"}, {"report"}} {
				cmd := command(t, dir, reader...)
				out, _ := cmd.CombinedOutput()
				older := fmt.Sprintf("what is published has schema version %d, made by an older srekpi, and this one reads %d; run `srekpi migrate`", version, present)
				if version < present && (cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), older)) {
					t.Errorf("%v: exit code %d\n%s", reader, cmd.ProcessState.ExitCode(), out)
				}
			}
			said := srekpi(t, dir, exitDone, "migrate")
			if version < present && (!strings.HasPrefix(said, fmt.Sprintf("schema version %d → %d\n", version, present)) || !regexp.MustCompile(`(?m)^  applied 000\d\d_\w+\.sql$`).MatchString(said)) {
				t.Errorf("migrate says\n%s", said)
			}
			held := before["quarantine"]
			if version < 19 { // it asks for what staging could not read again
				before["quarantine"] = slices.DeleteFunc(slices.Clone(held), func(row string) bool { return strings.Contains(row, "\tstaging\t") })
			}
			same(t, published(t, dir, enduring), before)
			cmd := command(t, dir, "transform", "--as-of", "2026-03-10")
			if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != exitPartial {
				t.Fatalf("transform: %v\n%s", err, out)
			}
			before["quarantine"] = held
			same(t, published(t, dir, enduring), before)
			if got := query(t, dir, "srekpi.yml", "SELECT (SELECT count() FROM incidents), (SELECT count() FROM changes), (SELECT max(id) FROM builds), (SELECT count() > 0 FROM kpi_values)"); got != "4\t2\t2\t1" {
				t.Errorf("incidents, changes, builds, figures: %s", got)
			}
			srekpi(t, dir, exitDone, "report")
		})
	}
	for _, released := range []int{10, 19, 23, 29} {
		if !versions[released] {
			t.Errorf("no store of the released schema version %d", released)
		}
	}
}

// A store of a version to come is left alone by every command.
func TestNewerStoreIsRefused(t *testing.T) {
	t.Parallel()
	dir := made(t)
	present := presentSchema(t)
	thawStore(t, filepath.Join(stores, "23"), filepath.Join(dir, "data"))
	change(t, filepath.Join(dir, "data"), fmt.Sprintf("INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, 1)", present+1))
	for _, args := range [][]string{{"run"}, {"ingest"}, {"transform"}, {"report"}, {"report", "--issue", "weekly"}, {"sql", "SELECT 1"}, {"migrate"}, {"backup", "b.tar.zst"}} {
		cmd := command(t, dir, args...)
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(string(out), fmt.Sprintf("the warehouse has schema version %d, made by a newer srekpi, and this one knows %d", present+1, present)) {
			t.Errorf("%v: exit code %d\n%s", args, cmd.ProcessState.ExitCode(), out)
		}
	}
}
