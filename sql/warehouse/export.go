package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Exported says what an export holds. It is written last, so that where it stands all files are whole and of one build.
type Exported struct {
	Build      uint32          `json:"build"`
	AsOf       time.Time       `json:"as_of"`      // the moment that the build was computed for
	Definition string          `json:"definition"` // hash over the models and rules of the build, as reports print it
	Format     ExportFormat    `json:"format"`
	Tables     []ExportedTable `json:"tables"`
}

// ExportedTable is one file of an export.
type ExportedTable struct {
	Table   string           `json:"table"`
	File    string           `json:"file"` // beside the manifest
	Rows    uint64           `json:"rows"`
	Columns []ExportedColumn `json:"columns"`
}

// ExportedColumn says what CSV cannot: the type. Comment is its meaning.
type ExportedColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"` // of ClickHouse
	Comment string `json:"comment,omitempty"`
}

// ExportedFile is its name in the folder of an export.
const ExportedFile = "manifest.json"

// moved bounds how often an export begins again because a server got a new build meanwhile.
const moved = 3

// Export writes tables into a folder, one file each, and then the manifest. No tables are all of the analysts' contract;
// one that there is not is an [*UnknownTableError].
// Each file is written beside its place and renamed when all are there; memory does not grow with the rows.
func (w *Warehouse) Export(ctx context.Context, tables []string, format ExportFormat, dir string) (*Exported, error) {
	var err error
	if len(tables) == 0 {
		tables, err = w.exported(ctx)
	} else {
		err = w.checkNames(ctx, tables)
	}
	if err != nil {
		return nil, err
	}
	slices.Sort(tables)
	tables = slices.Compact(tables)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the export's folder: %w%s", err, remedy(err))
	}
	for try := 1; ; try++ {
		m, err := w.exportOnce(ctx, tables, format, dir)
		if err != nil || m != nil {
			return m, err
		}
		if try == moved {
			return nil, fmt.Errorf("export: new builds were published %d times while the tables were read; run it when no run is going", try)
		}
	}
}

// exportOnce returns no manifest when another build was published while it read.
func (w *Warehouse) exportOnce(ctx context.Context, tables []string, format ExportFormat, dir string) (m *Exported, err error) {
	m = &Exported{Format: format}
	if err := w.lastBuild(ctx, m); err != nil {
		return nil, err
	}
	defer func() {
		for _, t := range tables {
			err = errors.Join(err, removed(draftOf(dir, t, format)))
		}
	}()
	for _, name := range tables {
		table, err := w.exportTable(ctx, name, format, dir)
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", name, queryError(err))
		}
		m.Tables = append(m.Tables, table)
	}
	now := &Exported{}
	if err := w.lastBuild(ctx, now); err != nil {
		return nil, err
	}
	if now.Build != m.Build {
		return nil, nil
	}
	return m, m.place(dir)
}

func (w *Warehouse) lastBuild(ctx context.Context, m *Exported) error {
	err := w.QueryRow(ctx, "SELECT id, as_of, definition FROM builds ORDER BY id DESC LIMIT 1").Scan(&m.Build, &m.AsOf, &m.Definition)
	if err != nil {
		return fmt.Errorf("export: read the last build: %w; run `srekpi run` first", queryError(err))
	}
	m.AsOf = m.AsOf.UTC()
	return nil
}

func (w *Warehouse) exportTable(ctx context.Context, name string, format ExportFormat, dir string) (ExportedTable, error) {
	table := ExportedTable{Table: name, File: format.file(name)}
	rows, err := w.Query(ctx, "SELECT name, type, comment FROM system.columns WHERE database = currentDatabase() AND table = ? ORDER BY position", name)
	if err != nil {
		return table, err
	}
	defer rows.Close()
	for rows.Next() {
		var c ExportedColumn
		if err := rows.Scan(&c.Name, &c.Type, &c.Comment); err != nil {
			return table, err
		}
		table.Columns = append(table.Columns, c)
	}
	if err := rows.Err(); err != nil {
		return table, err
	}
	if err := w.QueryRow(ctx, "SELECT count() FROM "+backquote(name)).Scan(&table.Rows); err != nil {
		return table, err
	}
	return table, w.writeTable(ctx, format.selects(name, table.Columns), format, draftOf(dir, name, format))
}

// writeTable leaves the writing to the engine where it is in the process: through Go the rows of one file would be
// held whole, see chdb.Engine.Query.
func (w *Warehouse) writeTable(ctx context.Context, query string, format ExportFormat, path string) error {
	if w.engine != nil {
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		return w.Exec(ctx, query+" INTO OUTFILE "+quoteText(path)+" TRUNCATE FORMAT "+format.engine()+format.settings())
	}
	body, err := w.serverResult(ctx, format.engine(), query)
	if err != nil {
		return err
	}
	defer body.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, body)
	return errors.Join(err, file.Close())
}

// place renames the drafts. In between there is no manifest, so that no files of two builds pass for one set.
func (m *Exported) place(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	manifest := filepath.Join(dir, ExportedFile)
	if err := removed(manifest); err != nil {
		return fmt.Errorf("export: %w%s", err, remedy(err))
	}
	for _, t := range m.Tables {
		if err := os.Rename(draftOf(dir, t.Table, m.Format), filepath.Join(dir, t.File)); err != nil {
			return fmt.Errorf("export: %w%s", err, remedy(err))
		}
	}
	draft := manifest + ".part"
	if err := os.WriteFile(draft, append(text, '\n'), 0o644); err != nil {
		return errors.Join(fmt.Errorf("export: %w%s", err, remedy(err)), removed(draft))
	}
	return os.Rename(draft, manifest)
}

func draftOf(dir, table string, format ExportFormat) string {
	return filepath.Join(dir, "."+format.file(table)+".part")
}

// removed also when it was never there.
func removed(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// exported are the tables of the analysts' contract: what a build publishes, and what was printed in issued reports.
func (w *Warehouse) exported(ctx context.Context) ([]string, error) {
	return w.names(ctx, `engine = 'View' AND empty(parameterized_view_parameters) OR startsWith(name, 'published_')`)
}

// UnknownTableError names a table that there is not, and those that there are.
type UnknownTableError struct {
	Name  string
	Known []string
}

func (e *UnknownTableError) Error() string {
	return fmt.Sprintf("there is no table %q to export; there are %s", e.Name, strings.Join(e.Known, ", "))
}

// checkNames lets through each table that a user may read, also those that are not exported unless named.
func (w *Warehouse) checkNames(ctx context.Context, tables []string) error {
	all, err := w.names(ctx, "NOT startsWith(name, 'build_') AND empty(parameterized_view_parameters)")
	if err != nil {
		return err
	}
	for _, name := range tables {
		if !slices.Contains(all, name) {
			return &UnknownTableError{Name: name, Known: all}
		}
	}
	return nil
}

func (w *Warehouse) names(ctx context.Context, which string) ([]string, error) {
	var names []string
	err := w.QueryRow(ctx, "SELECT arraySort(groupArray(name)) FROM system.tables WHERE database = currentDatabase() AND ("+which+")").Scan(&names)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", queryError(err))
	}
	return names, nil
}
