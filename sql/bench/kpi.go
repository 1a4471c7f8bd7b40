package main

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	schema "github.com/srekpi/srekpi/sql"
)

// kpis are figures of one month, and the shortest query that gives the same.
var kpis = []struct{ name, stat, query string }{
	{"incident_count", "count", `SELECT toFloat64(count()) FROM incidents WHERE exercise = 0 AND merged_into = '' AND flap_of = '' AND created_at >= '2026-08-01' AND created_at < '2026-09-01'`},
	{"time_to_resolve", "median", `SELECT quantileExactInclusive(0.5)(dateDiff('millisecond', started_at, assumeNotNull(resolved_at)) / 1000) FROM incidents
		WHERE exercise = 0 AND merged_into = '' AND flap_of = '' AND resolved_at >= '2026-08-01' AND resolved_at < '2026-09-01'`},
	{"change_failure_rate", "rate", `SELECT avg(failed) FROM change_facts WHERE left_out = '' AND outcome_recorded = 1 AND at >= '2026-08-01' AND at < '2026-09-01'`},
}

// figure computes one KPI for all periods and dimensions as a build does, from
// its evidence to its values, and reads one of them. The limit keeps the engine
// from computing that one alone.
func figure(ctx context.Context, conn driver.Conn, n int) error {
	k := kpis[n]
	evidence, err := fs.ReadFile(schema.Models(), "kpis/"+k.name+".sql")
	if err != nil {
		return err
	}
	values, err := fs.ReadFile(schema.Models(), "marts/kpi_values.sql")
	if err != nil {
		return err
	}
	return show(ctx, conn, fmt.Sprintf("WITH kpi_evidence AS (\n%s\n)\nSELECT value FROM (\nSELECT * FROM (\n%s\n) ORDER BY kpi, dim, dim_value, period_start LIMIT 100000000\n) WHERE kpi = '%s' AND stat = '%s' AND dim = 'all' AND period = 'month' AND period_start = '2026-08-01'",
		strings.TrimSpace(string(evidence)), strings.TrimSpace(string(values)), k.name, k.stat))
}

func show(ctx context.Context, conn driver.Conn, query string) error {
	ctx = clickhouse.Context(ctx,
		clickhouse.WithParameters(clickhouse.Parameters{"as_of": "2026-10-05 06:00:00.000"}),
		clickhouse.WithSettings(clickhouse.Settings{"join_use_nulls": 1, "enable_materialized_cte": 1}))
	var value *float64
	if err := conn.QueryRow(ctx, "SELECT toNullable(toFloat64(*)) FROM ("+query+")").Scan(&value); err != nil {
		return err
	}
	if value == nil {
		fmt.Println("none")
		return nil
	}
	fmt.Printf("%.6g\n", *value)
	return nil
}
