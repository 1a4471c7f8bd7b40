package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// readFile reads a file from a position on and lands it page by page. The next
// page is read while one lands. It returns the position that was reached; the
// error is one that ends the run, while what is wrong with the file is added to
// the result.
func (s *fileSource) readFile(ctx context.Context, f file, from position) (position, error) {
	osFile, err := os.Open(f.path)
	if err != nil {
		s.fault(f, err)
		return from, nil
	}
	defer osFile.Close()
	disk := newHashed(contextReader{ctx, osFile})

	free, full := make(chan *page, len(s.pages)), make(chan *page)
	for i := range s.pages {
		free <- &s.pages[i]
	}
	// Reading stops early when landing fails.
	reading, stop := context.WithCancel(ctx)
	defer stop()
	broken := make(chan error, 1)
	go func() {
		defer close(full)
		broken <- s.fill(reading, f, disk, from, free, full)
	}()

	reached, before := from, s.result.Records+s.result.Quarantined
	s.found = nil
	if from.Rows == 0 {
		s.found = map[mistake]bool{}
	}
	var fatal error
	for p := range full {
		if fatal == nil {
			if fatal = s.land(ctx, f, p, &reached); fatal != nil {
				stop()
			}
		}
		free <- p
	}
	s.result.Bytes += uint64(disk.n)
	err = <-broken
	switch {
	case fatal != nil:
		return reached, fmt.Errorf("ingest %s: %s: land a page: %w; nothing is lost: run it again once the warehouse takes rows", s.Name, f.stream, fatal)
	case ctx.Err() != nil:
	case errors.Is(err, errEmpty), err == nil && from.Rows == 0 && s.result.Records+s.result.Quarantined == before:
		s.warnEmpty(f)
	case err != nil:
		s.fault(f, err)
	}
	return reached, nil
}

// fill reads a file into pages, the last of which says that the file is done.
// The error is what is wrong with the file.
func (s *fileSource) fill(ctx context.Context, f file, disk *hashed, from position, free, full chan *page) error {
	next, err := s.records(f, disk)
	if err != nil && !errors.Is(err, errEmpty) {
		return err
	}
	more, rows := err == nil, uint64(0)
	empty := err
	skipped := <-free
	skipped.reset()
	for more && rows < from.Rows && ctx.Err() == nil {
		if skipped.full() {
			skipped.reset()
		}
		if more, err = next(skipped); more {
			rows++
		}
	}
	free <- skipped
	for ctx.Err() == nil {
		p := <-free
		p.reset()
		for more && !p.full() {
			if p.rows%256 == 0 && ctx.Err() != nil {
				return nil // half a page is no page
			}
			more, err = next(p)
		}
		rows += p.rows
		if !more && (err == nil || errors.Is(err, errEmpty)) {
			// The rest belongs to the hash: what follows a gzip stream, for one.
			_, err = io.Copy(io.Discard, disk)
		}
		if ctx.Err() != nil {
			return nil
		}
		p.position = position{SHA256: disk.hex(), Size: disk.n, Rows: rows, Done: !more && err == nil}
		full <- p
		if !more {
			return errors.Join(err, empty)
		}
	}
	return nil
}

// land stores one page, its bad rows and then the position. A page that is
// begun is finished even when ctx ends: it takes a moment, and leaves no doubt
// about what is stored.
func (s *fileSource) land(ctx context.Context, f file, p *page, reached *position) error {
	ctx = context.WithoutCancel(ctx)
	if err := s.insert(ctx, p, s.Name, s.Entity, s.seq()); err != nil {
		return err
	}
	s.counter += uint64(p.landed())
	s.result.Records += uint64(p.landed())
	fresh, err := s.quarantine(ctx, f.stream, p.bad)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	s.result.Quarantined += uint64(len(p.bad))
	s.result.NewlyQuarantined += fresh
	p.position.Begin, p.position.End, p.position.Way = reached.Begin, s.seq(), s.way
	if p.position.Stale = reached.Stale; p.position.Stale && p.position.Done {
		if err := s.forget(ctx, f.stream, reached.Begin); err != nil {
			return fmt.Errorf("remove what the former mapping landed: %w", err)
		}
		p.position.Stale = false
	}
	if p.position.Done && s.found != nil {
		if err := s.mend(ctx, f.stream); err != nil {
			return fmt.Errorf("release what was mended: %w", err)
		}
	}
	if err := s.move(ctx, f.stream, p.position); err != nil {
		return fmt.Errorf("move the position: %w", err)
	}
	*reached = p.position
	if s.o.Progress != nil {
		s.o.Progress(Progress{Source: s.Name, File: f.stream, Records: s.result.Records, Bytes: s.dealt + min(p.position.Size, f.size), Total: s.total})
	}
	return nil
}
