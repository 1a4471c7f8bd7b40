package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
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

// pageView is what the frame of a document is filled with.
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
	m, err := render(ctx, conn, o, name, p, issued, evidenceFolder(p), &b)
	if err != nil {
		return nil, err
	}
	made := m.written()
	made.Path = pagePath(name, p)
	fail := func(err error) (*Page, error) { return nil, fmt.Errorf("write %s: %w", made.Path, err) }
	path := filepath.Join(o.Dir, filepath.FromSlash(made.Path))
	dir := filepath.Join(filepath.Dir(path), m.sheet.beside)
	// What the page links to is there before the page, and goes after it.
	written, err := m.sheet.evidenceFiles(m.document, dir)
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

// pagePath is where a page lies below Options.Dir, with slashes.
func pagePath(document string, p metrics.Period) string { return document + "/" + p.Slug() + ".html" }

// RenderTo writes the same page to a writer. It has no folder beside it: where a
// KPI has more rows than the page holds, it names the command that lists them.
func RenderTo(ctx context.Context, conn driver.Conn, o Options, name string, p metrics.Period, issued *metrics.Issue, w io.Writer) (*Page, error) {
	m, err := render(ctx, conn, o, name, p, issued, "", w)
	if err != nil {
		return nil, err
	}
	return m.written(), nil
}

func render(ctx context.Context, conn driver.Conn, o Options, name string, p metrics.Period, issued *metrics.Issue, beside string, w io.Writer) (*composed, error) {
	engine, err := chartEngine() // before the work that would be lost without it
	if err != nil {
		return nil, failed(name, p, err)
	}
	m, err := compose(ctx, conn, o, name, p, issued, beside)
	if err == nil {
		err = m.html(engine, w)
	}
	if err != nil {
		return nil, failed(name, p, err)
	}
	return m, nil
}

// html writes the document as a page.
func (m *composed) html(engine template.JS, w io.Writer) error {
	view := pageView{Head: m.head, Sections: m.sections, Verdict: m.sheet.verdict, Engine: engine}
	var b bytes.Buffer
	if err := frame(&b, "page", &view); err != nil {
		return err
	}
	linked, err := m.sheet.linkFigures(b.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(linked)
	return err
}

// composed is a document with all that it says: what each way of writing it starts from.
type composed struct {
	document document
	sheet    *sheet
	head     head
	sections []section
}

// compose asks every block of a document. Beside names the folder for the rows
// that a page cannot hold, empty where there is none.
func compose(ctx context.Context, conn driver.Conn, o Options, name string, p metrics.Period, issued *metrics.Issue, beside string) (*composed, error) {
	d, err := documentOf(name)
	if err != nil {
		return nil, err
	}
	if p.Kind != d.kind {
		return nil, fmt.Errorf("its periods are %ss, not %ss", d.kind, p.Kind)
	}
	s, err := open(ctx, conn, o, name, p, issued)
	if err != nil {
		return nil, err
	}
	s.beside = beside
	sections, err := s.sections(ctx, d)
	if err != nil {
		return nil, err
	}
	return &composed{document: d, sheet: s, head: s.head(d), sections: sections}, nil
}

// written says what was made.
func (m *composed) written() *Page {
	return &Page{Document: m.document.name, Period: m.sheet.period, Issued: m.sheet.issue != nil, State: strings.ToLower(m.sheet.state().Word), Verdict: m.sheet.verdict, Printed: m.sheet.printed}
}

func failed(name string, p metrics.Period, err error) error {
	return fmt.Errorf("render %s of %s: %w", name, p.Slug(), err)
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
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return replace(path, text, 0o644)
}

func replace(path string, text []byte, mode fs.FileMode) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(text)
	err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
