package warehouse

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statementsOf splits a file as clickhouse-client --multiquery does. None holds a semicolon in a text.
func statementsOf(text string) []string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			lines = append(lines, line)
		}
	}
	var out []string
	for _, statement := range strings.Split(strings.Join(lines, "\n"), ";") {
		if statement = strings.TrimSpace(statement); statement != "" {
			out = append(out, statement)
		}
	}
	return out
}

func TestGrantsAreRead(t *testing.T) {
	w := writer(t, Options{URL: "chdb://" + filepath.Join(t.TempDir(), "data")})
	files, err := filepath.Glob("../../configs/deploy/grants/*.sql")
	must(t, err)
	if len(files) != 3 {
		t.Fatalf("files: %v", files)
	}
	granted := ""
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, statement := range statementsOf(string(text)) {
			if rows, err := w.Query(context.Background(), "EXPLAIN AST "+statement); err != nil {
				t.Errorf("%s: %v in\n%s", file, err, statement)
			} else {
				rows.Close()
			}
			if filepath.Base(file) == "loader.sql" {
				granted += statement + "\n"
			}
		}
	}
	for _, right := range writing {
		if !strings.Contains(granted, right) {
			t.Errorf("loader.sql does not grant %s, which a writer needs", right)
		}
	}
}

func TestAServerIsTried(t *testing.T) {
	ctx := context.Background()
	o, s := server(t)
	found, err := TryServer(ctx, o)
	must(t, err)
	if found.Exists || len(found.Missing) > 0 || !strings.HasPrefix(found.Version, "26.") {
		t.Errorf("before the first run: %+v", found)
	}
	must(t, writer(t, o).Close())
	s.Answer = func(statement string) (string, bool) {
		denied := strings.HasPrefix(statement, "CHECK GRANT") && !strings.HasPrefix(statement, "CHECK GRANT SELECT")
		return "SELECT toUInt8(0) AS result", denied
	}
	found, err = TryServer(ctx, o)
	must(t, err)
	if !found.Exists || !found.Reads || !slices.Contains(found.Missing, "INSERT ON `srekpi`.*") || len(found.Missing) != len(writing) {
		t.Errorf("of one who may only read: %+v", found)
	}
	// One who may read opens what is there, and writes nothing on the way.
	r, err := OpenReader(ctx, o)
	must(t, err)
	must(t, r.Close())
}

func TestTwoWritersToOneServer(t *testing.T) {
	o, _ := server(t)
	w := writer(t, o)
	_, err := OpenWriter(context.Background(), o)
	if err == nil || !strings.Contains(err.Error(), "(pid "+strconv.Itoa(os.Getpid())+") is writing to the database srekpi at 127.0.0.1:") {
		t.Errorf("the second: %v", err)
	}
	must(t, w.Close())
	writer(t, o)
}
