package warehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/srekpi/srekpi/sql/chdb"
)

var schema = fstest.MapFS{
	"001_events.sql": {Data: []byte(`-- +goose Up
CREATE TABLE IF NOT EXISTS events (batch UInt64, n UInt64, at DateTime64(3, 'UTC'), note Nullable(String), tags Array(String), attributes Map(String, String), kept String DEFAULT 'yes')
ENGINE = MergeTree ORDER BY (batch, n);
`)},
	"002_notes.sql": {Data: []byte("-- +goose Up\nCREATE TABLE IF NOT EXISTS notes (text String) ENGINE = MergeTree ORDER BY text;\n")},
}

type event struct {
	Batch      uint64            `ch:"batch"`
	N          uint64            `ch:"n"`
	At         time.Time         `ch:"at"`
	Note       *string           `ch:"note"`
	Tags       []string          `ch:"tags"`
	Attributes map[string]string `ch:"attributes"`
	Local      string            // no column
}

var noon = time.Date(2026, 10, 5, 12, 0, 0, 125_000_000, time.UTC)

func events(batch, count int) []event {
	rows := make([]event, count)
	for i := range rows {
		rows[i] = event{Batch: uint64(batch), N: uint64(i), At: noon, Tags: []string{"a", "b"}, Attributes: map[string]string{"k": "v"}}
		if i%2 == 0 {
			note := fmt.Sprint("note ", i)
			rows[i].Note = &note
		}
	}
	return rows
}

func TestMain(m *testing.M) {
	if _, err := chdb.Find(""); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: the tests need the real engine:", err)
		os.Exit(1)
	}
	if role := os.Getenv("WAREHOUSE_TEST_ROLE"); role != "" {
		playRole(role)
		return
	}
	os.Exit(m.Run())
}

func at(t *testing.T) Options {
	t.Helper()
	return Options{URL: "chdb://" + filepath.Join(t.TempDir(), "data"), Schema: schema}
}

func writer(t *testing.T, o Options) *Warehouse {
	t.Helper()
	w, err := OpenWriter(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func count(t *testing.T, w *Warehouse, sql string) uint64 {
	t.Helper()
	var n uint64
	if err := w.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestInsertedStructsComeBack(t *testing.T) {
	ctx := context.Background()
	w := writer(t, at(t))
	must(t, Insert(ctx, w, "events", events(1, 120_001)))
	must(t, Insert(ctx, w, "events", []event(nil)))
	if n := count(t, w, "SELECT count() FROM events WHERE kept = 'yes' AND tags = ['a', 'b'] AND attributes['k'] = 'v'"); n != 120_001 {
		t.Errorf("%d rows stored, want 120001", n)
	}
	var rows []event
	must(t, w.Select(ctx, &rows, "SELECT batch, n, at, note, tags, attributes FROM events WHERE n IN (4, 5) ORDER BY n"))
	if len(rows) != 2 || rows[0].Note == nil || *rows[0].Note != "note 4" || rows[1].Note != nil || !rows[0].At.Equal(noon) {
		t.Errorf("got %+v", rows)
	}
	err := Insert(ctx, w, "events", []struct{ N int }{{1}})
	if err == nil || !strings.Contains(err.Error(), "ch tags") {
		t.Errorf("untagged rows: %v", err)
	}
	if err := Insert(ctx, w, "nowhere", events(1, 1)); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("unknown table: %v", err)
	}
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	o := at(t)
	for range 2 {
		w := writer(t, o)
		if n := count(t, w, "SELECT count() FROM goose_db_version"); n != 3 {
			t.Errorf("%d rows in the version table, want 3", n)
		}
		if n := count(t, w, "SELECT count() FROM system.tables WHERE database = 'srekpi'"); n != 3 {
			t.Errorf("%d tables, want 3", n)
		}
		must(t, w.Close())
	}
}

func TestBrokenMigrationNamesItself(t *testing.T) {
	o := at(t)
	o.Schema = fstest.MapFS{"001_broken.sql": {Data: []byte("-- +goose Up\nCREATE TABEL x;\n")}}
	_, err := OpenWriter(context.Background(), o)
	if err == nil || !strings.Contains(err.Error(), "001_broken.sql") {
		t.Errorf("got %v", err)
	}
	writer(t, at(t)) // the failed one gave everything back
}

func TestOtherDatabase(t *testing.T) {
	ctx := context.Background()
	w := writer(t, at(t))
	must(t, w.Exec(ctx, "CREATE DATABASE fixture"))
	conn, err := w.In("fixture")
	must(t, err)
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a"))
	var here string
	must(t, conn.QueryRow(ctx, "SELECT currentDatabase()").Scan(&here))
	if n := count(t, w, "SELECT count() FROM system.tables WHERE database = 'fixture'"); here != "fixture" || n != 1 {
		t.Errorf("database %q, %d tables", here, n)
	}
}

func TestRelativeFolderResolvesAgainstBase(t *testing.T) {
	base := t.TempDir()
	writer(t, Options{URL: "chdb://./state/data", Base: base})
	info, err := os.Stat(filepath.Join(base, "state", "data"))
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("data folder is %v, want 0700", info.Mode().Perm())
	}
}

func TestURLMistakes(t *testing.T) {
	for url, want := range map[string]string{
		"chdb://":                     "names no folder",
		"postgres://user:secret@host": "unknown kind of URL \"postgres\"",
		"clickhouse://u:secret@":      "cannot be read",
	} {
		_, err := OpenWriter(context.Background(), Options{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestMissingLibraryNamesTheCommand(t *testing.T) {
	o := at(t)
	o.Library = "/nowhere/libchdb.so"
	_, err := OpenWriter(context.Background(), o)
	var missing *chdb.NotFoundError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "make engine") {
		t.Errorf("got %v", err)
	}
}

func TestUserQuery(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	w := writer(t, o)
	must(t, Insert(ctx, w, "events", events(1, 10)))
	must(t, w.Publish(ctx))
	must(t, w.Close())

	q, err := OpenQuery(ctx, o, Limits{MaxExecutionTime: 5 * time.Second, MaxMemoryUsage: 1 << 30, MaxResultRows: 1000})
	must(t, err)
	defer q.Close()
	var out bytes.Buffer
	must(t, q.UserQuery(ctx, "SELECT n, note FROM events WHERE n < {top:UInt64} ORDER BY n", "CSVWithNames", map[string]string{"top": "2"}, &out))
	if want := "\"n\",\"note\"\n0,\"note 0\"\n1,\\N\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	var no *chdb.RefusedError
	if err := q.UserQuery(ctx, "DROP TABLE events", "CSV", nil, &out); !errors.As(err, &no) {
		t.Errorf("DROP: %v", err)
	}
	if err := q.UserQuery(ctx, "SELECT * FROM numbers(1001)", "CSV", nil, &out); err == nil || !strings.Contains(err.Error(), "396") {
		t.Errorf("too many rows: %v", err)
	}
	if err := q.Exec(ctx, "DROP TABLE events"); err == nil {
		t.Error("a read-only warehouse dropped a table")
	}
	if n := count(t, q, "SELECT count() FROM events"); n != 10 {
		t.Errorf("%d rows", n)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	before := runtime.NumGoroutine()
	w := writer(t, o)
	must(t, Insert(ctx, w, "events", events(1, 10)))
	must(t, w.Publish(ctx))
	must(t, w.Publish(ctx))
	must(t, w.Close())
	must(t, w.Close())
	r, err := OpenReader(ctx, o)
	must(t, err)
	count(t, r, "SELECT count() FROM events")
	must(t, r.Close())

	dir, _, _ := o.folder()
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if got := strings.Join(left, " "); got != "lock published published.2 readers store" {
		t.Errorf("data folder holds %s", got)
	}
	if entries, _ := os.ReadDir(filepath.Join(dir, "readers")); len(entries) != 0 {
		t.Errorf("readers' copies are left: %v", entries)
	}
	after := runtime.NumGoroutine()
	for range 50 {
		if after <= before {
			break
		}
		time.Sleep(20 * time.Millisecond)
		after = runtime.NumGoroutine()
	}
	if after > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after\n%s", before, after, stacks[:runtime.Stack(stacks, true)])
	}
}
