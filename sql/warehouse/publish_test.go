package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNothingPublishedYet(t *testing.T) {
	o := at(t)
	for _, prepare := range []func(){func() {}, func() { must(t, writer(t, o).Close()) }} {
		prepare()
		_, err := OpenReader(context.Background(), o)
		var nothing *NothingPublishedError
		if !errors.As(err, &nothing) || !strings.Contains(err.Error(), "run `srekpi run` first") {
			t.Errorf("got %v", err)
		}
	}
}

func TestReadersCopyIsItsOwn(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	w := writer(t, o)
	must(t, w.Exec(ctx, "ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 100"))
	must(t, w.Exec(ctx, "CREATE TABLE tmp_named (a UInt8) ENGINE = MergeTree ORDER BY a AS SELECT 1"))
	must(t, Insert(ctx, w, "events", events(1, 1000)))
	must(t, w.Publish(ctx))
	must(t, Insert(ctx, w, "events", events(2, 1000)))
	must(t, w.Close())

	r, err := OpenReader(ctx, o)
	must(t, err)
	if n := count(t, r, "SELECT count() FROM events"); n != 1000 {
		t.Errorf("the reader sees %d rows, 1000 were published", n)
	}
	if n := count(t, r, "SELECT count() FROM tmp_named"); n != 1 {
		t.Errorf("%d rows in tmp_named", n)
	}
	must(t, Insert(ctx, r, "events", events(3, 1000)))
	must(t, r.Exec(ctx, "ALTER TABLE events UPDATE note = 'changed' WHERE 1 SETTINGS mutations_sync = 2"))
	must(t, r.Exec(ctx, "DROP TABLE notes SYNC"))
	must(t, r.Exec(ctx, "OPTIMIZE TABLE events FINAL"))
	if err := r.Publish(ctx); err == nil {
		t.Error("a reader published")
	}
	must(t, r.Close())

	w = writer(t, o)
	if n := count(t, w, "SELECT countIf(note != 'changed' OR note IS NULL) FROM events"); n != 2000 {
		t.Errorf("the writer has %d unchanged rows of 2000", n)
	}
	count(t, w, "SELECT count() FROM notes")
	must(t, w.Publish(ctx))
	must(t, w.Close())
	r, err = OpenReader(ctx, o)
	must(t, err)
	defer r.Close()
	if n := count(t, r, "SELECT count() FROM events"); n != 2000 {
		t.Errorf("the next reader sees %d rows", n)
	}
}

// The writer inserts, merges, mutates and drops while it publishes, and another process opens copy after copy.
func TestCopiesAreNeverTorn(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	w := writer(t, o)
	must(t, w.Exec(ctx, "ALTER TABLE events MODIFY SETTING old_parts_lifetime = 0, merge_tree_clear_old_parts_interval_seconds = 1"))
	must(t, Insert(ctx, w, "events", events(1, 1000)))
	must(t, w.Publish(ctx))
	reader := start(t, "torn", o)
	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		var err error
		for batch := 2; err == nil; batch++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			err = Insert(ctx, w, "events", events(batch, 1000))
			switch {
			case err != nil:
			case batch%10 == 0:
				err = w.Exec(ctx, "OPTIMIZE TABLE events FINAL")
			case batch%10 == 5:
				err = w.Exec(ctx, "CREATE OR REPLACE TABLE notes (text String) ENGINE = MergeTree ORDER BY text AS SELECT 'a'")
			case batch%10 == 7:
				err = w.Exec(ctx, "ALTER TABLE events UPDATE note = 'n' WHERE batch = 1")
			}
		}
		done <- err
	}()
	published := 0
	for ended := make(chan struct{}); ; {
		if published == 0 {
			go func() {
				reader.lines.Scan()
				close(ended)
			}()
		}
		must(t, w.Publish(ctx))
		published++
		time.Sleep(20 * time.Millisecond)
		select {
		case <-ended:
			close(stop)
			must(t, <-done)
			if reader.lines.Text() != "done" {
				t.Errorf("the reader says: %s", reader.lines.Text())
			}
			t.Logf("%d published", published)
			return
		default:
		}
	}
}

func readForTornBatches(ctx context.Context, o Options) error {
	for range 10 {
		r, err := OpenReader(ctx, o)
		if err != nil {
			return err
		}
		var torn, batches, last uint64
		err = r.QueryRow(ctx, "SELECT countIf(n != 1000), count(), max(batch) FROM (SELECT batch, count() AS n FROM events GROUP BY batch)").Scan(&torn, &batches, &last)
		if err == nil {
			err = r.Exec(ctx, "SELECT * FROM notes")
		}
		if err == nil && (torn > 0 || batches != last) {
			err = fmt.Errorf("%d torn batches, %d of %d there", torn, batches, last)
		}
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return nil
}

func TestPublishAfterAKilledOne(t *testing.T) {
	ctx := context.Background()
	o := at(t)
	w := writer(t, o)
	must(t, w.Publish(ctx))
	dir, _, _ := o.folder()
	for _, left := range []string{"draft.published.2", "published.1x", "published.9"} {
		must(t, os.MkdirAll(filepath.Join(dir, left, "store"), 0o700))
	}
	must(t, os.Symlink("nowhere", filepath.Join(dir, "published.link")))
	must(t, w.Publish(ctx))
	if target, _ := os.Readlink(filepath.Join(dir, "published")); target != "published.10" {
		t.Errorf("published → %s", target)
	}
	for _, gone := range []string{"draft.published.2", "published.9", "published.1", "published.link"} {
		if _, err := os.Lstat(filepath.Join(dir, gone)); err == nil {
			t.Errorf("%s is left", gone)
		}
	}
}

func TestPublishEndsWithItsContext(t *testing.T) {
	o := at(t)
	w := writer(t, o)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Publish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := OpenReader(context.Background(), o); err == nil {
		t.Error("half a copy was published")
	}
}
