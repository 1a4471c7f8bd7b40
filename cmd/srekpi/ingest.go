package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest"
	"github.com/srekpi/srekpi/sql/forget"
)

func ingestCommand() *cobra.Command {
	var path, since string
	var o ingest.Options
	c := &cobra.Command{
		Use:   "ingest",
		Short: "Read all sources and land their records as received",
		Long: `Read all sources and land their records as received. A file that has not changed
since it was read is skipped, and an API is asked for what changed since. A first sync
that was stopped goes on where it was.

What a source has deleted it does not tell: --census asks for the ids of all that it
still shows, and takes what is gone out of the figures. Once a week is often enough.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			return writing(c.Context(), path, c.ErrOrStderr(), func(ws *workspace) error {
				if since != "" {
					at, err := configs.ParseSince(since, now())
					if err != nil {
						return usageError{fmt.Errorf("--since %w; write 400d, or 2025-01-31", err)}
					}
					o.Since = at
				}
				if err := ws.knows(o.Sources); err != nil {
					return err
				}
				return ws.ingest(c.Context(), o)
			})
		},
	}
	configFlag(c, &path)
	c.Flags().StringSliceVar(&o.Sources, "source", nil, "only this source, by its name in the config; may be repeated")
	c.Flags().StringVar(&since, "since", "", "reach further back in the APIs than before: days like 800d, or a date")
	c.Flags().BoolVar(&o.Full, "full", false, "read unchanged files, and all of the APIs' reach, again")
	c.Flags().BoolVar(&o.Census, "census", false, "also learn what the APIs do not show any more")
	return c
}

// knows refuses names of sources that are not in the config.
func (ws *workspace) knows(names []string) error {
	var known []string
	for _, s := range ws.cfg.Sources {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return usageError{fmt.Errorf("--source %s: %s has no source of this name; it has %s", name, ws.cfg.File(), strings.Join(known, ", "))}
		}
	}
	return nil
}

// ingest lands what the sources have. A *partialError means that some of it is
// missing and the rest is landed.
func (ws *workspace) ingest(ctx context.Context, o ingest.Options) error {
	bars := newProgress(ws.out, ws.log)
	o.Now, o.Progress = now, bars.show
	var result *ingest.Result
	err := ws.wh.Retry(ctx, func(int) (err error) {
		result, err = ingest.Ingest(ctx, ws.wh, ws.cfg, o)
		return err
	})
	bars.end()
	if err != nil {
		return err
	}
	ws.tally.sources = result.Sources
	if result.Forgetting {
		ws.log.Warn("forgetting somebody was not finished; run `srekpi forget` to finish it", logStage, "ingest")
	}
	var failed, partial []string
	for _, s := range result.Sources {
		line := landed(s)
		if s.Unchanged > 0 {
			line += fmt.Sprintf(", %d of %s unchanged", s.Unchanged, plural(uint64(s.Files), "file", "files"))
		}
		if s.Gone > 0 {
			line += fmt.Sprintf(", %d gone or hidden", s.Gone)
		}
		if s.Requests > 0 {
			line += "; " + plural(s.Requests, "request", "requests")
			if s.Retries > 0 {
				line += fmt.Sprintf(", %d of them a second time", s.Retries)
			}
			line += fmt.Sprintf(", %.1f MB", float64(s.Bytes)/1e6)
		}
		if s.Quarantined > 0 {
			line += fmt.Sprintf(", %d quarantined", s.Quarantined)
		}
		log := ws.log.With(logStage, "ingest", logSource, s.Name)
		log.Info(line, "records", s.Records, "gone", s.Gone, "files", s.Files, "unchanged", s.Unchanged,
			"requests", s.Requests, "retries", s.Retries, "bytes", s.Bytes, "quarantined", s.Quarantined, "newly_quarantined", s.NewlyQuarantined)
		for _, w := range s.Warnings {
			log.Warn(w)
		}
		if s.Err != nil {
			failed = append(failed, s.Name)
			log.Error(s.Err.Error())
		}
		if s.NewlyQuarantined > 0 {
			partial = append(partial, fmt.Sprintf("newly quarantined: %s of %s that cannot be read", plural(s.NewlyQuarantined, "row", "rows"), s.Name))
		}
	}
	if len(failed) > 0 && len(failed) == len(result.Sources) {
		return fmt.Errorf("no source succeeded: %s; why is said above", strings.Join(failed, ", "))
	}
	if len(failed) > 0 {
		partial = append([]string{plural(uint64(len(failed)), "source", "sources") + " failed: " + strings.Join(failed, ", ")}, partial...)
	}
	if len(partial) > 0 {
		return &partialError{strings.Join(partial, "; ")}
	}
	return nil
}

// landed says what a source has delivered, an API kind by kind.
func landed(s ingest.SourceResult) string {
	if len(s.Landed) == 0 {
		return plural(s.Records, strings.TrimSpace(s.Entity+" record"), strings.TrimSpace(s.Entity+" records"))
	}
	var parts []string
	for _, entity := range slices.SortedFunc(maps.Keys(s.Landed), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Landed[b], s.Landed[a]), cmp.Compare(a, b))
	}) {
		parts = append(parts, fmt.Sprintf("%d %s", s.Landed[entity], strings.ReplaceAll(entity, "_", " ")))
	}
	return plural(s.Records, "record", "records") + " (" + strings.Join(parts, ", ") + ")"
}

// writing opens the warehouse to change it, does the work, publishes the read
// copy and closes.
func writing(ctx context.Context, path string, out io.Writer, work func(*workspace) error) (err error) {
	ws, err := openWriter(ctx, path, out)
	if err != nil {
		return err
	}
	defer func() {
		if failed := ws.wh.Close(); failed != nil {
			err = errors.Join(failed, failure(err))
		}
	}()
	err = work(ws)
	// What was published or issued before a failure is durable, so readers must
	// see it; a build that failed its checks is in no view.
	ctx = context.WithoutCancel(ctx)
	failed := forget.DropDrafts(ctx, ws.wh) // they hold names
	if failed == nil {
		failed = ws.wh.Publish(ctx)
	}
	if failed != nil {
		return errors.Join(failed, failure(err))
	}
	return err
}

func plural(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
