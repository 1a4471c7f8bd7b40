package main

import (
	"context"
	"errors"
	"fmt"
	"io"

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

// exitCode prints what went wrong and names the kind of it.
func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	if isPartial(err) {
		fmt.Fprintln(stderr, "srekpi: done, but", err)
		return exitPartial
	}
	if ctx.Err() != nil {
		fmt.Fprintf(stderr, "srekpi: interrupted%s; what was stored is kept, the next run goes on from there\n", besides(ctx, err))
		return exitFailed
	}
	fmt.Fprintln(stderr, "srekpi:", err)
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
