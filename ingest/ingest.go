package ingest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// Options say what one run reads.
type Options struct {
	Now      func() time.Time // the clock; must be set
	Sources  []string         // only these, by name; empty: all
	Full     bool             // read unchanged files as well
	Progress func(Progress)   // called after each landed page by the goroutine that called Ingest; may be nil
}

// Progress is how far a source is.
type Progress struct {
	Source  string
	File    string // below the config's folder
	Records uint64 // landed by this run from this source
	Bytes   int64  // of the source's files that are dealt with, as they lie on disk
	Total   int64  // size of all files of the source
}

// Result is what a run did, source by source in the config's order.
type Result struct {
	RunID   uint64 // of raw_records and sync_runs
	Sources []SourceResult
}

// SourceResult is what a run did for one source.
type SourceResult struct {
	Name, Entity     string
	Records          uint64   // landed
	Quarantined      uint64   // rows of this run that could not be read
	NewlyQuarantined uint64   // those of them that were not in quarantine before
	Bytes            uint64   // read, as they lie on disk
	Files            int      // that the source has
	Unchanged        int      // that needed no reading
	Warnings         []string // worth knowing, no failure
	Err              error    // why something is missing, with the next step; the rest is landed
}

// The states of a row of sync_runs.
const (
	running     = "running"
	complete    = "complete"
	failed      = "failed"
	interrupted = "interrupted"
	closed      = "closed"
)

// Ingest reads the sources of a config into a warehouse that is open for
// writing. What fails within a source is in its SourceResult. The error is for
// what ends the run: an unknown name in Options.Sources, a warehouse that does
// not take rows, or ctx; the result then says how far the run came.
func Ingest(ctx context.Context, w *warehouse.Warehouse, cfg *configs.Config, o Options) (*Result, error) {
	sources, err := chosen(cfg, o.Sources)
	if err != nil {
		return nil, err
	}
	r := &run{w: w, cfg: cfg, o: o}
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	result := &Result{RunID: r.id}
	for _, source := range sources {
		s, err := r.source(ctx, source)
		result.Sources = append(result.Sources, s)
		if err != nil {
			return result, err
		}
	}
	return result, nil
}

func chosen(cfg *configs.Config, names []string) ([]*configs.Source, error) {
	var known []string
	var sources []*configs.Source
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		known = append(known, s.Name)
		if len(names) == 0 || slices.Contains(names, s.Name) {
			sources = append(sources, s)
		}
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("ingest: %s has no source %q; it has %s", cfg.File(), name, strings.Join(known, ", "))
		}
	}
	return sources, nil
}

// source runs one source between its two rows in sync_runs. The error is one
// that ends the whole run.
func (r *run) source(ctx context.Context, source *configs.Source) (SourceResult, error) {
	s := &fileSource{
		run: r, Source: source,
		result: SourceResult{Name: source.Name, Entity: source.Entity},
	}
	row := syncRun{RunID: r.id, Source: source.Name, Entity: source.Entity, StartedAt: r.o.Now(), Status: running, Version: 1}
	if err := r.record(ctx, row); err != nil {
		s.result.Err = err
		return s.result, err
	}

	fatal := s.read(ctx)

	row.Status = complete
	switch {
	case ctx.Err() != nil:
		row.Status = interrupted
		fatal = fmt.Errorf("ingest %s: %w; run it again: it goes on where it stopped", source.Name, context.Cause(ctx))
		s.result.Err = errors.Join(s.result.Err, fatal)
	case fatal != nil:
		row.Status = failed
		s.result.Err = errors.Join(s.result.Err, fatal)
	case s.result.Err != nil:
		row.Status = failed
	}
	if s.result.Err != nil {
		row.Message = s.result.Err.Error()
	} else {
		row.Message = strings.Join(s.result.Warnings, "\n")
	}
	ended := r.o.Now()
	row.EndedAt, row.Version = &ended, 2
	row.Records, row.Quarantined, row.Bytes = s.result.Records, s.result.Quarantined, s.result.Bytes
	// The row is written even when ctx is over: else the run looks dead.
	if err := r.record(context.WithoutCancel(ctx), row); err != nil && fatal == nil {
		fatal = err
		s.result.Err = errors.Join(s.result.Err, err)
	}
	return s.result, fatal
}
