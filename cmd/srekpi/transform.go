package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/metrics"
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
	feeds, err := model.Feeds(ctx, ws.wh, ws.cfg, ws.models)
	if err != nil {
		return err
	}
	staged, err := model.Stage(ctx, ws.wh, feeds, full)
	if err != nil {
		return err
	}
	var partial []string
	for _, s := range staged {
		if s.Quarantined > 0 {
			partial = append(partial, fmt.Sprintf("newly quarantined: %s of %s that cannot be converted", plural(s.Quarantined, "record", "records"), s.Source))
		}
	}
	started := now()
	inputs := append(model.ConfigInputs(ws.cfg, feeds), model.CatalogueInput(ws.models), periodsInput(ws))
	built, err := model.Build(ctx, ws.wh, ws.models, model.BuildOptions{AsOf: asOf, Inputs: inputs, Now: now})
	if err != nil {
		return err
	}
	ws.say("transform  build %d: %d tables as of %s, definition %s, %.1f s", built.ID, built.Models,
		asOf.In(ws.cfg.Location()).Format("2006-01-02 15:04 MST"), built.Definition, now().Sub(started).Seconds())
	if len(partial) > 0 {
		return &partialError{strings.Join(partial, "; ") + "; see `srekpi sql \"SELECT source, file, line, reason FROM quarantine\"`"}
	}
	return nil
}

// periodsInput is the table of weeks and months, from the earliest collected
// moment to the one that runs at as-of.
func periodsInput(ws *workspace) model.Input {
	return model.Input{
		Name: "periods", Title: "Weeks and months of the reporting zone", Grain: "one row per week and per month",
		Key: []string{"period", "period_start"}, Reads: []string{"sources"},
		Columns: []model.InputColumn{
			{Name: "period", Type: "String", Meaning: "week or month"},
			{Name: "period_start", Type: "Date", Meaning: "its first day in the reporting zone"},
			{Name: "starts_at", Type: "DateTime64(3, 'UTC')", Meaning: "its first moment"},
			{Name: "ends_at", Type: "DateTime64(3, 'UTC')", Meaning: "the first moment after it"},
			{Name: "label", Type: "String", Meaning: "how reports call it"},
		},
		Rows: func(ctx context.Context, b *model.Building) ([][]any, error) {
			var from *time.Time
			if err := b.Conn().QueryRow(ctx, "SELECT min(collected_from) FROM "+b.From("sources")).Scan(&from); err != nil {
				return nil, err
			}
			first := b.AsOf // nothing collected yet: only the running periods
			if from != nil && from.Before(first) {
				first = *from
			}
			var rows [][]any
			for _, p := range metrics.Periods(ws.cfg.Location(), ws.weekEnd(), first, b.AsOf) {
				rows = append(rows, []any{p.Kind, p.Start, p.StartsAt.UTC(), p.EndsAt.UTC(), p.Label})
			}
			return rows, nil
		},
	}
}

func (ws *workspace) weekEnd() metrics.WeekEnd {
	return metrics.WeekEnd{Day: ws.cfg.Weekly.Weekday, Offset: ws.cfg.Weekly.Offset}
}
