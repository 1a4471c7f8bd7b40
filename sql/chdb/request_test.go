package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestNamedParameters(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	for _, want := range []string{"", "plain", "tab\t newline\n return\r backslash\\ quote' double\" back`", `\N`, `\t`, "ü{x:String}", "nul\x00in"} {
		var got string
		must(t, conn.QueryRow(ctx, "SELECT {value:String}", clickhouse.Named("value", want)).Scan(&got))
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	var null *string
	var list []string
	must(t, conn.QueryRow(ctx, "SELECT {none:Nullable(String)}, {list:Array(String)}",
		clickhouse.Named("none", nil), clickhouse.Named("list", []string{"a'b", "c\nd"})).Scan(&null, &list))
	if null != nil || len(list) != 2 || list[0] != "a'b" || list[1] != "c\nd" {
		t.Errorf("got %v %q", null, list)
	}
	// A parameter belongs to its own statement.
	wantCode(t, conn.QueryRow(ctx, "SELECT {value:String}").Err(), 456)
}

func TestSettingsDoNotLeak(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	setting := func(ctx context.Context, name string) string {
		t.Helper()
		var value string
		must(t, conn.QueryRow(ctx, "SELECT value FROM system.settings WHERE name = '"+name+"'").Scan(&value))
		return value
	}
	before := setting(ctx, "join_use_nulls")
	own := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"join_use_nulls": 1, "max_block_size": 77, "format_csv_null_representation": `'\`}))
	for range 3 {
		if got := setting(own, "join_use_nulls") + setting(own, "max_block_size") + setting(own, "format_csv_null_representation"); got != `177'\` {
			t.Errorf("own settings are %q", got)
		}
		if got := setting(ctx, "join_use_nulls"); got != before {
			t.Errorf("join_use_nulls leaked: %s", got)
		}
	}
	// Neither does a statement that sets them, nor a refused set.
	must(t, conn.Exec(ctx, "SET join_use_nulls = 1"))
	must(t, conn.Exec(ctx, "USE system"))
	bad := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"join_use_nulls": 1, "no_such_setting": 1}))
	wantCode(t, conn.Exec(bad, "SELECT 1"), 115)
	wantCode(t, conn.Exec(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"a b": 1})), "SELECT 1"), 115)
	for range poolSize {
		if got := setting(ctx, "join_use_nulls"); got != before {
			t.Fatalf("join_use_nulls leaked: %s", got)
		}
		var database string
		must(t, conn.QueryRow(ctx, "SELECT currentDatabase()").Scan(&database))
		if database != "default" {
			t.Fatalf("USE leaked: %s", database)
		}
	}
}

func TestDatabaseOfARequest(t *testing.T) {
	ctx := context.Background()
	must(t, dial(t, shared, "default").Exec(ctx, "CREATE DATABASE `odd``na\\\\me`"))
	var wg sync.WaitGroup
	for i := range 20 {
		want := []string{"default", "system", "odd`na\\me"}[i%3]
		conn := dial(t, shared, want)
		wg.Go(func() {
			for range 5 {
				var got string
				if err := conn.QueryRow(ctx, "SELECT currentDatabase()").Scan(&got); err != nil || got != want {
					t.Errorf("in %q, want %q: %v", got, want, err)
				}
			}
		})
	}
	wg.Wait()
	wantCode(t, dial(t, shared, "nowhere").Exec(ctx, "SELECT 1"), 81)
}

func TestErrorsKeepTheirCode(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	for sql, code := range map[string]int32{
		"SELECT * FROM nowhere":                                 60,
		"SELEKT 1":                                              62,
		"SELECT 1; SELECT 2":                                    62,
		"SELECT 1; DROP DATABASE default":                       62,
		"CREATE TABLE t (a Nonsense) ENGINE = Memory":           50,
		"DROP TABLE nowhere":                                    60,
		"SELECT throwIf(1, 'Streaming query is not supported')": 395,
	} {
		wantCode(t, conn.Exec(ctx, sql), code)
		_, err := conn.Query(ctx, sql)
		wantCode(t, err, code)
	}
	if n := one(t, conn, "SELECT 41 + 1"); n != 42 {
		t.Errorf("after errors: %d", n)
	}
}

// libchdb hands the output of a failed statement to the next one on its connection.
func TestFailedResultDoesNotReachTheNext(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	for _, format := range []string{"Native", "TSV", "JSON", "CSVWithNames", "PrettyCompact"} {
		for _, sql := range []string{"SELECT throwIf(number = 100000) FROM numbers(200000)", "SELECT sum(throwIf(number = 100000)) FROM numbers(200000)"} {
			body, err := shared.Query(ctx, sql, format, nil)
			if err == nil {
				_, err = io.Copy(io.Discard, body)
				body.Close()
			}
			wantCode(t, err, 395)
			for range poolSize {
				if n := one(t, conn, "SELECT 7"); n != 7 {
					t.Fatalf("after %s of %s: %d", format, sql, n)
				}
			}
		}
	}
}

func TestManyCallers(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	must(t, conn.Exec(ctx, "CREATE TABLE many (n UInt64) ENGINE = MergeTree ORDER BY n"))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			for round := range 4 {
				var n uint64
				if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT sum(number + %d) FROM numbers(1000)", i)).Scan(&n); err != nil || n != uint64(499500+1000*i) {
					t.Errorf("caller %d: %d %v", i, n, err)
				}
				if _, err := shared.Query(ctx, "SELECT sum(throwIf(number = 9)) FROM numbers(10)", "JSON", nil); err == nil {
					t.Error("a failing query did not fail")
				}
				batch, err := conn.PrepareBatch(ctx, "INSERT INTO many")
				if err == nil {
					err = errors.Join(batch.Append(uint64(i*10+round)), batch.Send())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := one(t, conn, "SELECT toUInt64(uniqExact(n)) FROM many"); n != 200 {
		t.Errorf("%d rows of 200", n)
	}
}

func TestWaitForAConnectionHonoursTheContext(t *testing.T) {
	conn := dial(t, shared, "default")
	var held []interface{ Close() error }
	hold, release := context.WithCancel(context.Background())
	for range poolSize {
		body, err := shared.Query(hold, "SELECT number FROM numbers(100000000)", "TSV", nil)
		must(t, err)
		held = append(held, body)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := conn.Exec(ctx, "SELECT 1")
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "wait for a connection") {
		t.Errorf("got %v", err)
	}
	release()
	for _, body := range held {
		must(t, body.Close())
	}
	must(t, conn.Exec(context.Background(), "SELECT 1"))
}

func TestNilDereferencePanicsAsUsual(t *testing.T) {
	conn := dial(t, shared, "default")
	for _, sql := range []string{"SELECT 1", "SELECT * FROM nowhere", "SELECT throwIf(number = 500000) FROM numbers(1000000)"} {
		_ = conn.Exec(context.Background(), sql)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic after %s", sql)
				}
			}()
			var nothing *statement
			_ = len(nothing.sql)
		}()
	}
}
