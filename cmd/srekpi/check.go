package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest"
	schema "github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/chdb"
	"github.com/srekpi/srekpi/sql/model"
	"github.com/srekpi/srekpi/sql/warehouse"
)

func checkCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "check",
		Short: "Try config, engine and sources without changing anything; print what to mend",
		Long: `Try config, engine and sources without changing anything. The sources are read into
a warehouse that is thrown away, so that what check says of them is what run would do.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := configs.Load(path)
			if err != nil {
				return err
			}
			return check(c.Context(), cfg, c.OutOrStdout())
		},
	}
	configFlag(c, &path)
	return c
}

func check(ctx context.Context, cfg *configs.Config, out io.Writer) (err error) {
	fmt.Fprintf(out, "config   ok: %s, %s, zone %s, weeks end %s\n", cfg.File(), plural(uint64(len(cfg.Sources)), "source", "sources"), cfg.Timezone, cfg.Weekly.Ends)
	library, err := chdb.Find(cfg.Warehouse.Library)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "engine   ok: %s\n", library)

	dir, err := os.MkdirTemp("", "srekpi-check-")
	if err != nil {
		return fmt.Errorf("make a folder for the trial: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	wh, err := warehouse.OpenWriter(ctx, warehouse.Options{URL: "chdb://" + dir, Library: cfg.Warehouse.Library, Schema: schema.Schema()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wh.Close()) }()

	result, err := ingest.Ingest(ctx, wh, cfg, ingest.Options{Now: now})
	if err != nil {
		return err
	}
	models, err := model.Load(schema.Models())
	if err != nil {
		return err
	}
	feeds, err := model.Feeds(ctx, wh, cfg, models)
	if err != nil {
		return err
	}
	if _, err := model.Stage(ctx, wh, feeds, false); err != nil {
		return err
	}
	bad, failed := 0, 0
	for _, s := range result.Sources {
		if s.Err != nil {
			bad++
			failed++
			fmt.Fprintf(out, "source   %s: FAILED: %v\n", s.Name, s.Err)
			continue
		}
		coverage, err := model.CoverageOf(ctx, wh, s.Name, s.Entity)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "source   %s: %s in %s\n", s.Name, plural(s.Records, s.Entity+" record", s.Entity+" records"), plural(uint64(s.Files), "file", "files"))
		for _, w := range s.Warnings {
			fmt.Fprintf(out, "         warning: %s\n", w)
		}
		coverage.Write(out, cfg.Source(s.Name))
		if coverage.Quarantined > 0 {
			bad++
		}
	}
	if failed == len(result.Sources) {
		return fmt.Errorf("no source can be read, see above")
	}
	if bad > 0 {
		return &partialError{fmt.Sprintf("%s mending, see above", plural(uint64(bad), "source needs", "sources need"))}
	}
	fmt.Fprintln(out, "Next: srekpi run")
	return nil
}
