package serve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// engines keeps one engine on the read copy that was published last.
type engines struct {
	o    Options
	data string

	mu      sync.Mutex
	current *engine
	old     *engine       // ends its queries
	why     error         // there is no current one
	changed chan struct{} // closed, and made anew, when one of these changes
	started int
}

func newEngines(o Options, data string) *engines {
	return &engines{o: o, data: data, why: errStarting, changed: make(chan struct{})}
}

var errStarting = errors.New("the engine is being started; ask again")

// lookEvery is how often it is looked whether a newer copy is published.
const lookEvery = 500 * time.Millisecond

// keep starts engines until the context ends, and then ends them.
func (s *engines) keep(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "srekpi-serve-") // 0700, and a short path, as sockets need
	if err != nil {
		return fmt.Errorf("make a folder for sockets: %w", err)
	}
	pause := time.Duration(0) // after an engine that ended by itself
	for ctx.Err() == nil {
		if s.look(ctx, folder) {
			pause = 0
		} else {
			pause = min(max(2*pause, lookEvery), 10*time.Second)
		}
		s.mu.Lock()
		current := s.current
		s.mu.Unlock()
		died := make(chan struct{})
		if current != nil {
			died = current.gone
		}
		select {
		case <-ctx.Done():
		case <-died:
		case <-time.After(max(pause, lookEvery)):
		}
	}
	s.mu.Lock()
	last := []*engine{s.current, s.old}
	s.current, s.why = nil, errors.New("the server is ending")
	s.mu.Unlock()
	for _, e := range last {
		if e != nil {
			e.stop()
		}
	}
	return os.RemoveAll(folder)
}

// look starts an engine if there is none on what is published; false says that one could not be kept.
func (s *engines) look(ctx context.Context, folder string) bool {
	published, err := warehouse.Published(s.data)
	s.mu.Lock()
	current := s.current
	if current != nil && current.ended() {
		s.say("%v", current.lost(nil))
		s.set(nil, errStarting)
		current = nil
	}
	if s.old != nil && s.old.ended() {
		s.old = nil
	}
	busy := s.old != nil
	s.mu.Unlock()
	switch {
	case err != nil: // what is open stays
		s.mu.Lock()
		s.set(current, err)
		s.mu.Unlock()
		return current != nil
	case current != nil && (current.copy == published || busy):
		return true // with an old one still busy, two more would take three times the memory
	}
	s.started++
	fresh, err := s.o.start(ctx, published, filepath.Join(folder, fmt.Sprintf("%d", s.started)))
	if err != nil {
		if ctx.Err() == nil {
			s.say("%v", err)
		}
		s.mu.Lock()
		s.set(current, err)
		s.mu.Unlock()
		return false
	}
	s.mu.Lock()
	s.old = current
	s.set(fresh, nil)
	if current != nil {
		current.retired = true
		if current.busy == 0 {
			go current.stop()
		}
	}
	s.mu.Unlock()
	s.say("answers from %s", published)
	return true
}

// set wants the lock.
func (s *engines) set(current *engine, why error) {
	if s.current != current || s.why != why {
		close(s.changed)
		s.changed = make(chan struct{})
	}
	s.current, s.why = current, why
}

func (s *engines) say(format string, args ...any) {
	if s.o.Log != nil {
		fmt.Fprintf(s.o.Log, "serve: "+format+"\n", args...)
	}
}

// take gives the current engine for one query; done gives it back.
func (s *engines) take(ctx context.Context) (e *engine, done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		s.mu.Lock()
		e, why, changed := s.current, s.why, s.changed
		if e != nil && !e.ended() {
			e.busy++
			s.mu.Unlock()
			return e, func() { s.giveBack(e) }, nil
		}
		s.mu.Unlock()
		if e == nil && why != errStarting {
			return nil, nil, why
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, nil, errStarting
		}
	}
}

func (s *engines) giveBack(e *engine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.busy--
	if e.retired && e.busy == 0 {
		go e.stop()
	}
}
