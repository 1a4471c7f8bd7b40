package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// passage is a section without what only a browser needs: no picture, no script,
// nothing that unfolds. Markdown, mail and JSON are written from it, so that they
// say what the page says.
type passage struct {
	ID, Title string
	Nodes     []node
}

// node is one thing of a passage, by the field that is filled.
type node struct {
	Kind    nodeKind
	Words   []span   // of a paragraph or heading; the summary of a fold
	Ordered bool     // a numbered list
	Items   [][]node // of a list
	Terms   []term   // of a list of terms
	Table   *table
	Inner   []node // of a card or fold
	Numbers bool   // the fold holds the numbers of a chart
}

type nodeKind int

const (
	paragraph nodeKind = iota
	heading
	list
	terms
	tabular
	carding // an article, or a figure with a heading of its own
	fold
)

// span is words of one kind.
type span struct {
	Text   string
	URL    string
	Strong bool
}

type term struct{ Name, Said []span }

// outline reads the sections of a page.
func outline(sections []section) ([]passage, error) {
	var out []passage
	for _, s := range sections {
		var b strings.Builder
		if len(s.Lead) > 0 {
			lead, err := set("pieces", s.Lead)
			if err != nil {
				return nil, err
			}
			b.WriteString("<p>" + string(lead) + "</p>")
		}
		b.WriteString(string(s.Body))
		nodes, err := nodesOf(template.HTML(b.String()))
		if err != nil {
			return nil, fmt.Errorf("read section %s: %w", s.ID, err)
		}
		if len(nodes) > 0 {
			out = append(out, passage{ID: s.ID, Title: s.Title, Nodes: nodes})
		}
	}
	return out, nil
}

func nodesOf(body template.HTML) ([]node, error) {
	root, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	r := &reader{}
	r.children(root)
	r.flush()
	return r.out, nil
}

// reader turns the children of an element into nodes. Words gather until
// something begins that stands on its own.
type reader struct {
	out   []node
	words []span
	url   string
	bold  int
	join  string // what has to stand between the words so far and the next
}

func (r *reader) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		r.read(c)
	}
}

// within reads an element on its own.
func within(n *html.Node) []node {
	r := &reader{}
	r.children(n)
	r.flush()
	return r.out
}

func (r *reader) flush() {
	if words := trimmed(r.words); len(words) > 0 {
		r.out = append(r.out, node{Kind: paragraph, Words: words})
	}
	r.words, r.join = nil, ""
}

func (r *reader) add(n node) {
	r.flush()
	r.out = append(r.out, n)
}

func (r *reader) read(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		r.say(n.Data)
		return
	case html.ElementNode:
	case html.DocumentNode:
		r.children(n)
		return
	default:
		return
	}
	if unseen(n) {
		return
	}
	switch n.Data {
	case "p", "figcaption", "summary", "caption", "div", "section", "header", "footer", "main", "blockquote", "pre", "li", "dt", "dd", "tr", "td", "th", "body":
		r.flush()
		r.loud(n)
		r.flush()
	case "h1", "h2", "h3", "h4", "h5", "h6":
		if words := flatten(within(n)); len(words) > 0 {
			r.add(node{Kind: heading, Words: words})
		}
	case "ul", "ol":
		one := node{Kind: list, Ordered: n.Data == "ol"}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if inner := within(c); c.Data == "li" && len(inner) > 0 {
				one.Items = append(one.Items, inner)
			}
		}
		if len(one.Items) > 0 {
			r.add(one)
		}
	case "dl":
		if found := termsOf(n, nil); len(found) > 0 {
			r.add(node{Kind: terms, Terms: found})
		}
	case "table":
		if t := tableOf(n); t != nil {
			r.add(node{Kind: tabular, Table: t})
		}
	case "article", "figure":
		inner := within(n)
		switch {
		case n.Data == "figure" && !slices.ContainsFunc(inner, func(n node) bool { return n.Kind == heading }):
			r.flush()
			r.out = append(r.out, inner...)
		case len(inner) > 0:
			r.add(node{Kind: carding, Inner: inner})
		}
	case "details":
		one, inner := node{Kind: fold, Numbers: hasClass(n, "numbers")}, &reader{}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Data == "summary" {
				one.Words = append(one.Words, flatten(within(c))...)
				continue
			}
			inner.read(c)
		}
		inner.flush()
		if one.Inner = inner.out; len(one.Inner) > 0 {
			r.add(one)
		}
	default:
		r.phrase(n)
	}
}

// phrase reads an element within a line.
func (r *reader) phrase(n *html.Node) {
	switch n.Data {
	case "br", "hr":
		r.part(" ")
		return
	case "a":
		url := r.url
		r.url = attribute(n, "href")
		r.children(n)
		r.url = url
		return
	case "b", "strong":
		r.bold++
		r.children(n)
		r.bold--
		return
	case "q":
		r.say("\u201c")
		r.children(n)
		r.say("\u201d")
		return
	case "small": // set below on the page
		r.part(apart)
	case "span", "bdi", "time", "label":
		if hasClass(n, "said") || hasClass(n, "service") {
			r.part(apart)
		} else if n.Data == "span" {
			r.part("")
		}
		if n.Parent != nil && n.Parent.Data == "h3" && n.Data == "span" && len(n.Attr) == 0 { // how many stand under the heading
			r.say("(")
			r.children(n)
			r.say(")")
			return
		}
	}
	r.loud(n)
	if n.Data == "span" || n.Data == "small" || hasClass(n, "service") {
		r.part("")
	}
}

// loud reads an element whose words may be the big ones of a figure.
func (r *reader) loud(n *html.Node) {
	if hasClass(n, "big") {
		r.bold++
		defer func() { r.bold-- }()
	}
	r.children(n)
}

// part marks that two pieces stand apart on the page without a space between.
func (r *reader) part(by string) {
	if len(r.join) <= len(by) {
		r.join = or(by, "\x00")
	}
}

// say takes words; white space collapses as a browser would.
func (r *reader) say(text string) {
	if text == "" {
		return
	}
	fields := strings.FieldsFunc(text, func(c rune) bool {
		return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\u00a0'
	})
	said := strings.Join(fields, " ")
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	leads, ends := spacious(first), spacious(last)
	before := r.last()
	if said == "" {
		if before != 0 && before != ' ' {
			r.append(" ")
		}
		return
	}
	begin, _ := utf8.DecodeRuneInString(said)
	switch marked := r.join == apart; {
	case marked && strings.TrimRight(spoken(r.words), " ") != "" && !strings.ContainsRune("(\u00b7", r.visible()) && !strings.ContainsRune(",.;:)\u00b7", begin):
		if before == ' ' {
			one := &r.words[len(r.words)-1]
			one.Text = strings.TrimRight(one.Text, " ")
		}
		r.words = continued(r.words, span{Text: apart})
	case before == 0 || before == ' ':
	case leads, r.join == " ", r.join == "\x00" && wordy(before) && wordy(begin):
		said = " " + said
	}
	r.join = ""
	if ends {
		said += " "
	}
	r.append(said)
}

// apart stands between two things that the page sets apart by place or size.
const apart = " \u00b7 "

// visible is the last character so far that is no space.
func (r *reader) visible() rune {
	c, _ := utf8.DecodeLastRuneInString(strings.TrimRight(spoken(r.words), " "))
	return c
}

func spacious(c rune) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\u00a0' }
func wordy(c rune) bool    { return unicode.IsLetter(c) || unicode.IsDigit(c) || c == '%' }

// last is the last character so far; 0 at the start of a line.
func (r *reader) last() rune {
	if len(r.words) == 0 {
		return 0
	}
	c, _ := utf8.DecodeLastRuneInString(r.words[len(r.words)-1].Text)
	return c
}

func (r *reader) append(text string) {
	r.words = continued(r.words, span{Text: text, URL: r.url, Strong: r.bold > 0})
}

// continued puts words behind others, in one span where they are of one kind.
func continued(words []span, more ...span) []span {
	for _, one := range more {
		if n := len(words); n > 0 && words[n-1].URL == one.URL && words[n-1].Strong == one.Strong {
			words[n-1].Text += one.Text
			continue
		}
		words = append(words, one)
	}
	return words
}

// trimmed are words without white space at their ends.
func trimmed(words []span) []span {
	out := slices.Clone(words)
	for len(out) > 0 {
		if out[0].Text = strings.TrimLeft(out[0].Text, " "); out[0].Text != "" {
			break
		}
		out = out[1:]
	}
	for len(out) > 0 {
		last := &out[len(out)-1]
		if last.Text = strings.TrimRight(last.Text, " "); last.Text != "" {
			break
		}
		out = out[:len(out)-1]
	}
	return out
}

// flatten sets nodes in one line, as a cell has it.
func flatten(nodes []node) []span {
	var out []span
	put := func(between string, words []span) {
		if len(words) == 0 {
			return
		}
		if len(out) > 0 {
			out = continued(out, span{Text: between})
		}
		out = continued(out, words...)
	}
	for _, n := range nodes {
		switch n.Kind {
		case paragraph, heading:
			put(apart, n.Words)
		case list:
			for i, item := range n.Items {
				put(map[bool]string{true: apart, false: "; "}[i == 0], flatten(item))
			}
		case terms:
			for i, t := range n.Terms {
				put(map[bool]string{true: apart, false: "; "}[i == 0], t.line())
			}
		case tabular:
			for i, row := range n.Table.Rows {
				put(map[bool]string{true: apart, false: "; "}[i == 0], n.Table.line(row))
			}
		case carding, fold:
			put(apart, n.Words)
			put(apart, flatten(n.Inner))
		}
	}
	return out
}

// lines are a card in two lines, what it is and what is known of it, and what
// fits in neither.
func (n node) lines() (first, second []span, rest []node) {
	for _, one := range n.Inner {
		switch {
		case one.Kind == heading:
			first = append(first, after(first, apart, leading(one.Words))...)
		case one.Kind == paragraph && len(second) == 0 && len(rest) == 0:
			first = append(first, after(first, apart, one.Words)...)
		case one.Kind == terms:
			for _, t := range one.Terms {
				second = append(second, after(second, apart, t.line())...)
			}
		default:
			rest = append(rest, one)
		}
	}
	if len(first) == 0 {
		first, second = second, nil
	}
	return first, second, rest
}

// after are words with a mark before them, unless nothing stands there yet.
func after(before []span, mark string, more []span) []span {
	if len(before) == 0 || len(more) == 0 {
		return more
	}
	return append([]span{{Text: mark}}, more...)
}

// leading is a heading within a line: its name stands out, what follows does not.
func leading(words []span) []span {
	out := slices.Clone(words)
	out[0].Strong = true
	return out
}

// line is a term in a sentence: "Why: capacity".
func (t term) line() []span {
	if len(t.Name) == 0 {
		return t.Said
	}
	return continued(append(slices.Clone(t.Name), span{Text: ": "}), t.Said...)
}

// spoken is spans without their marks.
func spoken(spans []span) string {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

func termsOf(n *html.Node, found []term) []term {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode || unseen(c) {
			continue
		}
		switch c.Data {
		case "dt":
			found = append(found, term{Name: flatten(within(c))})
		case "dd":
			if len(found) == 0 {
				found = append(found, term{})
			}
			last := &found[len(found)-1]
			if more := flatten(within(c)); len(last.Said) > 0 && len(more) > 0 {
				last.Said = continued(continued(last.Said, span{Text: "; "}), more...)
			} else if len(more) > 0 {
				last.Said = more
			}
		case "div":
			found = termsOf(c, found)
		}
	}
	return found
}

// unseen says that an element has nothing to read: pictures, scripts, controls,
// what is set for screen readers beside a picture, and words about one.
func unseen(n *html.Node) bool {
	switch n.Data {
	case "svg", "script", "style", "template", "button", "nav", "head", "title", "img", "input", "select", "noscript":
		return true
	case "caption":
		return false
	case "p":
		return hasClass(n, "unit") || hasClass(n, "events") // of a chart's axis, on its line
	}
	return hasClass(n, "away") || hasClass(n, "chart") || hasClass(n, "drawn")
}

func hasClass(n *html.Node, name string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), name)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
