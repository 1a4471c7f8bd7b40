package warehouse

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/sql/chdb"
)

// server is the engine behind real HTTP, as a ClickHouse server answers it.
func server(t *testing.T) Options {
	t.Helper()
	library, err := chdb.Find("")
	must(t, err)
	engine, err := chdb.Open(library, t.TempDir())
	must(t, err)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := engine.RoundTrip(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer answer.Body.Close()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		io.Copy(w, answer.Body)
	}))
	t.Cleanup(func() {
		front.Close()
		engine.Close()
	})
	return Options{URL: front.URL, Schema: schema}
}

func TestServerOverHTTP(t *testing.T) {
	ctx := context.Background()
	o := server(t)
	w := writer(t, o)
	must(t, Insert(ctx, w, "events", events(1, 1000)))
	must(t, w.Publish(ctx))
	must(t, w.Close())
	r, err := OpenReader(ctx, o)
	must(t, err)
	defer r.Close()
	if n := count(t, r, "SELECT count() FROM srekpi.events"); n != 1000 {
		t.Errorf("%d rows", n)
	}
	q, err := OpenQuery(ctx, o, Limits{MaxExecutionTime: time.Minute, MaxMemoryUsage: 1 << 30, MaxResultRows: 500})
	must(t, err)
	defer q.Close()
	var out bytes.Buffer
	must(t, q.UserQuery(ctx, "SELECT n, {text:String} FROM events ORDER BY n LIMIT 2", "CSV", map[string]string{"text": "a\tb"}, &out))
	if want := "0,\"a\tb\"\n1,\"a\tb\"\n"; out.String() != want {
		t.Errorf("got %q", out.String())
	}
	for sql, code := range map[string]string{
		"INSERT INTO events (n) VALUES (1)": "164", "DROP TABLE events": "164", "SELECT n FROM events": "396", "SELECT 1 SETTINGS readonly = 0": "164",
	} {
		if err := q.UserQuery(ctx, sql, "CSV", nil, &out); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want code %s", sql, err, code)
		}
	}
	if err := r.UserQuery(ctx, "SELECT 1", "CSV", nil, &out); err == nil || !strings.Contains(err.Error(), "OpenQuery") {
		t.Errorf("a reader ran a user's text: %v", err)
	}
}

func TestUserQueryOverNative(t *testing.T) {
	q, err := OpenQuery(context.Background(), Options{URL: "clickhouse://127.0.0.1:1/x"}, Limits{})
	must(t, err) // it connects with the first statement
	defer q.Close()
	if err := q.UserQuery(context.Background(), "SELECT 1", "CSV", nil, io.Discard); err == nil || !strings.Contains(err.Error(), "not yet over") {
		t.Errorf("got %v", err)
	}
}
