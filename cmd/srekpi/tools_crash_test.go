package main

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// raw is what ingest alone answers for.
var raw = map[string]string{
	"current raw payloads": `SELECT source, entity, id, payload, deleted FROM (
		SELECT * FROM raw_records ORDER BY ifNull(updated_at, toDateTime64(0, 3)) DESC, seq DESC LIMIT 1 BY source, entity, id)`,
	"quarantine":       "SELECT * EXCEPT first_seen FROM quarantine",
	"runs that go on":  "SELECT run_id, source FROM sync_runs FINAL WHERE status = 'running'",
	"what is complete": "SELECT source, covers_from, covers_to FROM sync_runs FINAL WHERE status = 'complete' AND covers_to IS NOT NULL ORDER BY run_id DESC LIMIT 1 BY source",
}

// lately is a moment that half of the crashes begin at: an increment from there
// to the end of the history.
var lately = simulate.AsOf.AddDate(0, 0, -45)

// copied is a new folder with all of another one in it.
func copied(t *testing.T, from string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "work")
	if out, err := exec.Command("cp", "-a", from, dir).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v %s", err, out)
	}
	return dir
}

// onRequest calls do when the nth request from now on comes, before it is
// answered. It counts those of both tools together.
func (c *tools) onRequest(n int, do func()) {
	var count atomic.Int64
	for _, f := range []*front{&c.atJira, &c.atPagerDuty} {
		f.put(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if count.Add(1) == int64(n) {
				do()
			}
			f.behind.ServeHTTP(w, r)
		}))
	}
}

// TestKill9OverHTTP kills ingest at random requests, on an empty store and in an
// increment. The next one ends where an undisturbed one does.
func TestKill9OverHTTP(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	empty, before := t.TempDir(), t.TempDir()
	c := serve(t, time.Time{}, lately, pagerdutyapi.Options{})
	c.office(t, empty)
	c.office(t, before)
	srekpi(t, before, exitPartial, "ingest")
	older := published(t, before, raw)
	c.turn(simulate.AsOf)
	whole, increment := copied(t, empty), copied(t, before)
	requests := [2]int{}
	for i, dir := range []string{whole, increment} {
		from := c.asked()
		if code, log := logged(t, dir, "ingest"); code != exitPartial && code != exitDone {
			t.Fatal(log)
		}
		requests[i] = c.asked() - from
	}
	want := published(t, whole, raw)
	same(t, published(t, increment, raw), want)
	if n, m := len(older["current raw payloads"]), len(want["current raw payloads"]); n < m/2 || n > m*19/20 {
		t.Errorf("%d records before and %d after: the increment is not what it should be", n, m)
	}

	died := 0
	for i := range 8 {
		dir := copied(t, []string{empty, before}[i%2])
		n := 1 + random.IntN(requests[i%2])
		cmd := command(t, dir, "ingest")
		reached := make(chan struct{})
		c.onRequest(n, func() { close(reached) })
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-reached:
			// What was fetched before may land just now, or not.
			time.Sleep(time.Duration(random.Float64() * float64(100*time.Millisecond)))
			_ = cmd.Process.Signal(syscall.SIGKILL)
			<-ended
		case <-ended: // the order of requests is not the same each time
		}
		if !cmd.ProcessState.Exited() {
			died++
		}
		c.onRequest(0, nil)
		if code, log := logged(t, dir, "ingest"); code != exitDone && code != exitPartial {
			t.Fatalf("round %d, killed at request %d: the next run ends with %d\n%s", i, n, code, log)
		}
		same(t, published(t, dir, raw), want)
		if t.Failed() {
			t.Fatalf("round %d, killed at request %d of about %d", i, n, requests[i%2])
		}
	}
	if died < 5 {
		t.Errorf("only %d of 8 runs were killed", died)
	}
}

// TestKill9WholeRuns kills runs at random moments of their time, and holds the
// marts as well.
func TestKill9WholeRuns(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	empty, before := t.TempDir(), t.TempDir()
	c := serve(t, simulate.AsOf.AddDate(0, -2, 0), lately, pagerdutyapi.Options{})
	c.office(t, empty)
	c.office(t, before)
	srekpi(t, before, exitPartial, "ingest")
	c.turn(simulate.AsOf)
	whole := copied(t, empty)
	started := time.Now()
	srekpi(t, whole, exitPartial, "run", "--as-of", asOf)
	length := time.Since(started)
	want := contents(t, whole)

	for i := range 3 {
		dir := copied(t, []string{before, empty}[i%2])
		cmd := command(t, dir, "run", "--as-of", asOf)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		after := time.Duration(random.Float64() * float64(length))
		time.Sleep(after)
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		// The next run may find the broken records new, or already known.
		if code, log := logged(t, dir, "run", "--as-of", asOf); code != exitDone && code != exitPartial {
			t.Fatalf("round %d, killed after %v: the next run ends with %d\n%s", i, after, code, log)
		}
		same(t, contents(t, dir), want)
		if t.Failed() {
			t.Fatalf("round %d, killed after %v of about %v", i, after, length)
		}
	}
}

// TestInterruptOverHTTP sends SIGINT into a long first sync, twice. It ends at
// once, says so, and does not ask again for what landed.
func TestInterruptOverHTTP(t *testing.T) {
	c := serve(t, time.Time{}, simulate.AsOf, pagerdutyapi.Options{})
	whole, dir := t.TempDir(), t.TempDir()
	c.office(t, whole)
	c.office(t, dir)
	srekpi(t, whole, exitPartial, "ingest")
	search, entries, lists := "POST /rest/api/2/search/jql", "GET /log_entries", "GET /incidents"
	undisturbed := [2]map[string]int{c.jira.Requests(), c.pagerduty.Requests()}

	// interrupted runs until the nth request for a path has come, which is not
	// answered, and interrupts it there.
	interrupted := func(f *front, path string, n int) {
		t.Helper()
		cmd := command(t, dir, "ingest")
		var log bytes.Buffer
		cmd.Stderr = &log
		var count atomic.Int64
		f.put(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, path) && count.Add(1) >= int64(n) {
				_ = cmd.Process.Signal(os.Interrupt)
				<-r.Context().Done()
				return
			}
			f.behind.ServeHTTP(w, r)
		}))
		defer f.put(nil)
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != exitFailed {
			t.Errorf("exit code %d", code)
		}
		const want = "srekpi: interrupted; what was stored is kept, the next run goes on from there\n"
		if !strings.HasSuffix(log.String(), want) || strings.Count(log.String(), "interrupt") != 1 {
			t.Errorf("the log ends otherwise than with %q:\n%s", want, log.String())
		}
	}
	// spent is what was asked of an endpoint since the undisturbed sync.
	spent := func(now func() map[string]int, which int, endpoint string) int {
		return now()[endpoint] - undisturbed[which][endpoint]
	}
	count := func(of string) int {
		n, err := strconv.Atoi(query(t, dir, "srekpi.yml", "SELECT uniqExact(id) FROM raw_records WHERE "+of))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}

	interrupted(&c.atJira, "/search/jql", 25)
	first, landed := spent(c.jira.Requests, 0, search), count("source = 'jira' AND entity = 'issue'")
	if landed < 1000 {
		t.Errorf("%d issues landed before the interruption", landed)
	}
	interrupted(&c.atPagerDuty, "/log_entries", 15)
	second := spent(c.jira.Requests, 0, search) - first
	// Behind the cursor is at least the first batch of 1,000 issues.
	if second > undisturbed[0][search]-10 {
		t.Errorf("%d searches after %d that landed %d issues, of %d in all", second, first, landed, undisturbed[0][search])
	}
	listed := spent(c.pagerduty.Requests, 1, lists)
	if landed := count("source = 'pagerduty' AND entity = 'incident'"); landed < 300 {
		t.Errorf("%d incidents landed before the interruption", landed)
	}
	asked := spent(c.pagerduty.Requests, 1, entries)
	srekpi(t, dir, exitPartial, "ingest")
	if again := spent(c.pagerduty.Requests, 1, lists) - listed; again > 1 {
		t.Errorf("incidents were listed with %d requests, then again with %d", listed, again)
	}
	if again := spent(c.pagerduty.Requests, 1, entries) - asked; again > undisturbed[1][entries]-asked+8 {
		t.Errorf("log entries: %d requests, then %d, where %d are needed", asked, again, undisturbed[1][entries])
	}
	same(t, published(t, dir, raw), published(t, whole, raw))
	if got := query(t, dir, "srekpi.yml", "SELECT source, status, message FROM sync_runs FINAL WHERE status != 'complete' ORDER BY run_id"); got != "jira\tinterrupted\tingest jira: interrupt signal received; run it again: it goes on where it stopped\n"+
		"pagerduty\tinterrupted\tingest pagerduty: interrupt signal received; run it again: it goes on where it stopped" {
		t.Errorf("sync_runs: %s", got)
	}
}
