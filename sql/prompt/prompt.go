package prompt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/peterh/liner"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// Options say what a prompt talks to.
type Options struct {
	Open      func(context.Context) (*warehouse.Warehouse, error) // for a user's text
	Published func() string                                       // another answer than before says that there is a newer build
	Format    string                                              // of results, until \format names another
	Params    map[string]string                                   // values of {name:Type} in queries
	History   string                                              // file; "" keeps none
	Now       func() time.Time
}

// session is one open prompt.
type session struct {
	Options
	out        *os.File
	interrupts chan os.Signal // Ctrl-C while a query runs; while a line is typed it is a key

	wh      *warehouse.Warehouse
	opened  string // what Published said then
	told    string // of which newer build the user was told
	catalog *catalog
	line    *liner.State
	begun   string // the lines of a statement that is not ended yet
	kept    *history
}

var errQuit = errors.New("quit")

// Run talks with the user of a terminal until Ctrl-D or the end of the context.
func Run(ctx context.Context, o Options) (err error) {
	s := &session{Options: o, out: os.Stdout, interrupts: make(chan os.Signal, 1)}
	signal.Notify(s.interrupts, os.Interrupt)
	defer signal.Stop(s.interrupts)
	if err := s.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.wh.Close()) }()
	s.listen()
	defer s.line.Close() // gives the terminal back as it was
	s.greet(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.talk(ctx) }()
	select {
	case err = <-ended:
	case <-ctx.Done(): // a line is being read, which nothing can stop
		err = context.Cause(ctx)
	}
	return err
}

func (s *session) open(ctx context.Context) (err error) {
	s.opened = s.Published() // before the copy is made: at worst the same build is offered once more
	s.told = s.opened
	if s.wh, err = s.Open(ctx); err != nil {
		return err
	}
	if s.catalog, err = loadCatalog(ctx, s.wh); err != nil {
		return errors.Join(err, s.wh.Close())
	}
	return nil
}

// listen makes the line editor. Tab completes as far as all candidates agree; a second one lists them.
func (s *session) listen() {
	s.line = liner.NewLiner()
	s.line.SetCtrlCAborts(true)
	s.line.SetMultiLineMode(true) // a long line wraps
	s.line.SetBeep(false)
	s.line.SetTabCompletionStyle(liner.TabPrints)
	s.line.SetWordCompleter(func(line string, cursor int) (head string, found []string, tail string) {
		before, after := string([]rune(line)[:cursor]), string([]rune(line)[cursor:])
		prefix, found := s.catalog.complete(s.begun+before, after)
		return strings.TrimSuffix(before, prefix), found, after
	})
	if s.History == "" {
		return
	}
	h, err := openHistory(s.History)
	if err != nil {
		fmt.Fprintf(s.out, "%v; this session's is forgotten at its end\n", err)
		return
	}
	s.kept = h
	for _, line := range h.lines {
		s.line.AppendHistory(line)
	}
}

// whole says that a typed text can be run: a command is one line, a statement ends with ";".
func whole(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || isCommand(text) || Complete(text)
}

// read is a command or whole statements, typed over one or more lines.
func (s *session) read() (string, error) {
	s.begun = ""
	for mark := "srekpi> "; ; mark = "     -> " {
		line, err := s.line.Prompt(mark)
		if err != nil {
			return "", err
		}
		if s.begun += line + "\n"; whole(s.begun) {
			s.remember(s.begun)
			return s.begun, nil
		}
	}
}

// remember keeps what was typed as one line, except what begins with a blank, as in a shell.
func (s *session) remember(text string) {
	line, ok := oneLine(text)
	if !ok || line == "" || strings.HasPrefix(text, " ") {
		return
	}
	s.line.AppendHistory(line)
	if s.kept == nil {
		return
	}
	if err := s.kept.add(line); err != nil {
		fmt.Fprintln(s.out, err)
		s.kept = nil
	}
}

func (s *session) greet(ctx context.Context) {
	fmt.Fprintf(s.out, "%s Read-only.\nEnd a query with a semicolon. \\d lists tables, Tab completes, \\? helps, Ctrl-D ends.\n", s.build(ctx))
}

// build says which one is asked.
func (s *session) build(ctx context.Context) string {
	var id uint32
	var asOf time.Time
	if s.catalog.table("builds") == nil || s.wh.QueryRow(ctx, "SELECT id, as_of FROM builds ORDER BY id DESC LIMIT 1").Scan(&id, &asOf) != nil {
		return "No build is published."
	}
	return fmt.Sprintf("Build %d, as of %s.", id, asOf.UTC().Format("2006-01-02 15:04 UTC"))
}

// talk reads and answers until the user leaves.
func (s *session) talk(ctx context.Context) error {
	for {
		s.tellNewer()
		text, err := s.read()
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(s.out)
			return nil
		case err != nil:
			return fmt.Errorf("read the terminal: %w", err)
		}
		if err := s.answer(ctx, text); err != nil {
			if errors.Is(err, errQuit) {
				return nil
			}
			return err
		}
	}
}

// tellNewer says once of each newer build that it is there. It is not taken unasked: the figures of a session's queries
// should be of one build.
func (s *session) tellNewer() {
	if now := s.Published(); now != s.opened && now != s.told {
		s.told = now
		fmt.Fprintln(s.out, `A newer build was published; \refresh asks that one.`)
	}
}

// answer runs what was typed. Mistakes are said and the conversation goes on; its error ends it.
func (s *session) answer(ctx context.Context, text string) error {
	if isCommand(text) {
		return s.command(ctx, text)
	}
	for _, statement := range Split(text) {
		if err := s.ask(ctx, statement, s.Format, s.Params); err != nil {
			s.say(err)
			break
		}
	}
	return nil
}

// say shows an error, which may quote a ticket.
func (s *session) say(err error) {
	screen := &Screen{Out: s.out}
	fmt.Fprintln(screen, err)
}

// ask runs one statement, which Ctrl-C stops.
func (s *session) ask(ctx context.Context, statement, format string, params map[string]string) error {
	started := s.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	select { // one that came too late for the last query
	case <-s.interrupts:
	default:
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-s.interrupts:
			cancel(errors.New("stopped"))
		case <-done:
		}
	}()
	format, err := s.wh.ForTerminal(ctx, statement, format)
	if err != nil {
		return err
	}
	screen := &Screen{Out: s.out}
	count := &rowCount{out: screen}
	err = errors.Join(s.wh.UserQuery(ctx, statement, format, params, count), screen.Flush())
	took := s.Now().Sub(started).Seconds()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return fmt.Errorf("%w after %.3f s", cause, took)
	}
	if err != nil {
		return err
	}
	if n, ok := count.rows(format); ok {
		fmt.Fprintf(s.out, "%s. ", counted(n, "row"))
	}
	fmt.Fprintf(s.out, "%.3f s.\n\n", took)
	return nil
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
