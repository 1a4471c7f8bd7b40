package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
)

func initCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "init [" + strings.Join(configs.Kinds(), "|") + "]…",
		Short: "Write a commented srekpi.yml with just the sections asked for",
		Long: `Write a commented srekpi.yml with just the sections asked for: ` + strings.Join(configs.Kinds(), ", ") + `.
Without a word, one for a CSV or JSON export. A file that is there is never overwritten.`,
		ValidArgs: configs.Kinds(),
		RunE: func(c *cobra.Command, kinds []string) error {
			text, err := configs.Template(kinds...)
			if err != nil {
				return usageError{err}
			}
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
			if errors.Is(err, fs.ErrExist) {
				return usageError{fmt.Errorf("%s is there already and was left as it is; remove it, or name another with -c", path)}
			}
			if err != nil {
				return fmt.Errorf("write config: %w", err)
			}
			if _, err := f.WriteString(text); err != nil {
				return fmt.Errorf("write config: %w", errors.Join(err, f.Close()))
			}
			if err := f.Close(); err != nil {
				return fmt.Errorf("write config: %w", err)
			}
			fmt.Fprintf(c.OutOrStdout(), "wrote %s\nNext: set in it what is yours (%s), then `srekpi check`, then `srekpi run`.\n", path, yours(kinds))
			return nil
		},
	}
	configFlag(c, &path)
	return c
}

// yours says what a written config leaves to its user.
func yours(kinds []string) string {
	var parts []string
	for _, k := range kinds {
		switch k {
		case configs.TypeJira:
			parts = append(parts, "Jira's url, user and projects, and the token in JIRA_TOKEN")
		case configs.TypePagerDuty:
			parts = append(parts, "PagerDuty's key in PAGERDUTY_TOKEN")
		}
	}
	if len(parts) < len(kinds) || len(kinds) == 0 {
		parts = append(parts, "the path of your export and the names of its columns")
	}
	return strings.Join(parts, "; ")
}
