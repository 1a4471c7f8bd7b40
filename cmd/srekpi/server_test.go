package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/sql/warehouse"
	"github.com/srekpi/srekpi/sql/warehouse/standin"
)

// serverCompany is the simulated company whose warehouse is at a URL.
func serverCompany(t *testing.T, dir, url string) {
	t.Helper()
	company(t, dir, false)
	write(t, filepath.Join(dir, "srekpi.yml"), regexp.MustCompile(`chdb://\S+`).ReplaceAllString(simulate.Config(), url))
}

// TestCutWire runs against a server over a wire that is cut thirty times, in the
// middle of statements and of answers. What is there then is what an undisturbed
// run in the process gives, and every record has landed once.
func TestCutWire(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	whole := t.TempDir()
	company(t, whole, false)
	srekpi(t, whole, 3, "run", "--as-of", asOf)

	questions := comparable()
	questions["landed twice"] = "SELECT source, entity, id, payload, count() FROM raw_records GROUP BY ALL HAVING count() > 1"
	questions["published"] = "SELECT * EXCEPT issued_at FROM published_values"
	want := published(t, whole, questions)

	server, err := standin.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	const cuts = 30
	wire, err := standin.Connect(server.Address(), cuts, seed)
	if err != nil {
		t.Fatal(err)
	}
	defer wire.Close()
	dir := t.TempDir()
	serverCompany(t, dir, "http://"+wire.Address+"/srekpi")
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	runs := 0
	for runs == 0 || wire.Cuts() < cuts {
		if runs++; runs > 5 {
			t.Fatalf("only %d cuts in %d runs", wire.Cuts(), runs-1)
		}
		cmd := command(t, dir, "run", "--as-of", asOf)
		var log bytes.Buffer
		cmd.Stderr = &log
		_ = cmd.Run()
		// A run that is cut too often in its build gives up, and leaves what it found standing.
		gaveUp := strings.Contains(log.String(), "the connection to the warehouse was lost")
		if code := cmd.ProcessState.ExitCode(); code != exitPartial && code != exitDone && !(code == exitFailed && gaveUp) {
			t.Fatalf("run %d: exit code %d after %d cuts:\n%s", runs, code, wire.Cuts(), log.String())
		}
		t.Logf("run %d: %d cuts so far\n%s", runs, wire.Cuts(), log.String())
	}
	same(t, asked(t, warehouse.Options{URL: server.URL}, questions), want)
}
