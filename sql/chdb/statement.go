package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// statement is one request to the engine.
type statement struct {
	sql      string
	format   string            // of the result
	data     io.Reader         // rows of an insert, in the format that the sql names; nil for none
	database string            // "" is the engine's
	settings map[string]string // hold for this statement only
	params   map[string]string // as TSV-escaped text
	whole    bool              // the result's format cannot be cut into chunks
}

// start runs the statement and returns its result, nil when there is none. Closing it gives the connection back.
func (e *Engine) start(ctx context.Context, st statement) (io.ReadCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if e.limits != nil {
		admitted, err := e.limits.admit(st.settings)
		if err != nil {
			return nil, err
		}
		st.settings = admitted
	}
	s, err := e.acquire(ctx, st.settings)
	if err != nil {
		return nil, err
	}
	// The context of the statement also ends with the engine.
	parent := ctx
	ctx, cancel := context.WithCancelCause(parent)
	detach := context.AfterFunc(e.ctx, func() { cancel(ErrClosed) })
	body, err := s.start(ctx, cancel, st, func() {
		detach()
		cancel(nil)
		e.release(s)
	})
	if err != nil {
		err = blame(err, parent, e.ctx)
	}
	return body, err
}

// blame names the context that ended as the reason of a statement's end, instead of the kill that followed.
func blame(err error, contexts ...context.Context) error {
	var ex *clickhouse.Exception
	if errors.As(err, &ex) && ex.Code != codeCancelled {
		return err
	}
	for _, ctx := range contexts {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			return fmt.Errorf("statement cancelled: %w", cause)
		}
	}
	return err
}

// start calls done exactly once: at once when there is no body, else when the body is closed.
func (s *session) start(ctx context.Context, cancel context.CancelCauseFunc, st statement, done func()) (io.ReadCloser, error) {
	if err := s.adopt(st.database, st.settings); err != nil {
		done()
		return nil, err
	}
	look := s.analyse(st.sql)
	if look.statements > 1 {
		done()
		return nil, exceptionf(62, "Syntax error (Multi-statements are not allowed): give one statement at a time. (SYNTAX_ERROR)")
	}
	s.retired = s.retired || look.leavesTrace(st.sql)
	if look.kind != readOnly {
		st = st.withRows()
	}
	if st.data != nil {
		return nil, s.insert(ctx, st, done)
	}
	if look.kind != readOnly && missingData.MatchString(st.sql) {
		done() // libchdb would read the rows from stdin
		return nil, exceptionf(codeNoDataToInsert, "No data to insert: the statement has no rows. (NO_DATA_TO_INSERT)")
	}
	// What the parser does not know is streamed too: there a second statement is refused before the first one runs.
	if look.kind == unknown || look.kind == readOnly && !st.whole {
		if body, err := s.stream(ctx, cancel, st, done); err != errNotStreamed {
			return body, err
		}
	}
	return s.run(ctx, st, done)
}

// run executes a statement that cannot be streamed; its result, if any, is held by the library.
func (s *session) run(ctx context.Context, st statement, done func()) (io.ReadCloser, error) {
	lib := s.engine.lib
	watch := s.watch(ctx, nil)
	result := newBindings(st.params).call(lib.query, *s.handle, st.sql, st.format)
	watch.end()
	if result == nil {
		s.retired = true
		done()
		return nil, fmt.Errorf("engine: no result for %.60q", st.sql)
	}
	if text := lib.resultError(result); text != "" {
		lib.destroyResult(result)
		s.retired = true
		done()
		return nil, exception(text)
	}
	done() // the result does not need the connection
	data := lib.bytes(result)
	if len(data) == 0 {
		lib.destroyResult(result)
		return nil, nil
	}
	return &wholeBody{data: data, free: sync.OnceFunc(func() { lib.destroyResult(result) })}, nil
}

// wholeBody reads a complete result out of the library's memory.
type wholeBody struct {
	mu   sync.Mutex
	data []byte
	free func()
}

func (b *wholeBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.data)
	b.data = b.data[n:]
	return n, nil
}

func (b *wholeBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = nil
	b.free()
	return nil
}

// watch kills the session's statement when the context ends.
type watch struct {
	session *session
	idle    func() bool // ends the statement when it is not inside the library; nil if it always is
	stop    func() bool
	mu      sync.Mutex
	over    bool
}

const killEvery = 20 * time.Millisecond

func (s *session) watch(ctx context.Context, idle func() bool) *watch {
	w := &watch{session: s, idle: idle}
	w.stop = context.AfterFunc(ctx, w.kill)
	return w
}

// kill repeats, because the statement may not have reached the engine's list when the first one comes.
func (w *watch) kill() {
	for {
		if w.idle != nil && w.idle() {
			return
		}
		w.mu.Lock()
		if w.over {
			w.mu.Unlock()
			return
		}
		w.session.engine.kill(w.session.mark)
		w.mu.Unlock()
		time.Sleep(killEvery)
	}
}

// end returns when no kill can come any more, so that it cannot hit the next statement of the connection.
func (w *watch) end() {
	w.stop()
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
}
