package reports

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// abridged is an outline for a chat or a mail: so many rows of a table and items
// of a list, what is left out said with a link, and nothing folded.
type abridged struct {
	page string // address of the page; empty: none is known
	most int    // rows and items
}

// leftOut are the sections that stay on the page: whoever doubts a number follows
// the link there.
var leftOut = []string{"figures", "evidence", "health"}

// first are the sections that a reader opens it for. They are short by themselves
// and stay whole, whatever else is cut.
var first = []string{"exceptions", "verdict", "kpis", "panels", "decisions"}

const firstRows = 12

func (a abridged) passages(all []passage) []passage {
	var out []passage
	for _, p := range all {
		if slices.Contains(leftOut, p.ID) {
			continue
		}
		of := a
		if slices.Contains(first, p.ID) {
			of.most = max(a.most, firstRows)
		}
		if p.Nodes = of.nodes(p.Nodes, p.ID); len(p.Nodes) > 0 {
			out = append(out, p)
		}
	}
	return out
}

func (a abridged) nodes(nodes []node, at string) []node {
	var out []node
	left, run, shown, paragraphs := 0, 0, 0, 0 // cards left out, of this group, of all
	full := false
	flush := func() {
		if left > 0 {
			out = append(out, a.more(left, at))
		}
		left, run = 0, 0
	}
	for _, n := range nodes {
		full = full || n.Kind == heading && shown >= 3*a.most && shown > 0 || paragraphs > 4*a.most+8
		if full { // a heading with nothing under it helps nobody
			if n.Kind == carding {
				left++
			}
			continue
		}
		if n.Kind != carding {
			flush()
		}
		switch n.Kind {
		case paragraph, heading:
			paragraphs++
			out = append(out, node{Kind: n.Kind, Words: a.resolved(n.Words)})
		case list:
			shown := n.Items[:min(len(n.Items), a.most)]
			one := node{Kind: list, Ordered: n.Ordered}
			for _, item := range shown {
				one.Items = append(one.Items, a.nodes(item, at))
			}
			out = append(out, one)
			if more := len(n.Items) - len(shown); more > 0 {
				out = append(out, a.more(more, at))
			}
		case terms:
			one := node{Kind: terms}
			for _, t := range n.Terms[:min(len(n.Terms), 3*a.most+5)] {
				one.Terms = append(one.Terms, term{a.resolved(t.Name), a.resolved(t.Said)})
			}
			out = append(out, one)
		case tabular:
			out = append(out, a.table(n, at)...)
		case carding:
			if run == a.most {
				left++
				continue
			}
			run, shown = run+1, shown+1
			out = append(out, node{Kind: carding, Inner: a.nodes(n.Inner, at)})
		case fold:
			if n.Numbers {
				continue // they repeat a chart
			}
			words := []span{{Text: spoken(n.Words)}}
			if a.page != "" {
				words = []span{{Text: spoken(n.Words), URL: a.address("#" + at)}}
			}
			out = append(out, node{Kind: paragraph, Words: append(words, span{Text: " (on the page)"})})
		}
	}
	if full && left == 0 {
		out = append(out, node{Kind: paragraph, Words: []span{{Text: "The rest is "}, {Text: "on the page", URL: a.address("#" + at)}, {Text: "."}}})
	}
	flush()
	return out
}

func (a abridged) table(n node, at string) []node {
	t := *n.Table
	if t.Aside {
		t.Caption = nil
	}
	t.Caption = a.resolved(t.Caption)
	t.Rows = nil
	shown := n.Table.Rows[:min(len(n.Table.Rows), a.most)]
	for _, row := range shown {
		var one [][]span
		for _, cell := range row {
			one = append(one, a.resolved(cell))
		}
		t.Rows = append(t.Rows, one)
	}
	t.Columns = nil
	for _, c := range n.Table.Columns {
		t.Columns = append(t.Columns, a.resolved(c))
	}
	out := []node{{Kind: tabular, Table: &t}}
	if more := len(n.Table.Rows) - len(shown); more > 0 {
		out = append(out, a.more(more, at))
	}
	return out
}

// more says how much stands on the page only.
func (a abridged) more(n int, at string) node {
	return node{Kind: paragraph, Words: []span{{Text: fmt.Sprintf("%d more ", n)}, {Text: "on the page", URL: a.address("#" + at)}, {Text: "."}}}
}

// resolved are words whose links lead somewhere, and whose characters stay in
// their own place: marks of direction could turn round the rest of a line.
func (a abridged) resolved(words []span) []span {
	var out []span
	for _, w := range words {
		w.Text, w.URL = undirected(w.Text), a.address(w.URL)
		out = continued(out, w)
	}
	return out
}

// address is where a link of the page leads from elsewhere; empty: nowhere.
func (a abridged) address(href string) string {
	if href == "" {
		return ""
	}
	if whole := link(href); whole != "" {
		return whole
	}
	base, err := url.Parse(a.page)
	if err != nil || base.Host == "" {
		return ""
	}
	ref, err := url.Parse(href)
	if err != nil || ref.Scheme != "" || ref.Host != "" {
		return ""
	}
	return link(base.ResolveReference(ref).String())
}

// undirected drops what is not seen but moves or hides other characters.
func undirected(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c' { // joiners belong to letters and emoji
			return -1
		}
		return r
	}, controlled(s))
}

// controlled turns control characters into spaces.
func controlled(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// fitting writes ever less until it fits. The last step keeps a line a section.
func fitting(most int, write func(rows int) ([]byte, error)) ([]byte, error) {
	for _, rows := range []int{20, 12, 8, 5, 3, 2, 1, 0} {
		b, err := write(rows)
		if err != nil || len(b) <= most {
			return b, err
		}
	}
	return nil, fmt.Errorf("it does not fit into %d bytes", most)
}
