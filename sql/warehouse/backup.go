package warehouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/srekpi/srekpi/sql/chdb"
)

// ServerError is returned by what only an embedded warehouse needs; it says what to do on a server.
type ServerError struct{ Instead string }

func (e *ServerError) Error() string { return e.Instead }

// Backup packs what was published last into a file that is not there yet, reads it back, and notes that it was made.
// It works on a private copy, so it neither waits for a writer nor holds one up.
func Backup(ctx context.Context, o Options, file, version string, now time.Time) (*Manifest, error) {
	dir, local, err := o.folder()
	if err != nil {
		return nil, err
	}
	if !local {
		return nil, &ServerError{fmt.Sprintf("backup: warehouse.url names a ClickHouse server, which makes its own: run there BACKUP DATABASE %s TO Disk('backups', 'NAME.zip')", o.database())}
	}
	if file, err = filepath.Abs(file); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(file); err == nil {
		return nil, fmt.Errorf("backup: %s is there already; name another file, or remove it", file)
	}
	copied, err := takeCopy(ctx, dir)
	if err != nil {
		return nil, err
	}
	m, err := archive(ctx, o, copied, file, version, now)
	if err = errors.Join(err, copied.remove()); err != nil {
		return nil, fmt.Errorf("backup to %s: %w%s", file, err, remedy(err))
	}
	return m, note(dir, file, now)
}

// database is the one that a server's URL names.
func (o Options) database() string {
	if parsed, err := clickhouse.ParseDSN(o.URL); err == nil && parsed.Auth.Database != "" {
		return parsed.Auth.Database
	}
	return Database
}

// archive packs a private copy beside the file, checks it, and puts it in its place.
func archive(ctx context.Context, o Options, copied *private, file, version string, now time.Time) (*Manifest, error) {
	m := &Manifest{Format: archiveFormat, Version: version, MadeAt: now.UTC().Truncate(time.Second)}
	if err := dropOutdated(copied.store()); err != nil {
		return nil, err
	}
	if err := m.look(ctx, o, copied); err != nil {
		return nil, err
	}
	if err := m.list(ctx, copied.store()); err != nil {
		return nil, err
	}
	draft, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part") // 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(draft.Name())
	err = m.write(ctx, copied.store(), draft)
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err != nil {
		return nil, err
	}
	if err := verify(ctx, draft.Name()); err != nil {
		return nil, fmt.Errorf("what was written does not read back: %w", err)
	}
	return m, place(draft.Name(), file)
}

// look reads from a second copy what it holds: opening an engine changes its folder.
func (m *Manifest) look(ctx context.Context, o Options, copied *private) (err error) {
	library, err := chdb.Find(o.Library)
	if err != nil {
		return err
	}
	trial := filepath.Join(copied.dir, "trial")
	if err := linkTree(ctx, copied.store(), trial); err != nil {
		return err
	}
	w := &Warehouse{}
	defer func() { err = errors.Join(err, w.Close()) }()
	if w.engine, err = chdb.Open(library, trial); err != nil {
		return err
	}
	if err := w.connect(chdbOptions(w.engine, clickhouse.Settings{})); err != nil {
		return err
	}
	if err := w.fits(ctx, o.Schema, false); err != nil { // an older one is what to back up before an upgrade
		return err
	}
	if m.Schema, err = w.Schema(ctx); err != nil {
		return err
	}
	if err := w.QueryRow(ctx, "SELECT max(id), argMaxOrNull(as_of, id) FROM builds").Scan(&m.Build, &m.AsOf); err != nil {
		return fmt.Errorf("read builds: %w", err)
	}
	return m.countForgotten(ctx, w)
}

// countForgotten also reads a store from before anybody could be forgotten.
func (m *Manifest) countForgotten(ctx context.Context, w *Warehouse) error {
	var there uint64
	err := w.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'forgotten'").Scan(&there)
	if err == nil && there > 0 {
		err = w.QueryRow(ctx, "SELECT uniqExact(pseudonym) FROM forgotten").Scan(&m.Forgotten)
	}
	if err != nil {
		return fmt.Errorf("count who was forgotten: %w", err)
	}
	return nil
}

func verify(ctx context.Context, file string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = unpack(ctx, in, func(*Manifest) error { return nil }, nothing)
	return err
}

// place renames a draft, but never over another file.
func place(draft, file string) error {
	if err := os.Link(draft, file); err == nil {
		return syncFolder(filepath.Dir(file))
	} else if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("another process made it meanwhile: %w", err)
	}
	// A file system without hard links.
	if err := os.Rename(draft, file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}

// backupsFile names the backups that were made, one a line: the time and the path.
const backupsFile = "backups"

// Made is one backup that was made of a warehouse. Its file may be gone by now.
type Made struct {
	At   time.Time
	File string
}

func note(dir, file string, at time.Time) error {
	list, err := os.OpenFile(filepath.Join(dir, backupsFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		_, err = fmt.Fprintf(list, "%s %q\n", at.UTC().Format(time.RFC3339), file)
		err = errors.Join(err, list.Close())
	}
	if err != nil {
		return fmt.Errorf("the backup %s is whole, but noting it in %s failed: %w%s", file, filepath.Join(dir, backupsFile), err, remedy(err))
	}
	return nil
}

// Backups lists what [Backup] has made of an embedded warehouse, in that order.
func Backups(o Options) ([]Made, error) {
	dir, local, err := o.folder()
	if err != nil || !local {
		return nil, err
	}
	list, err := os.Open(filepath.Join(dir, backupsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", err)
	}
	defer list.Close()
	var made []Made
	for lines := bufio.NewScanner(list); ; {
		if !lines.Scan() {
			return made, lines.Err()
		}
		when, name, _ := strings.Cut(lines.Text(), " ")
		var m Made
		var failed error
		m.At, failed = time.Parse(time.RFC3339, when)
		if _, err := fmt.Sscanf(name, "%q", &m.File); err != nil || failed != nil {
			return nil, fmt.Errorf("list backups: %s: %q is no time and path", list.Name(), lines.Text())
		}
		made = append(made, m)
	}
}
