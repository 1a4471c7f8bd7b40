package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// linkedAtOnce is how many folders are linked side by side: a large store has tens of thousands of files.
const linkedAtOnce = 4

// linkTree makes to a hard-linked copy of an engine's folder. Parts are written once, and metadata is replaced by
// renaming, so the copy keeps its state while the engine goes on. A file that vanishes in between is fs.ErrNotExist:
// the caller begins again.
func linkTree(ctx context.Context, from, to string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(linkedAtOnce)
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case !entry.IsDir():
			return nil // with its folder
		case passing(relative, entry):
			return filepath.SkipDir
		}
		target := filepath.Join(to, relative)
		if err := os.Mkdir(target, 0o700); err != nil {
			return err
		}
		group.Go(func() error { return linkFiles(path, target, relative) })
		return nil
	})
	if failed := group.Wait(); failed != nil {
		return failed
	}
	return err
}

// linkFiles links what one folder holds, but for its folders.
func linkFiles(from, to, relative string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path, target := filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())
		switch {
		case passing(filepath.Join(relative, entry.Name()), entry):
		case entry.Type()&fs.ModeSymlink != 0:
			destination, err := os.Readlink(path)
			if err != nil {
				return err
			}
			if err := os.Symlink(destination, target); err != nil {
				return err
			}
		case entry.Type().IsRegular():
			if err := link(path, target); err != nil {
				return err
			}
		}
	}
	return nil
}

// definitions names the files that say which tables there are, each by its inode: altering a table replaces its file.
func definitions(dir string) (string, error) {
	var found strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.Type().IsRegular() || filepath.Ext(path) != ".sql" {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		inode := uint64(0)
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			inode = stat.Ino
		}
		fmt.Fprintln(&found, path, inode)
		return nil
	})
	return found.String(), err
}

// passing is what does not belong to the stored state: the engine's lock, and what is being written or dropped.
// Only parts are judged by their names' beginning: a table may be called tmp_something.
func passing(relative string, entry fs.DirEntry) bool {
	name := entry.Name()
	part := entry.IsDir() && strings.HasPrefix(relative, "store"+string(filepath.Separator))
	return relative == "status" || relative == "tmp" ||
		part && (strings.HasPrefix(name, "tmp_") || strings.HasPrefix(name, "delete_tmp_")) ||
		strings.HasPrefix(name, "tmp_mutation_") || strings.HasSuffix(name, ".tmp")
}

func link(from, to string) error {
	// The log of deduplicated inserts grows in place, so sharing it would let a reader write into it.
	if filepath.Base(filepath.Dir(from)) == "deduplication_logs" {
		return copyFile(from, to)
	}
	err := os.Link(from, to)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EMLINK) {
		return copyFile(from, to) // a file system without hard links
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// ownFolder makes a folder that only this user can enter.
func ownFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		return fmt.Errorf("make data folder: %w%s", err, remedy(err))
	}
	return nil
}

// remedy is the next step after an error of the file system.
func remedy(err error) string {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return "; free some space on that disk and run again"
	case errors.Is(err, fs.ErrPermission):
		return "; run as the user who owns the data folder, or make it writable"
	case errors.Is(err, unix.EROFS):
		return "; the disk is mounted read-only: name a writable folder in warehouse.url"
	}
	return ""
}

func storeIn(dir string) string { return filepath.Join(dir, "store") }
