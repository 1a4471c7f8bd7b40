package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate"
)

var asOf = simulate.AsOf.Format(time.RFC3339)

// company writes the simulated company's exports and config into a folder. With
// half, the newer incidents are not there yet.
func company(t *testing.T, dir string, half bool) {
	t.Helper()
	write(t, filepath.Join(dir, "srekpi.yml"), simulate.Config())
	if err := simulate.New(simulate.Seed, simulate.AsOf).WriteExports(filepath.Join(dir, "exports")); err != nil {
		t.Fatal(err)
	}
	if half {
		if err := os.Remove(filepath.Join(dir, "exports", "incidents-recent.csv")); err != nil {
			t.Fatal(err)
		}
	}
}

// wholeBuild asks for figures that only agree within one build.
var wholeBuild = map[string]string{"figures": `SELECT
	(SELECT count() FROM incidents) = (SELECT count() FROM kpi_evidence WHERE kpi = 'incident_count'),
	(SELECT countIf(included = 1) FROM kpi_evidence WHERE kpi = 'incident_count') = (SELECT sum(value) FROM kpi_values WHERE kpi = 'incident_count' AND dim = 'all' AND period = 'month'),
	(SELECT count() FROM incidents)`}

// TestKill9 kills twenty runs at random moments. Whatever was reached, a reader
// sees one whole build, and the next run ends where an undisturbed one does: after
// one run that was killed, and after a second one that was to make that good.
func TestKill9(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	// The undisturbed warehouse, with the older incidents alone, is the state in
	// which half of the disturbed ones begin.
	before, whole := t.TempDir(), wholeCompany(t)
	company(t, before, true)
	started := time.Now()
	srekpi(t, before, 0, "run", "--as-of", asOf)
	length := time.Since(started)
	older := published(t, before, wholeBuild)["figures"][0]
	want := contents(t, whole)
	newer := published(t, whole, wholeBuild)["figures"][0]
	if older == newer || !strings.HasPrefix(older, "1\t1\t") || !strings.HasPrefix(newer, "1\t1\t") {
		t.Fatalf("the two undisturbed builds give %q and %q", older, newer)
	}

	killed := func(dir string, increment bool) {
		t.Helper()
		cmd := command(t, dir, "run", "--as-of", asOf)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(random.Float64() * 1.1 * float64(length))
		time.Sleep(after)
		seen := ""
		if increment {
			// While it is being written, or after its death: the old set or the new.
			seen = published(t, dir, wholeBuild)["figures"][0]
		}
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		t.Logf("killed after %v of about %v", after, length)
		if increment {
			for _, answer := range []string{seen, published(t, dir, wholeBuild)["figures"][0]} {
				if answer != older && answer != newer {
					t.Errorf("killed after %v: a reader saw %q, neither the old build %q nor the new one %q", after, answer, older, newer)
				}
			}
		}
	}
	for i := range 12 {
		dir := filepath.Join(t.TempDir(), "work")
		increment := i%2 == 1
		if increment {
			if out, err := exec.Command("cp", "-a", before, dir).CombinedOutput(); err != nil {
				t.Fatalf("copy: %v %s", err, out)
			}
		}
		company(t, dir, false)
		times := 1
		if i >= 4 {
			times = 2
		}
		for range times {
			killed(dir, increment)
		}
		// The next run may find the broken records new, or already known.
		next := command(t, dir, "run", "--as-of", asOf)
		if out, err := next.CombinedOutput(); err != nil && next.ProcessState.ExitCode() != exitPartial {
			t.Fatalf("round %d: the next run: %v\n%s", i, err, out)
		}
		same(t, contents(t, dir), want)
		if t.Failed() {
			t.Fatalf("round %d, killed %d times", i, times)
		}
	}
}

// bulk writes a CSV of n incidents, large enough to be interrupted in.
func bulk(t *testing.T, dir string, n int) {
	t.Helper()
	var b strings.Builder
	b.WriteString("id,title,service,opened,solved\n")
	for i := range n {
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 10 * time.Second)
		fmt.Fprintf(&b, "%d,Something broke in a way that takes words to tell,service-%d,%s,%s\n", i, i%7,
			at.Format("2006-01-02 15:04:05"), at.Add(time.Hour).Format("2006-01-02 15:04:05"))
	}
	write(t, filepath.Join(dir, "bulk.csv"), b.String())
	write(t, filepath.Join(dir, "srekpi.yml"), `sources:
  - name: bulk
    type: file
    entity: incident
    path: bulk.csv
    fields: {id: id, title: title, services: service, created_at: opened, resolved_at: solved}
`)
}

// TestInterrupt sends SIGINT in the middle of landing: the process ends with 1,
// says so, and the next run ends where an undisturbed one does.
func TestInterrupt(t *testing.T) {
	const n = 100_000
	dir := t.TempDir()
	bulk(t, dir, n)
	cmd := command(t, dir, "run", "--as-of", "2026-03-01")
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// A part of the table appears when the first records have landed.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if parts, err := filepath.Glob(filepath.Join(dir, "data", "store", "data", "*", "raw_records", "*", "count.txt")); err == nil && len(parts) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the run landed nothing")
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(log.String(), "interrupted") || strings.Contains(log.String(), fmt.Sprint(n)) {
		t.Fatalf("exit code %d, log:\n%s", code, log.String())
	}
	srekpi(t, dir, 0, "run", "--as-of", "2026-03-01")
	if got := query(t, dir, "srekpi.yml", "SELECT count(), uniqExact(id) FROM incidents"); got != fmt.Sprintf("%d\t%d", n, n) {
		t.Errorf("incidents after the next run: %s", got)
	}
}

// TestFullDisk runs on a disk that is too small, then gives it room.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	bulk(t, dir, 100_000)
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=8m", "none", data).CombinedOutput(); err != nil {
		t.Fatalf("this test mounts a small tmpfs and must run as root, as CI does: %v %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", data).Run() })
	cmd := command(t, dir, "run", "--as-of", "2026-03-01")
	out, _ := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(string(out), "space") {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	t.Logf("%s", out)
	if out, err := exec.Command("mount", "-o", "remount,size=2g", data).CombinedOutput(); err != nil {
		t.Fatalf("give the disk room: %v %s", err, out)
	}
	srekpi(t, dir, 0, "run", "--as-of", "2026-03-01")
	if got := query(t, dir, "srekpi.yml", "SELECT count(), uniqExact(id) FROM incidents"); got != "100000\t100000" {
		t.Errorf("incidents after the next run: %s", got)
	}
}
