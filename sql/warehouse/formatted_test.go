package warehouse

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// A native URL names the port of the native protocol; formats come from the standard HTTP port of that host.
func TestUserQueryBesideNative(t *testing.T) {
	ctx := context.Background()
	const host = "127.81.23.1" // of this machine alone, so that the standard port is free
	front, _ := server(t)
	behind, err := url.Parse(front.URL)
	must(t, err)
	listener, err := net.Listen("tcp", net.JoinHostPort(host, portHTTP))
	must(t, err)
	standard := &http.Server{Handler: httputil.NewSingleHostReverseProxy(behind)}
	go standard.Serve(listener)
	q, err := OpenQuery(ctx, Options{URL: "http://" + host + ":" + portHTTP + "/default"}, Limits{MaxResultRows: 500})
	must(t, err)
	defer q.Close()
	// Nothing here speaks the native protocol, so a native connection is one in what it knows of itself.
	q.options.Protocol, q.options.Addr = clickhouse.Native, []string{host + ":9000"}
	var out bytes.Buffer
	must(t, q.UserQuery(ctx, "SELECT {n:UInt8} AS n", "CSVWithNames", map[string]string{"n": "7"}, &out))
	if want := "\"n\"\n7\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if err := q.UserQuery(ctx, "SELECT * FROM numbers(501)", "CSV", nil, &out); err == nil || !strings.Contains(err.Error(), "396") {
		t.Errorf("the limits did not go along: %v", err)
	}
	if err := q.UserQuery(ctx, "SELECT 1 FORMAT CSV", "TSV", nil, &out); err == nil || !strings.Contains(err.Error(), "give --format") {
		t.Errorf("a FORMAT clause: %v", err)
	}
	must(t, standard.Close())
	if err := q.UserQuery(ctx, "SELECT 1", "CSV", nil, io.Discard); err == nil ||
		!strings.Contains(err.Error(), host+":8123") || !strings.Contains(err.Error(), "warehouse.url") {
		t.Errorf("a closed HTTP port: %v", err)
	}
}

func TestOverHTTPTakesThePortOfTLS(t *testing.T) {
	for dsn, want := range map[string]string{
		"clickhouse://u:p@a:9000,b:9001/x":          "a:8123 b:8123",
		"clickhouse://u:p@a:9440/x?secure=true":     "a:8443",
		"clickhouse://u:p@[::1]:9440/x?secure=true": "[::1]:8443",
	} {
		native, err := Options{URL: dsn}.server()
		must(t, err)
		o := overHTTP(*native)
		if got := strings.Join(o.Addr, " "); got != want || o.Auth.Password != "p" || o.Auth.Database != "x" || (o.TLS != nil) != strings.Contains(dsn, "secure") {
			t.Errorf("%s: %s, database %s", dsn, got, o.Auth.Database)
		}
	}
}

func TestForTerminal(t *testing.T) {
	ctx := context.Background()
	o, _ := server(t)
	q, err := OpenQuery(ctx, Options{URL: o.URL + "/default"}, Limits{})
	must(t, err)
	defer q.Close()
	for _, c := range []struct {
		sql, format string
		want        string // "" for a binary one
	}{
		{"SELECT 1", "PrettyCompact", "PrettyCompact"}, {"SELECT 1", "JSONEachRow", "JSONEachRow"}, {"SELECT 1", "Parquet", ""}, {"SELECT 1", "native", ""},
		{"SELECT 1 FORMAT Parquet", "TSV", ""}, {"SELECT 1 FORMAT CSV", "Parquet", "CSV"}, {"SELECT '\nFORMAT Parquet'", "TSV", "TSV"}, {"SELEC", "TSV", "TSV"},
	} {
		got, err := q.ForTerminal(ctx, c.sql, c.format)
		var binary *BinaryError
		if got != c.want || errors.As(err, &binary) != (c.want == "") {
			t.Errorf("%s as %s: %q, %v", c.sql, c.format, got, err)
		}
	}
}

func TestQueryErrorsSayTheNextStep(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	w := writer(t, o)
	must(t, w.Publish(ctx))
	must(t, w.Close())
	q, err := OpenQuery(ctx, o, Limits{MaxExecutionTime: time.Minute, MaxResultRows: 1000})
	must(t, err)
	defer q.Close()
	for sql, want := range map[string]string{
		"selec 1":                     "Code 62 (SYNTAX_ERROR): Syntax error: failed at position 7 (1): 1",
		"SELECT * FROM event":         "Code 60 (UNKNOWN_TABLE): Unknown table expression identifier 'event' in scope SELECT * FROM event. Maybe you meant srekpi.events; SHOW TABLES lists what there is",
		"SELECT {x:UInt8}":            "Code 456 (UNKNOWN_QUERY_PARAMETER): Substitution `x` is not set; give it a value with --param NAME=VALUE, at the prompt with \\param NAME VALUE",
		"SELECT * FROM numbers(5000)": "Code 396 (TOO_MANY_ROWS_OR_BYTES): Limit for result exceeded, max rows: 1.00 thousand, current rows: 5.00 thousand; add a LIMIT or group the rows; `srekpi export` writes whole tables",
	} {
		if err := q.UserQuery(ctx, sql, "TSV", nil, io.Discard); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", sql, err, want)
		}
	}
	if err := q.UserQuery(ctx, "SELECT 1", "Parqet", nil, io.Discard); err == nil || !strings.Contains(err.Error(), "Unknown format Parqet. Maybe you meant: ['Parquet']; SELECT name") {
		t.Errorf("an unknown format: %v", err)
	}
	if err := q.UserQuery(ctx, "SELECT 1; SELECT 2", "TSV", nil, io.Discard); err == nil || !strings.Contains(err.Error(), "several statements") {
		t.Errorf("two statements: %v", err)
	}
}
