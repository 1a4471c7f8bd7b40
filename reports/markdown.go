package reports

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// markdownMost is what a wiki page and a chat's snippet take without complaint.
const markdownMost = 40_000

// markdown is the document for a chat or a wiki page: what needs an answer, the
// figures, the cards as lines. Definitions and evidence stay on the page.
func (m *composed) markdown() ([]byte, error) {
	return fitting(markdownMost, m.markdownOf)
}

func (m *composed) markdownOf(rows int) ([]byte, error) {
	all, err := outline(m.sections)
	if err != nil {
		return nil, err
	}
	a := abridged{page: m.address(), most: rows}
	w := &markdownWriter{}
	w.line("# ", escaped(m.title(), false))
	w.blank()
	w.line("", w.spans(m.standing(a), false))
	if m.sheet.verdict != "" {
		w.blank()
		w.line("", "**"+escaped(undirected(m.sheet.verdict), true)+"**")
	}
	if missing := m.lacks(a); len(missing) > 0 {
		w.blank()
		w.line("", "What is missing:")
		w.blank()
		w.nodes(missing, "")
	}
	for _, p := range a.passages(all) {
		w.blank()
		w.line("## ", escaped(p.Title, false))
		w.blank()
		w.nodes(p.Nodes, "")
	}
	w.blank()
	w.line("", w.spans(m.closing(a), false))
	return []byte(w.b.String()), nil
}

// markdownWriter writes CommonMark with the tables of GitHub's. Whatever a ticket
// says comes out as the text that it is.
type markdownWriter struct{ b strings.Builder }

func (w *markdownWriter) line(before, text string) {
	if text = strings.TrimSpace(text); text != "" {
		w.b.WriteString(before + text + "\n")
	}
}

// blank sets one empty line, never two.
func (w *markdownWriter) blank() {
	if s := w.b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		w.b.WriteString("\n")
	}
}

// nodes writes blocks, each behind the indent of the list that it stands in.
func (w *markdownWriter) nodes(nodes []node, indent string) {
	for i, n := range nodes {
		if i > 0 && !(n.Kind == carding && nodes[i-1].Kind == carding) {
			w.blank()
		}
		switch n.Kind {
		case paragraph:
			w.line(indent, w.spans(n.Words, true))
		case heading:
			if indent != "" {
				w.line(indent, "**"+escaped(spoken(n.Words), false)+"**")
				continue
			}
			w.line("### ", escaped(spoken(n.Words), false))
		case list:
			for k, item := range n.Items {
				bullet := "- "
				if n.Ordered {
					bullet = strconv.Itoa(k+1) + ". "
				}
				w.item(indent, bullet, item)
			}
		case terms:
			for _, t := range n.Terms {
				name := ""
				if len(t.Name) > 0 {
					name = "**" + escaped(spoken(t.Name), true) + ":** "
				}
				w.line(indent+"- ", name+w.spans(t.Said, false))
			}
		case tabular:
			if indent != "" { // chats have no tables in lists
				for _, row := range n.Table.Rows {
					w.line(indent+"- ", w.spans(n.Table.line(row), true))
				}
				continue
			}
			w.table(n.Table)
		case carding:
			w.card(indent, n)
		case fold:
			w.line(indent, w.spans(n.Words, true))
		}
	}
}

// item is a list item: its first line behind the bullet, the rest under it.
func (w *markdownWriter) item(indent, bullet string, item []node) {
	if len(item) == 0 {
		return
	}
	rest := item
	if item[0].Kind == paragraph || item[0].Kind == heading {
		w.line(indent+bullet, w.spans(item[0].Words, true))
		rest = item[1:]
	} else {
		w.b.WriteString(indent + bullet + "\n")
	}
	for _, n := range rest {
		w.nodes([]node{n}, indent+strings.Repeat(" ", len(bullet)))
	}
}

func (w *markdownWriter) card(indent string, n node) {
	first, second, rest := n.lines()
	w.line(indent+"- ", w.spans(first, true))
	w.line(indent+"  ", w.spans(second, true))
	for _, one := range rest {
		w.nodes([]node{one}, indent+"  ")
	}
}

func (w *markdownWriter) table(t *table) {
	if len(t.Caption) > 0 {
		w.line("", w.spans(t.Caption, true))
		w.blank()
	}
	row := func(cells [][]span) {
		w.b.WriteString("|")
		for _, c := range cells {
			w.b.WriteString(" " + strings.ReplaceAll(w.spans(c, false), "|", `\|`) + " |")
		}
		w.b.WriteString("\n")
	}
	row(t.Columns)
	w.b.WriteString("|")
	for _, num := range t.Numeric {
		w.b.WriteString(map[bool]string{true: " ---: |", false: " --- |"}[num])
	}
	w.b.WriteString("\n")
	for _, cells := range t.Rows {
		row(cells)
	}
}

// spans writes words in a line. At the start of a line more has a meaning.
func (w *markdownWriter) spans(words []span, starts bool) string {
	var b strings.Builder
	for i, s := range words {
		text := escaped(s.Text, starts && i == 0 && !s.Strong && s.URL == "")
		// Marks do not hold where white space is on their inside.
		inner := strings.Trim(text, " ")
		if inner == "" {
			b.WriteString(text)
			continue
		}
		lead, tail, _ := strings.Cut(text, inner)
		if s.URL != "" {
			inner = "[" + inner + "](" + addressed(s.URL) + ")"
		}
		if s.Strong {
			inner = "**" + inner + "**"
		}
		b.WriteString(lead + inner + tail)
	}
	return b.String()
}

// addressed is a web address as it stands in a link, in a table too.
func addressed(url string) string {
	return strings.NewReplacer("<", "%3C", ">", "%3E", "\\", "%5C", " ", "%20", "\n", "", "\r", "", "|", "%7C", "(", "%28", ")", "%29", "*", "%2A", "`", "%60").Replace(url)
}

var (
	// What a program that reads Markdown makes a link of, without any mark.
	linked = regexp.MustCompile(`(?i)(https?|ftp|mailto|xmpp):|www\.`)
	// What begins a list, a quotation, a heading, a rule or an underline.
	opening = regexp.MustCompile(`^(\s*)([-+=>#]|\d{1,9}[.)])`)
	entity  = regexp.MustCompile(`&(#|[A-Za-z])`)
)

// escaped is text that stays text: no mark of it has a meaning, at the start of
// a line either, and no address of it becomes a link. Marks inside a word, as in
// order_events, have none and stay.
func escaped(text string, starts bool) string {
	text = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	var b strings.Builder
	before := rune(' ')
	for i, r := range text {
		after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&' && entity.MatchString(text[i:]) && entity.FindStringIndex(text[i:])[0] == 0:
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*[]~$", r), r == '_' && !(worded(before) && worded(after)), r == '@' && before != ' ' && worded(after):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
		before = r
	}
	out := linked.ReplaceAllStringFunc(b.String(), func(s string) string { return s[:len(s)-1] + `\` + s[len(s)-1:] })
	if starts {
		if at := opening.FindStringSubmatchIndex(out); at != nil {
			out = out[:at[5]-1] + `\` + out[at[5]-1:]
		}
	}
	return out
}

func worded(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
