package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// Page says what was written: where, in which state, its verdict in a line, and
// each value that it printed, settled and restated ones of earlier periods included,
// as metrics.Publish records them.
type Page struct {
	Document string
	Period   metrics.Period
	Path     string // below Options.Dir, with slashes; empty where the page went to a writer
	Issued   bool
	State    string // draft, issued or rebuilt
	Verdict  string
	Printed  []metrics.Printed
}

// page is what the frame of a document is filled with.
type pageView struct {
	Head     head
	Sections []section
	Verdict  string
	Policy   string
	Style    template.CSS
	Engine   template.JS
	Starter  template.JS
}

// Render writes one page of a document below o.Dir, and beside it the evidence
// that it cannot hold. An issue makes it an issued one; without one it is a draft.
// Each file is complete or not there.
func Render(ctx context.Context, conn driver.Conn, o Options, name string, p metrics.Period, issued *metrics.Issue) (*Page, error) {
	var b bytes.Buffer
	made, s, d, err := render(ctx, conn, o, name, p, issued, &b, evidenceFolder(p))
	if err != nil {
		return nil, err
	}
	made.Path = name + "/" + p.Slug() + ".html"
	fail := func(err error) (*Page, error) { return nil, fmt.Errorf("write %s: %w", made.Path, err) }
	path := filepath.Join(o.Dir, filepath.FromSlash(made.Path))
	dir := filepath.Join(filepath.Dir(path), s.beside)
	// What the page links to is there before the page, and goes after it.
	written, err := s.evidenceFiles(ctx, d, dir)
	if err != nil {
		return fail(err)
	}
	if err := write(path, b.Bytes()); err != nil {
		return fail(err)
	}
	if err := removeStale(dir, written); err != nil {
		return fail(err)
	}
	return made, nil
}

// RenderTo writes the same page to a writer. It has no folder beside it: where a
// KPI has more rows than the page holds, it names the command that lists them.
func RenderTo(ctx context.Context, conn driver.Conn, o Options, name string, p metrics.Period, issued *metrics.Issue, w io.Writer) (*Page, error) {
	made, _, _, err := render(ctx, conn, o, name, p, issued, w, "")
	return made, err
}

func render(ctx context.Context, conn driver.Conn, o Options, name string, p metrics.Period, issued *metrics.Issue, w io.Writer, beside string) (*Page, *sheet, document, error) {
	fail := func(err error) (*Page, *sheet, document, error) {
		return nil, nil, document{}, fmt.Errorf("render %s of %s: %w", name, p.Slug(), err)
	}
	d, err := documentOf(name)
	if err != nil {
		return fail(err)
	}
	if p.Kind != d.kind {
		return fail(fmt.Errorf("its periods are %ss, not %ss", d.kind, p.Kind))
	}
	engine, err := chartEngine()
	if err != nil {
		return fail(err)
	}
	s, err := open(ctx, conn, o, name, p, issued)
	if err != nil {
		return fail(err)
	}
	s.beside = beside
	sections, err := s.sections(ctx, d)
	if err != nil {
		return fail(err)
	}
	view := pageView{Head: s.head(d), Sections: sections, Verdict: s.verdict, Engine: engine}
	var b bytes.Buffer
	if err := frame(&b, "page", &view); err != nil {
		return fail(err)
	}
	linked, err := s.linkFigures(b.Bytes())
	if err != nil {
		return fail(err)
	}
	if _, err := w.Write(linked); err != nil {
		return fail(err)
	}
	return &Page{Document: name, Period: p, Issued: issued != nil, State: strings.ToLower(s.state().Word), Verdict: s.verdict, Printed: s.printed}, s, d, nil
}

// frame sets a page and seals it: the policy names its scripts and its sheet by
// their hash, so nothing else runs, whatever a ticket's text says.
func frame(w io.Writer, name string, p *pageView) error {
	style, starter, err := ownAssets()
	if err != nil {
		return err
	}
	p.Style, p.Starter = style, starter
	p.Policy = policy(string(style), string(p.Engine), string(starter))
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, p); err != nil {
		return fmt.Errorf("set the page: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// write puts a file beside its place and renames it, so that a reader and a
// crash see the old one or the new one.
func write(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(text)
	err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
