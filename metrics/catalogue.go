package metrics

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// KPI is what the header of a KPI's model says about it.
type KPI struct {
	Name, Title, Also, Asks, Kind, Entity, Better, Counts, Excludes, Source string

	Ended string // what happened to a duration that counts: resolved
	Unit  string // of a count or share that is no mere number: h; of an average, what it is per: shift
	Stock bool   // a count of what stands open at the end of a period, not of what happened in it
	Dims  []string
}

// Catalogue reads the table kpis, by name.
func Catalogue(ctx context.Context, conn driver.Conn) ([]KPI, error) {
	rows, err := conn.Query(ctx, `
		SELECT toString(kpi), toString(title), toString(also), toString(asks), toString(kind), toString(entity), toString(better),
			toString(counts), toString(excludes), ended, unit, stock = 1, toString(source), arrayMap(x -> toString(x), dims)
		FROM kpis
		ORDER BY kpi`)
	if err != nil {
		return nil, fmt.Errorf("read kpis: %w", err)
	}
	defer rows.Close()
	var out []KPI
	for rows.Next() {
		var k KPI
		if err := rows.Scan(&k.Name, &k.Title, &k.Also, &k.Asks, &k.Kind, &k.Entity, &k.Better,
			&k.Counts, &k.Excludes, &k.Ended, &k.Unit, &k.Stock, &k.Source, &k.Dims); err != nil {
			return nil, fmt.Errorf("read kpis: %w", err)
		}
		out = append(out, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read kpis: %w", err)
	}
	return out, nil
}
