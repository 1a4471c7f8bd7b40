package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// exportFolder is where an export is written unless told otherwise.
const exportFolder = "export"

func exportCommand() *cobra.Command {
	var path, dir, format string
	c := &cobra.Command{
		Use:   "export [TABLE…]",
		Short: "Write the published tables to Parquet or CSV files",
		Long: `Write the published tables to files, one each, and a manifest.json that names
them, their rows and columns, and the build. Without a table: all that a build
publishes and what issued reports printed, without the raw records. Parquet keeps
every type and value; CSV is for spreadsheets: NULL is \N, an empty text is "", and
a text that would run as a formula gets an apostrophe in front.

  srekpi export
  srekpi export --format csv -o for-finance incidents kpi_values`,
		RunE: func(c *cobra.Command, tables []string) (err error) {
			f := warehouse.ExportFormat(format)
			if !slices.Contains(warehouse.ExportFormats, f) {
				return usageError{fmt.Errorf("--format %q is not exported; take parquet or csv. `srekpi sql --format` writes a query's result in any other", format)}
			}
			cfg, o, err := configured(c.Context(), path, c.ErrOrStderr())
			if err != nil {
				return err
			}
			wh, err := warehouse.OpenReader(c.Context(), o)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, wh.Close()) }()
			m, err := wh.Export(c.Context(), tables, f, dir)
			if unknown := (*warehouse.UnknownTableError)(nil); errors.As(err, &unknown) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			for _, t := range m.Tables {
				fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", filepath.Join(dir, t.File), plural(t.Rows, "row", "rows"))
			}
			fmt.Fprintf(c.OutOrStdout(), "%s  build %d, as of %s\n", filepath.Join(dir, warehouse.ExportedFile), m.Build, m.AsOf.In(cfg.Location()).Format("2006-01-02 15:04 MST"))
			return nil
		},
	}
	configFlag(c, &path)
	c.Flags().StringVarP(&dir, "output", "o", exportFolder, "the folder to write to; it is made when absent")
	c.Flags().StringVar(&format, "format", string(warehouse.Parquet), "parquet or csv")
	return c
}
