package prompt

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// catalog is what there is to complete and describe, as the warehouse says it.
type catalog struct {
	tables    []named
	columns   map[string][]column // by table
	functions []named
	kpis      []named
	keywords  []named
	formats   []named
}

// named is a name and what it means.
type named struct{ name, meaning string }

type column struct{ name, typ, meaning string }

// A view without a comment of its own has that of the table behind it.
const (
	tablesQuery = `SELECT t.name, if(t.comment = '', b.comment, t.comment) FROM system.tables AS t
		LEFT JOIN system.tables AS b ON b.database = t.database AND b.name = concat('build_', t.name)
		WHERE t.database = currentDatabase() AND NOT startsWith(t.name, 'build_') ORDER BY t.name`
	columnsQuery = `SELECT table, name, type, comment FROM system.columns
		WHERE database = currentDatabase() AND NOT startsWith(table, 'build_') ORDER BY table, position`
	functionsQuery = `SELECT name, substring(splitByChar('\n', syntax)[1], 1, 80) FROM system.functions ORDER BY name`
	keywordsQuery  = `SELECT DISTINCT arrayJoin(splitByChar(' ', keyword)) AS word, '' FROM system.keywords WHERE match(word, '^[A-Z]{2,}$') ORDER BY word`
	formatsQuery   = `SELECT name, '' FROM system.formats WHERE is_output ORDER BY name`
	kpisQuery      = `SELECT kpi, title FROM kpis ORDER BY kpi`
)

func loadCatalog(ctx context.Context, conn driver.Conn) (*catalog, error) {
	c := &catalog{columns: map[string][]column{}}
	for _, part := range []struct {
		into *[]named
		sql  string
	}{{&c.tables, tablesQuery}, {&c.functions, functionsQuery}, {&c.keywords, keywordsQuery}, {&c.formats, formatsQuery}} {
		if err := load(ctx, conn, part.sql, func(rows driver.Rows) error {
			var n named
			err := rows.Scan(&n.name, &n.meaning)
			*part.into = append(*part.into, n)
			return err
		}); err != nil {
			return nil, err
		}
	}
	if c.table("kpis") != nil {
		if err := load(ctx, conn, kpisQuery, func(rows driver.Rows) error {
			var n named
			err := rows.Scan(&n.name, &n.meaning)
			c.kpis = append(c.kpis, n)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return c, load(ctx, conn, columnsQuery, func(rows driver.Rows) error {
		var table string
		var col column
		err := rows.Scan(&table, &col.name, &col.typ, &col.meaning)
		c.columns[table] = append(c.columns[table], col)
		return err
	})
}

func load(ctx context.Context, conn driver.Conn, sql string, each func(driver.Rows) error) error {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return fmt.Errorf("read the names to complete: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return fmt.Errorf("read the names to complete: %w", err)
		}
	}
	return rows.Err()
}

// table finds one by its name in any letter case; nil when there is none.
func (c *catalog) table(name string) *named {
	for i := range c.tables {
		if strings.EqualFold(c.tables[i].name, name) {
			return &c.tables[i]
		}
	}
	return nil
}
