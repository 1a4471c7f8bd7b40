package reports

import (
	"strconv"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// prose is a sentence of a page: words, and between them the numbers, each a
// figure or a tally. It is how a sentence gets a number: words alone may have
// none but the constants of a definition ("90 days").
type prose []piece

// tell makes prose as fmt.Sprintf makes text, with %s for every argument: a
// number (figure, tally), a place, a piece, prose, or words.
func tell(format string, args ...any) prose {
	var out prose
	for i, words := range strings.Split(format, "%s") {
		if i > 0 {
			out = append(out, pieces(args[i-1])...)
		}
		if words != "" {
			out = append(out, say(words))
		}
	}
	return out
}

func pieces(arg any) prose {
	switch x := arg.(type) {
	case tally:
		return prose{counting(x)}
	case figure:
		return prose{showing(x)}
	case place:
		return prose{to(x)}
	case piece:
		return prose{x}
	case prose:
		return x
	case string:
		if x == "" {
			return nil
		}
		return prose{say(x)}
	}
	panic("a sentence takes numbers as figures or tallies only")
}

// String is the sentence without its marks: the title of a picture, the verdict of the index.
func (p prose) String() string {
	var b strings.Builder
	for _, one := range p {
		b.WriteString(one.String())
	}
	return b.String()
}

func (p piece) String() string {
	switch {
	case p.Tally != nil:
		return p.Tally.Text
	case p.Figure != nil:
		return p.Figure.Text
	case p.Quote:
		return "\u201c" + p.Text + "\u201d"
	}
	return p.Text
}

// capped begins a sentence with a capital.
func capped(p prose) prose {
	if len(p) == 0 {
		return p
	}
	out := append(prose{}, p...)
	switch first := &out[0]; {
	case first.Tally != nil:
		t := *first.Tally
		t.Text = capital(t.Text)
		first.Tally = &t
	case first.Figure != nil:
		f := *first.Figure
		f.Text = capital(f.Text)
		first.Figure = &f
	default:
		first.Text = capital(first.Text)
	}
	return out
}

// follow puts one sentence behind another.
func follow(a, b prose) prose {
	if len(a) == 0 || len(b) == 0 {
		return append(append(prose{}, a...), b...)
	}
	return append(append(append(prose{}, a...), say(" ")), b...)
}

// many counts things in a sentence: "1 incident", "3 incidents", "no incidents".
func many(what string, n int, one, more string) prose {
	switch n {
	case 0:
		return prose{say("no " + more)}
	case 1:
		return prose{counting(tallyOf(what, n)), say(" " + one)}
	}
	return prose{counting(tallyOf(what, n)), say(" " + more)}
}

// inWords is a small number as sentences write it.
func inWords(what string, n int) tally {
	t := tallyOf(what, n)
	t.Text = spelled(n)
	return t
}

// nth is a rank as sentences write it.
func nth(what string, n int) tally {
	t := tallyOf(what, n)
	t.Text = ordinal(n)
	return t
}

// dated is a day or a moment, plain a name that others gave, both as they are.
func dated(text string) piece   { return piece{Text: text, Date: true} }
func plainly(name string) piece { return piece{Text: name, Plain: true} }

// signalOf is a signal's sentence with its number marked.
func signalOf(s metrics.Signal) prose {
	if s.Rule != metrics.Shift {
		return prose{say(s.Sentence())}
	}
	words := strings.TrimPrefix(s.Sentence(), strconv.Itoa(s.Points))
	return tell("%s%s", tallyOf("signal/points", s.Points), words)
}

// byChance says how often chance alone makes one of so many steady lines stand out.
func (s *sheet) byChance(lines int) prose {
	return tell("By chance alone, one of %s would stand out about every %s %ss.", many("chance/lines", lines, "steady line", "steady lines"), everySo(lines), s.period.Kind)
}

// everySo is how many periods pass until chance makes one of so many steady lines stand out.
func everySo(lines int) tally {
	expected := metrics.ExpectedFalse(lines)
	return tally{Text: metrics.Number(1 / expected), What: "chance/every", Raw: raw(ptrTo(1 / expected))}
}

func ptrTo[T any](x T) *T { return &x }
