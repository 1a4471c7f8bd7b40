package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

const rootLong = `srekpi pulls incidents and changes into ClickHouse, computes SRE KPIs in SQL,
and writes static HTML reports in which every number opens its rows.

Start with:  srekpi demo           a simulated company, no credentials needed
             srekpi init file      a commented srekpi.yml for your own export
             srekpi run            what cron calls every night

Exit codes: 0 done; 1 failed or interrupted; 2 usage or config; 3 done, but a
source failed or records were newly quarantined; 4 another process writes.`

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "srekpi",
		Short:         "SRE KPIs from tickets, incidents and changes, with the evidence for every number",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see `%s --help`", err, c.CommandPath())}
	})
	root.AddCommand(
		demoCommand(),
		initCommand(),
		checkCommand(),
		ingestCommand(),
		transformCommand(),
		reportCommand(),
		runCommand(),
		sqlCommand(),
		exportCommand(),
		docsCommand(),
		serveCommand(),
		workCommand(),
		backupCommand(),
		restoreCommand(),
		migrateCommand(),
		forgetCommand(),
		versionCommand(),
	)
	logFlag(root)
	root.Args = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError{fmt.Errorf("unknown command %q; see `srekpi --help`", args[0])}
		}
		return nil
	}
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	return root
}

// exactly refuses another number of arguments, as a mistake of usage.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s takes %s, not %d arguments; see `%s --help`", c.CommandPath(), what, len(args), c.CommandPath())}
		}
		return nil
	}
}

// configFlag adds -c to a command that reads the config.
func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVarP(path, "config", "c", "srekpi.yml", "the config; relative paths in it start from its folder")
}

// asOfFlag adds --as-of to a command that computes for a moment.
func asOfFlag(c *cobra.Command, asOf *string) {
	c.Flags().StringVar(asOf, "as-of", "", "compute as if nothing later were known: a date or RFC 3339 time (default now)")
}

var asOfLayouts = []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly}

// moment reads --as-of; without an offset it is in the reporting zone.
func moment(text string, loc *time.Location) (time.Time, error) {
	if text == "" {
		return now(), nil
	}
	for _, layout := range asOfLayouts {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--as-of %q is no time; write 2026-10-06, \"2026-10-06 07:00\" or 2026-10-06T07:00:00Z", text)}
}

// now is the only clock of the program.
func now() time.Time { return time.Now() }
