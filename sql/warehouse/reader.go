package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// NothingPublishedError is returned to a reader before the first writer has published.
type NothingPublishedError struct {
	Path string // the data folder
}

func (e *NothingPublishedError) Error() string {
	return fmt.Sprintf("nothing is published in %s yet; run `srekpi run` first", e.Path)
}

// private is a reader's own copy. The lock beside it lives as long as the reader, so that whoever can take it
// knows the copy to be left over.
type private struct {
	dir  string
	lock *os.File
}

func (p *private) store() string { return filepath.Join(p.dir, "store") }

func (p *private) remove() error {
	if p.dir == "" {
		return nil
	}
	err := os.RemoveAll(p.dir)
	if err != nil {
		err = fmt.Errorf("remove private copy: %w", err)
	}
	return errors.Join(err, os.Remove(p.lock.Name()), p.lock.Close())
}

// takeCopy links the published copy into a folder of this reader's own.
func takeCopy(ctx context.Context, dir string) (*private, error) {
	source := filepath.Join(dir, publishedLink)
	if _, err := os.Lstat(source); errors.Is(err, fs.ErrNotExist) {
		return nil, &NothingPublishedError{Path: dir}
	}
	p, err := newPrivate(dir)
	if err != nil {
		return nil, fmt.Errorf("copy what is published in %s: %w%s", dir, err, remedy(err))
	}
	for try := 1; ; try++ {
		// Resolved each time: a writer may have published anew and removed what was being copied.
		var target string
		if target, err = os.Readlink(source); err == nil {
			err = linkTree(ctx, filepath.Join(dir, target), p.store())
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || try == attempts {
			return nil, errors.Join(fmt.Errorf("copy what is published in %s: %w%s", dir, err, remedy(err)), p.remove())
		}
		if err := os.RemoveAll(p.store()); err != nil {
			return nil, errors.Join(err, p.remove())
		}
	}
	if err := sweepReaders(dir); err != nil {
		return nil, errors.Join(err, p.remove())
	}
	return p, nil
}

// Readers are the processes that have a copy of an embedded warehouse open. Each keeps what was published when it
// began, or moved on.
func Readers(o Options) ([]int, error) {
	dir, local, err := o.folder()
	if err != nil || !local {
		return nil, err
	}
	locks, err := filepath.Glob(filepath.Join(dir, "readers", "*.lock"))
	if err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	var pids []int
	for _, path := range locks {
		if pid, alive := holder(path); alive && !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}

// holder is who holds a reader's lock.
func holder(lockPath string) (pid int, alive bool) {
	file, err := os.OpenFile(lockPath, os.O_RDWR, 0)
	if err != nil {
		return 0, false
	}
	defer file.Close()
	first, _, _ := strings.Cut(filepath.Base(lockPath), "-")
	pid, err = strconv.Atoi(first)
	return pid, err == nil && errors.Is(flock(file), unix.EWOULDBLOCK)
}

func newPrivate(dir string) (*private, error) {
	readers := filepath.Join(dir, "readers")
	if err := os.MkdirAll(readers, 0o700); err != nil {
		return nil, err
	}
	for {
		file, err := os.CreateTemp(readers, strconv.Itoa(os.Getpid())+"-*.lock")
		if err != nil {
			return nil, err
		}
		if err := flock(file); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if !sameFile(file) { // swept before the lock was taken
			file.Close()
			continue
		}
		p := &private{dir: strings.TrimSuffix(file.Name(), ".lock"), lock: file}
		if err := os.Mkdir(p.dir, 0o700); err != nil {
			return nil, errors.Join(err, p.remove())
		}
		return p, nil
	}
}

func sameFile(file *os.File) bool {
	held, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(file.Name())
	return err == nil && os.SameFile(held, named)
}

// sweepReaders removes the copies of readers that have ended without doing so.
func sweepReaders(dir string) error {
	readers := filepath.Join(dir, "readers")
	entries, err := os.ReadDir(readers)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("remove copies of ended readers: %w", err)
	}
	var failed []error
	for _, entry := range entries {
		path := filepath.Join(readers, entry.Name())
		if entry.IsDir() {
			// The lock comes before the copy and goes after it, so a copy without one is left over.
			if _, err := os.Lstat(path + ".lock"); errors.Is(err, fs.ErrNotExist) {
				failed = append(failed, os.RemoveAll(path))
			}
			continue
		}
		if strings.HasSuffix(path, ".lock") {
			failed = append(failed, sweepReader(path))
		}
	}
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("remove copies of ended readers: %w%s", err, remedy(err))
	}
	return nil
}

func sweepReader(lockPath string) error {
	file, err := os.OpenFile(lockPath, os.O_RDWR, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	defer file.Close()
	if flock(file) != nil || !sameFile(file) {
		return nil // its reader lives, or another has swept it
	}
	if err := os.RemoveAll(strings.TrimSuffix(lockPath, ".lock")); err != nil {
		return err
	}
	return os.Remove(lockPath)
}
