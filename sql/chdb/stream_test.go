package chdb

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

func TestTwoStreamsAtOnce(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	const rows = 400_000
	var streams []driver.Rows
	for i := range 2 {
		r, err := conn.Query(ctx, "SELECT number + {offset:UInt64}, toString(number) FROM numbers(400000)", clickhouse.Named("offset", strconv.Itoa(i)))
		must(t, err)
		streams = append(streams, r)
	}
	for n := range uint64(rows) {
		for i, r := range streams {
			if !r.Next() {
				t.Fatalf("stream %d ended at row %d: %v", i, n, r.Err())
			}
			var number uint64
			var text string
			must(t, r.Scan(&number, &text))
			if number != n+uint64(i) || text != strconv.FormatUint(n, 10) {
				t.Fatalf("stream %d, row %d: %d %q", i, n, number, text)
			}
		}
		if n%100_000 == 0 {
			must(t, conn.Exec(ctx, "SELECT 1"))
		}
	}
	for i, r := range streams {
		if r.Next() || r.Err() != nil {
			t.Errorf("stream %d goes on: %v", i, r.Err())
		}
		must(t, r.Close())
	}
}

func TestLargeResultIsNotHeld(t *testing.T) {
	before := resident(t)
	body, err := shared.Query(context.Background(), "SELECT number, repeat('x', 100) FROM numbers(10000000)", "RowBinary", nil)
	must(t, err)
	var most, total int64
	buffer := make([]byte, 1<<20)
	for round := 0; ; round++ {
		n, err := body.Read(buffer)
		total += int64(n)
		if round%100 == 0 {
			most = max(most, resident(t))
		}
		if err == io.EOF {
			break
		}
		must(t, err)
	}
	must(t, body.Close())
	if total != 10_000_000*109 {
		t.Errorf("%d bytes of %d", total, 10_000_000*109)
	}
	if grown := (most - before) >> 20; grown > 300 {
		t.Errorf("reading %d MiB took %d MiB more memory", total>>20, grown)
	}
}

// resident is the memory of this process in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	statm, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	pages, err := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
	must(t, err)
	return pages * int64(os.Getpagesize())
}

func TestErrorInMidStreamIsNoEnd(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	rows, err := conn.Query(ctx, "SELECT throwIf(number = 1000000, 'stop here') FROM numbers(2000000)")
	must(t, err)
	n := 0
	for rows.Next() {
		n++
	}
	wantCode(t, rows.Err(), 395)
	if n == 0 || n > 1_000_000 {
		t.Errorf("%d rows before the error", n)
	}
	rows.Close()

	body, err := shared.Query(ctx, "SELECT throwIf(number = 1000000, 'stop here') FROM numbers(2000000)", "CSV", nil)
	must(t, err)
	_, err = io.Copy(io.Discard, body)
	wantCode(t, err, 395)
	if _, again := body.Read(make([]byte, 1)); again == nil || again == io.EOF {
		t.Errorf("a second read says %v", again)
	}
	must(t, body.Close())
	// An aggregate fails before its first chunk.
	wantCode(t, conn.QueryRow(ctx, "SELECT sum(throwIf(number = 1000000)) FROM numbers(2000000)").Err(), 395)
}

const endless = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"

func TestContextStopsWhatRuns(t *testing.T) {
	conn := dial(t, shared, "default")
	must(t, conn.Exec(context.Background(), "CREATE TABLE slow (n UInt64) ENGINE = MergeTree ORDER BY n"))
	for name, run := range map[string]func(context.Context) error{
		"query without a row": func(ctx context.Context) error { _, err := conn.Query(ctx, endless); return err },
		"statement":           func(ctx context.Context) error { return conn.Exec(ctx, "INSERT INTO slow "+endless) },
		"whole result": func(ctx context.Context) error {
			_, err := shared.Query(ctx, endless, "JSON", nil)
			return err
		},
		"rows while they are read": func(ctx context.Context) error {
			body, err := shared.Query(ctx, "SELECT number FROM numbers(1000000000000)", "TSV", nil)
			if err != nil {
				return err
			}
			defer body.Close()
			_, err = io.Copy(io.Discard, body)
			return err
		},
		"rows of the driver": func(ctx context.Context) error {
			rows, err := conn.Query(ctx, "SELECT number FROM numbers(1000000000000)")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			time.AfterFunc(150*time.Millisecond, cancel)
			done := make(chan error, 1)
			go func() { done <- run(ctx) }()
			select {
			case err := <-done:
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("still running after 10 s")
			}
			if n := one(t, conn, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'"); n != 0 {
				t.Errorf("%d statements still run", n)
			}
		})
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := conn.Exec(ended, "SELECT 1"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

func TestEarlyCloseStopsTheStream(t *testing.T) {
	conn := dial(t, shared, "default")
	for range 3 * poolSize { // more than there are connections
		body, err := shared.Query(context.Background(), "SELECT number FROM numbers(1000000000000)", "TSV", nil)
		must(t, err)
		_, err = body.Read(make([]byte, 10))
		must(t, err)
		must(t, body.Close())
		must(t, body.Close())
	}
	if n := one(t, conn, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%processes%'"); n != 0 {
		t.Errorf("%d statements still run", n)
	}
}

// A stream that nobody reads gives its connection back when its context ends.
func TestUnreadStreamEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	body, err := shared.Query(ctx, "SELECT number FROM numbers(1000000000000)", "TSV", nil)
	must(t, err)
	cancel()
	deadline := time.After(5 * time.Second)
	for len(shared.slots) > 0 {
		select {
		case <-deadline:
			t.Fatal("the connection is still taken")
		case <-time.After(5 * time.Millisecond):
		}
	}
	if _, err := body.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("read after the end: %v", err)
	}
	must(t, body.Close())
}

func TestTextThatLooksLikeAnError(t *testing.T) {
	conn := dial(t, shared, "default")
	const text = "__exception__\r\nCode: 60. DB::Exception: no\r\n"
	body, err := conn.QueryFormat(context.Background(), "TSVRaw", "SELECT {text:String}", clickhouse.Named("text", text))
	must(t, err)
	defer body.Close()
	got, err := io.ReadAll(body)
	if err != nil || string(got) != text+"\n" {
		t.Errorf("got %q %v", got, err)
	}
}

func TestFormats(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct{ sql, format, want string }{
		"rows":             {"SELECT number FROM numbers(3)", "CSV", "0\n1\n2\n"},
		"own format":       {"SELECT number AS n FROM numbers(2) FORMAT TSVWithNames", "CSV", "n\n0\n1\n"},
		"own format, note": {"SELECT 1 AS n FORMAT /* x */ JSONEachRow -- that", "CSV", "{\"n\":1}\n"},
		"no rows":          {"SELECT 1 AS n WHERE 0", "CSVWithNames", "\"n\"\n"},
		"no rows at all":   {"SELECT 1 AS n WHERE 0", "CSV", ""},
		"show":             {"EXISTS system.one", "TSV", "1\n"},
		"parameter":        {"SELECT {a:String}", "TSVRaw", "a\tb\\"},
	} {
		body, err := shared.Query(ctx, c.sql, c.format, map[string]string{"a": "a\tb\\"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := io.ReadAll(body)
		must(t, err)
		must(t, body.Close())
		if strings.TrimRight(string(got), "\n") != strings.TrimRight(c.want, "\n") {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// Each chunk of a stream is formatted alone; the whole must read as one result.
func TestManyChunksAreOneResult(t *testing.T) {
	const rows = 200_000
	for format, lines := range map[string]int{
		"CSV": rows, "CSVWithNames": rows + 1, "TSVWithNamesAndTypes": rows + 2, "Markdown": rows + 2, "JSONEachRow": rows,
	} {
		body, err := shared.Query(context.Background(), "SELECT number, 'x' AS `a\nname` FROM numbers(200000)", format, nil)
		must(t, err)
		got, err := io.ReadAll(body)
		must(t, err)
		body.Close()
		extra := 0
		if format == "CSVWithNames" {
			extra = 1 // the line break inside the name
		}
		if n := strings.Count(string(got), "\n") - extra; n != lines && format != "Markdown" {
			t.Errorf("%s: %d lines, want %d", format, n, lines)
		}
	}
	body, err := shared.Query(context.Background(), "SELECT number FROM numbers(200000)", "JSON", nil)
	must(t, err)
	defer body.Close()
	got, err := io.ReadAll(body)
	must(t, err)
	if n := strings.Count(string(got), `"meta"`); n != 1 || !strings.Contains(string(got), `"rows": 200000`) {
		t.Errorf("JSON holds %d results", n)
	}
}
