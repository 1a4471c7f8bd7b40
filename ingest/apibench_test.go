package ingest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// In benchmarks an API is a process of its own, so that neither its memory nor
// its garbage counts for the program. apart tells a child what it is.
const apart = "SREKPI_TEST_APART"

// asked is a request that a stand-in has got.
type asked struct {
	Method, URI string
	Header      http.Header
	Body        []byte
}

// serveAPI is the child: it stands in for an API with n incidents or issues until
// its input ends. Beside the API it tells what it was asked.
func serveAPI(kind string, n int) {
	var mu sync.Mutex
	var got []asked
	late := time.Duration(0)
	clock := func(now time.Time) func() time.Time {
		return func() time.Time {
			mu.Lock()
			defer mu.Unlock()
			return now.Add(late)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	url := "http://" + listener.Addr().String()
	var api http.Handler
	needed := 0
	switch kind {
	case "pagerduty":
		a := pagerdutyapi.Sample(n, dutyNow)
		a.Token = dutyToken
		api, needed = pagerdutyapi.New(a, pagerdutyapi.Options{Clock: clock(dutyNow), PerMinute: -1}), dutyNeeded(a)
	default:
		j := jiraapi.Sample(n, deskNow.Add(-time.Hour))
		j.Token, j.User, j.BaseURL, j.Cloud = deskToken, deskUser, url, kind == "jiracloud"
		api, needed = jiraapi.New(j, jiraapi.Options{Clock: clock(deskNow)}), jiraNeeded(j.Cloud, n, len(j.Worklogs))
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/-/asked": // since the last time
			mu.Lock()
			json.NewEncoder(w).Encode(got)
			got = nil
			mu.Unlock()
			return
		case "/-/day":
			mu.Lock()
			late += 24 * time.Hour
			mu.Unlock()
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		header := r.Header.Clone()
		header.Del("Accept-Encoding")
		mu.Lock()
		got = append(got, asked{r.Method, r.URL.RequestURI(), header, body})
		mu.Unlock()
		api.ServeHTTP(w, r)
	}))
	fmt.Println(url, needed)
	io.Copy(io.Discard, os.Stdin)
}

// remote is a site beside an API in another process.
type remote struct {
	*site
	cfg    *configs.Config
	url    string
	needed int // requests that a first sync cannot do without
}

func newRemote(t testing.TB, s *site, kind string, n int) *remote {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d", apart, kind, n))
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); child.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	r := &remote{site: s}
	if _, err := fmt.Sscan(line, &r.url, &r.needed); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SREKPI_TEST_DUTY", dutyToken)
	t.Setenv("SREKPI_TEST_DESK", deskToken)
	switch kind {
	case "pagerduty":
		r.cfg = s.config(fmt.Sprintf(`{name: a, type: pagerduty, url: %q, token: {env: SREKPI_TEST_DUTY}, since: "2025-02-24T09:00:00Z"}`, r.url))
	case "jiracloud":
		r.cfg = s.config(fmt.Sprintf(`{name: a, type: jira, url: %q, user: %s, token: {env: SREKPI_TEST_DESK}, since: 500d}`, r.url, deskUser))
	default:
		r.cfg = s.config(fmt.Sprintf(`{name: a, type: jira, url: %q, token: {env: SREKPI_TEST_DESK}, since: 500d}`, r.url))
	}
	return r
}

func (r *remote) get(path string) []byte {
	r.Helper()
	resp, err := http.Get(r.url + path)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return body
}

// asked is what the API was asked since the last time.
func (r *remote) asked() (all []asked) {
	if err := json.Unmarshal(r.get("/-/asked"), &all); err != nil {
		r.Fatal(err)
	}
	return all
}

// wipe makes the next sync a first one.
func (r *remote) wipe() {
	for _, table := range []string{"raw_records", "positions", "sync_runs", "quarantine"} {
		if err := r.w.Exec(context.Background(), "TRUNCATE TABLE "+table); err != nil {
			r.Fatal(err)
		}
	}
}

// bare asks the same once more, one after the other, and throws the answers away.
func (r *remote) bare(all []asked) {
	for _, a := range all {
		request, err := http.NewRequest(a.Method, r.url+a.URI, bytes.NewReader(a.Body))
		if err != nil {
			r.Fatal(err)
		}
		request.Header = a.Header
		resp, err := http.DefaultClient.Do(request)
		if err != nil {
			r.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			r.Fatal(a.URI, resp.Status, err)
		}
	}
}

// benchFirstSync holds a first sync against a bare loop that fetches the same
// pages, in turns, and against the requests that it needs. Then it syncs once
// more, a day later.
func benchFirstSync(b *testing.B, kind string, n int) {
	r := newRemote(b, newSite(b), kind, n)
	got := r.ingest(r.cfg) // the stand-in's caches are filled now
	same := r.asked()
	var ours, bare []float64
	for b.Loop() {
		r.wipe()
		began := time.Now()
		got = r.ingest(r.cfg)
		ours = append(ours, time.Since(began).Seconds())
		began = time.Now()
		r.bare(same)
		bare = append(bare, time.Since(began).Seconds())
	}
	slices.Sort(ours)
	slices.Sort(bare)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(got.Records)/ours[0], "records/s")
	b.ReportMetric(bare[0]/ours[0], "of-bare-loop")
	b.ReportMetric(bare[len(bare)/2]/ours[len(ours)/2], "of-bare-loop-median")
	ratio := float64(len(same)) / float64(r.needed)
	b.ReportMetric(float64(len(same)), "requests")
	b.ReportMetric(ratio, "requests/needed")
	if ratio > 1.05 {
		b.Errorf("%d requests where %d are needed", len(same), r.needed)
	}
	r.get("/-/day")
	got = r.ingest(r.cfg)
	b.ReportMetric(float64(got.Requests), "requests/increment")
	if got.Requests > 20 || kind != "pagerduty" && got.Records > 0 {
		b.Errorf("%d requests for nothing new, %v", got.Requests, got.Landed)
	}
}

// benchMemory reports the most memory that a first sync takes. It must hardly
// depend on the number of records.
func benchMemory(b *testing.B, kind string, n int) {
	s := &site{TB: b, dir: b.TempDir()}
	newRemote(b, s, kind, n)
	for b.Loop() {
		if err := os.RemoveAll(s.dir + "/data"); err != nil {
			b.Fatal(err)
		}
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), apart+"=sync 0", "SREKPI_TEST_DIR="+s.dir)
		out, err := child.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		var records, kib int
		if _, err := fmt.Sscan(string(out), &records, &kib); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		b.ReportMetric(float64(kib)/1024, "peak-RSS-MB")
		b.ReportMetric(float64(records), "records")
	}
}

// syncApart is the child whose memory is measured.
func syncApart(dir string) {
	c, err := configs.Load(dir + "/srekpi.yml")
	if err != nil {
		panic(err)
	}
	var t testing.B
	w := openAt(&t, dir)
	now := time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)
	r, err := Ingest(context.Background(), w, c, Options{Now: func() time.Time { return now }})
	if err != nil || r.Sources[0].Err != nil {
		panic(fmt.Sprint(err, r.Sources[0].Err))
	}
	// The rusage of a process knows that of its parent as well.
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Println(r.Sources[0].Records, strings.Fields(peak)[0])
	w.Close()
}

// beApart is what a child does instead of tests.
func beApart(what string) {
	kind, n, _ := strings.Cut(what, " ")
	if kind == "sync" {
		syncApart(os.Getenv("SREKPI_TEST_DIR"))
		return
	}
	count, err := strconv.Atoi(n)
	if err != nil {
		panic(err)
	}
	serveAPI(kind, count)
}
