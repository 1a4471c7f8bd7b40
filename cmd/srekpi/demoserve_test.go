package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate"
)

// TestDemoServe leaves the demo's tools running: another process reads from them
// with the demo's config, until Ctrl-C.
func TestDemoServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := command(t, dir, "demo", "--serve")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // where the test ends early
	said := ""
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), " run -c ") {
			break
		}
	}
	// Stopped here, an early end shows its reason.
	addresses := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindAllString(said, -1)
	config, err := os.ReadFile(filepath.Join(dir, "demo", "srekpi.yml"))
	if err != nil || len(addresses) != 2 {
		t.Fatalf("%v\n%s%s", err, said, log.String())
	}
	for _, text := range append(addresses, "url: ") {
		if !strings.Contains(string(config), text) {
			t.Errorf("the demo's config has no %s", text)
		}
	}
	for _, text := range []string{
		"open public/index.html\n", "\nJira       " + addresses[0] + "   user " + simulate.JiraUser + ", token in demo/jira.token\n",
		"\nPagerDuty  " + addresses[1] + "   token in demo/pagerduty.token\n", "until you press Ctrl-C",
		" check -c demo/srekpi.yml\n", " run -c demo/srekpi.yml --as-of " + asOf + "\n",
	} {
		if !strings.Contains(said, text) {
			t.Errorf("it does not say %q:\n%s", text, said)
		}
	}

	if code, log := logged(t, dir, "ingest", "-c", "demo/srekpi.yml"); code != exitDone {
		t.Errorf("exit code %d\n%s", code, log)
	}
	const few = "SELECT count(), countIf(requests BETWEEN 1 AND 20), countIf(retries > 0) FROM sync_runs FINAL WHERE status = 'complete' AND covers_to IS NOT NULL AND run_id = (SELECT max(run_id) FROM sync_runs)"
	if got := query(t, dir, "demo/srekpi.yml", few); got != "2\t2\t0" {
		t.Errorf("sources, those of few requests, those with retries: %s", got)
	}

	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log.String())
	}
	for _, address := range addresses {
		if resp, err := http.Get(address); err == nil {
			resp.Body.Close()
			t.Errorf("%s answers after the end", address)
		}
	}
}
