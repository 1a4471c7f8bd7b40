package model

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// physical is the table behind a view of the contract: every build's rows.
func physical(name string) string { return "build_" + name }

// column is one column as the engine describes it.
type column struct{ name, typ, comment string }

// describe asks the engine for the columns of a table or of a (SELECT …).
func describe(ctx context.Context, conn driver.Conn, what string) ([]column, error) {
	rows, err := conn.Query(ctx, "DESCRIBE TABLE "+what)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var columns []column
	for rows.Next() {
		var c column
		var defaultKind, defaultSQL, codec, ttl string
		if err := rows.Scan(&c.name, &c.typ, &defaultKind, &defaultSQL, &c.comment, &codec, &ttl); err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	return columns, rows.Err()
}

func (c column) ddl() string {
	return fmt.Sprintf("`%s` %s COMMENT '%s'", c.name, c.typ, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(c.comment))
}

// ensure creates or alters the table behind a view so that it has the columns,
// and then its view. Rows of published builds stay.
func ensure(ctx context.Context, conn driver.Conn, name, title string, key []string, columns []column) error {
	table := physical(name)
	want := append([]column{{"build", "UInt32", "the build that made the row"}}, columns...)
	defs := make([]string, len(want))
	for i, c := range want {
		defs[i] = c.ddl()
	}
	create := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s) ENGINE = MergeTree PARTITION BY build ORDER BY (%s) COMMENT '%s'",
		table, strings.Join(defs, ", "), strings.Join(key, ", "), strings.ReplaceAll(title, `'`, `\'`))
	if err := conn.Exec(ctx, create); err != nil {
		return fmt.Errorf("create %s: %w", table, err)
	}
	have, err := describe(ctx, conn, table)
	if err != nil {
		return fmt.Errorf("describe %s: %w", table, err)
	}
	for _, alter := range alterations(have, want) {
		if err := conn.Exec(ctx, "ALTER TABLE "+table+" "+alter); err != nil {
			return fmt.Errorf("alter %s: %w", table, err)
		}
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "`" + c.name + "`"
	}
	view := fmt.Sprintf("CREATE OR REPLACE VIEW %s AS SELECT %s FROM %s WHERE build = (SELECT max(id) FROM builds)",
		name, strings.Join(names, ", "), table)
	if err := conn.Exec(ctx, view); err != nil {
		return fmt.Errorf("create view %s: %w", name, err)
	}
	return nil
}

// alterations lists what turns a table's columns into the wanted ones.
func alterations(have, want []column) []string {
	var out []string
	after := ""
	for _, w := range want {
		i := slices.IndexFunc(have, func(h column) bool { return h.name == w.name })
		switch {
		case i < 0:
			out = append(out, "ADD COLUMN "+w.ddl()+" AFTER `"+after+"`")
		case have[i] != w:
			out = append(out, "MODIFY COLUMN "+w.ddl())
		}
		after = w.name
	}
	for _, h := range have {
		if !slices.ContainsFunc(want, func(w column) bool { return w.name == h.name }) {
			out = append(out, "DROP COLUMN `"+h.name+"`")
		}
	}
	return out
}
