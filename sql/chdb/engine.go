package chdb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"sync"
)

// poolSize bounds the statements that run at once; more callers wait, and stop waiting when their context ends.
const poolSize = 16

// ErrClosed is returned for work on an engine that was closed.
var ErrClosed = errors.New("engine is closed")

// Engine is one data folder opened by libchdb. A process has one at a time.
type Engine struct {
	// Database is the current database of statements that name none. Set it before the first one.
	Database string

	lib    *library
	dir    string
	limits *Limits // not nil: every connection is read-only within these

	ctx    context.Context // ends with Close, and with it all that runs
	cancel context.CancelCauseFunc
	slots  chan struct{}

	mu      sync.Mutex
	idle    []*session
	opened  int
	closed  bool
	refused map[string]bool // what a user's query may not call, once it was asked for

	hello   []byte   // the answer to a driver that connects
	control *session // keeps the engine up between statements, and kills those of other connections

	controlMu sync.Mutex
	once      sync.Once
}

// opening holds the folder that is open: libchdb knows one data folder per process.
var opening struct {
	sync.Mutex
	engine *Engine
}

// Open loads libchdb (see [Find]) and opens the data folder dir, which is created when absent.
func Open(lib, dir string) (*Engine, error) {
	return open(lib, dir, nil)
}

// OpenReadOnly opens dir so that no statement can write and each stays within the limits.
// Text typed by a user must pass [Engine.Gate] as well: the engine's own read-only mode has holes.
func OpenReadOnly(lib, dir string, limits Limits) (*Engine, error) {
	return open(lib, dir, &limits)
}

func open(path, dir string, limits *Limits) (*Engine, error) {
	lib, err := load(path)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	opening.Lock()
	defer opening.Unlock()
	if opening.engine != nil {
		return nil, fmt.Errorf("open engine in %s: this process has %s open; close it first", dir, opening.engine.dir)
	}
	e := &Engine{lib: lib, dir: dir, limits: limits, Database: "default", slots: make(chan struct{}, poolSize)}
	e.ctx, e.cancel = context.WithCancelCause(context.Background())
	if e.control, err = e.connect(nil); err != nil {
		return nil, err
	}
	if limits != nil {
		if err := e.hide(); err != nil {
			e.control.close()
			return nil, fmt.Errorf("open engine in %s: %w", dir, err)
		}
	}
	if e.hello, err = e.control.helloReply(); err != nil {
		e.control.close()
		return nil, fmt.Errorf("open engine in %s: %w", dir, err)
	}
	opening.engine = e
	return e, nil
}

// Version is the release of libchdb, for example 26.7.3.
func (e *Engine) Version() string {
	return e.lib.version()
}

// Close cancels what still runs, waits for it, and closes every connection; another folder can then be opened.
func (e *Engine) Close() error {
	e.once.Do(func() {
		e.mu.Lock()
		e.closed = true
		e.mu.Unlock()
		e.cancel(ErrClosed)
		for range poolSize { // a slot comes back when its statement has left the engine
			e.slots <- struct{}{}
		}
		for _, s := range e.idle {
			s.close()
		}
		e.idle = nil
		e.controlMu.Lock()
		e.control.close()
		e.controlMu.Unlock()
		opening.Lock()
		opening.engine = nil
		opening.Unlock()
	})
	return nil
}

// acquire takes a connection out of the pool; give it back with release. A read-only one has its settings from its
// beginning on, so another's does not fit.
func (e *Engine) acquire(ctx context.Context, settings map[string]string) (*session, error) {
	select {
	case <-e.ctx.Done(): // a closed engine first: its slots are free while Close collects them
		return nil, ErrClosed
	default:
	}
	select {
	case e.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a connection to the engine: %w", context.Cause(ctx))
	case <-e.ctx.Done():
		return nil, ErrClosed
	}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		<-e.slots
		return nil, ErrClosed
	}
	var spare *session
	for i := len(e.idle) - 1; i >= 0; i-- {
		if s := e.idle[i]; e.limits == nil || maps.Equal(s.settings, settings) {
			e.idle = append(e.idle[:i], e.idle[i+1:]...)
			e.mu.Unlock()
			return s, nil
		}
	}
	if len(e.idle) >= poolSize {
		spare, e.idle = e.idle[0], e.idle[1:]
	}
	e.mu.Unlock()
	if spare != nil {
		spare.close()
	}
	s, err := e.connect(settings)
	if err != nil {
		<-e.slots
		return nil, err
	}
	return s, nil
}

func (e *Engine) release(s *session) {
	if s.retired {
		s.close()
	} else {
		e.mu.Lock()
		e.idle = append(e.idle, s)
		e.mu.Unlock()
	}
	<-e.slots
}

// kill stops the statement of the marked connection. It comes from another connection, because the marked one
// is busy inside the library.
func (e *Engine) kill(mark string) {
	e.controlMu.Lock()
	defer e.controlMu.Unlock()
	// An error leaves the statement running, and the caller asks again.
	_, _ = e.control.read("KILL QUERY WHERE Settings['log_comment'] = "+quote(mark)+" ASYNC", "TSV", nil)
}
