package model

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// create makes the functions, then the views: the engine writes a function's
// body into each view that calls it, so another function is another view.
func (q *Queries) create(ctx context.Context, conn driver.Conn) error {
	for _, f := range q.Functions {
		if err := conn.Exec(ctx, "CREATE OR REPLACE FUNCTION "+f.Name+" AS "+f.SQL); err != nil {
			return fmt.Errorf("create function %s: %w", f.Name, err)
		}
	}
	for _, v := range q.Views {
		columns := make([]string, len(v.Columns))
		for i, c := range v.Columns {
			columns[i] = column{c.Name, c.Type, c.Meaning}.ddl()
		}
		// Several views may be replaced in one session, so each is a statement of its own.
		statement := fmt.Sprintf("CREATE OR REPLACE VIEW %s (%s) AS %s\nCOMMENT %s", v.Name, strings.Join(columns, ", "), v.SQL, literal(v.Title))
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("create view %s: %w", v.Name, err)
		}
	}
	return nil
}

// text is all that the functions and views follow from.
func (q *Queries) text() string {
	var b strings.Builder
	for _, f := range q.Functions {
		fmt.Fprintf(&b, "%q %q\n", f.Name, f.SQL)
	}
	for _, v := range q.Views {
		fmt.Fprintf(&b, "%q %q %q %q\n", v.Name, v.Title, v.Columns, v.SQL)
	}
	return b.String()
}

func (q *Queries) functions() []string {
	names := []string{}
	for _, f := range q.Functions {
		names = append(names, f.Name)
	}
	return names
}
