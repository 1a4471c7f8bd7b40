package serve

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

const secret = "a-secret-of-the-tests"

// published is a data folder that most tests read and none changes: srekpi.facts holds 200,000 rows.
var published string

func TestMain(m *testing.M) {
	grace = time.Second
	if len(os.Args) == 2 && os.Args[1] == "work" { // started by Options.start
		if err := Work(context.Background(), os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	dir, err := os.MkdirTemp("", "serve-test-")
	if err == nil {
		published = dir
		err = publish(dir, "CREATE TABLE facts (n UInt64, text String) ENGINE = MergeTree ORDER BY n",
			"INSERT INTO facts SELECT number, concat('row ', toString(number)) FROM numbers(200000)")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: the tests need the real engine:", err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// publish writes and publishes.
func publish(dir string, statements ...string) error {
	ctx := context.Background()
	w, err := warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://" + dir})
	if err != nil {
		return err
	}
	defer w.Close()
	for _, sql := range statements {
		if err := w.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return w.Publish(ctx)
}

func testOptions(dir string) Options {
	log := io.Discard
	if testing.Verbose() {
		log = os.Stderr
	}
	return Options{
		Log: log, Listen: "127.0.0.1:0", User: "default", Secret: secret, Queries: 8,
		Warehouse: warehouse.Options{URL: "chdb://" + dir},
		Limits: warehouse.Limits{
			MaxExecutionTime: 5 * time.Second, MaxMemoryUsage: 300 << 20, MaxMemoryTotal: 800 << 20, MaxResultRows: 5_000_000, MaxTemporaryTotal: 100 << 20,
		},
		Command: []string{"work"},
	}
}

// running is a server that a test asks.
type running struct {
	*Server
	url  string
	stop func() error // ends it and waits
}

func start(t testing.TB, o Options) *running {
	t.Helper()
	s, err := Listen(o)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- s.Run(ctx) }()
	r := &running{Server: s, url: "http://" + s.Addr().String()}
	r.stop = sync.OnceValue(func() error { cancel(); return <-over })
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
	err    error // of reading the body
}

// ask posts a query as the user.
func (r *running) ask(t testing.TB, sql string, params url.Values) reply {
	t.Helper()
	if params == nil {
		params = url.Values{}
	}
	req, err := http.NewRequest(http.MethodPost, r.url+"/?"+params.Encode(), strings.NewReader(sql))
	must(t, err)
	req.SetBasicAuth("default", secret)
	return send(t, req)
}

func send(t testing.TB, req *http.Request) reply {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Errorf("%s: %v", req.URL, err)
		return reply{}
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	_, err = io.Copy(&body, resp.Body)
	return reply{status: resp.StatusCode, header: resp.Header, body: body.String(), err: err}
}

var client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64}}

// wants holds an answer.
func (r reply) wants(t testing.TB, what string, status int, text string) {
	t.Helper()
	if r.status != status || !strings.Contains(r.body, text) {
		t.Errorf("%s: got %d %.300q %v, want %d with %q", what, r.status, r.body, r.err, status, text)
	}
}

// works asks a small question, as after something that went wrong.
func (r *running) works(t testing.TB, after string) {
	t.Helper()
	if got := r.ask(t, "SELECT count() FROM facts", nil); got.status != 200 || got.body != "200000\n" {
		t.Errorf("after %s: %d %q", after, got.status, got.body)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
