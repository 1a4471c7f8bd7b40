package model

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Input is a table of a build that Go fills: what config says, and what SQL
// should not compute (calendar boundaries).
type Input struct {
	Name, Title, Grain string
	Key                []string
	Columns            []InputColumn
	Reads              []string // models that must stand before Rows is called
	Defines            bool     // a rule: another content is another definition version
	Rows               func(ctx context.Context, b *Building) ([][]any, error)
}

// InputColumn is a documented column and its ClickHouse type.
type InputColumn struct{ Name, Type, Meaning string }

// Fixed gives the same rows to every build.
func Fixed(rows [][]any) func(context.Context, *Building) ([][]any, error) {
	return func(context.Context, *Building) ([][]any, error) { return rows, nil }
}

// fill lands an input's rows under the build's number.
func (b *Building) fill(ctx context.Context, in *Input) error {
	rows, err := in.Rows(ctx, b)
	if err != nil {
		return fmt.Errorf("fill %s: %w", in.Name, err)
	}
	b.mu.Lock()
	b.rows[in.Name] = rows
	b.mu.Unlock()
	if len(rows) == 0 {
		return nil
	}
	batch, err := b.conn.PrepareBatch(ctx, "INSERT INTO "+physical(in.Name), driver.WithCloseOnFlush())
	if err != nil {
		return fmt.Errorf("fill %s: %w", in.Name, err)
	}
	defer batch.Close()
	for _, row := range rows {
		if err := batch.Append(append([]any{b.ID}, row...)...); err != nil {
			return fmt.Errorf("fill %s: %w", in.Name, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("fill %s: %w", in.Name, err)
	}
	return nil
}
