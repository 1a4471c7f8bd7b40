package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"
)

const logFormatFlag = "log-format"

// The values of --log-format.
const (
	logText = "text"
	logJSON = "json"
)

// The attributes of a log line that its text shows before the message.
const (
	logStage  = "stage"  // ingest, transform, report or summary
	logSource = "source" // by its name in the config
)

// logFormat is a flag's value that knows what it may be.
type logFormat string

func (f *logFormat) String() string { return string(*f) }
func (f *logFormat) Type() string   { return "text|json" }

func (f *logFormat) Set(text string) error {
	if text != logText && text != logJSON {
		return fmt.Errorf("write text, for people, or json, one object a line")
	}
	*f = logFormat(text)
	return nil
}

// logFlag adds --log-format to every command, and gives it to what a command
// opens by way of the context.
func logFlag(root *cobra.Command) {
	format := logFormat(logText)
	root.PersistentFlags().Var(&format, logFormatFlag, "how to tell what happens: text, or json with one object a line")
	root.PersistentPreRun = func(c *cobra.Command, _ []string) {
		c.SetContext(context.WithValue(c.Context(), logKey{}, format))
	}
}

// logKey finds the format in a context.
type logKey struct{}

// logOf is the format that the command line asked for.
func logOf(ctx context.Context) logFormat {
	if format, ok := ctx.Value(logKey{}).(logFormat); ok {
		return format
	}
	return logText
}

// logger writes what a command does, to out.
func (f logFormat) logger(out io.Writer) *slog.Logger {
	if f == logJSON {
		return slog.New(slog.NewJSONHandler(out, nil))
	}
	return slog.New(&textLog{out: out})
}

// textLog writes lines for people: the stage, the source, what happened. What
// else a line carries is said in its message, and is for programs.
type textLog struct {
	out   io.Writer
	attrs []slog.Attr
}

func (l *textLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *textLog) WithGroup(string) slog.Handler            { return l }

func (l *textLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &textLog{l.out, append(slices.Clip(l.attrs), attrs...)}
}

func (l *textLog) Handle(_ context.Context, r slog.Record) error {
	var stage, source string
	place := func(a slog.Attr) bool {
		switch a.Key {
		case logStage:
			stage = a.Value.String()
		case logSource:
			source = a.Value.String()
		}
		return true
	}
	for _, a := range l.attrs {
		place(a)
	}
	r.Attrs(place)
	line := ""
	switch {
	case source != "" && r.Level > slog.LevelInfo: // it stands below the line of its source
		line = "  "
	case source != "":
		line = fmt.Sprintf("%-10s %-20s ", stage, source)
	case stage != "":
		line = fmt.Sprintf("%-10s ", stage)
	}
	switch r.Level {
	case slog.LevelWarn:
		line += "warning: "
	case slog.LevelError:
		line += "failed: "
	}
	_, err := fmt.Fprintln(l.out, line+r.Message)
	return err
}
