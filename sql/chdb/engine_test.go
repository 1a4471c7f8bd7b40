package chdb

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// shared is the engine of most tests: a process has one data folder at a time.
var shared *Engine

func TestMain(m *testing.M) {
	lib, err := Find("")
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: the tests need the real engine:", err)
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "chdb-test-")
	if err == nil {
		shared, err = Open(lib, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		os.Exit(1)
	}
	code := m.Run()
	shared.Close()
	os.RemoveAll(dir)
	os.Exit(code)
}

func options(e *Engine, database string) *clickhouse.Options {
	return &clickhouse.Options{
		Protocol:      clickhouse.HTTP,
		Auth:          clickhouse.Auth{Database: database},
		MaxOpenConns:  100,
		TransportFunc: func(*http.Transport) (http.RoundTripper, error) { return e, nil },
	}
}

// dial is the driver over the engine, as package warehouse sets it up.
func dial(t *testing.T, e *Engine, database string) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(options(e, database))
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode asks for an error of the engine with one of the codes.
func wantCode(t *testing.T, err error, codes ...int32) {
	t.Helper()
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) || !slices.Contains(codes, ex.Code) {
		t.Errorf("got %v, want code %d", err, codes)
	}
}

func one(t *testing.T, conn driver.Conn, sql string) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(context.Background(), "SELECT toUInt64(("+sql+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func TestHello(t *testing.T) {
	conn := dial(t, shared, "default")
	version, err := conn.ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.Revision != 0 || version.Version.Major < 26 {
		t.Errorf("hello = %+v, want revision 0 of ClickHouse 26 or later", version)
	}
	var n uint64
	var text string
	if err := conn.QueryRow(context.Background(), "SELECT count(), any('ä') FROM numbers(7)").Scan(&n, &text); err != nil || n != 7 || text != "ä" {
		t.Errorf("got %d %q %v", n, text, err)
	}
}
