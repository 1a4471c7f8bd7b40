package main

import (
	"context"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/sql/model"
)

// inputs are the tables of a build that Go fills.
func inputs(cfg *configs.Config, models []*model.Model, feeds []model.Feed) []model.Input {
	return append(model.ConfigInputs(cfg, feeds), model.CatalogueInput(models), periodsInput(cfg))
}

// periodsInput is the table of weeks and months, from the earliest collected
// moment to the one that runs at as-of.
func periodsInput(cfg *configs.Config) model.Input {
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
			for _, p := range metrics.Periods(cfg.Location(), weekEnd(cfg), first, b.AsOf) {
				rows = append(rows, []any{p.Kind, p.Start, p.StartsAt.UTC(), p.EndsAt.UTC(), p.Label})
			}
			return rows, nil
		},
	}
}

func weekEnd(cfg *configs.Config) metrics.WeekEnd {
	return metrics.WeekEnd{Day: cfg.Weekly.Weekday, Offset: cfg.Weekly.Offset}
}
