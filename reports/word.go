package reports

import "github.com/srekpi/srekpi/metrics"

// word is a reading in a word, a shape and a tone, so that colour never carries
// it alone.
type word struct {
	Text  string
	Shape string // a symbol of the page
	Tone  string // worse, better, changed, usual, few
}

// word says what the newest settled point of a KPI shows.
func (r *reading) word() word {
	if r.KPI.Stock {
		return word{Text: "a level, not judged", Shape: "dash", Tone: "few"}
	}
	if !r.Limits.OK || r.Judged < 0 {
		return word{Text: "too early to say", Shape: "dash", Tone: "few"}
	}
	if v := r.Points[r.Judged].Value; v.Value == nil {
		return word{Text: "nothing to judge", Shape: "dash", Tone: "few"}
	}
	if r.thin() {
		return word{Text: "mostly unknown", Shape: "dash", Tone: "few"}
	}
	if r.small(r.Judged) {
		return word{Text: "too few to judge", Shape: "dash", Tone: "few"}
	}
	if r.Wide {
		return word{Text: "varies too much to tell", Shape: "dash", Tone: "few"}
	}
	signal := r.standing()
	if signal == nil {
		return word{Text: "normal", Shape: "ring", Tone: "usual"}
	}
	w := word{Text: signal.Word(), Shape: "down", Tone: "changed"}
	direction := -1
	if signal.Above {
		w.Shape, direction = "up", 1
	}
	if turn := metrics.Turn(direction, r.KPI.Better); turn != "" {
		w.Tone = turn
	}
	return w
}

// state is what a page is: a draft, an issue, or a page made later.
type state struct {
	Word  string
	Note  string `view:"date"`
	Class string
	Shape string
}

func (s *sheet) state() state {
	switch {
	case s.issue != nil:
		return state{Word: "ISSUED", Note: s.clock.at(s.issue.IssuedAt), Class: "issued", Shape: "disc"}
	case s.asOf.Sub(s.period.EndsAt) > metrics.Stale:
		return state{Word: "REBUILT", Note: "made later than 14 days after its end, never issued", Class: "rebuilt", Shape: "square"}
	case s.running():
		return state{Word: "DRAFT", Note: "this " + s.period.Kind + " is still running", Class: "draft", Shape: "open-diamond"}
	}
	return state{Word: "DRAFT", Note: "not issued yet", Class: "draft", Shape: "open-diamond"}
}
