package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// feed is one stream of an API's records. It has two marks. The cursor, inside
// one sync, moves after each landed page. The watermark is set to where the sync
// began, by the source's clock, and only once the sync is complete: never to the
// newest record that was seen.
type feed struct {
	*apiSource
	name string
	at   feedPosition

	full    *page // the page that is being filled
	cursor  json.RawMessage
	landing chan error // the page before it, while it lands
	landed  int        // records, in this run
}

// feedPosition is how far a feed has been read.
type feedPosition struct {
	Way    string          `json:"way"`            // what is asked for: another question is asked anew
	Reach  time.Time       `json:"reach"`          // nothing that changed since then is missing …
	Mark   time.Time       `json:"mark,omitzero"`  // … up to then. Zero: the first sync is not through
	Begun  time.Time       `json:"begun,omitzero"` // when the sync that is under way began; zero: none is
	From   time.Time       `json:"from,omitzero"`  // what it asks for changed since then
	Cursor json.RawMessage `json:"cursor,omitempty"`
}

// overlap is how far a sync asks back before the watermark: for what the source
// shows late, and for clocks that do not agree.
const overlap = 10 * time.Minute

// tokenLife is how long the cursor of an unfinished sync is trusted.
const tokenLife = 6 * 24 * time.Hour

// errSampled ends a feed of which enough was seen.
var errSampled = errors.New("enough is seen")

// record is what a feed lands.
type record struct {
	Entity  string
	ID      string
	Version time.Time // that the source states; zero: none
	Payload []byte
	Gone    bool // a tombstone
}

// sync brings a feed up to the start of this run. pull fetches what changed
// since from, or goes on at cursor (nil: at the beginning), and calls land for
// what it has, with the cursor behind it. A sync that an earlier run did not
// finish is finished first.
func (s *apiSource) sync(ctx context.Context, name, way string, pull func(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error) error {
	way = s.forgotten.Text(way) // as it is stored: a query may name people
	f := &feed{apiSource: s, name: name}
	s.feeds = append(s.feeds, f)
	if err := f.load(ctx); err != nil {
		return err
	}
	if f.at.Way != way && !f.at.Reach.IsZero() && len(s.feeds) == 1 && !s.sweeps && s.o.Sample == 0 {
		s.result.Warnings = append(s.result.Warnings, s.Name+": what is asked for changed since the last run: records that it leaves out now stay until `srekpi ingest --census`")
	}
	if f.at.Way != way || s.o.Full {
		f.at = feedPosition{Way: way, Reach: f.at.Reach}
	}
	for {
		late := f.begin()
		err := pull(ctx, f.at.From, f.at.Cursor, func(records []record, cursor json.RawMessage) error {
			return f.land(ctx, records, cursor)
		})
		if errors.Is(err, errSampled) {
			return f.flush(ctx)
		}
		if err != nil {
			// What is read already lands, also when ctx is over.
			return errors.Join(err, f.flush(context.WithoutCancel(ctx)))
		}
		if err := f.finish(ctx); err != nil || !late {
			return err
		}
	}
}

// begin decides what the sync asks for, and says whether it is one that an
// earlier run began.
func (f *feed) begin() (late bool) {
	reach := f.reach()
	wider := !f.at.Reach.IsZero() && reach.Before(f.at.Reach.Add(-24*time.Hour))
	switch {
	case !f.at.Begun.IsZero() && f.now.Sub(f.at.Begun) < tokenLife && !wider:
		return f.at.Begun.Before(f.now)
	case f.at.Mark.IsZero() || wider:
		if f.at.Reach.IsZero() || reach.Before(f.at.Reach) {
			f.at.Reach = reach
		}
		f.at.From = f.at.Reach
	default:
		f.at.From = f.at.Mark.Add(-overlap)
	}
	f.at.Begun, f.at.Cursor = f.now, nil
	return false
}

// land takes records, and stores a page when it is full. Fetching goes on while
// a page lands.
func (f *feed) land(ctx context.Context, records []record, cursor json.RawMessage) error {
	if f.full == nil {
		f.full = &f.pages[0]
		f.full.reset()
	}
	for _, r := range records {
		if f.full.full() && f.cursor != nil {
			// Only at a cursor can a page be cut: what is behind it comes again.
			if err := f.turn(ctx); err != nil {
				return err
			}
		}
		f.put(r)
		f.landed++
	}
	f.cursor = cursor
	if f.cursor == nil {
		f.cursor = json.RawMessage("null")
	}
	if f.full.full() {
		if err := f.turn(ctx); err != nil {
			return err
		}
	}
	if f.o.Sample > 0 && f.landed >= f.o.Sample {
		return errSampled
	}
	return ctx.Err()
}

// put puts a record on the page, or into quarantine when it has no id.
func (f *feed) put(r record) {
	if r.ID == "" {
		f.full.reject("", 0, "the record has no id", r.Payload)
		f.full.bad[len(f.full.bad)-1].Entity = r.Entity
		return
	}
	f.full.add(r.Entity, r.ID, r.Version, r.Payload, r.Gone)
}

// turn hands the full page to the warehouse and takes the other.
func (f *feed) turn(ctx context.Context) error {
	if err := f.wait(); err != nil {
		return err
	}
	p, at := f.full, f.at
	at.Cursor = f.cursor
	if string(at.Cursor) == "null" {
		at.Cursor = nil
	}
	f.at.Cursor = at.Cursor
	f.landing = make(chan error, 1)
	landing := f.landing
	go func() { landing <- f.store(context.WithoutCancel(ctx), p, at) }()
	f.full = &f.pages[0]
	if p == f.full {
		f.full = &f.pages[1]
	}
	f.full.reset()
	f.cursor = nil
	return nil
}

// wait is over when the page that lands has landed.
func (f *feed) wait() error {
	if f.landing == nil {
		return nil
	}
	err := <-f.landing
	f.landing = nil
	if err != nil {
		return &landingError{err}
	}
	if f.o.Progress != nil {
		f.o.Progress(Progress{Source: f.Name, File: f.name, Records: f.result.Records})
	}
	return nil
}

// flush lands what is left.
func (f *feed) flush(ctx context.Context) error {
	if f.full != nil && f.full.rows > 0 && f.cursor != nil {
		if err := f.turn(ctx); err != nil {
			return err
		}
	}
	return f.wait()
}

// finish sets the watermark to where the sync began.
func (f *feed) finish(ctx context.Context) error {
	if err := f.flush(ctx); err != nil || f.o.Sample > 0 {
		return err
	}
	f.at.Mark, f.at.Begun, f.at.From, f.at.Cursor = f.at.Begun, time.Time{}, time.Time{}, nil
	if err := f.move(ctx, f.at); err != nil {
		return &landingError{err}
	}
	return nil
}

// store lands a page, then its bad rows, then moves the position.
func (f *feed) store(ctx context.Context, p *page, at feedPosition) error {
	if err := f.shelve(ctx, p); err != nil || f.o.Sample > 0 {
		return err
	}
	return f.move(ctx, at)
}

func (f *feed) load(ctx context.Context) error {
	var rows []positionRow
	if err := f.w.Select(ctx, &rows, "SELECT source, stream, position, run_id, version FROM positions FINAL WHERE source = ? AND stream = ?", f.Name, f.name); err != nil {
		return &landingError{fmt.Errorf("read the position of %s: %w", f.name, err)}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := json.Unmarshal([]byte(rows[0].Position), &f.at); err != nil {
		f.at = feedPosition{} // only another program's: it is read anew
	}
	return nil
}

func (f *feed) move(ctx context.Context, at feedPosition) error {
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	f.moves++
	return warehouse.Insert(ctx, f.w.Conn, "positions", []positionRow{{
		Source: f.Name, Stream: f.name, Position: f.forgotten.Text(string(text)), RunID: f.id, Version: f.id<<32 | f.moves,
	}})
}
