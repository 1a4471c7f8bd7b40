package forget

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// draftOf is where a table is written anew. After the swap it holds the old rows, until it is dropped.
const draftOf = "forgetting_"

// Swept is what a sweep did to one table.
type Swept struct {
	Table string
	Rows  uint64 // that bore a name
}

// Sweep replaces the forgotten in all that is stored. Each table that bears a name is written anew and swapped, and
// the old one dropped with its files at once; so are tables with parts that are not in use any more, which may bear
// one. What staging takes from raw records it takes again with the next transform: ids that were made from a text
// differ now.
func (l *List) Sweep(ctx context.Context, conn driver.Conn, progress func(table string)) ([]Swept, error) {
	if err := DropDrafts(ctx, conn); err != nil {
		return nil, err
	}
	tables, err := tablesOf(ctx, conn)
	if err != nil {
		return nil, err
	}
	var done []Swept
	for _, t := range tables {
		if progress != nil {
			progress(t.name)
		}
		s, err := l.sweep(ctx, conn, t)
		if err != nil {
			return done, fmt.Errorf("rewrite %s: %w; what is rewritten stays so, and `srekpi forget` goes on", t.name, err)
		}
		if s.Rows > 0 {
			done = append(done, *s)
		}
	}
	if err := conn.Exec(ctx, "TRUNCATE TABLE staged_runs"); err != nil {
		return done, fmt.Errorf("have all staged again: %w", err)
	}
	return done, nil
}

// DropDrafts removes what a sweep that died has left: after a swap such a table holds the rows with the names.
func DropDrafts(ctx context.Context, conn driver.Conn) error {
	var left []string
	rows, err := conn.Query(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, ?)", draftOf)
	if err != nil {
		return fmt.Errorf("look for what an earlier forget left: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		left = append(left, name)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range left {
		if err := drop(ctx, conn, name); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a table with its files, which the engine would else keep for minutes.
func drop(ctx context.Context, conn driver.Conn, table string) error {
	if err := conn.Exec(ctx, "DROP TABLE IF EXISTS "+identifier(table)+" SYNC"); err != nil {
		return fmt.Errorf("drop %s: %w", table, err)
	}
	return nil
}

func (l *List) sweep(ctx context.Context, conn driver.Conn, t *table) (*Swept, error) {
	s := &Swept{Table: t.name}
	bears, err := l.bears(ctx, conn, t)
	if err != nil || !bears && !t.stale {
		return s, err
	}
	draft := draftOf + t.name
	if err := conn.Exec(ctx, t.structure.as(draft)); err != nil {
		return s, err
	}
	// Rows of a page that look like an earlier page's are no double, and older versions of a row stay.
	whole := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplicate": 0, "optimize_on_insert": 0, "max_partitions_per_insert_block": 0}))
	columns := strings.Join(t.columns, ", ")
	if bears {
		s.Rows, err = l.copy(whole, conn, t, draft)
	} else {
		err = conn.Exec(whole, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s", identifier(draft), columns, columns, identifier(t.name)))
	}
	if err != nil {
		return s, err
	}
	if err := conn.Exec(ctx, fmt.Sprintf("EXCHANGE TABLES %s AND %s", identifier(draft), identifier(t.name))); err != nil {
		return s, err
	}
	return s, drop(ctx, conn, draft)
}

// bears says whether some text of a table bears a name.
func (l *List) bears(ctx context.Context, conn driver.Conn, t *table) (bool, error) {
	bears := false
	err := t.eachRow(ctx, conn, func(texts []string) bool {
		bears = slices.ContainsFunc(texts, func(text string) bool { return l.Text(text) != text })
		return !bears
	})
	return bears, err
}

// copyRows is how many rows are in one block.
const copyRows = 20_000

// copy writes a table's rows into another one, less the names, and says how many bore one.
func (l *List) copy(ctx context.Context, conn driver.Conn, t *table, to string) (changed uint64, err error) {
	columns := strings.Join(t.columns, ", ")
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT %s FROM %s", columns, identifier(t.name)))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var batch driver.Batch
	row := make([]any, len(t.columns))
	for i, typ := range rows.ColumnTypes() {
		row[i] = reflect.New(typ.ScanType()).Interface()
	}
	values := make([]any, len(row))
	for n := 0; rows.Next(); n++ {
		if n%copyRows == 0 {
			if err := send(batch); err != nil {
				return changed, err
			}
			if batch, err = conn.PrepareBatch(ctx, fmt.Sprintf("INSERT INTO %s (%s)", identifier(to), columns)); err != nil {
				return changed, err
			}
			defer batch.Close()
		}
		if err := rows.Scan(row...); err != nil {
			return changed, err
		}
		hit := false
		for i := range row {
			value, replaced := l.within(reflect.ValueOf(row[i]).Elem())
			values[i], hit = value.Interface(), hit || replaced
		}
		if hit {
			changed++
		}
		if err := batch.Append(values...); err != nil {
			return changed, err
		}
	}
	if err := rows.Err(); err != nil {
		return changed, err
	}
	return changed, send(batch)
}

func send(batch driver.Batch) error {
	if batch == nil {
		return nil
	}
	return batch.Send()
}

// within replaces the forgotten in the texts of a value of any type that the driver gives.
func (l *List) within(v reflect.Value) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.String:
		text := v.String()
		plain := l.Text(text)
		if plain == text {
			return v, false
		}
		return reflect.ValueOf(plain).Convert(v.Type()), true
	case reflect.Slice:
		changed := false
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			e, hit := l.within(v.Index(i))
			out.Index(i).Set(e)
			changed = changed || hit
		}
		return out, changed
	case reflect.Map:
		changed := false
		out := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			k, hit := l.within(key)
			e, also := l.within(value)
			out.SetMapIndex(k, e)
			changed = changed || hit || also
		}
		return out, changed
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() || !v.CanInterface() {
			return v, false
		}
		e, hit := l.within(v.Elem())
		if !hit {
			return v, false
		}
		if v.Kind() == reflect.Interface {
			return e, true
		}
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(e)
		return p, true
	}
	return v, false
}
