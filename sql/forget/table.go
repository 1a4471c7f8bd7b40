package forget

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// table is one that holds texts.
type table struct {
	name    string
	columns []string // all that an insert takes
	texts   []string // those of them that hold texts, as strings
	stale   bool     // has parts or rows that are not in use any more

	structure structure
}

// structure is the statement that makes a table.
type structure string

var (
	created    = regexp.MustCompile("^CREATE TABLE (`[^`]*`|\\w+)(\\.(`[^`]*`|\\w+))?( UUID '[^']*')?")
	replicated = regexp.MustCompile(`\bENGINE = Replicated(\w*MergeTree)\('[^']*', '[^']*'(, )?`)
)

// as makes another table like it. The paths of a replica belong to the one table: the servers' config gives others.
func (s structure) as(name string) string {
	text := created.ReplaceAllLiteralString(string(s), "CREATE TABLE "+identifier(name))
	return replicated.ReplaceAllString(text, "ENGINE = ${1}(")
}

func tablesOf(ctx context.Context, conn driver.Conn) ([]*table, error) {
	rows, err := conn.Query(ctx, `
		SELECT c.table, c.name, c.type, toUInt8(c.table IN (
			SELECT table FROM system.parts WHERE database = currentDatabase() AND (NOT active OR has_lightweight_delete))), t.create_table_query
		FROM system.columns AS c
		INNER JOIN (SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree') AS t ON t.name = c.table
		WHERE c.database = currentDatabase() AND c.default_kind NOT IN ('ALIAS', 'MATERIALIZED')
			AND c.table NOT IN ('forgotten', 'goose_db_version')
		ORDER BY c.table, c.position`)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	defer rows.Close()
	var tables []*table
	for rows.Next() {
		var name, column, typ, create string
		var stale uint8
		if err := rows.Scan(&name, &column, &typ, &stale, &create); err != nil {
			return nil, err
		}
		if len(tables) == 0 || tables[len(tables)-1].name != name {
			tables = append(tables, &table{name: name, stale: stale == 1, structure: structure(create)})
		}
		t := tables[len(tables)-1]
		t.columns = append(t.columns, identifier(column))
		if strings.Contains(typ, "String") {
			t.texts = append(t.texts, "ifNull(toString("+identifier(column)+"), '')")
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return slices.DeleteFunc(tables, func(t *table) bool { return len(t.texts) == 0 }), nil
}

// eachRow calls f with the texts of each row, until it says no.
func (t *table) eachRow(ctx context.Context, conn driver.Conn, f func(texts []string) bool) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop() // the rest need not be read
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT %s FROM %s", strings.Join(t.texts, ", "), identifier(t.name)))
	if err != nil {
		return err
	}
	texts := make([]string, len(t.texts))
	to := make([]any, len(texts))
	for i := range texts {
		to[i] = &texts[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			rows.Close()
			return err
		}
		if !f(texts) {
			stop()
			rows.Close()
			return nil
		}
	}
	return rows.Err()
}

func identifier(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}
