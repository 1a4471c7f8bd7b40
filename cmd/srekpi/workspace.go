package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/srekpi/srekpi/configs"
	schema "github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/model"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// workspace is what a stage works with: the config, the models, an open
// warehouse, and where to say what it does.
type workspace struct {
	cfg     *configs.Config
	models  []*model.Model
	queries *model.Queries // what stands beside the models for analysts
	wh      *warehouse.Warehouse
	out     io.Writer // standard error
	log     *slog.Logger
	tally   *tally // of a run: what its stages did
}

func options(cfg *configs.Config) warehouse.Options {
	return warehouse.Options{URL: cfg.Warehouse.URL, Base: cfg.Dir(), Library: cfg.Warehouse.Library, Schema: schema.Schema()}
}

// openWriter loads the config and opens its warehouse to change it.
func openWriter(ctx context.Context, path string, out io.Writer) (*workspace, error) {
	return open(ctx, path, out, warehouse.OpenWriter)
}

// openReader loads the config and opens what was published last.
func openReader(ctx context.Context, path string, out io.Writer) (*workspace, error) {
	return open(ctx, path, out, warehouse.OpenReader)
}

func open(ctx context.Context, path string, out io.Writer, how func(context.Context, warehouse.Options) (*warehouse.Warehouse, error)) (*workspace, error) {
	cfg, err := configs.Load(path)
	if err != nil {
		return nil, err
	}
	models, err := model.Load(schema.Models())
	if err != nil {
		return nil, err
	}
	queries, err := model.LoadQueries(schema.Queries())
	if err != nil {
		return nil, err
	}
	wh, err := how(ctx, options(cfg))
	if err != nil {
		return nil, err
	}
	return &workspace{cfg: cfg, models: models, queries: queries, wh: wh, out: out, log: logOf(ctx).logger(out), tally: &tally{}}, nil
}
