package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/reports"
	"github.com/srekpi/srekpi/sql/model"
)

func docsCommand() *cobra.Command {
	var path, format, output string
	c := &cobra.Command{
		Use:   "docs",
		Short: "Write the data dictionary: tables, columns, KPIs, lineage, example queries",
		Long: `Write the data dictionary into the site, as dictionary.html beside the index: what
every table, column and KPI means, what it rests on from raw to figure, and how to ask.
report and run refresh it, too.

--format md prints it as Markdown instead, or writes it to a file with -o.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			if format != reports.HTML && format != reports.Markdown {
				return usageError{fmt.Errorf("--format %q is neither %s nor %s", format, reports.HTML, reports.Markdown)}
			}
			if output != "" && format == reports.HTML {
				return usageError{errors.New("-o takes --format md; the page is written into the site")}
			}
			return reading(c.Context(), path, c.ErrOrStderr(), func(ws *workspace) error {
				if format == reports.HTML {
					if err := ws.dictionary(c.Context()); err != nil {
						return err
					}
					fmt.Fprintf(c.OutOrStdout(), "%s\n", reports.DictionaryPage)
					return nil
				}
				return ws.dictionaryText(c.Context(), output, c.OutOrStdout())
			})
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&format, "format", reports.HTML, "html: a page of the site; md: Markdown")
	c.Flags().StringVarP(&output, "output", "o", "", "with --format md, a file to write")
	return c
}

func (ws *workspace) readDictionary(ctx context.Context) (*model.Dictionary, error) {
	return model.ReadDictionary(ctx, ws.wh, ws.models, inputs(ws.cfg, ws.models, nil), ws.queries)
}

// dictionary writes the page of the data dictionary.
func (ws *workspace) dictionary(ctx context.Context) error {
	d, err := ws.readDictionary(ctx)
	if err != nil {
		return err
	}
	return reports.WriteDictionary(reports.Options{Dir: ws.cfg.Resolve(ws.cfg.Reports.Dir)}, d)
}

func (ws *workspace) dictionaryText(ctx context.Context, output string, out io.Writer) error {
	d, err := ws.readDictionary(ctx)
	if err != nil {
		return err
	}
	if output == "" || output == "-" {
		return reports.DictionaryTo(out, d)
	}
	file, err := os.Create(output)
	if err != nil {
		return fmt.Errorf("write dictionary: %w", err)
	}
	return errors.Join(reports.DictionaryTo(file, d), file.Close())
}
