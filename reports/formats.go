package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// The ways in which a document leaves, as the endings of their files.
const (
	HTML     = "html" // the page itself
	Markdown = "md"   // for a chat or a wiki page
	JSON     = "json" // for other tools
	Mail     = "eml"  // a draft for a mail program
)

// Export writes a document in a format beside its page.
func Export(ctx context.Context, conn driver.Conn, o Options, format, name string, p metrics.Period, issued *metrics.Issue) (*Page, error) {
	var b bytes.Buffer
	made, err := ExportTo(ctx, conn, o, format, name, p, issued, &b)
	if err != nil {
		return nil, err
	}
	made.Path = name + "/" + p.Slug() + "." + format
	if err := write(filepath.Join(o.Dir, filepath.FromSlash(made.Path)), b.Bytes()); err != nil {
		return nil, fmt.Errorf("write %s: %w", made.Path, err)
	}
	return made, nil
}

// ExportFile writes the same to a file of its own. A folder must be there; a
// failure leaves an earlier file as it is.
func ExportFile(ctx context.Context, conn driver.Conn, o Options, format, name string, p metrics.Period, issued *metrics.Issue, path string) error {
	var b bytes.Buffer
	if _, err := ExportTo(ctx, conn, o, format, name, p, issued, &b); err != nil {
		return err
	}
	if err := overwrite(path, b.Bytes()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// overwrite replaces the file that a user names: behind a link the one that it
// leads to, with the rights that it has. What is no file, as a pipe, is written into.
func overwrite(path string, text []byte) error {
	mode := fs.FileMode(0o644)
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return os.WriteFile(path, text, mode)
	default:
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	return replace(path, text, mode)
}

// ExportTo writes the same to a writer.
func ExportTo(ctx context.Context, conn driver.Conn, o Options, format, name string, p metrics.Period, issued *metrics.Issue, w io.Writer) (*Page, error) {
	if format == HTML {
		return RenderTo(ctx, conn, o, name, p, issued, w)
	}
	m, err := compose(ctx, conn, o, name, p, issued, "")
	if err != nil {
		return nil, failed(name, p, err)
	}
	b, err := m.as(format)
	if err != nil {
		return nil, failed(name, p, err)
	}
	if _, err := w.Write(b); err != nil {
		return nil, failed(name, p, err)
	}
	return m.written(), nil
}

// as writes the document in a format that is not the page's own.
func (m *composed) as(format string) ([]byte, error) {
	switch format {
	case Markdown:
		return m.markdown()
	case JSON:
		return m.json()
	case Mail:
		return m.mail()
	}
	return nil, fmt.Errorf("no format %q: there are %s, %s, %s and %s", format, HTML, Markdown, JSON, Mail)
}

// path is where the page stands below the site.
func (m *composed) path() string { return m.document.name + "/" + m.sheet.period.Slug() + ".html" }

// address is the page's own; empty where nobody said where the site is served.
func (m *composed) address() string {
	site := link(m.sheet.options.URL)
	if site == "" {
		return ""
	}
	whole, err := url.JoinPath(site, m.path())
	if err != nil {
		return ""
	}
	return whole
}

// title is the document and its period in a line.
func (m *composed) title() string { return m.head.Title + ": " + m.head.Label }

// standing says whether it is final, how fresh it is and where the page is.
func (m *composed) standing(a abridged) []span {
	h := m.head
	out := []span{{Text: h.State.Word, Strong: true}}
	out = continued(out, span{Text: ", " + h.State.Note + " \u00b7 " + h.Span + " \u00b7 " + h.Zone + " \u00b7 data as of " + h.AsOf})
	return append(out, m.page(a, " \u00b7 ")...)
}

// page is the link to the page, or where its file is.
func (m *composed) page(a abridged, before string) []span {
	if a.page == "" {
		return []span{{Text: before + "page: " + m.path()}}
	}
	return []span{{Text: before}, {Text: "open the page", URL: a.page}}
}

// lacks is what the sources should have delivered and did not, as a list of one
// at least.
func (m *composed) lacks(a abridged) []node {
	if len(m.head.Missing) == 0 {
		return nil
	}
	one := node{Kind: list}
	for _, said := range m.head.Missing {
		one.Items = append(one.Items, []node{{Kind: paragraph, Words: []span{{Text: strings.ReplaceAll(said.String(), "\u00a0", " ")}}}})
	}
	a.most++
	return a.nodes([]node{one}, "missing")
}

// closing says where the proof is.
func (m *composed) closing(a abridged) []span {
	out := []span{{Text: "Definitions version " + m.head.Definition + ". What each figure counts, and the rows behind it, stand on the page"}}
	if a.page == "" {
		return continued(out, span{Text: ": " + m.path()})
	}
	return append(out, span{Text: ": "}, span{Text: m.path(), URL: a.page})
}
