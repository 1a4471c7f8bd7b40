package reports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	gmtext "github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"github.com/srekpi/srekpi/metrics"
)

// served is where the pages of these tests are served.
const served = "https://reports.example.com/sre"

// composedOf asks the blocks of a document.
func composedOf(t *testing.T, conn driver.Conn, o Options, name string, p metrics.Period, issue *metrics.Issue) *composed {
	t.Helper()
	m, err := compose(t.Context(), conn, o, name, p, issue, "")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// exportedOf writes a document in a format into memory, as of a site at an address.
func exportedOf(t *testing.T, m *composed, format, address string) string {
	t.Helper()
	m.sheet.options.URL = address
	b, err := m.as(format)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// crowded is the infested company with so many incidents in its last week.
func crowded(seed uint64, incidents int) company {
	c := infested(seed)
	last := time.Date(2026, 6, 9, 0, 0, 0, 0, melbourne)
	for n := range incidents {
		row := incidentOf(20000+n, last.Add(time.Duration(n)*5*time.Minute), hostile[4]+" "+hostile[n%len(hostile)])
		row.Services, row.Teams, row.Cause, row.FixOwner = []string{problems[n%10].service}, []string{problems[n%10].team}, hostile[4], fmt.Sprintf("team %d %s", n%17, hostile[4])
		row.Severity, row.Major = uint8(1+n%4), b2u(n%4 == 0)
		settle(&row, time.Duration(1+n%50)*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, row)
	}
	return c
}

// Each company leaves in every way: hostile tickets, and a flood of them.
func TestTheWaysOut(t *testing.T) {
	for _, which := range []string{"whole infested", "crowded"} {
		t.Run(which, func(t *testing.T) {
			conn, c := filled(t, which)
			for name, kind := range kindOf {
				p := periodAt(t, kind, c.AsOf)
				o := options("", c.AsOf)
				o.Title = "x\r\nBcc: a@evil.example\r\n\r\n<b>"
				m := composedOf(t, conn, o, name, p, nil)
				for _, address := range []string{"", served} {
					markdownSaysWhatThePageSays(t, m, which, address)
					aMailIsSmallAndInert(t, m, which, address)
				}
				if which == "crowded" {
					continue
				}
				again := composedOf(t, conn, o, name, p, nil)
				for _, format := range []string{Markdown, JSON, Mail} {
					if exportedOf(t, m, format, served) != exportedOf(t, again, format, served) {
						t.Errorf("%s of %s: two exports of the same data differ", format, name)
					}
				}
				theJSONHasTheFiguresOfTheTables(t, conn, again)
			}
		})
	}
}

func TestExportWritesBesideThePage(t *testing.T) {
	conn, c := filled(t, "sample")
	dir := t.TempDir()
	made, err := Export(t.Context(), conn, options(dir, c.AsOf), Mail, metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	if err != nil {
		t.Fatal(err)
	}
	if made.Path != "weekly/2026-06-16.eml" {
		t.Errorf("path %q", made.Path)
	}
	if _, err := os.Stat(filepath.Join(dir, "weekly", "2026-06-16.eml")); err != nil {
		t.Error(err)
	}
	if _, err := ExportTo(t.Context(), conn, options("", c.AsOf), "docx", metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil, io.Discard); err == nil || !strings.Contains(err.Error(), `no format "docx"`) {
		t.Errorf("got %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Export(ended, conn, options(dir, c.AsOf), JSON, metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil); err == nil {
		t.Error("an export whose context had ended succeeded")
	}
}

// gfm reads Markdown as GitHub does, with everything that makes a link of text.
var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM))

// read is Markdown as a reader of it sees it.
type read struct {
	text   string
	links  []string
	tables int
	rows   int
}

func readMarkdown(t *testing.T, source string) read {
	t.Helper()
	var out read
	src := []byte(source)
	err := ast.Walk(gfm.Parser().Parse(gmtext.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				out.text += "\n"
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock, *ast.Image, *ast.AutoLink, *ast.CodeSpan, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.ThematicBreak, *ast.Blockquote, *east.Strikethrough, *east.TaskCheckBox:
			t.Errorf("a %s is in the Markdown", n.Kind())
		case *ast.Link:
			out.links = append(out.links, string(n.Destination))
		case *ast.Text:
			out.text += string(n.Value(src))
			if n.SoftLineBreak() {
				out.text += "\n"
			}
		case *ast.String:
			out.text += string(n.Value)
		case *east.Table:
			out.tables++
		case *east.TableRow:
			out.rows++
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out.text = unescaped(out.text)
	return out
}

var escapes = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

// unescaped is text of Markdown without the marks that kept it text.
func unescaped(s string) string {
	return html.UnescapeString(escapes.ReplaceAllString(s, "$1"))
}

func markdownSaysWhatThePageSays(t *testing.T, m *composed, which, address string) {
	t.Helper()
	name := m.document.name
	md := exportedOf(t, m, Markdown, address)
	keptFile(t, which+"-"+name+".md", md)
	if len(md) > markdownMost {
		t.Errorf("%s: %d bytes of Markdown", name, len(md))
	}
	if which == "crowded" && !strings.Contains(md, " more ") {
		t.Errorf("%s: nothing says that there is more", name)
	}
	seen := readMarkdown(t, md)
	if seen.tables == 0 || seen.rows < seen.tables {
		t.Errorf("%s: %d tables of %d rows", name, seen.tables, seen.rows)
	}
	for _, link := range seen.links {
		u, err := url.Parse(link)
		if err != nil || u.Scheme != "https" || u.Host != "desk.example.com" && (address == "" || u.Host != "reports.example.com") {
			t.Errorf("%s: a link leads to %q", name, link)
		}
	}
	if address != "" && !strings.Contains(md, "("+served+"/"+name+"/"+m.sheet.period.Slug()+".html)") {
		t.Errorf("%s: no link to the page", name)
	}
	if strings.ContainsAny(md, "\u202e\u202c\u200f\x00\x07") {
		t.Errorf("%s: marks that turn or hide text are in it", name)
	}
	if which == "whole infested" && name == metrics.Weekly {
		for _, want := range []string{hostile[0], hostile[1], hostile[2], hostile[5], hostile[7]} {
			if !strings.Contains(squeezed(seen.text), squeezed(want)) {
				t.Errorf("%q is not shown as it is", want)
			}
		}
	}
}

// squeezed is text without its white space.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

func TestEscapedTextIsText(t *testing.T) {
	for _, s := range append([]string{
		"# head", "- item", "+ item", "* item", "1. one", "12) twelve", "> quoted", "=====", "---", "***", "___", "~~gone~~", "~gone~", "| a | b |", "a|b", `a\|b`, `\`, `end\`, "``code``", "```", "~~~",
		"[x](javascript:alert(1))", "![x](http://evil.example/x.png)", "[x]: http://evil.example", "[x][y]", "<http://evil.example>", "<b>bold</b>", "<!-- c -->", "&amp; &#60; &lt;b&gt; & && AT&T",
		"http://evil.example/x", "HTTPS://evil.example", "www.evil.example", "WWW.evil.example", "_www.evil.example", "ftp://x.example", "mailto:a@b.example", "a@b.example", "x@y@z.example", "a.b-c+d@e.example",
		"*a* _b_ **c** __d__", "snake_case_name", "_lead", "trail_", "2*3*4", "$x$ and $$y$$", "a  b", "=HYPERLINK(\"http://x\")", "@here", "[ ] task", "[x] task", "\\<b>", "\\&lt;", "1986\\. year", "100. 200", "\u00a0nbsp",
	}, hostile...) {
		s = undirected(s)
		in := []span{{Text: s}}
		w := &markdownWriter{}
		w.nodes([]node{
			{Kind: paragraph, Words: in},
			{Kind: heading, Words: in},
			{Kind: list, Items: [][]node{{{Kind: paragraph, Words: in}}}},
			{Kind: terms, Terms: []term{{Name: in, Said: in}}},
			{Kind: carding, Inner: []node{{Kind: paragraph, Words: in}, {Kind: terms, Terms: []term{{Said: in}}}}},
			{Kind: paragraph, Words: []span{{Text: "a"}, {Text: s, Strong: true}, {Text: s, URL: "https://desk.example.com/x(y)|<z>"}}},
			{Kind: tabular, Table: &table{Columns: [][]span{in, in}, Rows: [][][]span{{in, in}}, Numeric: []bool{false, true}, Labels: []string{"", ""}}},
		}, "")
		seen := readMarkdown(t, w.b.String())
		if n := strings.Count(squeezed(seen.text), squeezed(s)); n < 12 {
			t.Errorf("%q is shown %d times of 12 in\n%s", s, n, w.b.String())
		}
		if seen.tables != 1 || seen.rows != 1 || len(seen.links) != 1 {
			t.Errorf("%q: %d tables, %d rows, links %q", s, seen.tables, seen.rows, seen.links)
		}
		if t.Failed() {
			t.Fatal(w.b.String())
		}
	}
}

func theJSONHasTheFiguresOfTheTables(t *testing.T, conn driver.Conn, m *composed) {
	t.Helper()
	name, p := m.document.name, m.sheet.period
	var got exported
	strict := json.NewDecoder(strings.NewReader(exportedOf(t, m, JSON, served)))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != "srekpi/report/1" || got.Document != name || got.IssuedAt != nil || got.State != map[string]string{metrics.Weekly: "draft", metrics.Monthly: "rebuilt"}[name] || *got.URL != served+"/"+name+"/"+p.Slug()+".html" {
		t.Errorf("%s: %+v", name, got)
	}
	if !got.Period.Start.Equal(p.StartsAt) || !got.Period.End.Equal(p.EndsAt) || got.Period.Zone != "Australia/Melbourne" {
		t.Errorf("%+v", got.Period)
	}
	if len(got.Figures) < 20 || len(got.Findings) == 0 || len(got.Findings[0].Links) == 0 {
		t.Errorf("%s: %d figures, %d findings", name, len(got.Figures), len(got.Findings))
	}
	sameAsTheTable(t, conn, p, got.Figures)
	var page bytes.Buffer
	if err := frame(&page, "page", &pageView{Head: m.head, Sections: m.sections, Verdict: m.sheet.verdict}); err != nil {
		t.Fatal(err)
	}
	sameAsThePage(t, page.String(), got)
}

// sameAsTheTable holds each figure against its row.
func sameAsTheTable(t *testing.T, conn driver.Conn, p metrics.Period, figures []exportFigure) {
	t.Helper()
	rows, err := conn.Query(t.Context(), `SELECT toString(kpi), toString(stat), toString(period_start), toString(dim), toString(dim_value),
		toNullable(value), toNullable(low), toNullable(high), toNullable(k), toNullable(n), toFloat64(unknown), toUInt64(open), toUInt64(excluded), complete = 1
		FROM kpi_values WHERE period = '`+p.Kind+`' AND period_start <= '`+p.Start.Format(time.DateOnly)+`'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	wanted := map[string]exportFigure{}
	key := func(f exportFigure) string {
		return fmt.Sprintf("%s %s %s %s %q", f.KPI, f.Stat, f.PeriodStart, f.Dim, strings.ToValidUTF8(f.DimValue, "\uFFFD"))
	}
	for rows.Next() {
		var f exportFigure
		if err := rows.Scan(&f.KPI, &f.Stat, &f.PeriodStart, &f.Dim, &f.DimValue, &f.Value, &f.Low, &f.High, &f.K, &f.N, &f.Unknown, &f.Open, &f.Excluded, &f.Complete); err != nil {
			t.Fatal(err)
		}
		wanted[key(f)] = f
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	signals := 0
	for _, f := range figures {
		if f.Title == "" || f.Unit == "" || f.Kind == "" {
			t.Errorf("%s: title %q, unit %q, kind %q", f.KPI, f.Title, f.Unit, f.Kind)
		}
		for _, pair := range [][2]*float64{{f.Low, f.High}, {f.IntervalLow, f.IntervalHigh}, {f.NormalLow, f.NormalHigh}} {
			if (pair[0] == nil) != (pair[1] == nil) || pair[0] != nil && *pair[0] > *pair[1] {
				t.Errorf("%s: a range with one end, or turned round", key(f))
			}
		}
		if f.Signal != nil {
			signals++
		}
		f.Title, f.Unit, f.Kind, f.Sentence, f.Signal = "", "", "", "", nil
		f.IntervalLow, f.IntervalHigh, f.NormalLow, f.NormalHigh = nil, nil, nil, nil
		want := wanted[key(f)]
		if d := cmp.Diff(&want, &f, cmp.Transformer("utf8", func(s string) string { return strings.ToValidUTF8(s, "\uFFFD") })); d != "" {
			t.Errorf("%s: %s", key(f), d)
		}
	}
	if signals == 0 {
		t.Error("no figure carries a reading")
	}
}

// sameAsThePage holds every block against its section, letter by letter: the text,
// and each table apart.
func sameAsThePage(t *testing.T, page string, got exported) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]exportBlock{}
	for _, b := range got.Blocks {
		blocks[b.ID] = b
	}
	found := 0
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "section" && hasClass(n, "block") {
			id := attribute(n, "id")
			if id == "evidence" {
				return
			}
			b, ok := blocks[id]
			if !ok {
				t.Errorf("no block %q", id)
				return
			}
			found++
			var said strings.Builder
			var tables []string
			shown(n, &said, &tables)
			if d := cmp.Diff(bare(said.String()), bare(b.Title+b.Text)); d != "" {
				t.Errorf("%s: %s", id, d)
			}
			var have []string
			for _, table := range b.Tables {
				one := table.Caption + strings.Join(table.Columns, "")
				for _, row := range table.Rows {
					if len(row) != len(table.Columns) {
						t.Errorf("%s: a row of %d cells under %d columns", id, len(row), len(table.Columns))
					}
					one += strings.Join(row, "")
				}
				have = append(have, bare(one))
			}
			for i := range tables {
				tables[i] = bare(tables[i])
			}
			if d := cmp.Diff(tables, have); d != "" {
				t.Errorf("%s: %s", id, d)
			}
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	if found != len(blocks) || found < 5 {
		t.Errorf("%d of %d blocks are on the page", found, len(blocks))
	}
}

// shown gathers what a section shows as text, and its tables apart.
func shown(n *html.Node, said *strings.Builder, tables *[]string) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			said.WriteString(c.Data)
		case c.Type != html.ElementNode:
		case c.Data == "svg", c.Data == "script", hasClass(c, "chart"), hasClass(c, "unit"), hasClass(c, "drawn"), hasClass(c, "events"), hasClass(c, "rangecell"), hasClass(c, "barcell"):
		case hasClass(c, "away") && c.Data != "caption":
		case c.Data == "table":
			var one strings.Builder
			shown(c, &one, tables)
			*tables = append(*tables, one.String())
		case attribute(c, "data-plain") != "":
			said.WriteString(attribute(c, "data-plain"))
		default:
			shown(c, said, tables)
		}
	}
}

// bare is text by its letters and digits: spaces and the marks between things
// are each form's own.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '%' {
			return r
		}
		return -1
	}, s)
}

// opened is a mail as a mail program takes it apart.
type opened struct {
	header      mail.Header
	subject     string
	plain, rich string
}

func openMail(t *testing.T, source string) opened {
	t.Helper()
	for i, line := range strings.SplitAfter(source, "\n") {
		if line != "" && !strings.HasSuffix(line, "\r\n") || len(line) > 1000 {
			t.Fatalf("line %d of the mail ends with no CRLF, or is too long: %.80q", i+1, line)
		}
	}
	m, err := mail.ReadMessage(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	out := opened{header: m.Header}
	if out.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Error(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%q: %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, to := range []*string{&out.plain, &out.rich} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		*to = string(b)
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("after the two parts: %v", err)
	}
	return out
}

func aMailIsSmallAndInert(t *testing.T, made *composed, which, address string) {
	t.Helper()
	name := made.document.name
	source := exportedOf(t, made, Mail, address)
	if len(source) >= 100_000 {
		t.Errorf("%s: a mail of %d bytes", name, len(source))
	}
	m := openMail(t, source)
	keptFile(t, which+"-"+name+".mail.html", m.rich)
	if which == "crowded" && !strings.Contains(m.rich, " more ") {
		t.Errorf("%s: nothing says that there is more", name)
	}
	if len(m.header) != 6 {
		t.Errorf("header %v", m.header)
	}
	if at, err := m.header.Date(); err != nil || !at.Equal(made.sheet.asOf.Truncate(time.Second)) {
		t.Errorf("date %v, %v", at, err)
	}
	if m.header.Get("X-Unsent") != "1" || !regexp.MustCompile(`^<[a-z]+\.[0-9-]+\.(draft|rebuilt)\.[0-9a-z]+@(reports\.example\.com|srekpi\.invalid)>$`).MatchString(m.header.Get("Message-Id")) {
		t.Errorf("%v", m.header)
	}
	if !strings.HasPrefix(m.subject, map[string]string{metrics.Weekly: "Weekly production catch-up: Week to Tue 16 Jun 2026, 00:00, DRAFT. ", metrics.Monthly: "Monthly reliability review: May 2026, REBUILT. "}[name]) {
		t.Errorf("subject %q", m.subject)
	}
	readMarkdown(t, m.plain)
	inert(t, m.rich, address)
}

// inert walks the HTML of a mail: only elements that show text, no reference but
// links that a reader follows.
func inert(t *testing.T, source, address string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	fine := map[string]bool{"html": true, "head": true, "meta": true, "title": true, "style": true, "body": true, "table": true, "tbody": true, "tr": true, "td": true, "th": true, "caption": true,
		"h1": true, "h2": true, "h3": true, "p": true, "b": true, "a": true, "ul": true, "ol": true, "li": true, "br": true, "span": true}
	styles := 0
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		if n.Type == html.ElementNode {
			if !fine[n.Data] {
				t.Errorf("a <%s> is in the mail", n.Data)
			}
			for _, a := range n.Attr {
				switch {
				case a.Key == "href" && n.Data == "a":
					if u, err := url.Parse(a.Val); err != nil || u.Scheme != "https" || u.Host != "desk.example.com" && (address == "" || u.Host != "reports.example.com") {
						t.Errorf("a link leads to %q", a.Val)
					}
				case a.Key == "style" && (strings.Contains(a.Val, "url(") || strings.Contains(a.Val, "ZgotmplZ")), strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "background", a.Key == "srcset":
					t.Errorf("%s=%q in the mail", a.Key, a.Val)
				}
			}
			if n.Data == "style" {
				styles++
				if css := n.FirstChild.Data; strings.Contains(css, "url(") || strings.Contains(css, "@import") {
					t.Errorf("the style asks for something: %s", css)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			visit(c)
		}
	}
	visit(root)
	if styles != 1 {
		t.Errorf("%d style elements", styles)
	}
}

// keptFile writes what SREKPI_LOOK asks for, for a person to look at.
func keptFile(t *testing.T, name, source string) {
	t.Helper()
	if dir := os.Getenv("SREKPI_LOOK"); dir != "" {
		if err := write(filepath.Join(dir, name), []byte(source)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHeadersOfAMailCannotBeInjected(t *testing.T) {
	at := time.Date(2026, 6, 16, 8, 30, 0, 0, melbourne)
	for _, bad := range append([]string{"a\r\nBcc: x@evil.example", "a\nX: y\n\nbody", "\u202eevil\u2066", "é " + strings.Repeat("ü", 400), strings.Repeat("x", 3000), "\u2028line", "=?utf-8?q?=0D=0ABcc:_x?="}, hostile...) {
		m := &composed{document: weekly(), sheet: &sheet{clock: clock{melbourne}, asOf: at, verdict: bad, options: Options{URL: served}, period: metrics.Period{Kind: metrics.Week, EndsAt: at}},
			head: head{Title: bad, Label: bad, State: state{Word: "DRAFT"}, Whose: bad}}
		source, err := m.envelope([]byte("plain\n"), []byte("<p>rich</p>\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := openMail(t, string(source))
		if len(got.header) != 6 || got.header.Get("Bcc") != "" || got.header.Get("X") != "" {
			t.Errorf("%.40q: header %v", bad, got.header)
		}
		if strings.ContainsAny(got.subject, "\r\n\x00\x07\u202e\u2066\u2028") {
			t.Errorf("subject %q", got.subject)
		}
		if got.plain != "plain\r\n" || got.rich != "<p>rich</p>\r\n" {
			t.Errorf("%q, %q", got.plain, got.rich)
		}
	}
}

func TestOutlineReadsWhatBlocksWrite(t *testing.T) {
	nodes, err := nodesOf(`
<p class="lead">Two of <data>3</data> hurt<small>so far</small>.</p>
<svg><text>gone</text></svg><div class="chart">gone</div><script type="application/json">{"gone":1}</script><button>gone</button>
<table class="stack"><caption class="away">Rota</caption><thead><tr><th>Shift</th><th class="num">Pages</th><th class="barcell"><span class="away">Bar</span></th></tr></thead>
<tbody><tr class="group"><th scope="rowgroup" colspan="3">L2</th></tr>
<tr><th rowspan="2">Day</th><td class="num"><data>4</data></td><td><svg></svg></td></tr>
<tr><td class="num">5<br>late</td><td><svg></svg></td></tr></tbody></table>
<dl><div><dt>Why</dt><dd>capacity</dd><dd>and luck</dd></div></dl>
<article><h3>OPS-1 <span>2</span></h3><ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul></article>
<details class="numbers"><summary>In numbers</summary><table><tr><td>1</td></tr></table></details>
<figure><figcaption>What to see</figcaption></figure>
loose <a href="#x">words</a> <q>quoted</q>`)
	if err != nil {
		t.Fatal(err)
	}
	say := func(text string) []span { return []span{{Text: text}} }
	want := []node{
		{Kind: paragraph, Words: say("Two of 3 hurt \u00b7 so far.")},
		{Kind: tabular, Table: &table{Caption: say("Rota"), Aside: true, Columns: [][]span{say("Shift"), say("Pages")}, Labels: []string{"Shift", "Pages"}, Numeric: []bool{false, true},
			Rows: [][][]span{{{{Text: "L2", Strong: true}}, nil}, {say("Day"), say("4")}, {say("Day"), say("5 late")}}}},
		{Kind: terms, Terms: []term{{say("Why"), say("capacity; and luck")}}},
		{Kind: carding, Inner: []node{{Kind: heading, Words: say("OPS-1 (2)")}, {Kind: list, Items: [][]node{{{Kind: paragraph, Words: say("one")}, {Kind: list, Items: [][]node{{{Kind: paragraph, Words: say("inner")}}}}}, {{Kind: paragraph, Words: say("two")}}}}}},
		{Kind: fold, Words: say("In numbers"), Numbers: true, Inner: []node{{Kind: tabular, Table: &table{Columns: [][]span{nil}, Labels: []string{""}, Numeric: []bool{false}, Rows: [][][]span{{say("1")}}}}}},
		{Kind: paragraph, Words: say("What to see")},
		{Kind: paragraph, Words: []span{{Text: "loose "}, {Text: "words", URL: "#x"}, {Text: " \u201cquoted\u201d"}}},
	}
	if d := cmp.Diff(want, nodes, cmp.AllowUnexported(node{}, span{}, table{}, term{})); d != "" {
		t.Error(d)
	}
}

func TestLinksOfAPageLeadThereFromElsewhere(t *testing.T) {
	a := abridged{page: served + "/weekly/2026-06-16.html"}
	for href, want := range map[string]string{
		"#evidence-x": served + "/weekly/2026-06-16.html#evidence-x", "2026-06-16-evidence/all.html#r": served + "/weekly/2026-06-16-evidence/all.html#r", "../index.html": served + "/index.html",
		"https://desk.example.com/1": "https://desk.example.com/1", "javascript:alert(1)": "", "//evil.example/x": "", "data:text/html,x": "", "": "", "https://user:secret@desk.example.com/": "https://desk.example.com/",
	} {
		if got := a.address(href); got != want {
			t.Errorf("%q leads to %q, want %q", href, got, want)
		}
	}
	if got := (abridged{}).address("#x"); got != "" {
		t.Errorf("without an address it leads to %q", got)
	}
}

func TestWhatIsMissingIsCutWithALink(t *testing.T) {
	m := &composed{}
	for i := range 5 {
		m.head.Missing = append(m.head.Missing, prose{say(strings.Repeat("x", i+1))})
	}
	for most, want := range map[int]string{
		0: "- x\n\n4 more [on the page](https://reports.example.com/weekly/2026-06-16.html#missing).\n",
		3: "- x\n- xx\n- xxx\n- xxxx\n\n1 more [on the page](https://reports.example.com/weekly/2026-06-16.html#missing).\n",
		4: "- x\n- xx\n- xxx\n- xxxx\n- xxxxx\n",
	} {
		w := &markdownWriter{}
		w.nodes(m.lacks(abridged{page: "https://reports.example.com/weekly/2026-06-16.html", most: most}), "")
		if got := w.b.String(); got != want {
			t.Errorf("%d:\n got %q\nwant %q", most, got, want)
		}
	}
	if got := (&composed{}).lacks(abridged{}); got != nil {
		t.Errorf("nothing is missing, and it says %v", got)
	}
}
