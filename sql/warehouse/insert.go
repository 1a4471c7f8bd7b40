package warehouse

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// blockRows bounds the memory of an insert. Each block is stored whole or not at all.
const blockRows = 50_000

// Insert stores rows in the columns that T's `ch` tags name; other columns get their defaults. When it returns nil all are
// stored. The table has a non_replicated_deduplication_window, see [Once]. An error can leave earlier blocks of more than 50,000 rows stored.
func Insert[T any](ctx context.Context, conn driver.Conn, table string, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	columns, err := columnsOf(reflect.TypeFor[T]())
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	into := fmt.Sprintf("INSERT INTO %s (%s)", table, strings.Join(columns, ", "))
	for start := 0; start < len(rows); start += blockRows {
		block := rows[start:min(start+blockRows, len(rows))]
		err := Once(ctx, conn, func(ctx context.Context) error { return insertBlock(ctx, conn, into, block) })
		if err != nil {
			return fmt.Errorf("insert into %s, rows from %d of %d: %w", table, start+1, len(rows), err)
		}
	}
	return nil
}

func insertBlock[T any](ctx context.Context, conn driver.Conn, into string, rows []T) error {
	batch, err := conn.PrepareBatch(ctx, into)
	if err != nil {
		return err
	}
	defer batch.Close()
	for i := range rows {
		if err := batch.AppendStruct(&rows[i]); err != nil {
			return fmt.Errorf("row %d of the block: %w", i+1, err)
		}
	}
	return batch.Send()
}

func columnsOf(t reflect.Type) ([]string, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("rows are %s; give structs with ch tags", t)
	}
	var columns []string
	for _, field := range reflect.VisibleFields(t) {
		if name := field.Tag.Get("ch"); name != "" && name != "-" && field.IsExported() && !field.Anonymous {
			columns = append(columns, backquote(name))
		}
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%s has no ch tags; tag the fields with their columns", t)
	}
	return columns, nil
}

func backquote(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}
