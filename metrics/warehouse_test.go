package metrics

import (
	"context"
	"os"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// No figure may depend on where the machine stands.
func init() { os.Setenv("TZ", "America/New_York") }

// The contract's tables, which the models make in a real run.
var contract = []string{
	`CREATE TABLE kpis (kpi String, title String, also String, asks String, kind LowCardinality(String), entity String, better String,
		counts String, excludes String, ended String, unit String, stock UInt8, source String, dims Array(String)) ENGINE = MergeTree ORDER BY kpi`,
	`CREATE TABLE kpi_values (kpi LowCardinality(String), stat LowCardinality(String), period LowCardinality(String), period_start Date,
		dim LowCardinality(String), dim_value String, value Nullable(Float64), low Nullable(Float64), high Nullable(Float64),
		k Nullable(Float64), n Nullable(Float64), unknown Float64, open UInt64, excluded UInt64, complete UInt8)
		ENGINE = MergeTree ORDER BY (kpi, stat, period, period_start, dim, dim_value)`,
	`CREATE TABLE kpi_evidence (kpi LowCardinality(String), entity LowCardinality(String), id String, key String, title String, url String,
		from_at Nullable(DateTime64(3, 'UTC')), at Nullable(DateTime64(3, 'UTC')), value Nullable(Float64), hit Nullable(UInt8),
		dims Map(String, Array(String)), basis String, refs Array(String), settles_at Nullable(DateTime64(3, 'UTC')),
		included UInt8, reason String) ENGINE = MergeTree ORDER BY (kpi, id)`,
	`CREATE TABLE definitions (kpi String, version String, part String, kind String, hash String, content String) ENGINE = MergeTree ORDER BY (kpi, part)`,
}

// engine opens a fresh embedded warehouse and runs statements in it.
func engine(t *testing.T, statements ...string) driver.Conn {
	t.Helper()
	ctx := context.Background()
	w, err := warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://data", Base: t.TempDir(), Schema: sql.Schema()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range append(contract, statements...) {
		if err := w.Exec(ctx, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	return w
}
