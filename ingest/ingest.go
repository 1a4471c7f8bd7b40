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
	Now     func() time.Time // the clock; must be set
	Sources []string         // only these, by name; empty: all
	Full    bool             // read unchanged files, and all of an API's reach, as well
	Since   time.Time        // reach back to here instead of as the config says; zero: as it says
	Census  bool             // ask the APIs for the ids of all that they show, to learn what is gone

	// CensusAfter has a source of which the last census, or else the first
	// complete sync, is older than this do one. 0: only where Census says so.
	CensusAfter time.Duration

	Sample   int            // read no more than about so many records of each feed of an API, from its newest days; 0: read all
	Progress func(Progress) // called after each landed page by the goroutine that called Ingest; may be nil
}

// Progress is how far a source is.
type Progress struct {
	Source  string
	File    string // below the config's folder; of an API the feed
	Records uint64 // landed by this run from this source
	Bytes   int64  // of the source's files that are dealt with, as they lie on disk; 0 for an API
	Total   int64  // size of all files of the source; 0 for an API, which does not say
}

// Result is what a run did, source by source in the config's order.
type Result struct {
	RunID      uint64 // of raw_records and sync_runs
	Sources    []SourceResult
	Forgetting bool // what had landed before may still name somebody who was forgotten
}

// SourceResult is what a run did for one source.
type SourceResult struct {
	Name, Entity         string            // an API has several entities and states none
	Records              uint64            // landed
	Landed               map[string]uint64 // of these, by raw entity
	Gone                 uint64            // tombstones landed, which are not among the records
	Requests, Retries    uint64            // of an API; retries are among the requests
	Quarantined          uint64            // rows of this run that could not be read
	NewlyQuarantined     uint64            // those of them that were not in quarantine before
	Bytes                uint64            // read, as they lie on disk
	Files                int               // that the source has
	Unchanged            int               // that needed no reading
	Warnings             []string          // worth knowing, no failure
	Skew                 time.Duration     // of an API: its clock less ours
	coversFrom, coversTo *time.Time        // of an API: the range in which a complete run leaves nothing out
	Err                  error             // why something is missing, with the next step; the rest is landed
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
	result := &Result{RunID: r.id, Forgetting: r.forgotten.Unswept()}
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

// reader is one source in one run. What is wrong with the source is added to
// its result; the error is one that ends the run.
type reader interface {
	read(ctx context.Context) error
}

func (r *run) reader(source *configs.Source, result *SourceResult) reader {
	api := apiSource{run: r, Source: source, result: result}
	switch source.Type {
	case configs.TypeJira:
		return &jiraSource{apiSource: api}
	case configs.TypePagerDuty:
		return &pagerdutySource{apiSource: api}
	}
	return &fileSource{run: r, Source: source, result: result}
}

// source runs one source between its two rows in sync_runs. The error is one
// that ends the whole run.
func (r *run) source(ctx context.Context, source *configs.Source) (SourceResult, error) {
	result := &SourceResult{Name: source.Name, Entity: source.Entity}
	row := syncRun{RunID: r.id, Source: source.Name, Entity: source.Entity, StartedAt: r.o.Now(), Status: running, Version: 1}
	if err := r.record(ctx, row); err != nil {
		result.Err = err
		return *result, err
	}

	fatal := r.reader(source, result).read(ctx)

	row.Status = complete
	switch {
	case ctx.Err() != nil:
		row.Status = interrupted
		fatal = fmt.Errorf("ingest %s: %w; run it again: it goes on where it stopped", source.Name, context.Cause(ctx))
		result.Err = errors.Join(result.Err, fatal)
	case fatal != nil:
		row.Status = failed
		result.Err = errors.Join(result.Err, fatal)
	case result.Err != nil:
		row.Status = failed
	}
	if result.Err != nil {
		row.Message = result.Err.Error()
	} else {
		row.Message = strings.Join(result.Warnings, "\n")
	}
	ended := r.o.Now()
	row.EndedAt, row.Version = &ended, 2
	row.Records, row.Quarantined, row.Bytes = result.Records+result.Gone, result.Quarantined, result.Bytes
	row.Requests, row.Retries = result.Requests, result.Retries
	if row.Status == complete {
		row.CoversFrom, row.CoversTo = result.coversFrom, result.coversTo
	}
	// The row is written even when ctx is over: else the run looks dead.
	if err := r.record(context.WithoutCancel(ctx), row); err != nil && fatal == nil {
		fatal = err
		result.Err = errors.Join(result.Err, err)
	}
	return *result, fatal
}
