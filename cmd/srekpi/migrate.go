package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/sql/warehouse"
)

func migrateCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the warehouse's tables up to date after an upgrade, and nothing else",
		Long: `Bring the warehouse's tables up to date after an upgrade, and nothing else. Every command
that writes does this by itself; readers do not, and ask for it. What was landed and issued
stays as it is. Run srekpi run or srekpi transform next: the marts follow the new models.`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			_, o, err := configured(c.Context(), path, c.ErrOrStderr())
			if err != nil {
				return err
			}
			return migrate(c.Context(), o, c.OutOrStdout())
		},
	}
	configFlag(c, &path)
	return c
}

func migrate(ctx context.Context, o warehouse.Options, out io.Writer) (err error) {
	if dir, err := warehouse.Folder(o); err == nil && !warehouse.HasStore(dir) {
		return usageError{fmt.Errorf("there is no warehouse in %s yet; `srekpi run` makes one, `srekpi restore` brings one back", dir)}
	}
	wh, err := warehouse.OpenWriter(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wh.Close()) }()
	m := wh.Migrated
	if len(m.Files) == 0 {
		fmt.Fprintf(out, "schema version %d: nothing to do\n", m.To)
	} else {
		fmt.Fprintf(out, "schema version %d → %d\n", m.From, m.To)
	}
	for _, file := range m.Files {
		fmt.Fprintf(out, "  applied %s\n", file)
	}
	return wh.Publish(ctx)
}
