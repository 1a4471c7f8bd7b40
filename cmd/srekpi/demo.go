package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/ingest/simulate"
)

func demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Run everything on a simulated company: no credentials, no network",
		Long: `Run everything on a simulated company of eight services and thirteen months. Writes
its exports, its srekpi.yml and its data below ./demo, and the reports below ./public.
The same every time: the clock stands at ` + simulate.AsOf.Format(time.RFC3339) + `.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			const dir = "demo"
			config := filepath.Join(dir, "srekpi.yml")
			if err := clearDemo(dir, config); err != nil {
				return err
			}
			world := simulate.New(simulate.Seed, simulate.AsOf)
			if err := world.WriteExports(filepath.Join(dir, "exports")); err != nil {
				return fmt.Errorf("write the simulated exports: %w", err)
			}
			if err := os.WriteFile(config, []byte(simulate.Config()), 0o644); err != nil {
				return fmt.Errorf("write the demo's config: %w", err)
			}
			err := run(c.Context(), []string{"run", "-c", config, "--as-of", simulate.AsOf.Format(time.RFC3339)}, c.OutOrStdout(), c.ErrOrStderr())
			if err != nil && !isPartial(err) {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "\nTwo records of the demo are broken on purpose; see what is kept of them:\n  %s sql -c %s \"SELECT file, line, reason FROM quarantine\"\n", os.Args[0], config)
			fmt.Fprintf(c.OutOrStdout(), "open public/index.html\n")
			return nil
		},
	}
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
	if err != nil || string(text) != simulate.Config() {
		return fmt.Errorf("./%s holds something other than an unchanged demo; move it away or run the demo in another folder", dir)
	}
	for _, part := range []string{"exports", "data"} {
		if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
			return fmt.Errorf("clear the earlier demo: %w", err)
		}
	}
	return nil
}
