package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/sql/model"
)

func transformCommand() *cobra.Command {
	var path, asOf string
	var full bool
	c := &cobra.Command{
		Use:   "transform",
		Short: "Compute the models from what has landed, and publish them as one set",
		Args:  exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			return writing(c.Context(), path, c.ErrOrStderr(), func(ws *workspace) error {
				at, err := moment(asOf, ws.cfg.Location())
				if err != nil {
					return err
				}
				return ws.transform(c.Context(), at, full)
			})
		},
	}
	configFlag(c, &path)
	asOfFlag(c, &asOf)
	c.Flags().BoolVar(&full, "full", false, "stage every record again, not only new ones")
	return c
}

// transform stages new records and builds all models as of a moment.
func (ws *workspace) transform(ctx context.Context, asOf time.Time, full bool) error {
	cfg, err := ws.anonymous(ctx)
	if err != nil {
		return err
	}
	feeds, err := model.Feeds(ctx, ws.wh, cfg, ws.models)
	if err != nil {
		return err
	}
	var staged []model.Staged
	// A feed takes a run in whole, so what a lost connection cut short is taken again.
	if err := ws.wh.Retry(ctx, func(int) (err error) {
		staged, err = model.Stage(ctx, ws.wh, feeds, full)
		return err
	}); err != nil {
		return err
	}
	var partial []string
	for _, s := range staged {
		if s.Quarantined > 0 {
			ws.tally.quarantined += s.Quarantined
			partial = append(partial, fmt.Sprintf("newly quarantined: %s of %s that cannot be converted", plural(s.Quarantined, "record", "records"), s.Source))
		}
	}
	started := now()
	var built *model.Published
	if err := ws.wh.Retry(ctx, func(try int) (err error) {
		built, err = model.Build(ctx, ws.wh, ws.models, model.BuildOptions{AsOf: asOf, Inputs: inputs(cfg, ws.models, feeds), Queries: *ws.queries, Now: now, Try: try, Reuse: !full})
		return err
	}); err != nil {
		return err
	}
	took := now().Sub(started).Seconds()
	ws.tally.build = built
	says := "build %d: %d tables as of %s, definition %s, %.1f s"
	if built.Stands {
		says = "nothing new, build %d stands: %d tables as of %s, definition %s, %.1f s"
	}
	ws.log.Info(fmt.Sprintf(says, built.ID, built.Models,
		asOf.In(ws.cfg.Location()).Format("2006-01-02 15:04 MST"), built.Definition, took),
		logStage, "transform", "build", built.ID, "tables", built.Models, "as_of", asOf.UTC(), "definition", built.Definition, "new", !built.Stands, "seconds", took)
	if err := ws.retain(ctx, feeds); err != nil {
		return err
	}
	if len(partial) > 0 {
		return &partialError{strings.Join(partial, "; ") + "; see `srekpi sql \"SELECT source, file, line, reason FROM quarantine\"`"}
	}
	return nil
}
