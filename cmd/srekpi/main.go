// Command srekpi pulls tickets, incidents and change records into ClickHouse,
// computes SRE KPIs in SQL, and writes static HTML reports.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones of accounts and reports, also where the machine has none
)

func main() {
	os.Exit(Main())
}

// Main is the process: it returns the exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal kills the process in the ordinary way.
	context.AfterFunc(ctx, stop)
	return exitCode(ctx, run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr)
}

// run executes one command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && root.PersistentFlags().Lookup(logFormatFlag).Value.String() == logJSON {
		return jsonError{err}
	}
	return err
}
