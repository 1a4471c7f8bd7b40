package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/ingest"
)

// censusAfter is how old the last census may be.
const censusAfter = 7 * 24 * time.Hour

func runCommand() *cobra.Command {
	var path, asOf string
	c := &cobra.Command{
		Use:   "run",
		Short: "Ingest, transform and report: what cron calls every night",
		Long: `Ingest, transform and report: what cron calls every night. Pages of the running
and the just-ended week and month are written anew; what is due is issued.

Once a week it also asks the APIs for all that they still show, as ingest --census
does, and takes what is gone out of the figures.

Its last line on standard error, which begins with "summary", says how it ended; with
monitoring.textfile in the config it also writes metrics for Prometheus.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx := c.Context()
			return told(ctx, path, logOf(ctx).logger(c.ErrOrStderr()), func(t *tally) error {
				return writing(ctx, path, c.ErrOrStderr(), func(ws *workspace) error {
					ws.tally = t
					at, err := moment(asOf, ws.cfg.Location())
					if err != nil {
						return err
					}
					return inTurn(
						func() error { return ws.ingest(ctx, ingest.Options{CensusAfter: censusAfter}) },
						func() error { return ws.transform(ctx, at, false) },
						func() error {
							return ws.wh.Retry(ctx, func(int) error { return ws.report(ctx, reportOrder{issueDue: true, out: c.OutOrStdout()}) })
						},
					)
				})
			})
		},
	}
	configFlag(c, &path)
	asOfFlag(c, &asOf)
	return c
}

// inTurn runs stages one after the other. What one could not do in part is kept
// for the end; what fails stops.
func inTurn(stages ...func() error) error {
	var partial []string
	for _, stage := range stages {
		err := stage()
		var p *partialError
		if errors.As(err, &p) {
			partial = append(partial, p.what)
		} else if err != nil {
			return err
		}
	}
	if len(partial) > 0 {
		return &partialError{strings.Join(partial, "; ")}
	}
	return nil
}
