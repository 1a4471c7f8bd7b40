package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/srekpi/srekpi/reports"
	"github.com/srekpi/srekpi/reports/chromium"
)

// paper prints pages that are written, each as a PDF beside it. Where that does
// not work the pages are there all the same: the result is a partial one.
func paper(ctx context.Context, o reports.Options, pages []string, out io.Writer) error {
	if len(pages) == 0 {
		return &partialError{"no PDF was written: no period has ended within the collected history"}
	}
	left, err := printed(ctx, o, pages, out)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("print the pages: %w", err)
	case errors.Is(err, chromium.ErrMissing):
		err = fmt.Errorf("%w; then run this again, or print the pages from any browser", err)
	}
	return unprinted(left, err)
}

// unprinted says of which pages there is no PDF; with --all they are hundreds.
func unprinted(left []string, err error) error {
	switch len(left) {
	case 0:
		return &partialError{fmt.Sprintf("all PDFs were written, but not all was cleared away: %v", err)}
	case 1:
		return &partialError{fmt.Sprintf("no PDF was written of %s: %v", left[0], err)}
	}
	return &partialError{fmt.Sprintf("no PDF was written of %d pages, the first of them %s: %v", len(left), left[0], err)}
}

// printed returns the pages that it could not print.
func printed(ctx context.Context, o reports.Options, pages []string, out io.Writer) (left []string, err error) {
	in, err := chromium.Start(ctx)
	if err != nil {
		return pages, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	for i, page := range pages {
		path, err := reports.WritePDF(in, o, page)
		if err != nil {
			return pages[i:], err
		}
		fmt.Fprintln(out, path)
	}
	return nil, nil
}
