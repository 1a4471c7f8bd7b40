package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/ingest"
)

func ingestCommand() *cobra.Command {
	var path string
	var full bool
	c := &cobra.Command{
		Use:   "ingest",
		Short: "Read all sources and land their records as received",
		Long: `Read all sources and land their records as received. A file that was read
before and has not changed is skipped; --full reads everything again.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			return writing(c.Context(), path, c.ErrOrStderr(), func(ws *workspace) error {
				return ws.ingest(c.Context(), full)
			})
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&full, "full", false, "read unchanged files again as well")
	return c
}

// ingest lands what the sources have. A *partialError means that some of it is
// missing and the rest is landed.
func (ws *workspace) ingest(ctx context.Context, full bool) error {
	bars := newProgress(ws.log)
	result, err := ingest.Ingest(ctx, ws.wh, ws.cfg, ingest.Options{Now: now, Full: full, Progress: bars.show})
	bars.end()
	if err != nil {
		return err
	}
	var failed, partial []string
	var errs []error
	for _, s := range result.Sources {
		line := fmt.Sprintf("ingest     %-20s %s", s.Name, plural(s.Records, s.Entity+" record", s.Entity+" records"))
		if s.Unchanged > 0 {
			line += fmt.Sprintf(", %d of %s unchanged", s.Unchanged, plural(uint64(s.Files), "file", "files"))
		}
		if s.Quarantined > 0 {
			line += fmt.Sprintf(", %d quarantined", s.Quarantined)
		}
		ws.say("%s", line)
		for _, w := range s.Warnings {
			ws.say("  warning: %s", w)
		}
		if s.Err != nil {
			failed = append(failed, s.Name)
			errs = append(errs, fmt.Errorf("source %s: %w", s.Name, s.Err))
			ws.say("  failed: %v", s.Err)
		}
		if s.NewlyQuarantined > 0 {
			partial = append(partial, fmt.Sprintf("newly quarantined: %s of %s that cannot be read", plural(s.NewlyQuarantined, "row", "rows"), s.Name))
		}
	}
	if len(failed) > 0 && len(failed) == len(result.Sources) {
		return fmt.Errorf("no source succeeded: %w", errors.Join(errs...))
	}
	if len(failed) > 0 {
		partial = append([]string{plural(uint64(len(failed)), "source", "sources") + " failed: " + strings.Join(failed, ", ")}, partial...)
	}
	if len(partial) > 0 {
		return &partialError{strings.Join(partial, "; ")}
	}
	return nil
}

// writing opens the warehouse to change it, does the work, publishes the read
// copy and closes.
func writing(ctx context.Context, path string, log io.Writer, work func(*workspace) error) (err error) {
	ws, err := openWriter(ctx, path, log)
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
	if failed := ws.wh.Publish(context.WithoutCancel(ctx)); failed != nil {
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
