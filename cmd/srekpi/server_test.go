package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
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
	questions := comparable()
	questions["landed twice"] = "SELECT source, entity, id, payload, count() FROM raw_records GROUP BY ALL HAVING count() > 1"
	questions["published"] = "SELECT * EXCEPT (issued_at, landed_to) FROM published_values" // a run that was begun again has another number
	want := published(t, wholeCompany(t), questions)

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
		if runs++; runs > 20 { // the first may be lucky, and those that find nothing new ask little
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

	// While another process writes there.
	holder, err := warehouse.OpenWriter(context.Background(), warehouse.Options{URL: "http://" + wire.Address + "/srekpi"})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	second := command(t, dir, "run", "--as-of", asOf)
	said, _ := second.CombinedOutput()
	if code := second.ProcessState.ExitCode(); code != exitLocked || !strings.Contains(string(said), fmt.Sprintf("another srekpi (pid %d) is writing to the database srekpi at %s", os.Getpid(), wire.Address)) {
		t.Errorf("the second run: exit code %d: %s", code, said)
	}
}

// TestCheckTriesTheServer looks at a server before it reads any source.
func TestCheckTriesTheServer(t *testing.T) {
	server, err := standin.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("SREKPI_TEST_PASSWORD", "hunter2")
	dir := t.TempDir()
	config := func(address, more string) {
		write(t, filepath.Join(dir, "srekpi.yml"), "warehouse: {url: 'http://loader@"+address+"/srekpi', password: {env: SREKPI_TEST_PASSWORD}"+more+"}\n"+
			"sources: [{name: a, type: file, entity: change, path: none.csv, fields: {id: n}}]\n")
	}
	for _, c := range []struct {
		address, more, want string
		code                int
	}{
		{server.Address(), "", "the database srekpi at " + server.Address() + " is not there yet and this user may create it", exitFailed},
		{"127.0.0.1:1", "", "no use of ClickHouse at 127.0.0.1:1: dial tcp 127.0.0.1:1: connect: connection refused; check host and port", exitFailed},
		{server.Address(), ", tls: {ca_file: ca.pem}", "warehouse.tls goes with an encrypted connection", exitUsage},
	} {
		config(c.address, c.more)
		cmd := command(t, dir, "check")
		said, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(string(said), c.want) || strings.Contains(string(said), "hunter2") {
			t.Errorf("exit code %d, want %d and %q:\n%s", code, c.code, c.want, said)
		}
	}
}
