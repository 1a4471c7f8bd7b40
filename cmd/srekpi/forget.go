package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest"
	"github.com/srekpi/srekpi/sql/forget"
	"github.com/srekpi/srekpi/sql/warehouse"
	"golang.org/x/term"
)

func forgetCommand() *cobra.Command {
	var path string
	var persons []string
	var yes bool
	c := &cobra.Command{
		Use:   "forget",
		Short: "Replace a person by a pseudonym in all that is stored, and in all that comes",
		Long: `Replace a person by a pseudonym in all that is stored, and in all that later runs
bring. A name, an id or an e-mail address finds the others that the records connect
with it; give --person several times for other spellings of the same person. What it
found is shown, and asked for on a terminal; elsewhere --yes takes it as it is.

What is kept is a pseudonym and keyed hashes, not the name. What was made before
(pages, backups, exports) is listed, to be deleted. Without --person, all that is
stored is gone through again for everybody who was forgotten: after a forget that was
stopped, or after a restore.

  srekpi forget --person "Ada Lovelace" --person "Ada Byron"`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			for _, p := range persons {
				if len(forget.Typed(p)) == 0 {
					return usageError{fmt.Errorf("--person %q has no letter in it: such a text is too many other things; give a name, or an id with letters", p)}
				}
			}
			return writing(c.Context(), path, c.ErrOrStderr(), func(ws *workspace) error {
				agreed := func() error { return agree(c.InOrStdin(), c.ErrOrStderr(), yes) }
				return ws.forget(c.Context(), persons, agreed, c.OutOrStdout())
			})
		},
	}
	configFlag(c, &path)
	c.Flags().StringArrayVar(&persons, "person", nil, "a name, an id or an e-mail address of the person; may be repeated")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask: forget what was found")
	return c
}

// agree asks before what cannot be undone.
func agree(in io.Reader, out io.Writer, yes bool) error {
	if yes {
		return nil
	}
	if f, ok := in.(*os.File); !ok || !term.IsTerminal(int(f.Fd())) {
		return usageError{errors.New("nothing was changed: there is no terminal to ask on; look at what is said above, then add --yes")}
	}
	fmt.Fprint(out, "This cannot be undone. Forget this person? Type yes: ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	if strings.TrimSpace(answer) != "yes" {
		return errors.Join(errors.New("nothing was changed"), ignoreEOF(err))
	}
	return nil
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// forget takes a person out of the warehouse; no persons: finishes what was begun.
func (ws *workspace) forget(ctx context.Context, persons []string, agreed func() error, out io.Writer) error {
	list, err := forget.Load(ctx, ws.wh)
	if err != nil {
		return err
	}
	records := uint64(1)
	switch {
	case len(persons) == 0 && list.Empty():
		return usageError{errors.New(`nobody was forgotten yet; say whom: srekpi forget --person "Ada Lovelace"`)}
	case len(persons) == 0:
		fmt.Fprintln(out, "Going through all that is stored again, for everybody who was forgotten.")
	default:
		sight, err := forget.Look(ctx, ws.wh, persons)
		if err != nil {
			return err
		}
		records = sight.Records + sight.Rows
		known := list.Knows(sight.Names)
		show(out, sight, known)
		if known {
			records = max(records, 1) // by another forget, which replaced them
		}
		if err := agreed(); err != nil {
			return err
		}
		var pseudonym string
		if list, pseudonym, err = list.With(sight.Names, now()); err != nil {
			return err
		}
		// The list comes first: from here on a later run lands nothing of the person, whatever happens.
		if err := list.Save(ctx, ws.wh, false); err != nil {
			return err
		}
		fmt.Fprintf(out, "\nThe person is %s from now on.\n", pseudonym)
	}
	swept, err := list.Sweep(ctx, ws.wh, nil)
	for _, s := range swept {
		ws.log.Info(fmt.Sprintf("%s: %s rewritten", s.Table, plural(s.Rows, "row", "rows")), logStage, "forget", "table", s.Table, "rows", s.Rows)
	}
	if err != nil {
		return err
	}
	if err := list.Save(ctx, ws.wh, true); err != nil {
		return err
	}
	fmt.Fprintf(out, "No table bears the name any more: %s rewritten. The next run computes the figures anew from what is left.\n", plural(uint64(len(swept)), "table", "tables"))
	if err := ws.traces(ctx, list, out); err != nil {
		return err
	}
	if records == 0 {
		return &partialError{"no record bears the name; it is kept as a hash, for what comes. If you meant somebody who is there, look at the spelling"}
	}
	return nil
}

// show tells what was found of a person before anything is changed.
func show(out io.Writer, s *forget.Sight, known bool) {
	if known {
		fmt.Fprintln(out, "Forgotten before; what is new is added.")
	}
	switch {
	case s.Records == 0 && s.Rows == 0:
		fmt.Fprintln(out, "No record bears this name. It would be kept as a hash, so that nobody of this name lands.")
	default:
		fmt.Fprintf(out, "%s of %s:\n", plural(s.Records, "record", "records"), strings.Join(s.Typed, ", "))
		for _, p := range s.Places {
			fmt.Fprintf(out, "  %6d  %s %s  %s\n", p.Records, p.Source, p.Entity, p.Field)
		}
		if s.More > 0 {
			fmt.Fprintf(out, "          and in %s\n", plural(uint64(s.More), "other field", "other fields"))
		}
		if s.Rows > 0 {
			fmt.Fprintf(out, "and %s of tables made of records:\n", plural(s.Rows, "row", "rows"))
		}
		for _, p := range s.Tables {
			fmt.Fprintf(out, "  %6d  %s\n", p.Records, p.Table)
		}
	}
	list := func(title string, texts []string) {
		if len(texts) > 0 {
			fmt.Fprintln(out, title)
			for _, t := range texts {
				fmt.Fprintf(out, "  %s\n", t)
			}
		}
	}
	list("Connected with it, and forgotten too, wherever they stand:", s.Connected)
	list("Connected with it, but kept, since a number alone is too many other things:", s.Left)
	if len(s.Lookalikes) > 0 {
		fmt.Fprintln(out, "Alike, and NOT forgotten; name with --person what is the same person:")
		for _, p := range s.Lookalikes {
			fmt.Fprintf(out, "  %6d  %s\n", p.Records, p.Text)
		}
	}
}

// traces lists what was made before and what is not ours to change.
func (ws *workspace) traces(ctx context.Context, list *forget.List, out io.Writer) error {
	pages, err := list.Traces(ws.cfg.Resolve(ws.cfg.Reports.Dir))
	if err != nil {
		return err
	}
	section := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(out, "\n%s\n  %s\n", title, strings.Join(lines, "\n  "))
		}
	}
	var bear, may []string
	for _, p := range pages {
		if p.At.IsZero() {
			bear = append(bear, p.File)
		} else {
			may = append(may, fmt.Sprintf("%s  of %s", p.File, p.At.Format("2006-01-02 15:04")))
		}
	}
	section("Pages that bear the name, to be deleted, or written anew with `srekpi run` and `srekpi report --all`:", bear)
	section("Files that may bear it, made before; delete them, or make them anew:", may)
	backups, err := ws.backups(ctx)
	if err != nil {
		return err
	}
	section("Backups made before, to be deleted once a new one is made:", backups)
	text, err := os.ReadFile(ws.cfg.File())
	if err != nil {
		return err
	}
	lines, err := list.Lines(strings.NewReader(string(text)), 100)
	if err != nil {
		return err
	}
	var named []string
	for _, n := range lines {
		named = append(named, fmt.Sprintf("%s:%d", ws.cfg.File(), n))
	}
	section("The config still names the person; the tables show the pseudonym there. Write that, or somebody else, in:", named)
	files, err := ingest.Naming(ctx, ws.cfg, list)
	if err != nil {
		ws.log.Warn(err.Error(), logStage, "forget")
	}
	section("Files of sources that name the person; each run lands the pseudonym, the files are yours to mend:", files)
	section("Not known to srekpi: exports, mails that were sent, copies of the site, shell histories, and the systems that the records come from.", nil)
	return nil
}

// backups are those that were made of the warehouse and are still there.
func (ws *workspace) backups(ctx context.Context) ([]string, error) {
	o, err := options(ctx, ws.cfg, ws.out)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(ws.cfg.Warehouse.URL, "chdb://") {
		return []string{"those of the server, by whoever runs it: its backups, query_log and part_log"}, nil
	}
	made, err := warehouse.Backups(o)
	var still []string
	for _, m := range made {
		if _, gone := os.Stat(m.File); gone == nil {
			still = append(still, fmt.Sprintf("%s, of %s", m.File, m.At.Format("2006-01-02 15:04 MST")))
		}
	}
	return still, err
}

// anonymous is the config without the people who were forgotten: its tables, rules and value maps then fit the
// records, which bear the pseudonym.
func (ws *workspace) anonymous(ctx context.Context) (*configs.Config, error) {
	list, err := forget.Load(ctx, ws.wh)
	if err != nil || list.Empty() {
		return ws.cfg, err
	}
	cfg, err := ws.cfg.Reread(list.Text)
	if err != nil {
		return nil, fmt.Errorf("without the people who were forgotten the config cannot be read; take them out of it: %w", err)
	}
	return cfg, nil
}
