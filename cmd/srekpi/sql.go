package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/sql/prompt"
	"github.com/srekpi/srekpi/sql/warehouse"
	"golang.org/x/term"
)

// What a typed query may use, so that a slip does not take the machine down.
var queryLimits = warehouse.Limits{MaxExecutionTime: 5 * time.Minute, MaxMemoryUsage: 8 << 30, MaxResultRows: 10_000_000}

func sqlCommand() *cobra.Command {
	var path, file, format string
	var given []string
	c := &cobra.Command{
		Use:   `sql ["SELECT …"]`,
		Short: "Ask the warehouse: read-only SQL on what was published last",
		Long: `Ask the warehouse: read-only SQL on what was published last. It never waits for
a run that is going, and never holds one up. The query is the argument, a file, or
standard input; a file may hold several, each ended by ";". Without any of them, on
a terminal, it opens a prompt.

  srekpi sql "SHOW TABLES"
  srekpi sql "SELECT period_start, value / 3600 AS hours, n, open FROM kpi_values
              WHERE kpi = 'time_to_resolve' AND stat = 'median' AND period = 'month' AND dim = 'all'"
  srekpi sql --file questions.sql --param team=payments --format CSVWithNames
  srekpi sql`,
		Args: atMostOneQuery,
		RunE: func(c *cobra.Command, args []string) error {
			params, err := parameters(given)
			if err != nil {
				return err
			}
			statements, err := statements(c, args, file)
			if err != nil {
				return err
			}
			_, o, err := configured(c.Context(), path, c.ErrOrStderr())
			if err != nil {
				return err
			}
			if statements == nil {
				return openPrompt(c, o, format, params)
			}
			return ask(c, o, statements, format, params)
		},
	}
	configFlag(c, &path)
	c.Flags().StringVarP(&file, "file", "f", "", "read the queries from this file; - is standard input")
	c.Flags().StringArrayVar(&given, "param", nil, "name=value for {name:Type} in the query; may be repeated")
	c.Flags().StringVar(&format, "format", prompt.DefaultFormat, "any ClickHouse output format: CSVWithNames, JSONEachRow, Vertical, Parquet …")
	return c
}

func atMostOneQuery(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("%s takes one query in quotes, not %d arguments; see `%s --help`", c.CommandPath(), len(args), c.CommandPath())}
	}
	return nil
}

// statements are what to run, nil when they are to be typed. An argument is one statement, whatever it holds.
func statements(c *cobra.Command, args []string, file string) ([]string, error) {
	switch {
	case len(args) == 1 && file != "":
		return nil, usageError{errors.New("a query and --file were given; keep one of them")}
	case len(args) == 1 && args[0] != "-":
		return args, nil
	case len(args) == 0 && file == "" && isTerminal(c.InOrStdin()):
		if !isTerminal(c.OutOrStdout()) {
			return nil, usageError{errors.New("there is no query, and a prompt needs a terminal to write to; give a query in quotes, or --file")}
		}
		return nil, nil
	}
	text, err := readQueries(c, file)
	if err != nil {
		return nil, err
	}
	found := prompt.Split(text)
	if len(found) == 0 {
		return nil, usageError{errors.New("there is no query; give one in quotes such as \"SHOW TABLES\", or a file or pipe that holds one")}
	}
	return found, nil
}

func readQueries(c *cobra.Command, file string) (string, error) {
	var text []byte
	var err error
	if file == "" || file == "-" {
		text, err = io.ReadAll(c.InOrStdin())
	} else {
		text, err = os.ReadFile(file)
	}
	if errors.Is(err, os.ErrNotExist) {
		return "", usageError{fmt.Errorf("there is no file %s; name one with queries", file)}
	}
	if err != nil {
		return "", fmt.Errorf("read queries: %w", err)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

func parameters(given []string) (map[string]string, error) {
	params := map[string]string{}
	for _, p := range given {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, usageError{fmt.Errorf("--param %q is no name=value; for {team:String} write --param team=payments", p)}
		}
		params[name] = value
	}
	return params, nil
}

// ask runs the statements one after the other, up to the first that fails.
func ask(c *cobra.Command, o warehouse.Options, statements []string, format string, params map[string]string) (err error) {
	ctx, out := c.Context(), c.OutOrStdout()
	wh, err := warehouse.OpenQuery(ctx, o, queryLimits)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wh.Close()) }()
	for i, statement := range statements {
		if err := askOne(ctx, wh, statement, format, params, out); err != nil {
			if len(statements) > 1 {
				return fmt.Errorf("query %d of %d: %w", i+1, len(statements), err)
			}
			return err
		}
	}
	return nil
}

func askOne(ctx context.Context, wh *warehouse.Warehouse, statement, format string, params map[string]string, out io.Writer) error {
	if !isTerminal(out) {
		return wh.UserQuery(ctx, statement, format, params, out)
	}
	if _, err := wh.ForTerminal(ctx, statement, format); err != nil {
		return err
	}
	screen := &prompt.Screen{Out: out}
	return errors.Join(wh.UserQuery(ctx, statement, format, params, screen), screen.Flush())
}

// openPrompt has Ctrl-C to itself, which must stop a query and not the program; only an end asked from outside does.
func openPrompt(c *cobra.Command, o warehouse.Options, format string, params map[string]string) error {
	ctx, stop := signal.NotifyContext(context.WithoutCancel(c.Context()), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	home, _ := os.UserHomeDir() // without one no history is kept
	return prompt.Run(ctx, prompt.Options{
		Open: func(ctx context.Context) (*warehouse.Warehouse, error) {
			return warehouse.OpenQuery(ctx, o, queryLimits)
		},
		Published: func() string { return readCopy(o) },
		Format:    format,
		Params:    params,
		History:   prompt.HistoryFile(os.Getenv("XDG_STATE_HOME"), home),
		Now:       now,
	})
}

// readCopy names what a reader would open now; "" where that does not change: a server's readers see each build at once.
func readCopy(o warehouse.Options) string {
	dir, err := warehouse.Folder(o)
	if err != nil {
		return ""
	}
	name, err := warehouse.Published(dir)
	if err != nil {
		return ""
	}
	return name
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
