package serve

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// TestClientForNode runs testdata/node/client.mjs, a program with ClickHouse's own client.
func TestClientForNode(t *testing.T) {
	if _, err := os.Stat("testdata/node/node_modules/@clickhouse/client"); err != nil {
		t.Fatalf("%v; run make client first", err)
	}
	s := start(t, testOptions(published))
	cmd := exec.Command("node", "client.mjs")
	cmd.Dir = filepath.Join("testdata", "node")
	cmd.Env = append(os.Environ(), "SERVE_URL="+s.url, "SERVE_SECRET="+secret)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "ok\n" {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestClickHouseGo is the driver of Go, as others use it: over a socket, with each of its compressions.
func TestClickHouseGo(t *testing.T) {
	s := start(t, testOptions(published))
	for name, compression := range map[string]*clickhouse.Compression{
		"plain": nil, "lz4": {Method: clickhouse.CompressionLZ4}, "zstd": {Method: clickhouse.CompressionZSTD, Level: 3},
		"gzip": {Method: clickhouse.CompressionGZIP, Level: 1}, "deflate": {Method: clickhouse.CompressionDeflate, Level: 1}, "brotli": {Method: clickhouse.CompressionBrotli, Level: 1},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := clickhouse.Open(&clickhouse.Options{
				Protocol: clickhouse.HTTP, Addr: []string{s.Addr().String()}, Compression: compression,
				Auth:     clickhouse.Auth{Database: "srekpi", Username: "default", Password: secret},
				Settings: clickhouse.Settings{"output_format_json_quote_64bit_integers": 0},
			})
			must(t, err)
			defer conn.Close()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the driver makes max_execution_time of it
			defer cancel()
			must(t, conn.Ping(ctx))

			want := uint64(1_000_000)
			if compression != nil {
				want = 100_000
			}
			rows, err := conn.Query(ctx, "SELECT number, toString(number), [number], toNullable(number) FROM numbers({n:UInt64})", clickhouse.Named("n", want))
			must(t, err)
			n := uint64(0)
			for rows.Next() {
				var number uint64
				var text string
				var list []uint64
				var maybe *uint64
				must(t, rows.Scan(&number, &text, &list, &maybe))
				if number != n || list[0] != n || *maybe != n {
					t.Fatalf("row %d: %d %v %v", n, number, list, maybe)
				}
				n++
			}
			if err := errors.Join(rows.Err(), rows.Close()); err != nil || n != want {
				t.Errorf("%d rows, %v", n, err)
			}

			const tricky = "tab\t line\n quote' back\\slash ü"
			var text string
			must(t, conn.QueryRow(ctx, "SELECT {text:String}", clickhouse.Named("text", tricky)).Scan(&text))
			if text != tricky {
				t.Errorf("got %q", text)
			}
			wantCode(t, "a mistake", conn.QueryRow(ctx, "SELECT nope").Err(), 47)
			wantCode(t, "a write", conn.Exec(ctx, "DROP TABLE facts"), 164)
			wantCode(t, "a setting", conn.Exec(clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"max_threads": 1})), "SELECT 1"), 164)
			rows, err = conn.Query(ctx, "SELECT number, throwIf(number = 900000) FROM numbers(1000000)")
			if err == nil {
				for rows.Next() {
				}
				err = errors.Join(rows.Err(), rows.Close())
			}
			wantCode(t, "a late error", err, 395)
			short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
			defer stop()
			if err := conn.Exec(short, "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"); err == nil {
				t.Error("no error at the deadline")
			}
			var count uint64
			must(t, conn.QueryRow(ctx, "SELECT count() FROM facts").Scan(&count))
			if count != 200_000 {
				t.Errorf("%d rows of facts", count)
			}
		})
	}
}

func wantCode(t *testing.T, what string, err error, code int32) {
	t.Helper()
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) || ex.Code != code {
		t.Errorf("%s: got %v, want code %d", what, err, code)
	}
}
