package reports

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// finding is a sentence that needs an answer, made of words, figures and links
// to its evidence.
type finding struct {
	Pieces []piece
	About  prose  // what it is about, in short; nil: the first thing that its sentence names
	Ask    string // the decision that the monthly page requests for it
	Rank   int    `view:"structure"` // the higher, the sooner
	Kind   string // so that five sentences are not five times the same
}

// inShort is what a finding asks, and of what: the first record, figure or thing
// that its sentence names. The sentence itself stands for one that names none.
func (f finding) inShort() prose {
	if f.About != nil {
		return tell("%s: %s", f.About, f.Ask)
	}
	for _, p := range f.Pieces {
		if p.URL != "" || p.Name {
			return tell("%s: %s", p, f.Ask)
		}
	}
	return tell("%s %s", prose(f.Pieces), f.Ask)
}

// piece is words; with a URL a link; with a figure a number.
type piece struct {
	Text   string
	URL    string
	Tally  *tally
	Figure *figure
	Quote  bool // somebody else's words
	Name   bool // somebody else's name for a thing
	Plain  bool // the same, in a list of such names
	Date   bool // a day or a moment
}

func say(text string) piece    { return piece{Text: text} }
func quote(text string) piece  { return piece{Text: text, Quote: true} }
func naming(name string) piece { return piece{Text: name, Name: true} }
func to(p place) piece         { return piece{Text: p.Text, URL: p.URL} }
func counting(t tally) piece   { return piece{Tally: &t} }
func showing(f figure) piece   { return piece{Figure: &f} }
func lasting(d time.Duration) piece {
	t := lastingOf("finding/lasted", d)
	return piece{Tally: &t}
}

// most sentences on a page, and most of one kind among them.
const (
	findingsShown = 5
	findingsAlike = 2

	findingsFolded = 25 // a flood of failures is told by its block
)

type exceptionsView struct {
	Findings []finding
	Rest     []finding // folded away, in the order of their weight
	More     prose
}

// exceptions opens the meeting with the few things that need an answer.
func exceptions(ctx context.Context, s *sheet) (*answer, error) {
	found, err := s.findings(ctx)
	if err != nil {
		return nil, err
	}
	began, err := s.beganHere(ctx)
	if err != nil {
		return nil, err
	}
	line := s.weekVerdict(began, found)
	s.verdict = line.String()
	if len(found) == 0 {
		if !s.delivers("incident") {
			return &answer{Unasked: "without incidents nothing can stand out"}, nil
		}
		return &answer{Told: line, View: exceptionsView{}}, nil
	}
	shown := pick(found)
	s.asked = shown
	view := exceptionsView{Findings: shown, Rest: unshown(found, shown)}
	if more := len(found) - len(shown); more > 0 {
		view.More = capped(tell("%s less", many("findings/more", more, "more thing stands out", "more things stand out")))
		if len(view.Rest) < more {
			view.More = append(view.More, tell("; the first %s", tallyOf("findings/folded", len(view.Rest)))...)
		}
	}
	return &answer{View: view}, nil
}

// pick takes the gravest, at most two of a kind while there are others.
func pick(found []finding) []finding {
	sort.SliceStable(found, func(i, j int) bool { return found[i].Rank > found[j].Rank })
	alike := map[string]int{}
	var out, rest []finding
	for _, f := range found {
		if alike[f.Kind]++; alike[f.Kind] <= findingsAlike {
			out = append(out, f)
		} else {
			rest = append(rest, f)
		}
	}
	out = append(out[:min(len(out), findingsShown)], rest[:max(0, min(len(rest), findingsShown-len(out)))]...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].Rank > out[j].Rank })
	return out
}

// unshown are the findings that did not make it among the first.
func unshown(found, shown []finding) []finding {
	said := map[string]bool{}
	for _, f := range shown {
		said[prose(f.Pieces).String()] = true
	}
	var out []finding
	for _, f := range found {
		if len(out) < findingsFolded && !said[prose(f.Pieces).String()] {
			out = append(out, f)
		}
	}
	return out
}

// weekVerdict is the page in a line: how much there was, and what stands out.
func (s *sheet) weekVerdict(rows []incident, found []finding) prose {
	began := len(rows)
	if !s.delivers("incident") {
		return tell("Incidents are not collected.")
	}
	if began == 0 && !s.reaches("incident") {
		return tell("Incidents of this %s are not collected yet.", s.period.Kind)
	}
	so := s.soFar()
	majors := 0
	var signal *finding
	for i, f := range found {
		switch {
		case f.Kind == "major":
			majors++
		case f.Kind == "signal" && signal == nil:
			signal = &found[i]
		}
	}
	if began == 0 && len(found) == 0 {
		return tell("A quiet %s%s: no incident began and nothing stands out.", s.period.Kind, so)
	}
	out := tell("%s%s", capped(many("incidents/began", began, "incident", "incidents")), so)
	if majors > 0 {
		out = append(out, tell(", %s major", inWords("majors/began", majors))...)
		out = append(out, s.longestMajor(rows)...)
	}
	switch {
	case signal != nil:
		return append(out, tell("; %s%s.", naming(lower(signal.Pieces[0].Text)), signal.Pieces[1])...)
	case len(found) == 0:
		return append(out, say("; nothing stands out."))
	case s.running():
		return append(out, say("."))
	}
	return append(out, say("; nothing outside a normal range."))
}

// longestMajor names the worst of the period's majors, so that a list of weeks
// tells them apart.
func (s *sheet) longestMajor(rows []incident) prose {
	var longest *incident
	for i := range rows {
		if rows[i].Major == 1 && (longest == nil || rows[i].lasted(s.end()) > longest.lasted(s.end())) {
			longest = &rows[i]
		}
	}
	if longest == nil {
		return nil
	}
	where := clip(longest.service(), 40)
	if where == "" {
		where = longest.name()
	}
	if longest.Resolved == nil {
		return tell(" (%s, still open)", naming(where))
	}
	return tell(" (%s, %s)", naming(where), lasting(longest.lasted(s.end())))
}

// findings looks for what stands out, in every place where it may.
func (s *sheet) findings(ctx context.Context) ([]finding, error) {
	var out []finding
	for _, look := range []func(context.Context) ([]finding, error){s.findMajors, s.findSignals, s.findRepeats, s.findPromises, s.findFailures, s.findOld, s.findSlowest, s.findUncovered} {
		found, err := look(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// findSignals: a figure outside what is normal, the bad news first, and the
// least likely by chance before others. Only the page's own KPIs may open it;
// those of the appendix come behind them.
func (s *sheet) findSignals(ctx context.Context) ([]finding, error) {
	if s.running() {
		return nil, nil // the week before has its own page
	}
	signals, _, err := s.ranked(ctx)
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	for _, name := range s.headline() {
		ours[name] = true
	}
	var out []finding
	for i, signal := range signals {
		if suspicion(signal.KPI) {
			continue
		}
		r, err := s.readingOf(ctx, signal.KPI)
		if err != nil {
			return nil, err
		}
		v := r.Points[r.Judged].Value
		if v == nil || v.Value == nil {
			continue
		}
		what := prose{{Text: r.KPI.Title, URL: "#evidence-" + signal.KPI}, say(" " + verb(r.KPI.Title) + " " + signal.Word())}
		f := finding{Kind: "signal", Rank: 90 - min(i, 7), Pieces: slices.Clone(what), About: what}
		if r.Judged == len(r.Points)-1 {
			f.Pieces = append(f.Pieces, say(": "), showing(figureOf(r.KPI.Kind, *v)))
		} else {
			f.Pieces = append(f.Pieces, tell(", read at %s: %s", dated(r.Points[r.Judged].Name), figureOf(r.KPI.Kind, *v))...)
		}
		f.Pieces = append(f.Pieces, tell(", %s", signalOf(signal))...)
		if band := r.band(); band.Text != "" && signal.Rule == metrics.Outside {
			f.Pieces = append(f.Pieces, tell(" of %s", band)...)
		}
		f.Pieces = append(f.Pieces, say("."))
		f.Ask = "Who finds out why, by when?"
		if r.word().Tone == "better" {
			f.Rank, f.Ask = 40-min(i, 7), "What did it, and can it be kept?"
		}
		if !ours[signal.KPI] {
			f.Kind, f.Rank, f.Ask = "line", min(f.Rank, 48-min(i, 7)), ""
		}
		out = append(out, f)
	}
	return out, nil
}
