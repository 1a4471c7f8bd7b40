package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// change opens a folder's warehouse, changes it behind srekpi's back and publishes that.
func change(t *testing.T, data string, statements ...string) {
	t.Helper()
	folder.Lock()
	defer folder.Unlock()
	w, err := warehouse.OpenWriter(t.Context(), warehouse.Options{URL: "chdb://" + data})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for _, sql := range statements {
		if err := w.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

const payloadBytes = "SELECT count(), countIf(payload != ''), (SELECT sum(column_data_compressed_bytes) FROM system.parts_columns WHERE active AND table = 'raw_records' AND column = 'payload') FROM raw_records"

// Half of the demo's records are old: their payloads go, the marts stay, also
// when the rest is staged again; then all go, and what is published is free of them.
func TestRetentionOfTheDemo(t *testing.T) {
	t.Parallel()
	built, _ := demo(t)
	dir := t.TempDir()
	if out, err := exec.Command("cp", "-a", filepath.Join(built, "demo"), filepath.Join(dir, "demo")).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v %s", err, out)
	}
	data, config := filepath.Join(dir, "demo", "data"), filepath.Join(dir, "demo", "srekpi.yml")
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	kept := strings.Replace(string(text), "warehouse:\n", "warehouse:\n  keep: 400d\n", 1)
	if kept == string(text) {
		kept += "\nwarehouse: {url: chdb://data, keep: 400d}\n"
	}
	write(t, config, kept)
	asked := map[string]string{"quarantine": "SELECT * EXCEPT first_seen FROM quarantine"}
	for _, mart := range marts {
		asked[mart] = "SELECT * FROM " + mart
	}
	change(t, data, "ALTER TABLE raw_records UPDATE fetched_at = fetched_at - INTERVAL 5 YEAR WHERE cityHash64(id) % 2 = 0 SETTINGS mutations_sync = 2")
	srekpi(t, dir, exitDone, "transform", "-c", config, "--as-of", asOf)
	want := publishedIn(t, dir, "demo/data", asked)
	due := query(t, dir, config, "SELECT countIf(fetched_at < now() - INTERVAL 400 DAY AND payload = '') > 1000, countIf(fetched_at >= now() - INTERVAL 400 DAY AND payload = '') = 0 FROM raw_records")
	if due != "1\t1" {
		t.Errorf("old ones emptied, young ones not: %s", due)
	}
	for name, rows := range publishedIn(t, built, "demo/data", asked) {
		if len(rows) != len(want[name]) {
			t.Errorf("%s had %d rows before, %d after", name, len(rows), len(want[name]))
		}
	}
	change(t, data, "ALTER TABLE raw_records UPDATE fetched_at = fetched_at - INTERVAL 5 YEAR WHERE 1 SETTINGS mutations_sync = 2")
	before := strings.Fields(query(t, dir, config, payloadBytes))
	srekpi(t, dir, exitDone, "transform", "-c", config, "--as-of", asOf, "--full")
	same(t, publishedIn(t, dir, "demo/data", asked), want)
	after := strings.Fields(query(t, dir, config, payloadBytes))
	t.Logf("records, payloads, bytes of payloads: %v, then %v", before, after)
	if len(after[2]) > len(before[2])-1 || after[0] != before[0] {
		t.Errorf("records, payloads, bytes of payloads: %v, then %v", before, after)
	}
}

// A row whose payload is gone is still known by the file that it came from:
// under another id it does not stand there twice.
func TestRetentionAndAnotherID(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config := `warehouse: {keep: 400d}
sources:
  - {name: a, type: file, entity: incident, path: a.csv, fields: {id: ID, created_at: at}}
`
	write(t, filepath.Join(dir, "srekpi.yml"), strings.Replace(config, "ID", "id", 1))
	write(t, filepath.Join(dir, "a.csv"), "id,number,at\n1,INC1,2026-01-01\n2,INC2,2026-01-02\n")
	srekpi(t, dir, exitDone, "run", "--as-of", "2026-03-10")
	change(t, filepath.Join(dir, "data"), "ALTER TABLE raw_records UPDATE fetched_at = fetched_at - INTERVAL 5 YEAR WHERE 1 SETTINGS mutations_sync = 2")
	srekpi(t, dir, exitDone, "run", "--as-of", "2026-03-10")
	if got := query(t, dir, "srekpi.yml", "SELECT (SELECT countIf(payload = '') FROM raw_records), (SELECT count() FROM incidents)"); got != "2\t2" {
		t.Errorf("emptied, incidents: %s", got)
	}
	write(t, filepath.Join(dir, "srekpi.yml"), strings.Replace(config, "ID", "number", 1))
	srekpi(t, dir, exitDone, "run", "--as-of", "2026-03-10")
	if got := query(t, dir, "srekpi.yml", "SELECT groupArray(id) FROM (SELECT id FROM incidents ORDER BY id)"); got != "['a:INC1','a:INC2']" {
		t.Errorf("incidents: %s", got)
	}
}
