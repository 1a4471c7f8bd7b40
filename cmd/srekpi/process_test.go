package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/srekpi/srekpi/sql/chdb"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// command prepares srekpi as a process of its own in a folder.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	library, err := chdb.Find(os.Getenv("CHDB_LIB_PATH"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("srekpi", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CHDB_LIB_PATH="+library)
	return cmd
}

// srekpi runs to the end and returns standard output; another exit code than
// the wanted one fails the test.
func srekpi(t *testing.T, dir string, code int, args ...string) string {
	t.Helper()
	cmd := command(t, dir, args...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("srekpi %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out.String(), log.String())
	}
	return out.String()
}

// query asks the published warehouse of a config and returns tab-separated rows.
func query(t *testing.T, dir, config, sql string) string {
	t.Helper()
	return strings.TrimSpace(srekpi(t, dir, 0, "sql", "-c", config, "--format", "TSV", sql))
}

// marts are the views of the contract that a build publishes.
var marts = []string{
	"action_items", "aliases", "annotations", "cab_windows", "calendar", "change_facts", "change_incident_links", "changes", "data_health",
	"definitions", "escalations", "identities", "identity_order", "incident_events", "incident_sources", "incidents", "known_issues",
	"kpi_evidence", "kpi_values", "kpis", "oncall_shifts", "pages", "periods", "postmortems", "recurrences", "repeats", "rules", "services",
	"settings", "source_settings", "sources", "targets", "teams", "ticket_transitions", "tickets", "value_maps", "worklogs", "zone_offsets",
}

// contents is all that two equal warehouses have in common: every mart and KPI
// table, the current raw payloads, and what is in quarantine, as sorted rows.
func contents(t *testing.T, dir string) map[string][]string {
	t.Helper()
	return published(t, dir, comparable())
}

// comparable asks for what two equal warehouses have in common.
func comparable() map[string]string {
	asked := map[string]string{
		"current raw payloads": `SELECT source, entity, id, payload FROM (
			SELECT * FROM raw_records ORDER BY ifNull(updated_at, toDateTime64(0, 3)) DESC, seq DESC LIMIT 1 BY source, entity, id)`,
		"quarantine": "SELECT * EXCEPT first_seen FROM quarantine",
	}
	for _, table := range marts {
		asked[table] = "SELECT * FROM " + table
	}
	return asked
}

// published answers questions from the read copy of a folder's warehouse, all
// from one copy. A process of its own for each would take minutes.
func published(t *testing.T, dir string, questions map[string]string) map[string][]string {
	t.Helper()
	return publishedIn(t, dir, "data", questions)
}

func publishedIn(t *testing.T, dir, data string, questions map[string]string) map[string][]string {
	t.Helper()
	return asked(t, warehouse.Options{URL: "chdb://" + data, Base: dir}, questions)
}

// One process can have one data folder open: parallel tests take turns.
var folder sync.Mutex

// asked answers questions from any warehouse.
func asked(t *testing.T, o warehouse.Options, questions map[string]string) map[string][]string {
	t.Helper()
	folder.Lock()
	defer folder.Unlock()
	ctx := context.Background()
	w, err := warehouse.OpenReader(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	out := map[string][]string{}
	for name, sql := range questions {
		var rows []string
		if err := w.QueryRow(ctx, "SELECT groupArray(formatRowNoNewline('TSV', *)) FROM (SELECT * FROM ("+sql+") ORDER BY ALL)").Scan(&rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = rows
	}
	return out
}

// same holds one warehouse against another, and shows the first differing row.
func same(t *testing.T, got, want map[string][]string) {
	t.Helper()
	for name, w := range want {
		g := got[name]
		if slices.Equal(g, w) {
			continue
		}
		i := 0
		for i < min(len(g), len(w)) && g[i] == w[i] {
			i++
		}
		t.Errorf("%s: %d rows against %d; first difference in row %d:\n got %s\nwant %s", name, len(g), len(w), i+1, line(g, i), line(w, i))
	}
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(none)"
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
