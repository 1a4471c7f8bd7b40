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
	return fmt.Sprintf("%s %s COMMENT %s", identifier(c.name), c.typ, literal(c.comment))
}

// mergeOnly lets the engine merge small parts of a build only. A model fills its
// table at once, and each KPI its own stretch of kpi_evidence: to write large
// parts once again would bring a reader nothing.
const mergeOnly = "max_bytes_to_merge_at_max_space_in_pool = 8388608"

// standing is a table that an earlier build left.
type standing struct{ sorted, says, engine string }

// readTables lists the tables behind the views, all in one question.
func readTables(ctx context.Context, conn driver.Conn) (map[string]standing, error) {
	rows, err := conn.Query(ctx, "SELECT name, sorting_key, comment, engine_full FROM system.tables WHERE database = currentDatabase() AND startsWith(name, ?)", physical(""))
	if err != nil {
		return nil, fmt.Errorf("read the tables: %w", err)
	}
	defer rows.Close()
	found := map[string]standing{}
	for rows.Next() {
		var name string
		var s standing
		if err := rows.Scan(&name, &s.sorted, &s.says, &s.engine); err != nil {
			return nil, err
		}
		found[name] = s
	}
	return found, rows.Err()
}

// ensure creates or alters the table behind a view so that it has the columns,
// and then its view. Rows of published builds stay. Before is the table as it was,
// nil where there was none.
func ensure(ctx context.Context, conn driver.Conn, name, title string, key []string, columns []column, before *standing) error {
	table := physical(name)
	want := append([]column{{"build", "UInt32", "the build that made the row"}}, columns...)
	defs := make([]string, len(want))
	for i, c := range want {
		defs[i] = c.ddl()
	}
	comment := "internal: the rows of every build; read " + name + ". " + title
	structure := fmt.Sprintf("(%s) ENGINE = MergeTree PARTITION BY build ORDER BY (%s) SETTINGS allow_nullable_key = 1, %s COMMENT %s", strings.Join(defs, ", "), strings.Join(key, ", "), mergeOnly, literal(comment))
	if before == nil {
		if err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+table+" "+structure); err != nil {
			return fmt.Errorf("create %s: %w", table, err)
		}
	} else if err := alter(ctx, conn, table, structure, comment, key, want, before); err != nil {
		return fmt.Errorf("alter %s: %w", table, err)
	}
	names, shown := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i], shown[i] = identifier(c.name), c.ddl()
	}
	view := fmt.Sprintf("CREATE OR REPLACE VIEW %s (%s) AS SELECT %s FROM %s WHERE build = (SELECT max(id) FROM builds) COMMENT %s",
		name, strings.Join(shown, ", "), strings.Join(names, ", "), table, literal(title))
	if err := conn.Exec(ctx, view); err != nil {
		return fmt.Errorf("create view %s: %w", name, err)
	}
	return nil
}

// alter makes a table that was there into the wanted one.
func alter(ctx context.Context, conn driver.Conn, table, structure, comment string, key []string, want []column, before *standing) error {
	have, err := describe(ctx, conn, table)
	if err != nil {
		return fmt.Errorf("describe: %w", err)
	}
	if strings.Trim(before.sorted, "()") != strings.Join(key, ", ") || retyped(have, want) {
		return remake(ctx, conn, table, structure, kept(have, want))
	}
	alters := alterations(have, want)
	if before.says != comment {
		alters = append(alters, "MODIFY COMMENT "+literal(comment))
	}
	if !strings.Contains(before.engine, mergeOnly) {
		alters = append(alters, "MODIFY SETTING "+mergeOnly)
	}
	for _, one := range alters {
		if err := conn.Exec(ctx, "ALTER TABLE "+table+" "+one); err != nil {
			return err
		}
	}
	return nil
}

// remake puts a table of another key or other types in the place of one, since
// neither can be altered safely: a text that is no number would stop it half-way.
// Columns that stay as they were keep the rows of published builds.
func remake(ctx context.Context, conn driver.Conn, table, structure string, same []string) error {
	fresh := "remade_" + table
	columns := strings.Join(same, ", ")
	for _, step := range []string{
		"CREATE OR REPLACE TABLE " + fresh + " " + structure,
		fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", fresh, columns, columns, table),
		"EXCHANGE TABLES " + fresh + " AND " + table,
		"DROP TABLE " + fresh,
	} {
		if err := conn.Exec(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// kept names the wanted columns that a table has already, with the wanted type.
func kept(have, want []column) []string {
	var names []string
	for _, w := range want {
		if slices.ContainsFunc(have, func(h column) bool { return h.name == w.name && h.typ == w.typ }) {
			names = append(names, identifier(w.name))
		}
	}
	return names
}

// retyped says that a column has another type than the wanted one.
func retyped(have, want []column) bool {
	return slices.ContainsFunc(want, func(w column) bool {
		return slices.ContainsFunc(have, func(h column) bool { return h.name == w.name && h.typ != w.typ })
	})
}

// alterations lists what turns a table's columns into the wanted ones.
func alterations(have, want []column) []string {
	var out []string
	after := ""
	for _, w := range want {
		i := slices.IndexFunc(have, func(h column) bool { return h.name == w.name })
		switch {
		case i < 0:
			out = append(out, "ADD COLUMN "+w.ddl()+" AFTER "+identifier(after))
		case have[i] != w:
			out = append(out, "MODIFY COLUMN "+w.ddl())
		}
		after = w.name
	}
	for _, h := range have {
		if !slices.ContainsFunc(want, func(w column) bool { return w.name == h.name }) {
			out = append(out, "DROP COLUMN "+identifier(h.name))
		}
	}
	return out
}
