package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Restore unpacks a backup into a data folder that holds no store, brings its schema up to date and publishes it.
// Every file is held against the manifest before anything is put in place; what fails leaves nothing.
func Restore(ctx context.Context, o Options, file string) (m *Manifest, err error) {
	dir, local, err := o.folder()
	if err != nil {
		return nil, err
	}
	if !local {
		return nil, &ServerError{fmt.Sprintf("restore: warehouse.url names a ClickHouse server, which restores its own: run there RESTORE DATABASE %s FROM Disk('backups', 'NAME.zip')", o.database())}
	}
	in, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	defer in.Close()
	_, gone := os.Lstat(dir)
	if err := ownFolder(dir); err != nil {
		return nil, err
	}
	l, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	if m, err = restore(ctx, o, dir, in); err != nil {
		if err = fmt.Errorf("restore %s: %w%s", file, err, remedy(err)); errors.Is(gone, fs.ErrNotExist) {
			_ = os.Remove(filepath.Join(dir, "lock"))
			_ = os.Remove(dir)
		}
		return nil, errors.Join(err, l.release())
	}
	if err := l.release(); err != nil {
		return nil, err
	}
	// The engine has the last word on whether this is a store.
	w, err := OpenWriter(ctx, o)
	if err != nil {
		return nil, err
	}
	return m, errors.Join(w.Publish(ctx), w.Close())
}

func restore(ctx context.Context, o Options, dir string, in io.Reader) (*Manifest, error) {
	for _, name := range []string{"store", publishedLink} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s holds a store already; move it away first: mv %s %s.before", dir, dir, dir)
		}
	}
	draft := filepath.Join(dir, "draft.restore")
	if err := os.RemoveAll(draft); err != nil { // of a restore that was killed
		return nil, err
	}
	if err := os.Mkdir(draft, 0o700); err != nil {
		return nil, err
	}
	m, err := extract(ctx, o, draft, in)
	if err == nil {
		err = checkStored(ctx, o, m.Files, draft, filepath.Join(dir, "draft.scratch"))
	}
	if err == nil {
		err = os.Rename(draft, storeIn(dir))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(draft))
	}
	if err := syncFolder(dir); err != nil {
		return nil, err
	}
	return m, publish(ctx, dir)
}

// extract writes the files of an archive into an empty folder.
func extract(ctx context.Context, o Options, dir string, in io.Reader) (*Manifest, error) {
	known, err := newest(o.Schema)
	if err != nil {
		return nil, err
	}
	// Nothing is written outside it, whatever the archive says.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	m, err := unpack(ctx, in, func(m *Manifest) error {
		if m.Schema > known {
			return &NewerError{m.Schema, known}
		}
		return room(dir, m.Bytes())
	}, func(f ManifestFile, content io.Reader) error {
		if err := root.MkdirAll(path.Dir(f.Path), 0o700); err != nil {
			return err
		}
		if f.Link != "" {
			return root.Symlink(f.Link, f.Path)
		}
		file, err := root.OpenFile(f.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Close())
	})
	if err != nil {
		return nil, err
	}
	return m, syncDisk(dir)
}

// room says beforehand that a disk is too small.
func room(dir string, need int64) error {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return err
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < need {
		return fmt.Errorf("it unpacks to %.1f MB and the disk of %s has %.1f MB left: %w", float64(need)/1e6, dir, float64(free)/1e6, unix.ENOSPC)
	}
	return nil
}

// syncDisk makes what was written to a folder's disk survive a power cut.
func syncDisk(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(folder.Fd())), folder.Close())
}

func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func nothing(_ ManifestFile, content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return err
}
