package reports

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// finding is a sentence that needs an answer, made of words, figures and links
// to its evidence.
type finding struct {
	Pieces []piece
	Ask    string // the decision that the monthly page requests for it
	Rank   int    // the higher, the sooner
	Kind   string // so that five sentences are not five times the same
}

// piece is words; with a URL a link; with a figure a number.
type piece struct {
	Text   string
	URL    string
	Tally  *tally
	Figure *figure
	Quote  bool // somebody else's words
	Name   bool // somebody else's name for a thing
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
)

type exceptionsView struct {
	Findings []finding
	More     string
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
	s.verdict = s.weekVerdict(len(began), found)
	if len(found) == 0 {
		if !s.delivers("incident") {
			return &answer{Unasked: "without incidents nothing can stand out"}, nil
		}
		return &answer{Lead: s.verdict, View: exceptionsView{}}, nil
	}
	shown := pick(found)
	view := exceptionsView{Findings: shown}
	if more := len(found) - len(shown); more > 0 {
		view.More = fmt.Sprintf("%s less and can be found below.", capital(counted(more, "more thing stands out", "more things stand out")))
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

// weekVerdict is the page in a line: how much there was, and what stands out.
func (s *sheet) weekVerdict(began int, found []finding) string {
	if !s.delivers("incident") {
		return "Incidents are not collected."
	}
	if began == 0 && !s.reaches("incident") {
		return "Incidents of this " + s.period.Kind + " are not collected yet."
	}
	so := ""
	if s.running() {
		so = " so far"
	}
	majors, signals := 0, 0
	for _, f := range found {
		switch f.Kind {
		case "major":
			majors++
		case "signal":
			signals++
		}
	}
	if began == 0 && len(found) == 0 {
		return "A quiet " + s.period.Kind + so + ": no incident began and nothing stands out."
	}
	out := capital(counted(began, "incident", "incidents")) + so
	if majors > 0 {
		out += ", " + spelled(majors) + " major"
	}
	switch {
	case signals > 0:
		for _, f := range found {
			if f.Kind == "signal" {
				return out + "; " + f.Pieces[0].Text + f.Pieces[1].Text + "."
			}
		}
	case len(found) == 0:
		return out + "; nothing stands out."
	}
	if s.running() {
		return out + "."
	}
	return out + "; no figure outside what is normal."
}

// findings looks for what stands out, in every place where it may.
func (s *sheet) findings(ctx context.Context) ([]finding, error) {
	var out []finding
	for _, look := range []func(context.Context) ([]finding, error){s.findMajors, s.findSignals, s.findRepeats, s.findFailures, s.findOld, s.findSlowest} {
		found, err := look(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// findSignals: a figure outside what is normal, the bad news first.
func (s *sheet) findSignals(ctx context.Context) ([]finding, error) {
	if s.running() {
		return nil, nil // the week before has its own page
	}
	var out []finding
	for _, name := range s.headline() {
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, err
		}
		signal := r.standing()
		if signal == nil {
			continue
		}
		v := r.Points[r.Judged].Value
		if v == nil || v.Value == nil {
			continue
		}
		f := finding{Kind: "signal", Rank: 90, Pieces: []piece{{Text: r.KPI.Title, URL: "#evidence-" + name}, say(" " + verb(r.KPI.Title) + " " + signal.Word())}}
		if r.Judged == len(r.Points)-1 {
			f.Pieces = append(f.Pieces, say(": "), showing(figureOf(r.KPI.Kind, *v)))
		} else {
			f.Pieces = append(f.Pieces, say(", read at "+r.Points[r.Judged].Name+": "), showing(figureOf(r.KPI.Kind, *v)))
		}
		f.Pieces = append(f.Pieces, say(", "+signal.Sentence()))
		if band := r.normal(); band.OK && signal.Rule == metrics.Outside {
			f.Pieces = append(f.Pieces, say(" of "+intervalOf(r.KPI.Kind, metrics.Value{}, band).Text))
		}
		f.Pieces = append(f.Pieces, say("."))
		f.Ask = "Who finds out why, by when?"
		if r.word().Tone == "better" {
			f.Rank, f.Ask = 40, "What did it, and can it be kept?"
		}
		out = append(out, f)
	}
	return out, nil
}
