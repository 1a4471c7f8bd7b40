package warehouse

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse/standin"
)

// server is the engine behind real HTTP, as a ClickHouse server answers it.
func server(t *testing.T) (Options, *standin.Server) {
	t.Helper()
	s, err := standin.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return Options{URL: s.URL, Schema: schema, State: t.TempDir()}, s
}

func TestServerOverHTTP(t *testing.T) {
	ctx := context.Background()
	o, _ := server(t)
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

func TestAnUnreachableServerSaysSoAtOnce(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for _, url := range []string{"clickhouse://loader:hunter2@127.0.0.1:1/srekpi", "http://loader:hunter2@127.0.0.1:1/srekpi"} {
		o := Options{URL: url, Notice: func(text string) { t.Errorf("it tried again: %s", text) }}
		_, err := OpenWriter(context.Background(), o)
		if err == nil || !strings.Contains(err.Error(), "no use of ClickHouse at 127.0.0.1:1") || !strings.Contains(err.Error(), "9440") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
		if _, err = OpenQuery(context.Background(), o, Limits{}); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
