package main

import (
	"errors"
	"fmt"
	"testing"
)

func TestWhatWasNotPrinted(t *testing.T) {
	var pages []string
	for n := range 300 {
		pages = append(pages, fmt.Sprintf("weekly/%03d.html", n))
	}
	for want, left := range map[string][]string{
		"all PDFs were written, but not all was cleared away: it broke":                nil,
		"no PDF was written of weekly/299.html: it broke":                              pages[299:],
		"no PDF was written of 300 pages, the first of them weekly/000.html: it broke": pages,
	} {
		if got := unprinted(left, errors.New("it broke")); got.Error() != want {
			t.Errorf("%d pages: %q", len(left), got)
		}
	}
}
