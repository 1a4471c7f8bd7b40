// Package chromiumtest is how tests look at the reports: in a real browser, by
// what a reader would find wrong. Each check names what it found.
package chromiumtest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/srekpi/srekpi/reports/chromium"
)

// Browser starts a browser for a test. Where there is none the test fails: a
// page that nobody looked at is not tested.
func Browser(t *testing.T) *chromium.Browser {
	t.Helper()
	in, err := chromium.Start(t.Context())
	if err != nil {
		t.Fatalf("these tests look at the pages as a reader does: %v", err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

// Look opens a file, until the test ends.
func Look(t *testing.T, in *chromium.Browser, file string, v chromium.View) *chromium.Page {
	t.Helper()
	p, err := in.Open(file, v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// Ask runs an expression in the page and reads its value.
func Ask[T any](t *testing.T, p *chromium.Page, expression string) T {
	t.Helper()
	out, err := chromium.Ask[T](p, expression)
	if err != nil {
		t.Fatalf("%v\n%.300s", err, expression)
	}
	return out
}

// Tell runs statements in the page.
func Tell(t *testing.T, p *chromium.Page, statements string) {
	t.Helper()
	Ask[bool](t, p, statements+"; true")
}

// Scheme sets light or dark, as the reader's system would.
func Scheme(t *testing.T, p *chromium.Page, scheme string) {
	t.Helper()
	if err := p.Emulate("", scheme); err != nil {
		t.Fatal(err)
	}
}

// OpenAll opens all that a reader may open.
func OpenAll(t *testing.T, p *chromium.Page) {
	t.Helper()
	Tell(t, p, `document.querySelectorAll("details").forEach(d => d.open = true)`)
}

// Keep writes what was seen where SREKPI_LOOK says, for a person to look at.
func Keep(t *testing.T, name string, make func() ([]byte, error)) {
	t.Helper()
	dir := os.Getenv("SREKPI_LOOK")
	if dir == "" {
		return
	}
	picture, err := make()
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}
