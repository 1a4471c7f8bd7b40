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
	view.Missing = m.lacks(a)
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
	h.SetDate(m.sentAt())
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
	said := m.title() + ", " + m.head.State.Word + ". " + m.sheet.verdict
	return clip(undirected(strings.ReplaceAll(said, "=?", "= ?")), 180) // "=?" would begin an encoded word
}

// sentAt is when it was issued, else how far its data are known.
func (m *composed) sentAt() time.Time {
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
	fmt.Fprintln(sum, m.sheet.definition, m.sentAt().UnixMilli(), m.sheet.verdict, m.head.Whose)
	return fmt.Sprintf("%s.%s.%s.%s@%s", m.document.name, m.sheet.period.Slug(), strings.ToLower(m.head.State.Word), strconv.FormatUint(sum.Sum64(), 36), host)
}

var mailHost = regexp.MustCompile(`^[A-Za-z0-9.-]+$`)

func (n node) IsParagraph() bool { return n.Kind == paragraph }
func (n node) IsHeading() bool   { return n.Kind == heading }
func (n node) IsList() bool      { return n.Kind == list }
func (n node) IsTerms() bool     { return n.Kind == terms }
func (n node) IsTable() bool     { return n.Kind == tabular }
func (n node) IsCard() bool      { return n.Kind == carding }

// mailCard is a card in two lines.
type mailCard struct {
	First, Second []span
	Rest          []node
}

func (n node) Card() mailCard {
	first, second, rest := n.lines()
	return mailCard{first, second, rest}
}
