package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
	sqlserve "github.com/srekpi/srekpi/sql/serve"
	"github.com/srekpi/srekpi/sql/warehouse"
)

func serveCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer DBeaver, Grafana, Metabase, curl … on this machine: ClickHouse's HTTP interface, read-only",
		Long: `Answer DBeaver, Grafana, Metabase, curl and the clients of ClickHouse on this machine
alone, read-only, from what was published last; when a run publishes anew, the next
query sees it. It never holds up a run. Limits, user and password are in the section
"serve" of the config; docs/serve.md says how each tool connects.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, o, err := configured(c.Context(), path, c.ErrOrStderr())
			if err != nil {
				return err
			}
			secret, shown, err := serveSecret(cfg, o)
			if err != nil {
				return err
			}
			server, err := sqlserve.Listen(sqlserve.Options{
				Listen: cfg.Serve.Listen, User: cfg.Serve.User, Secret: secret, Warehouse: o, Limits: serveLimits(cfg.Serve),
				Queries: cfg.Serve.Queries, Command: []string{workCommandName}, Log: c.ErrOrStderr(),
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), `ClickHouse's HTTP interface on http://%[1]s, read-only, user %[2]s, %[3]s; stop it with Ctrl-C. Try:
  curl --user "%[2]s:%[4]s" http://%[1]s --data "SELECT count() FROM incidents"
`, server.Addr(), cfg.Serve.User, shown.where, shown.inShell)
			return server.Run(c.Context())
		},
	}
	configFlag(c, &path)
	return c
}

// hint says where a secret is, without showing it.
type hint struct{ where, inShell string }

func serveSecret(cfg *configs.Config, o warehouse.Options) (string, hint, error) {
	from := cfg.Serve.Password
	switch {
	case from.Env != "":
		secret, err := cfg.ServePassword()
		return secret, hint{"password in $" + from.Env, "$" + from.Env}, err
	case from.File != "":
		file := cfg.Resolve(from.File)
		secret, err := cfg.ServePassword()
		return secret, hint{"password in " + shorter(file), "$(cat " + shorter(file) + ")"}, err
	}
	data, err := warehouse.Folder(o)
	if err != nil {
		return "", hint{}, fmt.Errorf("serve: %w", err)
	}
	secret, file, err := sqlserve.Token(data)
	return secret, hint{"token in " + shorter(file), "$(cat " + shorter(file) + ")"}, err
}

// shorter is a path as one would type it from here.
func shorter(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && len(relative) < len(path) {
		return relative
	}
	return path
}

const mib = 1 << 20

func serveLimits(s configs.Serve) warehouse.Limits {
	return warehouse.Limits{
		MaxExecutionTime: s.MaxTime.Duration, MaxResultRows: uint64(s.MaxRows),
		MaxMemoryUsage: uint64(s.MaxMemoryMB) * mib, MaxMemoryTotal: uint64(s.TotalMemoryMB) * mib,
		MaxTemporaryTotal: 2 * uint64(s.TotalMemoryMB) * mib,
	}
}

// workCommandName is the command by which serve starts its engine.
const workCommandName = "serve-engine"

func workCommand() *cobra.Command {
	return &cobra.Command{
		Use:    workCommandName,
		Short:  "Answer for srekpi serve, which starts this",
		Hidden: true,
		Args:   exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			// It ends when serve says so, and not by a signal for both.
			return sqlserve.Work(context.WithoutCancel(c.Context()), c.InOrStdin())
		},
	}
}
