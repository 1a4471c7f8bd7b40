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
	return w.Retry(ctx, func(int) error {
		if err := w.makeDatabase(ctx); err != nil {
			return err
		}
		return w.migrate(ctx, schema)
	})
}

// makeDatabase creates the database where there is none: a user may have all rights in it, and not that one.
func (w *Warehouse) makeDatabase(ctx context.Context) error {
	if w.root == nil { // the database cannot be the current one before it is there; system always is
		root, err := w.In("system")
		if err != nil {
			return err
		}
		w.root = root
	}
	there, err := w.hasDatabase(ctx)
	if err != nil || there {
		return err
	}
	name := w.options.Auth.Database
	if err := w.root.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+backquote(name)); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

func (w *Warehouse) hasDatabase(ctx context.Context) (bool, error) {
	var there uint64
	if err := w.root.QueryRow(ctx, "SELECT count() FROM system.databases WHERE name = ?", w.options.Auth.Database).Scan(&there); err != nil {
		return false, fmt.Errorf("look for the database %s: %w", w.options.Auth.Database, err)
	}
	return there > 0, nil
}

func (w *Warehouse) migrate(ctx context.Context, schema fs.FS) error {
	if schema == nil {
		return nil
	}
	if err := w.fits(ctx, schema, false); err != nil {
		return err
	}
	if w.cluster != "" {
		var err error
		if schema, err = clusterSchema(schema, w.cluster); err != nil {
			return fmt.Errorf("migrate warehouse: %w", err)
		}
		if err := w.Exec(ctx, versions); err != nil {
			return fmt.Errorf("migrate warehouse: make the table of versions: %w", err)
		}
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
	if w.Migrated.From, err = w.Schema(ctx); err != nil {
		return err
	}
	done, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return fmt.Errorf("migrate warehouse: %s: %w; the migrations before it are done, so mend this one and run again", partial.Failed.Source.Path, partial.Err)
	}
	if err != nil {
		return fmt.Errorf("migrate warehouse: %w", err)
	}
	w.Migrated.note(done)
	return nil
}
