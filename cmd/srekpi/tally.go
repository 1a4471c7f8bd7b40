package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest"
	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/sql/model"
)

// tally is what the stages of a run did, for its last line and for monitoring.
type tally struct {
	sources       []ingest.SourceResult
	quarantined   uint64 // newly, by staging
	build         *model.Published
	edition       *metrics.Edition
	pages, issued int
	mu            sync.Mutex // pages are written side by side
}

// wrote counts a page.
func (t *tally) wrote(issued bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pages++
	if issued {
		t.issued++
	}
}

// The words of a run's status, by its exit code.
var statuses = map[int]string{exitDone: "done", exitFailed: "failed", exitUsage: "failed", exitPartial: "partial", exitLocked: "locked"}

// summary is how a run ended.
type summary struct {
	*tally
	exit           int
	started, ended time.Time
}

// told calls a run with a tally to fill, and then tells how it ended: in a last
// line of the log, and in the textfile that the config names.
func told(ctx context.Context, path string, log *slog.Logger, run func(*tally) error) error {
	s := summary{tally: &tally{}, started: now()}
	err := run(s.tally)
	s.exit, s.ended = codeOf(ctx, err), now()
	s.log(log)
	if s.exit == exitLocked {
		return err // the one that holds the lock tells how it ends
	}
	cfg, unread := configs.Load(path)
	if unread != nil || cfg.Monitoring.Textfile == "" {
		return err
	}
	if failed := s.writeTextfile(cfg.Resolve(cfg.Monitoring.Textfile)); failed != nil {
		failed = fmt.Errorf("tell monitoring: %w; let this user write to the folder of monitoring.textfile", failed)
		var partial *partialError
		switch {
		case err == nil:
			return &partialError{failed.Error()}
		case errors.As(err, &partial):
			return &partialError{partial.what + "; " + failed.Error()}
		}
		return errors.Join(err, failed)
	}
	return err
}

// counts adds up what the sources delivered.
func (t *tally) counts() (records, quarantined uint64, failed int) {
	quarantined = t.quarantined
	for _, s := range t.sources {
		records += s.Records
		quarantined += s.NewlyQuarantined
		if s.Err != nil {
			failed++
		}
	}
	return records, quarantined, failed
}

// log writes the summary: key=value in the text, and each as an attribute.
// A key is never renamed: monitoring reads them.
func (s summary) log(log *slog.Logger) {
	records, quarantined, failed := s.counts()
	attrs := []any{
		"status", statuses[s.exit], "exit", s.exit, "seconds", s.ended.Sub(s.started).Round(100 * time.Millisecond).Seconds(),
		"sources", len(s.sources), "sources_failed", failed, "records", records, "newly_quarantined", quarantined,
	}
	if s.build != nil {
		attrs = append(attrs, "build", s.build.ID, "definition", s.build.Definition)
	}
	if s.edition != nil {
		attrs = append(attrs, "data_as_of", s.edition.DataAsOf.UTC().Format(time.RFC3339))
	}
	attrs = append(attrs, "pages", s.pages, "issued", s.issued)
	var line strings.Builder
	for i := 0; i < len(attrs); i += 2 {
		fmt.Fprintf(&line, " %s=%v", attrs[i], attrs[i+1])
	}
	log.Info(strings.TrimSpace(line.String()), append([]any{logStage, "summary"}, attrs...)...)
}
