package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
)

// same gives the last published build when this one would have the same rows: it
// was made by the same program for the same moment, of the same models, rules and
// staged rows. Nil means that something differs, or may.
func (b *Building) same(ctx context.Context, nodes []*node) (*Published, error) {
	p := &Published{Models: len(nodes), Stands: true}
	var asOf, madeOf string
	if err := b.conn.QueryRow(ctx, "SELECT max(id), toString(argMax(as_of, id)), argMax(definition, id), argMax(made_of, id) FROM builds").
		Scan(&p.ID, &asOf, &p.Definition, &madeOf); err != nil {
		return nil, fmt.Errorf("read builds: %w", err)
	}
	if !b.standing || madeOf == "" || asOf != b.AsOf.Format(timeFormat) {
		return nil, nil
	}
	last := &Building{ID: p.ID, AsOf: b.AsOf, conn: b.conn, standing: true, staged: b.staged, columns: map[string]string{}, rows: map[string][][]any{}}
	for _, n := range nodes {
		var err error
		switch {
		case n.name == Definitions: // follows from the others
		case n.input != nil:
			if err = last.standInput(ctx, n.input); err == nil {
				last.rows[n.name], err = n.input.Rows(ctx, last)
			}
		case n.model.Layer != KPIs:
			err = last.standFor(ctx, n.model, "")
		}
		if err != nil {
			return nil, err
		}
	}
	now, err := last.madeOf(ctx, nodes, func(m *Model) string { return "(" + last.Query(m) + ")" })
	if err != nil || now != madeOf {
		return nil, err
	}
	return p, nil
}

// madeOf names all that the rows of a build follow from. Staged rows are named by
// the hashes of their parts. Of a model that reads what has landed only the rows
// count, which from gives: each run lands something, if only its own record.
func (b *Building) madeOf(ctx context.Context, nodes []*node, from func(*Model) string) (string, error) {
	h := sha256.New()
	if program, ok := debug.ReadBuildInfo(); ok {
		fmt.Fprintln(h, program)
	}
	fmt.Fprintf(h, "%s\n%s\n", b.AsOf.Format(timeFormat), b.staged)
	byName := map[string]bool{}
	for _, n := range nodes {
		byName[n.name] = true
	}
	for _, n := range nodes {
		if n.model == nil {
			if n.name == Definitions {
				continue
			}
			rows, err := json.Marshal(b.rows[n.name])
			if err != nil {
				return "", fmt.Errorf("hash %s: %w", n.name, err)
			}
			fmt.Fprintf(h, "%q %s\n", n.name, rows)
			continue
		}
		fmt.Fprintf(h, "%q %q %q\n", n.name, n.model.SQL, n.model.Checks)
		if !slices.ContainsFunc(n.reads, func(r string) bool { return !byName[r] && !strings.HasPrefix(r, "stg_") }) {
			continue
		}
		var rows string
		query := fmt.Sprintf("SELECT hex(sipHash128(arraySort(groupArray(formatRowNoNewline('JSONEachRow', %s))))) FROM %s", b.listed(n.name), from(n.model))
		if err := b.conn.QueryRow(queryContext(ctx, b.AsOf), query).Scan(&rows); err != nil {
			return "", fmt.Errorf("hash %s: %w", n.name, err)
		}
		fmt.Fprintln(h, rows)
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// readStaged notes which staged rows there are when the build begins.
func (b *Building) readStaged(ctx context.Context) error {
	err := b.conn.QueryRow(ctx, `SELECT hex(sipHash128(arraySort(groupArray((table, partition, rows, hash_of_uncompressed_files))))), sum(rows)
		FROM system.parts WHERE database = currentDatabase() AND active AND startsWith(table, 'stg_')`).Scan(&b.staged, &b.stagedRows)
	if err != nil {
		return fmt.Errorf("read the parts of staged rows: %w", err)
	}
	return nil
}
