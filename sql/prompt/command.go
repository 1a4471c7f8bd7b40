package prompt

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// commands are what the prompt itself understands, in the order of its help.
var commands = []struct{ name, arguments, meaning string }{
	{`\d`, "", "the tables, with what they hold"},
	{`\d`, "TABLE", "a table's columns, with what they mean"},
	{`\format`, "FORMAT", "show results in this format: Vertical, CSVWithNames, JSONEachRow …"},
	{`\param`, "NAME VALUE", "the value of {NAME:Type} in queries; without a value: forget it"},
	{`\refresh`, "", "ask the newest published build"},
	{`\?`, "", "this help; also: help"},
	{`\q`, "", "leave; also: quit, exit, Ctrl-D"},
}

// words are commands without the backslash.
var words = map[string]string{"help": `\?`, "quit": `\q`, "exit": `\q`}

func isCommand(text string) bool {
	text = strings.TrimSpace(text)
	_, known := words[strings.ToLower(strings.TrimSuffix(text, ";"))]
	return known || strings.HasPrefix(text, `\`)
}

func (s *session) command(ctx context.Context, text string) error {
	fields := strings.Fields(strings.TrimSuffix(strings.TrimSpace(text), ";"))
	name := fields[0]
	if short, ok := words[strings.ToLower(name)]; ok {
		name = short
	}
	argument := strings.TrimSpace(strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(text), ";"), fields[0]))
	switch name {
	case `\d`:
		s.describe(argument)
	case `\format`:
		s.setFormat(argument)
	case `\param`:
		s.setParam(argument)
	case `\refresh`:
		return s.refresh(ctx)
	case `\?`, `\h`, `\help`:
		s.help()
	case `\q`:
		return errQuit
	default:
		fmt.Fprintf(s.out, "There is no command %s; \\? lists them.\n", name)
	}
	return nil
}

func (s *session) help() {
	var rows [][2]string
	for _, c := range commands {
		rows = append(rows, [2]string{strings.TrimSpace(c.name + " " + c.arguments), c.meaning})
	}
	fmt.Fprintln(s.out, "A query is SQL of ClickHouse, read-only, over one or more lines, and ends with a semicolon.")
	s.list(rows)
	fmt.Fprintln(s.out, "Tab completes names, a second Tab lists them. Ctrl-C stops a query or drops what is typed,\nCtrl-R searches what was typed before. What begins with a blank is not remembered.")
}

func (s *session) describe(table string) {
	if table == "" {
		var rows [][2]string
		internal := 0
		for _, t := range s.catalog.tables {
			if strings.HasPrefix(t.meaning, "internal") || t.meaning == "" {
				internal++
			} else {
				rows = append(rows, [2]string{t.name, t.meaning})
			}
		}
		s.list(rows)
		if internal > 0 {
			fmt.Fprintf(s.out, "%d more are internal: SHOW TABLES lists them, \\d NAME describes one.\n", internal)
		}
		return
	}
	known := s.catalog.table(strings.Trim(table, "`"))
	if known == nil {
		fmt.Fprintf(s.out, "There is no table %s; \\d lists them.\n", table)
		return
	}
	if known.meaning != "" {
		fmt.Fprintf(s.out, "%s: %s\n", known.name, known.meaning)
	}
	width := 0
	for _, c := range s.catalog.columns[known.name] {
		width = max(width, len(c.name))
	}
	var rows [][2]string
	for _, c := range s.catalog.columns[known.name] {
		rows = append(rows, [2]string{fmt.Sprintf("%-*s  %s", width, c.name, c.typ), c.meaning})
	}
	s.list(rows)
}

// list shows names with their meaning, wrapped beside them where there is room, else below.
func (s *session) list(rows [][2]string) {
	indent := 0
	for _, r := range rows {
		indent = max(indent, utf8.RuneCountInString(r[0])+4)
	}
	width, _, err := term.GetSize(int(s.out.Fd()))
	if err != nil || width <= 0 {
		width = 80
	}
	for _, r := range rows {
		at := indent
		if width-indent < 30 {
			at = 8
			fmt.Fprintf(s.out, "  %s\n", r[0])
		} else {
			fmt.Fprintf(s.out, "  %s%s", r[0], strings.Repeat(" ", indent-2-utf8.RuneCountInString(r[0])))
		}
		for i, line := range wrapped(r[1], width-at) {
			if i > 0 || at == 8 {
				fmt.Fprint(s.out, strings.Repeat(" ", at))
			}
			fmt.Fprintln(s.out, line)
		}
	}
}

// wrapped breaks a text between words; it has at least one line.
func wrapped(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}

func (s *session) setFormat(name string) {
	if name == "" {
		fmt.Fprintf(s.out, "Results are shown as %s.\n", s.Format)
		return
	}
	for _, f := range s.catalog.formats {
		if strings.EqualFold(f.name, name) {
			s.Format = f.name
			fmt.Fprintf(s.out, "Results are shown as %s.\n", s.Format)
			return
		}
	}
	fmt.Fprintf(s.out, "There is no output format %s; Tab behind \\format lists them.\n", name)
}

func (s *session) setParam(argument string) {
	name, value, given := strings.Cut(argument, " ")
	switch {
	case name == "":
		var rows [][2]string
		for _, name := range slices.Sorted(maps.Keys(s.Params)) {
			rows = append(rows, [2]string{name, s.Params[name]})
		}
		s.list(rows)
	case given:
		s.Params[name] = strings.TrimSpace(value)
	default:
		delete(s.Params, name)
	}
}

// refresh closes first: a process has one embedded folder open.
func (s *session) refresh(ctx context.Context) error {
	if err := s.wh.Close(); err != nil {
		return err
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	fmt.Fprintln(s.out, s.build(ctx))
	return nil
}
