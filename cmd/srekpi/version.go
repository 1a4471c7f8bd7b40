package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the Makefile.
var version = "dev"

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of srekpi and of what it is built from",
		Args:  exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			out := c.OutOrStdout()
			fmt.Fprintf(out, "srekpi %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, m := range info.Deps {
					switch m.Path {
					case "github.com/ClickHouse/clickhouse-go/v2", "github.com/go-echarts/go-echarts/v2":
						fmt.Fprintf(out, "  %s %s\n", m.Path, m.Version)
					}
				}
			}
			return nil
		},
	}
}
