package model

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// texts runs a query and returns every value as the engine writes it.
func texts(ctx context.Context, conn driver.Conn, query string, args ...any) ([][]string, error) {
	rows, err := conn.Query(ctx, "SELECT arrayMap(x -> ifNull(x, 'NULL'), CAST([COLUMNS('.*') APPLY(toString)], 'Array(Nullable(String))')) FROM ("+query+")", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		var row []string
		if err := rows.Scan(&row); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
