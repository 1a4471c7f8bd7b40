package chdb

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
)

type wide struct {
	ID    uint64             `ch:"id"`
	Text  string             `ch:"text"`
	Maybe *string            `ch:"maybe"`
	List  []string           `ch:"list"`
	Dims  map[string]float64 `ch:"dims"`
	At    time.Time          `ch:"at"`
	Until *time.Time         `ch:"until"`
	Kind  string             `ch:"kind"`
}

// awkward is cut to pieces by anything that reads rows as the end of a statement.
const awkward = "a\x00b\n\n; DROP TABLE x;\n'\"`\\\t\r\xff"

func TestInsertedBatchComesBack(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	must(t, conn.Exec(ctx, `CREATE TABLE wide (id UInt64, text String, maybe Nullable(String), list Array(String), dims Map(String, Float64),
		at DateTime64(3, 'UTC'), until Nullable(DateTime64(3, 'UTC')), kind LowCardinality(String)) ENGINE = MergeTree ORDER BY id`))
	at := time.Date(2026, 10, 5, 1, 2, 3, 456_000_000, time.UTC)
	text := awkward
	want := []wide{
		{ID: 0, Text: awkward, Maybe: &text, List: []string{"", awkward}, Dims: map[string]float64{awkward: 0.5}, At: at, Until: &at, Kind: awkward},
		{ID: 1, Text: "", List: []string{}, Dims: map[string]float64{}, At: at, Kind: ""},
		{ID: 1<<64 - 1, Text: strings.Repeat("long ", 200_000), List: []string{"x"}, Dims: map[string]float64{}, At: at, Kind: "k"},
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO wide")
	must(t, err)
	for i := range want {
		must(t, batch.AppendStruct(&want[i]))
	}
	must(t, batch.Send())
	var got []wide
	must(t, conn.Select(ctx, &got, "SELECT * FROM wide ORDER BY id"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLargeBatch(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	must(t, conn.Exec(ctx, "CREATE TABLE large (n UInt64, text String) ENGINE = MergeTree ORDER BY n"))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO large (n, text)")
	must(t, err)
	const rows = 300_000
	for i := range uint64(rows) {
		must(t, batch.Append(i, "some text\n\n;"))
	}
	must(t, batch.Send())
	var n, sum uint64
	must(t, conn.QueryRow(ctx, "SELECT count(), sum(n) FROM large").Scan(&n, &sum))
	if n != rows || sum != rows*(rows-1)/2 {
		t.Errorf("%d rows of sum %d", n, sum)
	}
	var parts uint64
	must(t, conn.QueryRow(ctx, "SELECT max(level) + count() FROM system.parts WHERE table = 'large' AND active").Scan(&parts))
	if parts != 1 {
		t.Errorf("one batch became %d parts: it was not stored at once", parts)
	}
}

func TestInsertInTextFormats(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	must(t, conn.Exec(ctx, "CREATE TABLE formats (a UInt8, b String) ENGINE = MergeTree ORDER BY a"))
	must(t, conn.InsertFormat(ctx, "CSV", "INSERT INTO formats", strings.NewReader("1,\"x\n\n;y\"\n2,z\n")))
	must(t, conn.Exec(ctx, "INSERT INTO formats VALUES (3, 'a;b'), (4, ?)", "it's"))
	must(t, conn.Exec(ctx, "INSERT INTO formats SELECT number, 'n' FROM numbers(5, 2)"))
	var all string
	must(t, conn.QueryRow(ctx, "SELECT arrayStringConcat(groupArray(concat(toString(a), b)), '|') FROM (SELECT * FROM formats ORDER BY a)").Scan(&all))
	if want := "1x\n\n;y|2z|3a;b|4it's|5n|6n"; all != want {
		t.Errorf("got %q, want %q", all, want)
	}
}

// Rows behind the statement are more than the 256 KiB that libchdb reads of a statement.
func TestInsertWithRowsBehindIt(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	must(t, conn.Exec(ctx, "CREATE TABLE behind (a UInt64, b String) ENGINE = MergeTree ORDER BY a"))
	must(t, conn.Exec(ctx, "INSERT INTO behind (a, b) FORMAT TSV\n"+strings.Repeat("1\tsome text\n", 100_000)))
	must(t, conn.Exec(ctx, "INSERT INTO behind VALUES "+strings.Repeat("(2, 'a\n\n;b'), ", 50_000)+"(3, '')"))
	if n := one(t, conn, "SELECT countIf(b = 'some text') + 2 * countIf(b = 'a\n\n;b') FROM behind"); n != 200_000 {
		t.Errorf("%d instead of 200000", n)
	}
}

func TestInsertWithoutRowsDoesNotWait(t *testing.T) {
	conn := dial(t, shared, "default")
	for _, sql := range []string{"INSERT INTO system.one FORMAT CSV", "INSERT INTO system.one VALUES", "INSERT INTO system.one FORMAT Native;"} {
		wantCode(t, conn.Exec(context.Background(), sql), 108)
	}
}

func TestFailedInsertStoresNothing(t *testing.T) {
	ctx := context.Background()
	conn := dial(t, shared, "default")
	must(t, conn.Exec(ctx, "CREATE TABLE strict (a UInt8) ENGINE = MergeTree ORDER BY a"))
	wantCode(t, conn.InsertFormat(ctx, "CSV", "INSERT INTO strict", strings.NewReader("1\n2\nnot a number\n")), 72, 27, 117)
	var n uint64
	must(t, conn.QueryRow(ctx, "SELECT count() FROM strict").Scan(&n))
	if n != 0 {
		t.Errorf("%d rows of a failed insert", n)
	}
}

// endlessRows cancels after some rows and goes on.
type endlessRows struct {
	cancel func()
	n      int
}

func (r *endlessRows) Read(p []byte) (int, error) {
	if r.n++; r.n == 3 { // fewer rows than one block of the engine
		r.cancel()
	}
	return copy(p, strings.Repeat("1\n", len(p)/2)), nil
}

func TestCancelledInsertStoresNothing(t *testing.T) {
	conn := dial(t, shared, "default")
	must(t, conn.Exec(context.Background(), "CREATE TABLE cancelled (a UInt8) ENGINE = MergeTree ORDER BY a"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := conn.InsertFormat(ctx, "CSV", "INSERT INTO cancelled", &endlessRows{cancel: cancel})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := one(t, conn, "SELECT count() FROM cancelled"); n != 0 {
		t.Errorf("%d rows of a cancelled insert", n)
	}
}

func TestCompressionIsRefused(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionLZ4, clickhouse.CompressionZSTD} {
		options := options(shared, "default")
		options.Compression = &clickhouse.Compression{Method: method}
		conn, err := clickhouse.Open(options)
		must(t, err)
		defer conn.Close()
		wantCode(t, conn.Ping(context.Background()), 48)
	}
	options := options(shared, "default")
	options.Compression = &clickhouse.Compression{Method: clickhouse.CompressionGZIP, Level: 3}
	conn, err := clickhouse.Open(options)
	must(t, err)
	defer conn.Close()
	ctx := context.Background()
	must(t, conn.Exec(ctx, "CREATE TABLE plain (a UInt8) ENGINE = MergeTree ORDER BY a"))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO plain")
	must(t, err)
	must(t, batch.Append(uint8(1)))
	wantCode(t, batch.Send(), 48)
}
