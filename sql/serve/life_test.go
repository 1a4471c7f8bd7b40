package serve

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestNewerCopy publishes anew while a query runs: that one ends on what it has begun with, and new ones see the rest.
func TestNewerCopy(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	s := start(t, o)
	s.ask(t, "SELECT 1", nil).wants(t, "before anything is published", http.StatusServiceUnavailable, "run `srekpi run` first")

	must(t, publish(dir, "CREATE TABLE facts (n UInt64) ENGINE = MergeTree ORDER BY n", "INSERT INTO facts SELECT number FROM numbers(3)"))
	s.until(t, "3\n")
	old := make(chan reply)
	go func() {
		old <- s.ask(t, "SELECT count() FROM facts CROSS JOIN (SELECT sleep(2)) AS pause", nil)
	}()
	time.Sleep(200 * time.Millisecond)
	must(t, publish(dir, "INSERT INTO facts SELECT number FROM numbers(4)"))
	s.until(t, "7\n")
	if got := <-old; got.body != "3\n" {
		t.Errorf("the query that began before: %d %q", got.status, got.body)
	}
	must(t, s.stop())
	if left, err := os.ReadDir(filepath.Join(dir, "readers")); err != nil || len(left) != 0 {
		t.Errorf("copies are left: %v %v", left, err)
	}
}

// until asks how many facts there are, until the answer is the wanted one.
func (r *running) until(t *testing.T, want string) {
	t.Helper()
	var got reply
	for range 100 {
		if got = r.ask(t, "SELECT count() FROM facts", nil); got.body == want {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the answer stays %d %q, want %q", got.status, got.body, want)
}

func (r *running) engine(t *testing.T) *engine {
	t.Helper()
	e, done, err := r.engines.take(context.Background())
	must(t, err)
	done()
	return e
}

// TestEngineDies: a query whose engine is killed, as by a machine without memory, is answered with the reason, and the
// next one finds another engine. So is one that hangs.
func TestEngineDies(t *testing.T) {
	o := testOptions(published)
	o.Limits.MaxExecutionTime = time.Second
	s := start(t, o)
	s.works(t, "the start")
	first := s.engine(t)
	lost := make(chan reply)
	go func() { lost <- s.ask(t, "SELECT sleep(3)", nil) }()
	time.Sleep(300 * time.Millisecond)
	must(t, first.cmd.Process.Kill())
	(<-lost).wants(t, "killed", http.StatusServiceUnavailable, "too little memory")
	s.works(t, "a kill")

	second := s.engine(t)
	if second == first {
		t.Fatal("the engine that was killed answers")
	}
	must(t, second.cmd.Process.Signal(syscall.SIGSTOP))
	s.ask(t, "SELECT 1", nil).wants(t, "hung", http.StatusServiceUnavailable, "a query did not end")
	s.works(t, "an engine that hung")
}

// TestServerEnds: a query that runs is let end, and nobody new gets in.
func TestServerEnds(t *testing.T) {
	s := start(t, testOptions(published))
	s.works(t, "the start")
	running := make(chan reply)
	go func() { running <- s.ask(t, "SELECT sleep(1)", nil) }()
	time.Sleep(300 * time.Millisecond)
	must(t, s.stop())
	if got := <-running; got.body != "0\n" {
		t.Errorf("the query that ran: %d %q %v", got.status, got.body, got.err)
	}
	if _, err := client.Post(s.url, "", strings.NewReader("SELECT 1")); err == nil {
		t.Error("it answers after its end")
	}
}

// TestClientLeaves: a query whose asker has gone is stopped, and its place is free.
func TestClientLeaves(t *testing.T) {
	o := testOptions(published)
	o.Queries = 1
	s := start(t, o)
	s.works(t, "the start")
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		req, err := http.NewRequestWithContext(ctx, "POST", s.url, strings.NewReader("SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"))
		must(t, err)
		req.SetBasicAuth("default", secret)
		if resp, err := client.Do(req); err == nil {
			resp.Body.Close()
			t.Error("an endless query was answered")
		}
		cancel()
	}
	began := time.Now()
	s.works(t, "three askers that left")
	if took := time.Since(began); took > o.Limits.MaxExecutionTime {
		t.Errorf("the next query waited %s", took)
	}
	if got := s.ask(t, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64(number) = 1' AND query NOT LIKE '%processes%'", nil); got.body != "0\n" {
		t.Errorf("%s still run", got.body)
	}
}

// TestClientsLeaveBehind: queries that are being planned, which no kill ends, hold their places after their askers have
// left, and soon their engine is ended.
func TestClientsLeaveBehind(t *testing.T) {
	o := testOptions(published)
	o.Queries = 2
	s := start(t, o)
	s.works(t, "the start")
	first := s.engine(t)
	// Each constant takes the planner seconds.
	bomb := "SELECT 1"
	for i := range 20 {
		bomb += fmt.Sprintf(", editDistance(repeat('ab', 30000), repeat('ba', %d))", 30000+i)
	}
	var wg sync.WaitGroup
	for range o.Queries {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
			defer cancel()
			req, err := http.NewRequestWithContext(ctx, "POST", s.url, strings.NewReader(bomb))
			if err != nil {
				t.Error(err)
				return
			}
			req.SetBasicAuth("default", secret)
			if resp, err := client.Do(req); err == nil {
				resp.Body.Close()
				t.Errorf("it was answered with %s", resp.Status)
			}
		})
	}
	wg.Wait()
	if len(s.queue.running) != o.Queries {
		t.Errorf("%d of %d places are held by what runs", len(s.queue.running), o.Queries)
	}
	select {
	case <-first.gone:
	case <-time.After(time.Minute):
		t.Fatal("the engine goes on with what nobody waits for")
	}
	s.works(t, "queries that were left behind")
}
