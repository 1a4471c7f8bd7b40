package warehouse

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// losing cuts the connection after so many statements that begin alike were carried out.
func losing(t *testing.T, prefix string, times int32) (*Warehouse, *atomic.Int32) {
	t.Helper()
	usual := waits
	waits = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	t.Cleanup(func() { waits = usual })
	o, s := server(t)
	w := writer(t, o)
	must(t, w.Exec(context.Background(), "ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = 100"))
	var seen atomic.Int32
	s.Lose = func(statement string) bool { return strings.HasPrefix(statement, prefix) && seen.Add(1) <= times }
	return w, &seen
}

func TestALostAnswerStoresOnce(t *testing.T) {
	ctx := context.Background()
	w, seen := losing(t, "INSERT INTO events", 2)
	must(t, Insert(ctx, w, "events", events(1, 100)))
	if n := count(t, w, "SELECT count() FROM events"); n != 100 || seen.Load() != 3 {
		t.Errorf("%d rows after %d tries", n, seen.Load())
	}
	must(t, w.Exec(ctx, "TRUNCATE TABLE events"))
	for range 2 { // without a token: nothing is dropped for being alike
		must(t, w.Exec(ctx, "INSERT INTO events (batch, n) VALUES (1, 1)"))
		must(t, w.Exec(ctx, "INSERT INTO events (batch, n) SELECT 2, 2"))
	}
	if n := count(t, w, "SELECT count() FROM events"); n != 4 {
		t.Errorf("%d rows of four like ones", n)
	}
	must(t, w.Exec(ctx, "TRUNCATE TABLE events"))
	must(t, Insert(ctx, w, "events", events(1, 100)))
	// The same rows landed again are landed again, as ingest --full does.
	must(t, Insert(ctx, w, "events", events(1, 100)))
	if n := count(t, w, "SELECT count() FROM events"); n != 200 {
		t.Errorf("%d rows after the second landing", n)
	}
}

func TestALostStatementIsRepeatedWhereItDoesNoHarm(t *testing.T) {
	ctx := context.Background()
	w, seen := losing(t, "ALTER TABLE events DELETE", 1)
	must(t, Insert(ctx, w, "events", events(1, 10)))
	must(t, w.Exec(ctx, "ALTER TABLE events DELETE WHERE n < 5 SETTINGS mutations_sync = 2"))
	if n := count(t, w, "SELECT count() FROM events"); n != 5 || seen.Load() != 2 {
		t.Errorf("%d rows after %d tries", n, seen.Load())
	}
}

func TestALostFillIsTheCallersToRepeat(t *testing.T) {
	ctx := context.Background()
	w, seen := losing(t, "INSERT INTO events (batch) SELECT", 1)
	fill := func(batch int) error {
		return w.Exec(ctx, "INSERT INTO events (batch) SELECT ? FROM numbers(7)", batch)
	}
	var gone *LostError
	if err := fill(1); !errors.As(err, &gone) || seen.Load() != 1 {
		t.Fatalf("%v after %d tries", err, seen.Load())
	}
	seen.Store(0)
	must(t, w.Retry(ctx, func(try int) error { return fill(2 + try) }))
	if n := count(t, w, "SELECT count() FROM events WHERE batch = 3"); n != 7 {
		t.Errorf("the second try stored %d rows", n)
	}
	if err := w.Retry(ctx, func(int) error { seen.Store(0); return fill(9) }); !errors.As(err, &gone) {
		t.Errorf("a work that is always lost: %v", err)
	}
}
