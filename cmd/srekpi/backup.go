package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/sql/warehouse"
)

const backupEnding = ".tar.zst"

func backupCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "backup FILE.tar.zst",
		Short: "Pack what was published last into one file, and check it",
		Long: `Pack what was published last into one file that only you can read, and read it back to
check every byte. It neither waits for a run that is going nor holds one up. The file holds
all that was landed, so keep it as safe as the data folder; srekpi restore unpacks it.
The key of who was forgotten (srekpi forget) is not in it: keep that file apart.`,
		Args: archiveName,
		RunE: func(c *cobra.Command, args []string) error {
			_, o, err := configured(c.Context(), path, c.ErrOrStderr())
			if err != nil {
				return err
			}
			m, err := warehouse.Backup(c.Context(), o, args[0], version, now())
			if err != nil {
				return onServer(err)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s\nread back: every file is as listed\n", args[0], packed(m))
			if m.Forgotten == 0 {
				return nil
			}
			key, err := o.ForgetKey()
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "not in it: %s, the key of %s. Keep a copy of that file apart from the backups; a restored store needs it\n", key, forgottenPeople(m))
			return nil
		},
	}
	configFlag(c, &path)
	return c
}

func restoreCommand() *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Unpack a backup into the config's data folder",
		Long: `Unpack a backup into the config's data folder, which must hold no store yet. Every file
is checked before anything is put in place, a table or view that srekpi would not make is
refused, an older schema is brought up to date, and the result is published: srekpi report
and srekpi sql read it at once.`,
		Args: exactly(1, "one file"),
		RunE: func(c *cobra.Command, args []string) error {
			_, o, err := configured(c.Context(), path, c.ErrOrStderr())
			if err != nil {
				return err
			}
			m, err := warehouse.Restore(c.Context(), o, args[0])
			if err != nil {
				return onServer(err)
			}
			fmt.Fprintf(c.OutOrStdout(), "restored %s\n", packed(m))
			if m.Forgotten == 0 {
				return nil
			}
			key, err := o.ForgetKey()
			if err != nil {
				return err
			}
			if _, err := os.Stat(key); err != nil {
				fmt.Fprintf(c.OutOrStdout(), "Put %s back from where you keep copies of it: it is the key of %s, and until it is there nothing lands\n", key, forgottenPeople(m))
			}
			return nil
		},
	}
	configFlag(c, &path)
	return c
}

func archiveName(c *cobra.Command, args []string) error {
	if err := exactly(1, "one file")(c, args); err != nil {
		return err
	}
	if !strings.HasSuffix(args[0], backupEnding) {
		return usageError{fmt.Errorf("%s %s: name a file that ends in %s", c.CommandPath(), args[0], backupEnding)}
	}
	return nil
}

// onServer makes it a mistake of usage to ask of a server what it does itself.
func onServer(err error) error {
	var server *warehouse.ServerError
	if errors.As(err, &server) {
		return usageError{err}
	}
	return err
}

func forgottenPeople(m *warehouse.Manifest) string {
	return plural(m.Forgotten, "person who was forgotten", "people who were forgotten")
}

// packed says what a backup holds.
func packed(m *warehouse.Manifest) string {
	build := "no build"
	if m.AsOf != nil && m.Build > 0 {
		build = fmt.Sprintf("build %d as of %s", m.Build, m.AsOf.UTC().Format("2006-01-02 15:04 MST"))
	}
	return fmt.Sprintf("%s, schema version %d, %s, %.1f MB unpacked; made %s by srekpi %s", build, m.Schema,
		plural(uint64(len(m.Files)), "file", "files"), float64(m.Bytes())/1e6, m.MadeAt.Format("2006-01-02 15:04 MST"), m.Version)
}
