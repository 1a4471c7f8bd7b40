package ingest

import (
	"context"
	"fmt"
	"time"
)

// censusFeed is the stream whose mark says when the last census was complete.
const censusFeed = "census"

// censusDue says whether this run does a census. A source that has none yet is
// counted from its first complete sync, which saw all that there was.
func (s *apiSource) censusDue(ctx context.Context) (bool, error) {
	if s.o.Sample > 0 || s.o.Census || s.o.CensusAfter <= 0 {
		return s.o.Census && s.o.Sample == 0, nil
	}
	f := &feed{apiSource: s, name: censusFeed}
	if err := f.load(ctx); err != nil {
		return false, err
	}
	last := f.at.Mark
	if last.IsZero() {
		row := s.w.QueryRow(ctx, "SELECT min(covers_to) FROM sync_runs FINAL WHERE source = ? AND status = ?", s.Name, complete)
		var first *time.Time
		if err := row.Scan(&first); err != nil {
			return false, &landingError{fmt.Errorf("look up the first complete run: %w", err)}
		}
		if first == nil {
			return false, nil
		}
		last = *first
	}
	return s.now.Sub(last) > s.o.CensusAfter, nil
}

// counted remembers that a census is complete.
func (s *apiSource) counted(ctx context.Context, way string, reach time.Time) error {
	f := &feed{apiSource: s, name: censusFeed}
	if err := f.move(ctx, feedPosition{Way: way, Reach: reach, Mark: s.now}); err != nil {
		return &landingError{err}
	}
	return nil
}

// brakeFrom is how many records a source must have before a census that takes
// most of them away is doubted.
const brakeFrom = 20

// brake doubts a census that takes most away: a right that the token has lost
// looks the same as a great deletion. shown is what the source shows, known what
// has landed of the range that was asked for.
func (s *apiSource) brake(what string, shown, known, gone int) error {
	if s.o.Full || gone == 0 || shown > 0 && (known < brakeFrom || 2*gone <= known) {
		return nil
	}
	return &brakedError{fmt.Sprintf("%d of %d %s are not shown any more; if that is right, run ingest --census --full", gone, known, what)}
}

// brakedError is a census that is not believed. All else of the source is right.
type brakedError struct{ text string }

func (e *brakedError) Error() string { return e.text }
