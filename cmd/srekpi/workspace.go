package main

import (
	"context"
	"fmt"
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

// options are where the config's warehouse is and how to reach it. What is said
// of lost connections goes to the log on out.
func options(ctx context.Context, cfg *configs.Config, out io.Writer) (warehouse.Options, error) {
	o := warehouse.Options{URL: cfg.Warehouse.URL, Base: cfg.Dir(), Library: cfg.Warehouse.Library, Schema: schema.Schema(), Cluster: cfg.Warehouse.Cluster}
	log := logOf(ctx).logger(out)
	o.Notice = func(text string) { log.Warn(text) }
	t := cfg.Warehouse.TLS
	o.TLS.ServerName = t.ServerName
	for path, to := range map[string]*string{t.CAFile: &o.TLS.CAFile, t.CertFile: &o.TLS.CertFile, t.KeyFile: &o.TLS.KeyFile} {
		if path != "" {
			*to = cfg.Resolve(path)
		}
	}
	var err error
	if o.Password, err = cfg.WarehousePassword(); err != nil {
		return o, fmt.Errorf("open warehouse: %w", err)
	}
	return o, nil
}

// configured loads the config, and gives the options of its warehouse.
func configured(ctx context.Context, path string, out io.Writer) (*configs.Config, warehouse.Options, error) {
	cfg, err := configs.Load(path)
	if err != nil {
		return nil, warehouse.Options{}, err
	}
	o, err := options(ctx, cfg, out)
	return cfg, o, err
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
	cfg, o, err := configured(ctx, path, out)
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
	wh, err := how(ctx, o)
	if err != nil {
		return nil, err
	}
	return &workspace{cfg: cfg, models: models, queries: queries, wh: wh, out: out, log: logOf(ctx).logger(out), tally: &tally{}}, nil
}
