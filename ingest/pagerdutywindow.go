package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	pagerdutyLimit  = 100                  // records on a page, at most
	pagerdutyReach  = 10_000               // no list can be paged beyond it
	pagerdutyWindow = 179 * 24 * time.Hour // the vendor allows six months
)

// walk is how far a list has been read that is asked for by time. The list is
// read in windows of time, each of which is small enough to be paged through.
type walk struct {
	At     time.Time     `json:"at"`               // where the window begins
	Until  time.Time     `json:"until"`            // where the list ends
	Width  time.Duration `json:"width,omitempty"`  // of a window; zero: the widest
	Offset int           `json:"offset,omitempty"` // in the window
}

func (w walk) end() time.Time {
	if end := w.At.Add(w.Width); end.Before(w.Until) {
		return end
	}
	return w.Until
}

// narrow makes the window so small that of n records, spread evenly, a tenth less
// than what can be reached is in it. n below 0: nobody knows how many there are.
func (w *walk) narrow(n int) bool {
	const aim = pagerdutyReach * 9 / 10
	parts := 4
	if n >= 0 {
		parts = max(2, (n+aim-1)/aim)
	}
	whole := w.end().Sub(w.At)
	w.Width, w.Offset = max(time.Second, (whole/time.Duration(parts)).Truncate(time.Second)), 0
	return w.Width < whole
}

// windows is a list that is read in windows of time. ask fetches a page of one.
// Both ends of a window are always asked for: the vendor's defaults differ from
// list to list.
type windows struct {
	path   string
	widest time.Duration
	ahead  int // pages that are fetched at once
	ask    func(ctx context.Context, since, until time.Time, offset int) (*listing, error)
}

// read reads the list on from w. take gets the records of each page, in order,
// with the walk behind them.
func (l windows) read(ctx context.Context, w walk, take func(records []glance, behind walk) error) error {
	if w.Width <= 0 || w.Width > l.widest {
		w.Width = l.widest
	}
	for w.At.Before(w.Until) {
		behind, err := l.window(ctx, w, take)
		if err != nil {
			return err
		}
		w = behind
	}
	return nil
}

// window reads one window to its end, or as far as it turns out to be too wide.
func (l windows) window(ctx context.Context, w walk, take func([]glance, walk) error) (walk, error) {
	since, until := w.At, w.end()
	fetching, stop := context.WithCancel(ctx)
	pages := fetchAhead{fetch: func(offset int) (*listing, error) { return l.ask(fetching, since, until, offset) }}
	defer pages.drain()
	defer stop()
	var before map[string]bool
	for {
		p, err := pages.get(w.Offset)
		if err != nil {
			return w, err
		}
		behind := w
		if p.more {
			behind.Offset += p.step()
		} else {
			behind.At, behind.Offset = until, 0
			if w.Offset < pagerdutyReach/4 {
				behind.Width = min(l.widest, 2*w.Width)
			}
		}
		// Where the server tells no total, the end of its reach does.
		if w.Offset == 0 && p.total > pagerdutyReach-pagerdutyLimit || behind.Offset+pagerdutyLimit > pagerdutyReach {
			if !w.narrow(p.total) {
				return w, fmt.Errorf("GET %s: it holds more than %d records of the one second at %s, and shows no more of them", l.path, pagerdutyReach, pagerdutyTime(w.At))
			}
			return w, nil
		}
		if w.Offset == 0 && p.more {
			for offset := behind.Offset; offset < p.total; offset += p.step() {
				pages.plan = append(pages.plan, offset)
			}
		}
		pages.start(l.ahead)
		if before, err = fresh(p, before); err != nil {
			return w, fmt.Errorf("GET %s: %w", l.path, err)
		}
		if err := take(p.records, behind); err != nil || !p.more {
			return behind, err
		}
		w = behind
	}
}

// fetchAhead fetches pages of one window before they are needed.
type fetchAhead struct {
	fetch   func(offset int) (*listing, error)
	plan    []int // offsets of the pages to come, as far as they are known
	running []fetched
}

type fetched struct {
	offset int
	answer chan answered
}

type answered struct {
	page *listing
	err  error
}

// start keeps n pages under way.
func (f *fetchAhead) start(n int) {
	for len(f.running) < n && len(f.plan) > 0 {
		next := fetched{f.plan[0], make(chan answered, 1)}
		f.plan = f.plan[1:]
		f.running = append(f.running, next)
		go func() {
			page, err := f.fetch(next.offset)
			next.answer <- answered{page, err}
		}()
	}
}

// get waits for a page. One that was not planned is fetched now.
func (f *fetchAhead) get(offset int) (*listing, error) {
	if len(f.running) == 0 || f.running[0].offset != offset {
		return f.fetch(offset)
	}
	a := <-f.running[0].answer
	f.running = f.running[1:]
	return a.page, a.err
}

// drain waits for what is still under way.
func (f *fetchAhead) drain() {
	for _, r := range f.running {
		<-r.answer
	}
}

// fresh refuses a page that holds nothing but what the page before it held: a
// server that pays no heed to the offset would be read for ever.
func fresh(l *listing, before map[string]bool) (map[string]bool, error) {
	seen, repeats := make(map[string]bool, len(l.records)), before != nil && len(l.records) > 0
	for i := range l.records {
		id := l.records[i].id
		seen[id] = true
		repeats = repeats && before[id]
	}
	if repeats {
		return nil, errors.New("the server repeats a page instead of sending the next; run it again later: it goes on where it stopped")
	}
	return seen, nil
}
