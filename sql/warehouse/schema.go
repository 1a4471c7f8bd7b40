package warehouse

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
)

// NewerError is returned for a warehouse whose tables a newer srekpi has made: this one would misread them.
type NewerError struct{ Schema, Known int64 }

func (e *NewerError) Error() string {
	return fmt.Sprintf("the warehouse has schema version %d, made by a newer srekpi, and this one knows %d; install the newer srekpi, or restore a backup made by this one", e.Schema, e.Known)
}

// OlderError is returned to a reader of a warehouse whose tables no writer has brought up to date yet.
type OlderError struct{ Schema, Known int64 }

func (e *OlderError) Error() string {
	return fmt.Sprintf("what is published has schema version %d, made by an older srekpi, and this one reads %d; run `srekpi migrate`, then `srekpi run`", e.Schema, e.Known)
}

// Migrated is what a writer did to the schema when it opened the warehouse.
type Migrated struct {
	From, To int64    // 0: there were no tables
	Files    []string // the migrations applied, in their order
}

func (m *Migrated) note(done []*goose.MigrationResult) {
	m.To = m.From
	for _, r := range done {
		m.To, m.Files = max(m.To, r.Source.Version), append(m.Files, path.Base(r.Source.Path))
	}
}

// newest is the version that the last of some migrations leads to; 0: there is none.
func newest(schema fs.FS) (int64, error) {
	if schema == nil {
		return 0, nil
	}
	names, err := fs.Glob(schema, "*.sql")
	if err != nil {
		return 0, err
	}
	var found int64
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("migration %s has no number", name)
		}
		found = max(found, n)
	}
	return found, nil
}

// Schema is the version of the warehouse's tables; 0: there are none yet.
func (w *Warehouse) Schema(ctx context.Context) (int64, error) {
	var version int64
	var there uint64
	err := w.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'goose_db_version'").Scan(&there)
	if err == nil && there > 0 {
		err = w.QueryRow(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied = 1").Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("read the warehouse's schema version: %w", err)
	}
	return version, nil
}

// fits refuses tables that are newer than the migrations known here. A reader needs just those.
func (w *Warehouse) fits(ctx context.Context, schema fs.FS, reading bool) error {
	known, err := newest(schema)
	if err != nil || known == 0 {
		return err
	}
	version, err := w.Schema(ctx)
	switch {
	case err != nil:
		return err
	case version > known:
		return &NewerError{version, known}
	case reading && version < known:
		return &OlderError{version, known}
	}
	return nil
}
