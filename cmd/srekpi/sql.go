package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// What a typed query may use, so that a slip does not take the machine down.
var queryLimits = warehouse.Limits{MaxExecutionTime: 5 * time.Minute, MaxMemoryUsage: 8 << 30, MaxResultRows: 10_000_000}

func sqlCommand() *cobra.Command {
	var path, format string
	c := &cobra.Command{
		Use:   `sql "SELECT …"`,
		Short: "Ask the warehouse: read-only SQL on what was published last",
		Long: `Ask the warehouse: read-only SQL on what was published last. It never waits for
a run that is going, and never holds one up. "-" reads the query from standard input.

  srekpi sql "SHOW TABLES"
  srekpi sql "SELECT period_start, value / 3600 AS hours, n, open FROM kpi_values
              WHERE kpi = 'time_to_resolve' AND stat = 'median' AND period = 'month' AND dim = 'all'"`,
		Args: exactly(1, "one query in quotes"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			query := args[0]
			if query == "-" {
				text, err := io.ReadAll(c.InOrStdin())
				if err != nil {
					return fmt.Errorf("read query: %w", err)
				}
				query = string(text)
			}
			cfg, err := configs.Load(path)
			if err != nil {
				return err
			}
			o, err := options(cfg, c.ErrOrStderr())
			if err != nil {
				return err
			}
			wh, err := warehouse.OpenQuery(c.Context(), o, queryLimits)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, wh.Close()) }()
			return wh.UserQuery(c.Context(), query, format, nil, c.OutOrStdout())
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&format, "format", "PrettyCompactMonoBlock", "any ClickHouse output format: CSVWithNames, JSONEachRow, Vertical, Parquet …")
	return c
}
