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
			// Asking can take long: it is done on a copy, while nobody is held up.
			f := &forgetting{persons: persons, out: c.OutOrStdout(), agree: func() error { return agree(c.InOrStdin(), c.ErrOrStderr(), yes) }}
			if err := f.ask(c.Context(), path, c.ErrOrStderr()); err != nil {
				return err
			}
			return writing(c.Context(), path, c.ErrOrStderr(), func(ws *workspace) error { return ws.forget(c.Context(), f) })
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

// forgetting is one person who is to be forgotten; no persons: finishes what was begun.
type forgetting struct {
	persons []string
	out     io.Writer
	agree   func() error
	agreed  *forget.Sight // nil: nothing was shown yet
}

// ask shows what is published of the person, and asks.
func (f *forgetting) ask(ctx context.Context, path string, out io.Writer) (err error) {
	if len(f.persons) == 0 {
		return nil
	}
	ws, err := openReader(ctx, path, out)
	var nothing *warehouse.NothingPublishedError
	var older *warehouse.OlderError
	if errors.As(err, &nothing) || errors.As(err, &older) {
		return nil // the writer's store is shown then
	}
	if err != nil {
		return err
	}
	_, _, err = f.look(ctx, ws)
	return errors.Join(ws.wh.Close(), err)
}

// look searches a warehouse, and asks for what it finds unless that was agreed to before.
func (f *forgetting) look(ctx context.Context, ws *workspace) (list *forget.List, known bool, err error) {
	if list, err = forget.Load(ctx, ws.wh); err != nil {
		return nil, false, err
	}
	sight, err := forget.Look(ctx, ws.wh, f.persons)
	if err != nil {
		return nil, false, err
	}
	known = list.Knows(sight.Names)
	if f.agreed != nil && f.agreed.Covers(sight) {
		return list, known, nil
	}
	if f.agreed != nil {
		fmt.Fprintln(f.out, "\nMeanwhile there is more of this person:")
		sight.Names = append(sight.Names, f.agreed.Names...)
	}
	show(f.out, sight, known)
	if err := f.agree(); err != nil {
		return nil, false, err
	}
	f.agreed = sight
	return list, known, nil
}

// forget takes a person out of the warehouse.
func (ws *workspace) forget(ctx context.Context, f *forgetting) error {
	out := f.out
	there := true
	var list *forget.List
	var err error
	if len(f.persons) == 0 {
		if list, err = forget.Load(ctx, ws.wh); err != nil {
			return err
		}
		if list.Empty() {
			return usageError{errors.New(`nobody was forgotten yet; say whom: srekpi forget --person "Ada Lovelace"`)}
		}
		fmt.Fprintln(out, "Going through all that is stored again, for everybody who was forgotten.")
	} else {
		var known bool
		if list, known, err = f.look(ctx, ws); err != nil {
			return err
		}
		there = known || f.agreed.Records+f.agreed.Rows > 0 // known: replaced by another forget
		var pseudonym string
		if list, pseudonym, err = list.With(f.agreed.Names, now()); err != nil {
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
	if !there {
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
