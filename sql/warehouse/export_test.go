package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// publishThings makes a build with a table of every kind of type that marts have, and a view that takes a parameter.
func publishThings(t *testing.T, w *Warehouse) {
	t.Helper()
	for _, sql := range []string{
		"CREATE TABLE builds (id UInt32, as_of DateTime64(3, 'UTC'), definition String) ENGINE = MergeTree ORDER BY id",
		`CREATE TABLE build_things (build UInt32, id String, kind LowCardinality(String), note Nullable(String), at DateTime64(3, 'UTC') COMMENT 'when', ended Nullable(DateTime64(3, 'UTC')),
			day Date, level UInt8, value Nullable(Float64), hit Nullable(UInt8), teams Array(String), dims Map(String, Array(String))) ENGINE = MergeTree ORDER BY id`,
		"CREATE VIEW things AS SELECT * EXCEPT build FROM build_things WHERE build = (SELECT max(id) FROM builds)",
		"CREATE VIEW things_of AS SELECT * FROM things WHERE kind = {kind:String}",
		`INSERT INTO build_things VALUES
			(1, 'a:1', 'k', NULL, '2026-01-02 03:04:05.678', NULL, '2026-01-02', 1, NULL, NULL, [], {}),
			(1, 'a:2', '=1+2', '', '1999-12-31 23:59:59.999', '2026-01-01 00:00:00', '2026-12-31', 255, -0.125, 0, ['=x', 'it''s'], {'service': ['a', 'b'], 'none': []}),
			(1, 'a:3', '-', '@SUM(A1)\nnext "line"', '2026-06-01 00:00:00', '2026-06-01 00:00:00', '2026-06-01', 0, 1e300, 1, ['é'], {'k': ['']}),
			(2, 'later', 'k', 'of a build that is not published', '2026-01-01 00:00:00', NULL, '2026-01-01', 0, NULL, NULL, [], {})`,
		`INSERT INTO build_things SELECT 1, concat('n:', toString(number)), 'k', if(number % 3 = 0, NULL, toString(number)), toDateTime64('2026-01-01', 3, 'UTC') + number / 8, NULL,
			toDate('2026-01-01') + number % 300, number % 256, number / 7, number % 2, arrayMap(x -> toString(x), range(number % 4)), map('n', [toString(number)]) FROM numbers(120000)`,
		"INSERT INTO builds VALUES (1, '2026-10-06 07:00:00', 'abc')",
	} {
		must(t, w.Exec(context.Background(), sql))
	}
}

// rows is a hash over all rows of something that can be read from, whatever their order.
func rows(t *testing.T, w *Warehouse, from string) (hash uint64) {
	t.Helper()
	must(t, w.QueryRow(context.Background(), "SELECT groupBitXor(cityHash64(formatRowNoNewline('TSV', *))) FROM "+from).Scan(&hash))
	return hash
}

func TestExportToParquetKeepsRowsAndTypes(t *testing.T) {
	ctx, o, dir := context.Background(), at(t), filepath.Join(t.TempDir(), "new", "folder")
	w := writer(t, o)
	publishThings(t, w)
	must(t, w.Publish(ctx))
	must(t, w.Close())
	r, err := OpenReader(ctx, o)
	must(t, err)
	defer r.Close()
	m, err := r.Export(ctx, nil, Parquet, dir)
	must(t, err)
	if len(m.Tables) != 1 || m.Tables[0].Table != "things" || m.Tables[0].Rows != 120003 || m.Build != 1 || m.Definition != "abc" {
		t.Fatalf("%+v", m)
	}
	if c := m.Tables[0].Columns[3]; c.Name != "at" || c.Type != "DateTime64(3, 'UTC')" {
		t.Errorf("columns: %+v", m.Tables[0].Columns)
	}
	file := "file(" + quoteText(filepath.Join(dir, "things.parquet")) + ", Parquet)"
	if rows(t, r, file) != rows(t, r, "things") {
		t.Error("the file's rows are not the table's")
	}
	for _, c := range m.Tables[0].Columns {
		var got string
		must(t, r.QueryRow(ctx, "SELECT toTypeName("+c.Name+") FROM "+file+" LIMIT 1").Scan(&got))
		if want := strings.NewReplacer("LowCardinality(String)", "String", "DateTime64", "DateTime64", "Date", "Date32").Replace(c.Type); got != want {
			t.Errorf("%s is %s in the file, want %s", c.Name, got, want)
		}
	}
	written := Exported{}
	text, err := os.ReadFile(filepath.Join(dir, ExportedFile))
	must(t, err)
	must(t, json.Unmarshal(text, &written))
	if diff := cmp.Diff(*m, written); diff != "" {
		t.Error(diff)
	}
	only(t, dir, ExportedFile, "things.parquet")
}

func only(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("files: %s", diff)
	}
}

const thingsCSV = `"id","kind","note","at","ended","day","level","value","hit","teams","dims"
"a:1","k",\N,"2026-01-02 03:04:05.678",\N,"2026-01-02",1,\N,\N,"[]","{}"
"a:2","'=1+2","","1999-12-31 23:59:59.999","2026-01-01 00:00:00.000","2026-12-31",255,-0.125,0,"['=x','it\'s']","{'service':['a','b'],'none':[]}"
"a:3","'-","'@SUM(A1)
next ""line""","2026-06-01 00:00:00.000","2026-06-01 00:00:00.000","2026-06-01",0,1e300,1,"['é']","{'k':['']}"
`

func TestExportToCSV(t *testing.T) {
	ctx := context.Background()
	o, _ := server(t) // streams over HTTP
	w := writer(t, o)
	publishThings(t, w)
	must(t, w.Exec(ctx, "ALTER TABLE build_things DELETE WHERE startsWith(id, 'n:') SETTINGS mutations_sync = 2"))
	dir := t.TempDir()
	_, err := w.Export(ctx, []string{"things", "things"}, CSV, dir)
	must(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "things.csv"))
	must(t, err)
	if diff := cmp.Diff(thingsCSV, string(text)); diff != "" {
		t.Error(diff)
	}
	only(t, dir, ExportedFile, "things.csv")
	if _, err := w.Export(ctx, []string{"things"}, Parquet, dir); err != nil {
		t.Error(err)
	}
	if got := rows(t, w, "file("+quoteText(filepath.Join(dir, "things.parquet"))+", Parquet)"); got != rows(t, w, "things") {
		t.Error("the file that a server sent holds other rows than the table")
	}
	var unknown *UnknownTableError
	for _, name := range []string{"nothing", "build_things", "things_of"} {
		if _, err := w.Export(ctx, []string{name}, CSV, dir); !errors.As(err, &unknown) || unknown.Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExportThatFailsLeavesTheLastOne(t *testing.T) {
	ctx := context.Background()
	o, _ := server(t)
	w := writer(t, o)
	publishThings(t, w)
	dir := t.TempDir()
	_, err := w.Export(ctx, nil, CSV, dir)
	must(t, err)
	before, err := os.ReadFile(filepath.Join(dir, "things.csv"))
	must(t, err)
	must(t, w.Exec(ctx, "CREATE VIEW z_broken AS SELECT throwIf(id = 'n:119999', 'broken') AS x FROM things"))
	if _, err := w.Export(ctx, nil, CSV, dir); err == nil || !strings.Contains(err.Error(), "export z_broken") {
		t.Fatalf("got %v", err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "things.csv"))
	must(t, err)
	if string(before) != string(after) {
		t.Error("a file of the last export was replaced")
	}
	only(t, dir, ExportedFile, "things.csv")
}
