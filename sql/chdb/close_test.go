package chdb

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// another closes the shared engine for one of a test's own, and opens it again.
func another(t *testing.T, open func(t *testing.T, lib, dir string) *Engine) *Engine {
	t.Helper()
	lib, dir := shared.lib.path, shared.dir
	must(t, shared.Close())
	t.Cleanup(func() {
		var err error
		if shared, err = Open(lib, dir); err != nil {
			t.Fatal(err)
		}
	})
	e := open(t, lib, filepath.Join(t.TempDir(), "own"))
	t.Cleanup(func() { e.Close() })
	return e
}

func TestCloseAndOpenAnotherFolder(t *testing.T) {
	ctx := context.Background()
	marker := dial(t, shared, "default")
	must(t, marker.Exec(ctx, "CREATE TABLE here (a UInt8) ENGINE = MergeTree ORDER BY a"))
	first := shared
	e := another(t, func(t *testing.T, lib, dir string) *Engine {
		e, err := Open(lib, dir)
		must(t, err)
		return e
	})
	if err := marker.Exec(ctx, "SELECT 1"); !errors.Is(err, ErrClosed) {
		t.Errorf("closed engine: %v", err)
	}
	wantCode(t, dial(t, e, "default").Exec(ctx, "SELECT * FROM here"), 60)
	if _, err := Open(first.lib.path, t.TempDir()); err == nil || !strings.Contains(err.Error(), "close it first") {
		t.Errorf("two folders: %v", err)
	}
	// Close stops what runs: a statement, a stream that is read and one that is not.
	done := make(chan error, 1)
	go func() { done <- dial(t, e, "default").Exec(ctx, endless) }()
	body, err := e.Query(ctx, "SELECT number FROM numbers(1000000000000)", "TSV", nil)
	must(t, err)
	whole, err := e.Query(ctx, "SELECT number FROM numbers(100000)", "JSON", nil)
	must(t, err)
	for len(e.slots) < 2 {
		time.Sleep(time.Millisecond)
	}
	must(t, e.Close())
	must(t, e.Close())
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("statement at close: %v", err)
	}
	if _, err := body.Read(make([]byte, 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("stream at close: %v", err)
	}
	must(t, body.Close())
	text, err := io.ReadAll(whole)
	must(t, err)
	if !strings.Contains(string(text), `"rows": 100000`) {
		t.Error("a whole result changed with its engine's end")
	}
	must(t, whole.Close())
}
