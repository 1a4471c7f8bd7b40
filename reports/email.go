package reports

import (
	"bytes"
	"embed"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/emersion/go-message"
	mailheader "github.com/emersion/go-message/mail"
)

// mailMost keeps a mail whole: Gmail cuts off what goes beyond 102 KB.
const mailMost = 95_000

// boundary separates the two parts. Both are quoted-printable, in which no line
// has "=_".
const boundary = "=_srekpi_report"

//go:embed templates/mail/*.html
var mailFiles embed.FS

var mailTemplates = template.Must(template.New("").Funcs(template.FuncMap{
	"only": func(n node) []node { return []node{n} },
}).ParseFS(mailFiles, "templates/mail/*.html"))

// mailView is what the HTML of a mail is filled with.
type mailView struct {
	Title, Verdict, URL string
	Standing, Closing   []span
	Missing             []node
	Passages            []passage
}

// mail is the document as a draft: no sender and no recipient, so that whoever
// opens it sends it with a mail program of their own.
func (m *composed) mail() ([]byte, error) {
	all, err := outline(m.sections)
	if err != nil {
		return nil, err
	}
	return fitting(mailMost, func(rows int) ([]byte, error) {
		plain, err := m.markdownOf(min(rows, 5))
		if err != nil {
			return nil, err
		}
		rich, err := m.mailHTML(all, rows)
		if err != nil {
			return nil, err
		}
		return m.envelope(plain, rich)
	})
}

func (m *composed) mailHTML(all []passage, rows int) ([]byte, error) {
	a := abridged{page: m.address(), most: rows}
	view := mailView{Title: undirected(m.title()), Verdict: undirected(m.sheet.verdict), URL: a.page, Standing: m.standing(a), Closing: m.closing(a), Passages: a.passages(all)}
	if a.page != "" {
		view.Standing = view.Standing[:len(view.Standing)-2] // the link has a line of its own
	}
	if missing := m.lacks(a); len(missing) > 0 {
		view.Missing = []node{{Kind: list, Items: missing}}
	}
	var b bytes.Buffer
	if err := mailTemplates.ExecuteTemplate(&b, "mail", view); err != nil {
		return nil, fmt.Errorf("set the mail: %w", err)
	}
	return b.Bytes(), nil
}

// envelope puts the two ways of reading it under one header.
func (m *composed) envelope(plain, rich []byte) ([]byte, error) {
	var h mailheader.Header
	h.SetContentType("multipart/alternative", map[string]string{"boundary": boundary})
	h.Set("X-Unsent", "1") // Outlook opens it for sending
	h.SetSubject(m.subject())
	h.SetMessageID(m.messageID())
	h.SetDate(m.dated())
	var b bytes.Buffer
	w, err := message.CreateWriter(&b, h.Header)
	if err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	for _, part := range []struct {
		kind string
		text []byte
	}{{"text/plain", plain}, {"text/html", rich}} {
		var ph message.Header
		ph.SetContentType(part.kind, map[string]string{"charset": "utf-8"})
		ph.Set("Content-Transfer-Encoding", "quoted-printable")
		pw, err := w.CreatePart(ph)
		if err == nil {
			_, err = io.WriteString(pw, strings.ReplaceAll(string(part.text), "\n", "\r\n"))
		}
		if err == nil {
			err = pw.Close()
		}
		if err != nil {
			return nil, fmt.Errorf("write the mail: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	return b.Bytes(), nil
}

// subject is what a list of mails shows: what it is, its state, its verdict.
func (m *composed) subject() string {
	return clip(undirected(m.title()+", "+m.head.State.Word+". "+m.sheet.verdict), 180)
}

// dated is when it was issued, else how far its data are known.
func (m *composed) dated() time.Time {
	if m.sheet.issue != nil {
		return m.sheet.issue.IssuedAt.In(m.sheet.clock.zone)
	}
	return m.sheet.asOf.In(m.sheet.clock.zone)
}

// messageID is the same for the same document in the same state, so that a mail
// program which gets it twice knows it.
func (m *composed) messageID() string {
	host := "srekpi.invalid"
	if u, err := url.Parse(m.address()); err == nil && mailHost.MatchString(u.Hostname()) {
		host = u.Hostname()
	}
	sum := fnv.New64a()
	fmt.Fprintln(sum, m.sheet.definition, m.dated().UnixMilli(), m.sheet.verdict, m.head.Whose)
	return fmt.Sprintf("%s.%s.%s.%s@%s", m.document.name, m.sheet.period.Slug(), strings.ToLower(m.head.State.Word), strconv.FormatUint(sum.Sum64(), 36), host)
}

var mailHost = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)

func (n node) IsParagraph() bool { return n.Kind == paragraph }
func (n node) IsHeading() bool   { return n.Kind == heading }
func (n node) IsList() bool      { return n.Kind == list }
func (n node) IsTerms() bool     { return n.Kind == terms }
func (n node) IsTable() bool     { return n.Kind == tabular }
func (n node) IsCard() bool      { return n.Kind == carding }

// mailTable is a table as it fits a telephone: narrow columns of numbers stand
// side by side; of any other the first two do, and the rest below the first.
type mailTable struct {
	Caption []span
	Heads   []mailCell
	Rows    [][]mailCell
}

type mailCell struct {
	Words []span
	Under [][]span
	Right bool
	Tight bool // a number that may not break
	Title bool
}

func (c mailCell) Align() string {
	if c.Right {
		return "right"
	}
	return "left"
}

const (
	sideBySide = 5  // columns of numbers that a telephone holds
	beside     = 30 // characters of a second column
)

// Layout arranges the table.
func (n node) Layout() mailTable {
	t := n.Table
	out := mailTable{Caption: t.Caption}
	numbers, second := len(t.Columns) <= sideBySide, true
	for i := range t.Columns {
		numbers = numbers && (i == 0 || t.Numeric[i])
	}
	for _, row := range t.Rows {
		if len(row) < 2 || utf8.RuneCountInString(spoken(row[1])) > beside {
			second = false
		}
	}
	cell := func(words []span, i int, right bool) mailCell {
		return mailCell{Words: words, Right: right, Tight: right && utf8.RuneCountInString(spoken(words)) <= 12, Title: i == 0}
	}
	columns := len(t.Columns)
	if !numbers {
		columns = map[bool]int{true: 2, false: 1}[second]
	}
	named := false
	for i := range min(columns, len(t.Columns)) {
		head := cell(t.Columns[i], i, i > 0)
		head.Title = false
		named = named || len(head.Words) > 0
		out.Heads = append(out.Heads, head)
	}
	if !named {
		out.Heads = nil
	}
	for _, row := range t.Rows {
		var cells []mailCell
		for i := range columns {
			cells = append(cells, cell(row[i], i, i > 0))
		}
		var under []span
		for i := columns; i < len(row); i++ {
			if len(row[i]) == 0 || spoken(row[i]) == "\u2013" {
				continue
			}
			if len(under) > 0 {
				under = continued(under, span{Text: " \u00b7 "})
			}
			if len(t.Columns[i]) > 0 {
				under = continued(under, span{Text: spoken(t.Columns[i]) + ": "})
			}
			under = continued(under, row[i]...)
		}
		if len(under) > 0 {
			cells[0].Under = [][]span{under}
		}
		out.Rows = append(out.Rows, cells)
	}
	return out
}
