package forget

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// TestSweep forgets somebody who stands in columns of every kind, in rows that are deleted but not yet removed, and in
// parts that a merge has replaced.
func TestSweep(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	w, err := warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://" + dir, Schema: sql.Schema()})
	if err != nil {
		t.Fatalf("the tests need the real engine (make engine): %v", err)
	}
	defer w.Close()
	exec := func(statement string) {
		t.Helper()
		if err := w.Exec(ctx, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	exec(`CREATE TABLE kinds (
		id String, low LowCardinality(String), maybe Nullable(String), list Array(String), pairs Map(String, String),
		many Map(String, Array(String)), links Array(Tuple(kind String, key String)), one Tuple(String, UInt8),
		at Nullable(DateTime64(3, 'UTC')), day Nullable(Date), version UInt128, amount Float64, packed String CODEC(NONE)
	) ENGINE = ReplacingMergeTree(version) PARTITION BY low ORDER BY id COMMENT 'of every kind'`)
	for _, name := range []string{"Ada Lovelace", "Nobody"} {
		exec(strings.ReplaceAll(`INSERT INTO kinds VALUES ('WHO 1', 'WHO', 'WHO', ['a', 'WHO', ''], {'WHO': 'x', 'y': 'by WHO'}, {'k': ['WHO']}, [('k', 'WHO'), ('l', 'm')], ('WHO', 7),
			'2026-01-02 03:04:05.678', NULL, 340282366920938463463374607431768211455, 0.1, 'WHO'), ('2', '', NULL, [], {}, {}, [], ('', 0), NULL, '2026-01-02', 0, -1.5, 'WHO')`, "WHO", name))
	}
	// A lightweight delete leaves the row in its part; a merge leaves the part for minutes.
	exec("INSERT INTO sync_runs (run_id, source, message, version) VALUES (1, 'a', 'no such file: ada-lovelace.csv', 1)")
	exec("INSERT INTO sync_runs (run_id, source, message, version) VALUES (1, 'a', '', 2)")
	exec("OPTIMIZE TABLE sync_runs FINAL")
	exec("INSERT INTO positions (source, stream, version) VALUES ('a', 'Ada Lovelace.csv', 1), ('a', 'b.csv', 1)")
	exec("DELETE FROM positions WHERE stream LIKE 'Ada%'")
	exec("INSERT INTO staged_runs (model, source, run_id) VALUES ('m', 'a', 1)")
	before := sum(t, w, "kinds")

	l, pseudonym, err := (*List)(nil).With(Typed("Ada Lovelace"), at)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Save(ctx, w, false); err != nil {
		t.Fatal(err)
	}
	exec("CREATE TABLE forgetting_kinds AS kinds") // of one that was killed
	done, err := l.Sweep(ctx, w, nil)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(done) != "[{kinds 2}]" {
		t.Errorf("swept %v", done)
	}
	if got := sum(t, w, "kinds", pseudonym); got != before {
		t.Errorf("other values changed: %s, before %s", got, before)
	}
	var old, runs, positions uint64
	if err := w.QueryRow(ctx, "SELECT (SELECT count() FROM system.parts WHERE database = 'srekpi' AND table NOT IN ('staged_runs', 'goose_db_version') AND NOT active), (SELECT count() FROM staged_runs), (SELECT count() FROM positions)").Scan(&old, &runs, &positions); err != nil {
		t.Fatal(err)
	}
	if old != 0 || runs != 0 || positions != 1 {
		t.Errorf("%d parts are kept, %d runs are taken for staged, %d positions stand", old, runs, positions)
	}
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(filepath.Base(path), draftOf) {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}

	if l, err = Load(ctx, w); err != nil || !l.Unswept() || l.Text("by ada lovelace") != "by "+pseudonym {
		t.Errorf("loaded again the list gives %q, %v", l.Text("by ada lovelace"), err)
	}
	if err := l.Save(ctx, w, true); err != nil {
		t.Fatal(err)
	}
	if l, err = Load(ctx, w); err != nil || l.Unswept() || len(l.entries) != len(Typed("Ada Lovelace")) {
		t.Errorf("a sweep at its end is not known as one: %v", err)
	}
}

// A login that was found counts alone; typed by somebody it counts everywhere. A sweep for that which dies is known.
func TestWidenedEntryIsUnswept(t *testing.T) {
	ctx, w := context.Background(), storeOf(t)
	l, pseudonym, err := (*List)(nil).With(append(Typed("Ada Lovelace"), Found("ada")...), at)
	must(t, err)
	must(t, l.Save(ctx, w, false))
	must(t, l.Save(ctx, w, true))
	must(t, w.Exec(ctx, "OPTIMIZE TABLE forgotten FINAL"))
	for round, names := range [][]Name{Typed("ada"), Typed("Ada Lovelace")} {
		l, err = Load(ctx, w)
		must(t, err)
		if l.Unswept() {
			t.Fatalf("round %d: what was swept is not known as that", round)
		}
		l, _, err = l.With(names, at)
		must(t, err)
		must(t, l.Save(ctx, w, false)) // and is killed
		l, err = Load(ctx, w)
		must(t, err)
		if !l.Unswept() || l.Text("by ada") != "by "+pseudonym {
			t.Errorf("round %d: unswept %v, %q", round, l.Unswept(), l.Text("by ada"))
		}
		must(t, l.Save(ctx, w, true))
	}
}

// TestKey keeps the key out of the store, and does nothing without it.
func TestKey(t *testing.T) {
	ctx, w := context.Background(), storeOf(t)
	file, err := w.ForgetKey()
	must(t, err)
	l, err := Load(ctx, w)
	must(t, err)
	if _, err := os.Stat(file); err == nil {
		t.Error("nobody is forgotten, and there is a key")
	}
	l, pseudonym, err := l.With(Typed("Ada Lovelace"), at)
	must(t, err)
	must(t, l.Save(ctx, w, true))
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key has mode %v", info.Mode())
	}
	key, err := os.ReadFile(file)
	must(t, err)
	stored := ""
	must(t, w.QueryRow(ctx, "SELECT toString(groupArray(tuple(*))) FROM forgotten").Scan(&stored))
	if len(stored) < 100 || strings.Contains(stored, strings.TrimSpace(string(key))) {
		t.Errorf("the table holds the key: %s", stored)
	}
	gone := func(how string, other bool) {
		t.Helper()
		var e *KeyError
		if _, err := Load(ctx, w); !errors.As(err, &e) || e.Other != other || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "restore this file") {
			t.Errorf("the key is %s: %v", how, err)
		}
	}
	must(t, os.Remove(file))
	gone("removed", false)
	must(t, os.WriteFile(file, []byte(strings.Repeat("ab", keyBytes)), 0o600))
	gone("another", true)
	if err := l.Save(ctx, w, true); err == nil {
		t.Error("a list is stored beside the key of another")
	}
	must(t, os.WriteFile(file, key[:9], 0o600))
	if _, err := Load(ctx, w); err == nil {
		t.Error("half a key is taken")
	}
	must(t, os.WriteFile(file, key, 0o600))
	l, err = Load(ctx, w)
	must(t, err)
	if got := l.Text("by ada lovelace"); got != "by "+pseudonym {
		t.Errorf("with the key put back it gives %q", got)
	}

	// Lost for good.
	must(t, os.WriteFile(file, []byte(givenUp+"\n"), 0o600))
	l, err = Load(ctx, w)
	must(t, err)
	if !l.Empty() {
		t.Error("a list without its key counts")
	}
	l, pseudonym, err = l.With(Typed("Ada Lovelace"), at)
	must(t, err)
	must(t, l.Save(ctx, w, true))
	l, err = Load(ctx, w)
	must(t, err)
	if got := l.Text("by ada lovelace"); got != "by "+pseudonym {
		t.Errorf("with a new key it gives %q", got)
	}
}

func storeOf(t *testing.T) *warehouse.Warehouse {
	t.Helper()
	w, err := warehouse.OpenWriter(context.Background(), warehouse.Options{URL: "chdb://" + t.TempDir(), Schema: sql.Schema()})
	if err != nil {
		t.Fatalf("the tests need the real engine (make engine): %v", err)
	}
	t.Cleanup(func() { must(t, w.Close()) })
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sum is a table's content, its map in order, with the name or pseudonym left out.
func sum(t *testing.T, w *warehouse.Warehouse, table string, pseudonym ...string) string {
	t.Helper()
	who := append(pseudonym, "Ada Lovelace")[0]
	var text string
	if err := w.QueryRow(context.Background(), "SELECT arrayStringConcat(arraySort(groupArray(replaceAll(toString(tuple(* REPLACE (mapSort(pairs) AS pairs))), ?, 'WHO'))), '\n') FROM "+table, who).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestStructure(t *testing.T) {
	for statement, want := range map[structure]string{
		"CREATE TABLE srekpi.raw (`a` String) ENGINE = MergeTree ORDER BY a":                                                                                    "CREATE TABLE `d` (`a` String) ENGINE = MergeTree ORDER BY a",
		"CREATE TABLE `my db`.`t x` UUID 'u' (`a` String) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/{uuid}/{shard}', '{replica}', version) ORDER BY a": "CREATE TABLE `d` (`a` String) ENGINE = ReplacingMergeTree(version) ORDER BY a",
		"CREATE TABLE srekpi.t (`a` String) ENGINE = ReplicatedMergeTree('/p/{uuid}', '{replica}') ORDER BY a":                                                  "CREATE TABLE `d` (`a` String) ENGINE = MergeTree() ORDER BY a",
	} {
		if got := statement.as("d"); got != want {
			t.Errorf("%s became %s, not %s", statement, got, want)
		}
	}
}
