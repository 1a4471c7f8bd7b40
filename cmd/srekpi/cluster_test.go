package main

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/srekpi/srekpi/sql/warehouse"
	"github.com/srekpi/srekpi/sql/warehouse/standin"
)

// Statements that change tables, by how they begin, and those that stay as they are.
var (
	changesTables = regexp.MustCompile(`(?i)^(CREATE|ALTER|DROP|EXCHANGE|RENAME|DELETE|TRUNCATE|OPTIMIZE|KILL|SYSTEM|DETACH|ATTACH|UNDROP|GRANT)\b`)
	asItIs        = regexp.MustCompile(`(?i)^(SELECT|WITH|INSERT|DESCRIBE|CHECK|EXPLAIN|SHOW)\b`)
	comments      = regexp.MustCompile(`(?m)^\s*(--.*)?$\n?`)
	plainEngine   = regexp.MustCompile(`ENGINE\s*=\s*\w*MergeTree`)
	onCluster     = " ON CLUSTER `reporting`"
)

// TestClusterStatements lets a run, a rebuild and what else changes tables speak
// to a cluster. There is none here: each statement is held against the rules and
// parsed by the engine, which then carries out what is left of it without them.
// The figures are those of a single server.
func TestClusterStatements(t *testing.T) {
	server, err := standin.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	var mu sync.Mutex
	seen, versions := map[string]bool{}, false
	server.Answer = func(statement string) (string, bool) {
		text := strings.TrimSpace(comments.ReplaceAllString(statement, ""))
		mu.Lock()
		defer mu.Unlock()
		switch {
		case asItIs.MatchString(text):
			return "", false
		case !changesTables.MatchString(text):
			t.Errorf("a statement of a new kind: %.200s", text)
			return "", false
		case strings.HasPrefix(text, "CREATE TABLE IF NOT EXISTS goose_db_version ("):
			// goose asks for its table by itself. Ours must be there, so that it makes none.
			if !versions {
				t.Error("the table of versions is not yet on the cluster")
			}
			return "", false
		}
		versions = versions || strings.HasPrefix(text, "CREATE TABLE IF NOT EXISTS goose_db_version"+onCluster)
		seen[text] = true
		if strings.HasPrefix(text, "SYSTEM SYNC REPLICA ON CLUSTER `reporting` `build_") {
			return "SELECT 1", true
		}
		if strings.Count(text, onCluster) != 1 {
			t.Errorf("not once on the cluster: %.300s", text)
		}
		for _, engine := range plainEngine.FindAllString(text, -1) {
			if !strings.Contains(engine, "Replicated") {
				t.Errorf("not replicated: %.300s", text)
			}
		}
		return strings.Replace(strings.Replace(text, onCluster, "", 1), "Replicated", "", 1), true
	}
	dir := t.TempDir()
	serverCompany(t, dir, server.URL+"/srekpi\n  cluster: reporting")
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	srekpi(t, dir, 3, "run", "--as-of", asOf)
	if got := query(t, dir, "srekpi.yml", wholeBuild["figures"]); !strings.HasPrefix(got, "1\t1\t") {
		t.Errorf("figures %s", got)
	}
	srekpi(t, dir, 0, "transform", "--full", "--as-of", asOf)

	server.Answer = nil
	w, err := warehouse.OpenWriter(context.Background(), warehouse.Options{URL: server.URL, State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	kinds := map[string]int{}
	for text := range seen {
		kinds[strings.Join(strings.Fields(text)[:2], " ")]++
		rows, err := w.Query(context.Background(), "EXPLAIN AST "+strings.ReplaceAll(text, "?", "'bound'"))
		if err != nil {
			t.Errorf("the engine does not parse it: %v\n%.300s", err, text)
			continue
		}
		rows.Close()
	}
	t.Logf("%d statements: %v", len(seen), kinds)
	for _, kind := range []string{"CREATE DATABASE", "CREATE TABLE", "CREATE OR", "ALTER TABLE", "DROP TABLE", "KILL QUERY", "SYSTEM SYNC"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s was sent", kind)
		}
	}
}
