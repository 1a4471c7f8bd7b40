package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest"
	"github.com/srekpi/srekpi/metrics"
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
		Long: `Try config, engine and sources without changing anything. Files are read whole, and of
an API a sample of its last 30 days, into a warehouse that is thrown away, so that what
check says of them is what run would do. Last it says what the rules of the config leave
open in what was read: work that none classes, incidents without a target, likely twins.`,
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

// sampled is how many records of each feed of an API are enough to see how the
// mapping fits.
const sampled = 500

func check(ctx context.Context, cfg *configs.Config, out io.Writer) (err error) {
	fmt.Fprintf(out, "config   ok: %s, %s, zone %s, weeks end %s\n", cfg.File(), plural(uint64(len(cfg.Sources)), "source", "sources"), cfg.Timezone, cfg.Weekly.Ends)
	if err := checkServer(ctx, cfg, out); err != nil {
		return err
	}
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

	result, err := ingest.Ingest(ctx, wh, cfg, ingest.Options{Now: now, Sample: sampled})
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
		src := cfg.Source(s.Name)
		if src.API() {
			fmt.Fprintf(out, "source   %s: a sample of the last 30 days: %s\n", s.Name, landed(s))
			if skew := s.Skew.Round(time.Second); skew.Abs() > time.Minute {
				fmt.Fprintf(out, "         its clock and this machine's are %s apart; its own is used, but set this one right\n", metrics.Duration(skew.Abs().Seconds()))
			}
		} else {
			fmt.Fprintf(out, "source   %s: %s in %s\n", s.Name, plural(s.Records, s.Entity+" record", s.Entity+" records"), plural(uint64(s.Files), "file", "files"))
		}
		for _, w := range s.Warnings {
			fmt.Fprintf(out, "         warning: %s\n", w)
		}
		held, err := cover(ctx, wh, src, out)
		if err != nil {
			return err
		}
		if held {
			bad++
		}
	}
	if failed == len(result.Sources) {
		return fmt.Errorf("no source can be read, see above")
	}
	if err := fit(ctx, wh, cfg, models, feeds, out); err != nil {
		return err
	}
	if bad > 0 {
		return &partialError{fmt.Sprintf("%s mending, see above", plural(uint64(bad), "source needs", "sources need"))}
	}
	fmt.Fprintln(out, "All sources can be read. Look through what is said above of mapping and rules; then: srekpi run")
	return nil
}

// checkServer tries the server of warehouse.url; there is none for the engine in
// the process.
func checkServer(ctx context.Context, cfg *configs.Config, out io.Writer) error {
	o, err := options(ctx, cfg, out)
	if err != nil {
		return err
	}
	s, err := warehouse.TryServer(ctx, o)
	if s == nil || err != nil {
		return err
	}
	switch {
	case len(s.Missing) == 0 && s.Exists:
		fmt.Fprintf(out, "server   ok: ClickHouse %s, %s, this user may write\n", s.Version, s.Place)
	case len(s.Missing) == 0:
		fmt.Fprintf(out, "server   ok: ClickHouse %s, %s is not there yet and this user may create it\n", s.Version, s.Place)
	case s.Reads && s.Exists:
		fmt.Fprintf(out, "server   ClickHouse %s, %s: this user may read it and not write; for run, ingest and transform it lacks %s: see configs/deploy/grants\n",
			s.Version, s.Place, strings.Join(s.Missing, "; "))
	default:
		return fmt.Errorf("the user of warehouse.url lacks rights on ClickHouse %s, %s: %s; grant them as configs/deploy/grants shows", s.Version, s.Place, strings.Join(s.Missing, "; "))
	}
	return nil
}

// cover prints how well a source's mapping fits its records, and says whether
// some of them cannot be read.
func cover(ctx context.Context, wh *warehouse.Warehouse, src *configs.Source, out io.Writer) (held bool, err error) {
	for _, entity := range src.Entities() {
		coverage, err := model.CoverageOf(ctx, wh, src, entity)
		if err != nil {
			return false, err
		}
		coverage.Write(out, src)
		held = held || coverage.Quarantined > 0
	}
	if !src.API() {
		return held, nil
	}
	if src.Type == configs.TypeJira {
		roles, err := model.RolesOf(ctx, wh, src)
		if err != nil {
			return false, err
		}
		roles.Write(out, src)
	}
	gaps, err := model.GapsOf(ctx, wh, src)
	if err != nil {
		return false, err
	}
	gaps.Write(out, src)
	return gaps.Quarantined > 0, nil
}

// fit prints how the rules of the config fit the records that were read.
func fit(ctx context.Context, wh *warehouse.Warehouse, cfg *configs.Config, models []*model.Model, feeds []model.Feed, out io.Writer) error {
	asOf, err := latest(ctx, wh)
	if err != nil {
		return err
	}
	if _, err := model.Build(ctx, wh, models, model.BuildOptions{AsOf: asOf, Inputs: inputs(cfg, models, feeds), Now: now}); err != nil {
		return err
	}
	f, err := model.FitOf(ctx, wh, cfg)
	if err != nil {
		return err
	}
	f.Write(out, cfg)
	return nil
}

// latest is now, or a little later where a source's clock goes before this
// machine's: what it has is to be seen.
func latest(ctx context.Context, wh *warehouse.Warehouse) (time.Time, error) {
	at := now()
	for _, table := range []string{"stg_incidents", "stg_changes", "stg_tickets"} {
		var created *time.Time
		if err := wh.QueryRow(ctx, "SELECT maxOrNull(created_at) FROM "+table+" WHERE created_at < ?", at.AddDate(1, 0, 0)).Scan(&created); err != nil {
			return at, fmt.Errorf("read the newest record: %w", err)
		}
		if created != nil && created.After(at) {
			at = *created
		}
	}
	return at, nil
}
