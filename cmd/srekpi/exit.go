package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// The exit codes, as the README lists them.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartial = 3
	exitLocked  = 4
)

// usageError is a mistake in the command line.
type usageError struct{ error }

// partialError says that the command did its work, but something is missing
// from it that an operator should look at.
type partialError struct{ what string }

func (e *partialError) Error() string { return e.what }

// jsonError is one that is told as a line of JSON.
type jsonError struct{ error }

func (e jsonError) Unwrap() error { return e.error }

// exitCode prints what went wrong and names the kind of it.
func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	var json jsonError
	asJSON := errors.As(err, &json)
	if asJSON {
		err = json.error
	}
	code := codeOf(ctx, err)
	level, said := slog.LevelError, err.Error()
	switch {
	case code == exitPartial:
		level, said = slog.LevelWarn, "done, but "+said
	case ctx.Err() != nil:
		said = fmt.Sprintf("interrupted%s; what was stored is kept, the next run goes on from there", besides(ctx, err))
	}
	if asJSON {
		logFormat(logJSON).logger(stderr).Log(ctx, level, said, "exit", code)
	} else {
		fmt.Fprintln(stderr, "srekpi:", said)
	}
	return code
}

// codeOf names the kind of what went wrong.
func codeOf(ctx context.Context, err error) int {
	if err == nil {
		return exitDone
	}
	if isPartial(err) {
		return exitPartial
	}
	if ctx.Err() != nil {
		return exitFailed
	}
	var bad *configs.Error
	var usage usageError
	switch {
	case errors.As(err, &bad), errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, warehouse.ErrLocked):
		return exitLocked
	}
	return exitFailed
}

// besides is what an interrupted command has to say apart from that.
func besides(ctx context.Context, err error) string {
	parts := []error{err}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		parts = several.Unwrap()
	}
	said := ""
	for _, part := range parts {
		if !errors.Is(part, context.Canceled) && !errors.Is(part, context.Cause(ctx)) {
			said += fmt.Sprintf(" (%v)", part)
		}
	}
	return said
}

// failure is the error as a failed command reports it: what was only partial
// does not make a failure look like a success.
func failure(err error) error {
	if isPartial(err) {
		return errors.New(err.Error())
	}
	return err
}

func isPartial(err error) bool {
	var partial *partialError
	return errors.As(err, &partial)
}
