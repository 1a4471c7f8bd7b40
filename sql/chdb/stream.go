package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
)

var (
	errStreamClosed = errors.New("read of a closed result")
	// errNotStreamed leaves the connection with the caller, who runs the statement whole.
	errNotStreamed = errors.New("statement only runs whole")
)

// stream reads a result chunk by chunk from the library. Its connection stays taken until it ends or is closed:
// another statement there would destroy the stream, which would then look like a normal end.
type stream struct {
	session *session
	ctx     context.Context
	cancel  context.CancelCauseFunc
	watch   *watch
	done    func()

	mu     sync.Mutex // held while inside the library
	handle *byte
	chunk  *byte
	rest   []byte // of chunk, in the library's memory
	header *header
	err    error // how the stream ended
}

// stream starts the statement and waits for its first chunk, so that an error before it is the request's error.
func (s *session) stream(ctx context.Context, cancel context.CancelCauseFunc, st statement, done func()) (io.ReadCloser, error) {
	lib := s.engine.lib
	b := &stream{session: s, ctx: ctx, cancel: cancel, done: done}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watch = s.watch(ctx, b.endIdle)
	b.handle = newBindings(st.params).call(lib.stream, *s.handle, st.sql, st.format)
	if b.handle == nil {
		b.finish(fmt.Errorf("engine: no result for %.60q", st.sql))
		return nil, b.err
	}
	if text := lib.resultError(b.handle); text != "" {
		err := exception(text)
		if unsupported(text) {
			lib.destroyResult(b.handle)
			b.handle, b.err = nil, errNotStreamed
			b.watch.end()
			return nil, errNotStreamed
		}
		b.finish(err)
		return nil, err
	}
	b.fetch()
	switch {
	case b.err == io.EOF:
		return nil, nil
	case b.err != nil:
		return nil, b.err
	}
	return b, nil
}

func (b *stream) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	if b.err == nil && b.ctx.Err() != nil {
		b.finish(fmt.Errorf("read result: %w", context.Cause(b.ctx)))
	}
	for b.err == nil && len(b.rest) == 0 {
		b.fetch()
	}
	if b.err != nil {
		return 0, b.err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// headed drops from later chunks the header that the first one, which is waiting, begins with.
func (b *stream) headed(h *header) {
	b.mu.Lock()
	defer b.mu.Unlock()
	h.learn(b.rest)
	b.header = h
}

// Close before the end cancels the statement.
func (b *stream) Close() error {
	b.cancel(errStreamClosed) // lets a Read that is inside the library come back
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finish(errStreamClosed)
	return nil
}

// fetch gets the next chunk. An empty one is the end only if it carries no error.
func (b *stream) fetch() {
	lib := b.session.engine.lib
	b.free()
	b.chunk = lib.fetch(*b.session.handle, b.handle)
	if b.chunk == nil {
		b.finish(errors.New("engine: the result broke off without a reason; run the query again"))
		return
	}
	if text := lib.resultError(b.chunk); text != "" {
		err := exception(text)
		var ex *clickhouse.Exception
		if cause := context.Cause(b.ctx); cause != nil && errors.As(err, &ex) && ex.Code == codeCancelled {
			err = fmt.Errorf("read result: %w", cause)
		}
		b.finish(err)
		return
	}
	if b.rest = lib.bytes(b.chunk); len(b.rest) == 0 {
		b.finish(io.EOF)
		return
	}
	b.rest = b.header.cut(b.rest)
}

// finish gives the connection back; the first reason stays.
func (b *stream) finish(reason error) {
	if b.err != nil {
		return
	}
	b.err = reason
	lib := b.session.engine.lib
	b.free()
	if b.handle != nil {
		if reason != io.EOF {
			lib.cancelStream(*b.session.handle, b.handle)
			b.session.retired = true // see session.retired
		}
		lib.destroyResult(b.handle)
		b.handle = nil
	}
	b.watch.end()
	b.done()
}

// endIdle ends a stream whose context is over while nobody reads it.
func (b *stream) endIdle() bool {
	if !b.mu.TryLock() {
		return false
	}
	defer b.mu.Unlock()
	b.finish(fmt.Errorf("read result: %w", context.Cause(b.ctx)))
	return true
}

func (b *stream) free() {
	if b.chunk != nil {
		b.session.engine.lib.destroyResult(b.chunk)
		b.chunk, b.rest = nil, nil
	}
}
