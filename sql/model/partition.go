package model

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// dropBuilds removes the builds that match from every table: each is a
// partition of its own.
func dropBuilds(ctx context.Context, conn driver.Conn, match func(uint32) bool) error {
	rows, err := conn.Query(ctx, "SELECT DISTINCT table, toUInt32(partition) FROM system.parts WHERE database = currentDatabase() AND active AND startsWith(table, 'build_') ORDER BY 1, 2")
	if err != nil {
		return fmt.Errorf("list builds: %w", err)
	}
	defer rows.Close()
	type part struct {
		table string
		id    uint32
	}
	var old []part
	for rows.Next() {
		var p part
		if err := rows.Scan(&p.table, &p.id); err != nil {
			return err
		}
		if match(p.id) {
			old = append(old, p)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list builds: %w", err)
	}
	for _, p := range old {
		if err := conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s DROP PARTITION %d", p.table, p.id)); err != nil {
			return fmt.Errorf("drop build %d of %s: %w", p.id, p.table, err)
		}
	}
	return nil
}
