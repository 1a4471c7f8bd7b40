package warehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const publishedLink = "published"

// attempts bounds the new beginnings when files vanish under a copy, which takes an engine that drops parts all the time.
const attempts = 100

// Publish makes the present state what readers open. The writer may go on afterwards; readers that are open keep theirs.
// The engine's merges may run meanwhile: a part that is being made is left out, the parts that it replaces are still
// there, and if one of them is dropped under the copy, the copy is begun again.
func (w *Warehouse) Publish(ctx context.Context) error {
	if w.engine == nil {
		return nil // a server's readers see each statement at once
	}
	if w.lock == nil {
		return errors.New("publish: this warehouse is open for reading; open it with OpenWriter")
	}
	if err := publish(ctx, w.dir); err != nil {
		return fmt.Errorf("publish read copy in %s: %w%s", w.dir, err, remedy(err))
	}
	return nil
}

func publish(ctx context.Context, dir string) error {
	newest, err := newestPublished(dir)
	if err != nil {
		return err
	}
	name := publishedLink + "." + strconv.Itoa(newest+1)
	draft := filepath.Join(dir, "draft."+name)
	if err := os.RemoveAll(draft); err != nil { // of a writer that was killed
		return err
	}
	err = linkUntilWhole(ctx, storeIn(dir), draft)
	if err == nil {
		err = dropOutdated(draft)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(draft))
	}
	if err := os.Rename(draft, filepath.Join(dir, name)); err != nil {
		return errors.Join(err, os.RemoveAll(draft))
	}
	if err := pointTo(dir, name); err != nil {
		return err
	}
	if err := dropUnpublished(dir, name); err != nil {
		return err
	}
	return sweepReaders(dir)
}

func linkUntilWhole(ctx context.Context, from, to string) error {
	for try := 1; ; try++ {
		before, err := definitions(from)
		if err == nil {
			err = linkTree(ctx, from, to)
		}
		if err == nil {
			var after string
			if after, err = definitions(from); err == nil && after != before {
				// A listing can miss a file that is replaced while it is read.
				err = fmt.Errorf("a table was altered meanwhile: %w", fs.ErrNotExist)
			}
		}
		if !errors.Is(err, fs.ErrNotExist) || try == attempts {
			return err
		}
		if _, gone := os.Lstat(from); gone != nil {
			return err
		}
		if err := os.RemoveAll(to); err != nil {
			return err
		}
	}
}

// pointTo swaps the symlink in one step, and makes the swap survive a power cut.
func pointTo(dir, name string) error {
	fresh := filepath.Join(dir, publishedLink+".link")
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Symlink(name, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, filepath.Join(dir, publishedLink)); err != nil {
		return err
	}
	return syncFolder(dir)
}

func newestPublished(dir string) (int, error) {
	entries, err := os.ReadDir(dir)
	newest := 0
	for _, entry := range entries {
		if number, ok := publishedNumber(entry.Name()); ok {
			newest = max(newest, number)
		}
	}
	return newest, err
}

func publishedNumber(name string) (int, bool) {
	suffix, ok := strings.CutPrefix(name, publishedLink+".")
	number, err := strconv.Atoi(suffix)
	return number, ok && err == nil
}

// dropUnpublished removes the older read copies. A reader that is copying one begins again with the new one.
func dropUnpublished(dir, keep string) error {
	entries, err := os.ReadDir(dir)
	failed := []error{err}
	for _, entry := range entries {
		_, older := publishedNumber(entry.Name())
		if older && entry.Name() != keep || strings.HasPrefix(entry.Name(), "draft.") {
			failed = append(failed, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	return errors.Join(failed...)
}
