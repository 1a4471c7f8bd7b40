package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// asked is a query with what its answer holds: so many bytes, or a text.
type asked struct {
	sql    string
	params url.Values
	bytes  int
	want   string
}

func (q asked) ask(asker *http.Client, address string) error {
	req, err := http.NewRequest(http.MethodPost, address+"/?"+q.params.Encode(), strings.NewReader(q.sql))
	if err != nil {
		return err
	}
	req.SetBasicAuth("default", secret)
	resp, err := asker.Do(req)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err == nil && (resp.StatusCode != 200 || q.bytes > 0 && len(body) != q.bytes || !strings.Contains(string(body), q.want)) {
		err = fmt.Errorf("%s: %d, %d bytes, %.200q", q.sql, resp.StatusCode, len(body), body)
	}
	return err
}

// load is what came of many clients that asked for some time.
type load struct {
	times  []time.Duration
	errors []error
	peak   string // of the engine's memory
}

// load has clients ask a mix of queries: small, grouping, sorting, streaming, held whole.
func (r *running) load(t testing.TB, clients int, lasts time.Duration) load {
	t.Helper()
	r.works(t, "the start")
	mix := []asked{
		{sql: "SELECT 1", want: "1\n"},
		{sql: "SELECT count(), sum(n) FROM facts", want: "200000\t19999900000\n"},
		{sql: "SELECT text FROM facts WHERE n = {n:UInt64}", params: url.Values{"param_n": {"777"}}, want: "row 777\n"},
		{sql: "SELECT n % 7 AS k, uniqExact(text) FROM facts GROUP BY k ORDER BY k LIMIT 1", want: "0\t28572\n"},
		{sql: "SELECT n FROM facts ORDER BY text DESC LIMIT 2", want: "99999\n99998\n"},
		{sql: "SELECT number FROM numbers(200000)", bytes: 1_288_890},
		{sql: "SELECT n, text FROM facts WHERE n < 20000", params: url.Values{"default_format": {"JSONEachRow"}}, bytes: 597_780},
		{sql: "SELECT count() FROM facts", params: url.Values{"default_format": {"JSON"}, "max_execution_time": {"30"}, "compress": {"0"}}, want: "\"rows\": 1"},
		{sql: "SELECT name FROM system.columns WHERE database = 'srekpi' ORDER BY position", want: "n\ntext\n"},
	}
	var mu sync.Mutex
	var all load
	var wg sync.WaitGroup
	end := time.Now().Add(lasts)
	for c := range clients {
		wg.Go(func() {
			asker := &http.Client{Transport: &http.Transport{DisableCompression: true}} // a connection of its own
			defer asker.CloseIdleConnections()
			for i := c; time.Now().Before(end); i++ {
				q := mix[i%len(mix)]
				began := time.Now()
				err := q.ask(asker, r.url)
				mu.Lock()
				all.times = append(all.times, time.Since(began))
				if err != nil {
					all.errors = append(all.errors, err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(all.times)
	e, done, err := r.engines.take(t.Context())
	if err == nil {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.cmd.Process.Pid))
		for line := range strings.Lines(string(status)) {
			if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				all.peak = strings.TrimSpace(value)
			}
		}
		done()
	}
	return all
}

// TestManyClients is BenchmarkManyClients for a moment.
func TestManyClients(t *testing.T) {
	got := start(t, testOptions(published)).load(t, 50, 4*time.Second)
	if len(got.errors) > 0 || len(got.times) < 50 {
		t.Errorf("%d of %d queries failed: %v", len(got.errors), len(got.times), got.errors[:min(3, len(got.errors))])
	}
}

// BenchmarkManyClients has 50 clients ask for a minute.
func BenchmarkManyClients(b *testing.B) {
	o := testOptions(published)
	o.Limits.MaxMemoryTotal = 2 << 30
	s := start(b, o)
	for b.Loop() {
		got := s.load(b, 50, time.Minute)
		for _, err := range got.errors[:min(3, len(got.errors))] {
			b.Error(err)
		}
		at := func(share float64) float64 {
			return float64(got.times[int(share*float64(len(got.times)-1))].Microseconds()) / 1000
		}
		b.ReportMetric(float64(len(got.times)), "requests")
		b.ReportMetric(float64(len(got.errors)), "errors")
		b.ReportMetric(at(0.5), "p50-ms")
		b.ReportMetric(at(0.99), "p99-ms")
		b.Logf("peak memory of the engine: %s", got.peak)
	}
	b.ReportMetric(0, "ns/op")
}
