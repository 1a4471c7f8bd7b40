package warehouse

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Once runs send, which inserts one block into one table, until the server has answered it. The rows are stored once,
// also where an answer was lost: every try carries the same token, by which the server knows what it has. The token is
// of this call alone, so that the same rows may be landed again by another. The table needs a
// non_replicated_deduplication_window; in the embedded engine nothing is lost and nothing tried again.
func Once(ctx context.Context, conn driver.Conn, send func(context.Context) error) error {
	if w, ok := conn.(*Warehouse); ok {
		conn = w.Conn
	}
	s, ok := conn.(*steady)
	if !ok {
		return send(ctx)
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"deduplicate_insert": "enable", "insert_deduplication_token": rand.Text()}))
	return s.repeat(ctx, send)
}

// Retry does work anew, from its start, when a connection was lost in it: work must be one that may be stopped anywhere
// and begun again. try counts from 0. What the lost try still had running on the server is stopped first.
func (w *Warehouse) Retry(ctx context.Context, work func(try int) error) error {
	for try := 0; ; try++ {
		err := work(try)
		s, ok := w.Conn.(*steady)
		if !ok || !lost(err) || ctx.Err() != nil {
			return err
		}
		var gave *LostError
		if try+1 == rounds || !s.wait(ctx, min(try, len(waits)-1), err) {
			if errors.As(err, &gave) {
				return err
			}
			return &LostError{err}
		}
		if err := s.stop(ctx, s.process); err != nil {
			return err
		}
	}
}

// empty makes a slice that a lost answer has begun to fill empty again.
func empty(dest any) {
	if v := reflect.ValueOf(dest); v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Slice {
		v.Elem().SetLen(0)
	}
}
