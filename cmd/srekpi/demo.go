package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/ingest/simulate"
)

func demoCommand() *cobra.Command {
	var serve bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on a simulated company: no credentials, no network",
		Long: `Run everything on a simulated company of eight services and thirteen months: its
Jira and its PagerDuty answer over HTTP on this machine alone, and one team keeps a
CSV file. Writes srekpi.yml, tokens and data below ./demo, and the reports below
./public. The same every time: the clock stands at ` + simulate.AsOf.Format(time.RFC3339) + `.

With --serve the two tools go on answering, so that a config can be tried by hand.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) (err error) {
			const dir = "demo"
			config := filepath.Join(dir, "srekpi.yml")
			if err := clearDemo(dir, config); err != nil {
				return err
			}
			world := simulate.New(simulate.Seed, simulate.AsOf)
			tools, err := world.Serve()
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, tools.Close()) }()
			if err := world.WriteSheet(filepath.Join(dir, "exports")); err != nil {
				return fmt.Errorf("write the simulated sheet: %w", err)
			}
			if err := simulate.WriteTokens(dir); err != nil {
				return err
			}
			if err := os.WriteFile(config, []byte(simulate.ConfigFor(tools.JiraURL, tools.PagerDutyURL)), 0o644); err != nil {
				return fmt.Errorf("write the demo's config: %w", err)
			}
			asOf := simulate.AsOf.Format(time.RFC3339)
			err = run(c.Context(), []string{"run", "-c", config, "--as-of", asOf}, c.OutOrStdout(), c.ErrOrStderr())
			if err != nil && !isPartial(err) {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "\nSome records of the demo are broken on purpose; see what is kept of them:\n  %s sql -c %s \"SELECT source, file, line, reason FROM quarantine\"\n", os.Args[0], config)
			fmt.Fprintf(c.OutOrStdout(), "open public/index.html\n")
			if !serve {
				return nil
			}
			fmt.Fprintf(c.OutOrStdout(), `
Jira       %s   user %s, token in %s
PagerDuty  %s   token in %s
answer until you press Ctrl-C. In another terminal, try the demo's config or one of your own:
  %s check -c %s
  %s run -c %s --as-of %s
`, tools.JiraURL, simulate.JiraUser, filepath.Join(dir, simulate.JiraTokenFile), tools.PagerDutyURL, filepath.Join(dir, simulate.PagerDutyTokenFile),
				os.Args[0], config, os.Args[0], config, asOf)
			<-c.Context().Done()
			return nil
		},
	}
	c.Flags().BoolVar(&serve, "serve", false, "leave the simulated tools running until interrupted")
	return c
}

// clearDemo removes an earlier demo, but never a folder that is something else.
func clearDemo(dir, config string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) || err == nil && len(entries) == 0 {
		return os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", dir, err)
	}
	text, err := os.ReadFile(config)
	if err != nil || !simulate.IsConfig(string(text)) {
		return fmt.Errorf("./%s holds something other than an unchanged demo; move it away or run the demo in another folder", dir)
	}
	for _, part := range []string{"exports", "data"} {
		if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
			return fmt.Errorf("clear the earlier demo: %w", err)
		}
	}
	return nil
}
