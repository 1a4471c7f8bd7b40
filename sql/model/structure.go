package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// stands says that the last published build left every table as these models
// want it. Asking the engine for the columns of each query costs more than a
// small build itself.
func stands(ctx context.Context, conn driver.Conn, nodes []*node, queries *Queries) (bool, error) {
	now, err := structureOf(ctx, conn, nodes, queries)
	if err != nil {
		return false, err
	}
	var last string
	if err := conn.QueryRow(ctx, "SELECT argMax(structure, id) FROM builds").Scan(&last); err != nil {
		return false, fmt.Errorf("read builds: %w", err)
	}
	return last == now, nil
}

// structureOf names what the columns of all tables follow from: the text of the
// models and inputs, and the tables as they are, those that models read included.
// The functions and views that stand beside them follow from their own text;
// functions belong to no database, so another one may have replaced them.
func structureOf(ctx context.Context, conn driver.Conn, nodes []*node, queries *Queries) (string, error) {
	h := sha256.New()
	for _, n := range nodes {
		fmt.Fprintf(h, "%q\n", n.name)
		if m := n.model; m != nil {
			fmt.Fprintf(h, "%q %q %q %q\n", m.Title, m.Key, m.Columns, m.SQL)
		} else {
			fmt.Fprintf(h, "%q %q %q\n", n.input.Title, n.input.Key, n.input.Columns)
		}
	}
	fmt.Fprintf(h, "%s\n", queries.text())
	var tables, functions uint64
	if err := conn.QueryRow(ctx, `SELECT groupBitXor(sipHash64(table, position, name, type, comment, is_in_sorting_key)),
			(SELECT groupBitXor(sipHash64(name, create_query)) FROM system.functions WHERE origin = 'SQLUserDefined' AND has(?, name))
		FROM system.columns WHERE database = currentDatabase()`, queries.functions()).Scan(&tables, &functions); err != nil {
		return "", fmt.Errorf("read the tables' columns: %w", err)
	}
	fmt.Fprintf(h, "%d %d", tables, functions)
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
