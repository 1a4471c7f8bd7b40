package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/pressly/goose/v3"
)

// prepare creates the database and applies the migrations that it lacks.
func (w *Warehouse) prepare(ctx context.Context, schema fs.FS) error {
	// The database cannot be the current one before it is there.
	root, err := w.In("default")
	if err != nil {
		return err
	}
	name := w.options.Auth.Database
	if err := root.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+backquote(name)); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	if schema == nil {
		return nil
	}
	options := w.options
	db := clickhouse.OpenDB(&options)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectClickHouse, db, schema, goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true))
	if errors.Is(err, goose.ErrNoMigrations) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	_, err = provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return fmt.Errorf("migrate warehouse: %s: %w; the migrations before it are done, so mend this one and run again", partial.Failed.Source.Path, partial.Err)
	}
	if err != nil {
		return fmt.Errorf("migrate warehouse: %w", err)
	}
	return nil
}
