package metrics

import (
	"fmt"
	"math"
	"sort"
	"time"
)

// Rule is a pattern that a steady process seldom shows.
type Rule int

const (
	Outside Rule = iota // a point beyond a limit
	Shift               // 8 or more in a row on one side of the centre
	Near                // 3 of 4 in a row nearer to one limit than to the centre
)

// Signal is a rule that holds for the points From to To of a series.
type Signal struct {
	Rule     Rule
	From, To int
	Points   int // that show it, gaps not counted
	Above    bool
	Strength float64 // how far the farthest point lies from the centre; 1 is at the limit
	KPI      string  // whose series it is, where those of several are ranked
}

// Word is the signal in a table cell.
func (s Signal) Word() string {
	words := [...][2]string{{"unusually low", "unusually high"}, {"shifted down", "shifted up"}, {"running low", "running high"}}
	return words[s.Rule][index(s.Above)]
}

// Sentence is the signal for a reader who has never seen such a chart.
func (s Signal) Sentence() string {
	side := [...]string{"below", "above"}[index(s.Above)]
	switch s.Rule {
	case Outside:
		return side + " the normal range"
	case Shift:
		return fmt.Sprintf("%d in a row %s what was typical", s.Points, side)
	}
	return "3 of 4 in a row near the " + [...]string{"lower", "upper"}[index(s.Above)] + " end of the normal range"
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Signals finds what the three rules say about a series. Gaps are skipped: the
// points on both sides of one are neighbours. A pattern that goes on is one
// signal, except that each point outside the limits is its own.
func (l Limits) Signals(series []float64) []Signal {
	if !l.OK {
		return nil
	}
	var found []Signal
	var seen []point
	centre := l.Scale.forward(l.Centre)
	reach := l.Scale.forward(l.High) - centre
	run := 0
	for i, x := range series {
		if gap(x) {
			continue
		}
		p := point{index: i, at: (l.Scale.forward(x) - centre) / reach}
		if run > 0 && p.at*seen[len(seen)-1].at <= 0 || p.at == 0 {
			run = 0
		}
		if p.at != 0 {
			run++
		}
		seen = append(seen, p)
		if math.Abs(p.at) > 1 {
			found = append(found, signal(Outside, seen[len(seen)-1:]))
		}
		if run >= 8 {
			found = extend(found, signal(Shift, seen[len(seen)-run:]))
		}
		if near := nearLimit(seen); len(near) >= 3 {
			found = extend(found, signal(Near, near))
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].To < found[j].To })
	return found
}

// point is a value of the series as its distance from the centre, in widths
// from centre to limit.
type point struct {
	index int
	at    float64
}

// nearLimit returns those of the last four points that lie with the last one on
// the same side, nearer to the limit than to the centre.
func nearLimit(seen []point) []point {
	last := seen[len(seen)-1]
	var near []point
	for _, p := range seen[max(0, len(seen)-4):] {
		if math.Abs(p.at) > 0.5 && p.at*last.at > 0 {
			near = append(near, p)
		}
	}
	if math.Abs(last.at) <= 0.5 {
		return nil
	}
	return near
}

func signal(r Rule, ps []point) Signal {
	s := Signal{Rule: r, From: ps[0].index, To: ps[len(ps)-1].index, Points: len(ps), Above: ps[0].at > 0}
	for _, p := range ps {
		s.Strength = max(s.Strength, math.Abs(p.at))
	}
	return s
}

// extend lengthens the latest signal of the same rule and side where the new
// one overlaps it.
func extend(found []Signal, s Signal) []Signal {
	for i := len(found) - 1; i >= 0; i-- {
		f := &found[i]
		if f.Rule != s.Rule || f.Above != s.Above {
			continue
		}
		if s.From > f.To {
			break
		}
		f.To, f.Strength = s.To, max(f.Strength, s.Strength)
		f.Points = max(f.Points, s.Points)
		return found
	}
	return append(found, s)
}

// Standing is the signal that holds at the last point of the series, the
// strongest kind first; nil where the last point is a gap or shows none.
func Standing(signals []Signal, last int) *Signal {
	var at *Signal
	for i := range signals {
		if s := &signals[i]; s.To == last && (at == nil || s.Rule < at.Rule) {
			at = s
		}
	}
	return at
}

// Word is what the KPI strip says of a series: its standing signal, "normal",
// "no figure" at a gap, or "too early to say" while there is no normal range.
func (l Limits) Word(series []float64) string {
	if !l.OK {
		return "too early to say"
	}
	last := len(series) - 1
	if last < 0 || gap(series[last]) {
		return "no figure"
	}
	if s := Standing(l.Signals(series), last); s != nil {
		return s.Word()
	}
	return "normal"
}

// Rank sorts signals of several KPIs by how unlikely they are: outside the
// normal range before shifts before near misses, then by strength.
func Rank(signals []Signal) {
	sort.SliceStable(signals, func(i, j int) bool {
		a, b := signals[i], signals[j]
		if a.Rule != b.Rule {
			return a.Rule < b.Rule
		}
		return a.Strength > b.Strength
	})
}

// ExpectedFalse is how many of so many steady series show a signal at their
// latest point by chance alone, with limits from a baseline of 12 to 24 points.
func ExpectedFalse(series int) float64 { return falseAlarm * float64(series) }

// falseAlarm was found by simulation of steady series; a test holds it.
const falseAlarm = 0.03

// DaysBetween turns rare events into a series that rises when things get
// better: the days from each event to the next.
func DaysBetween(events []time.Time) []float64 {
	sorted := append([]time.Time(nil), events...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Before(sorted[j]) })
	var days []float64
	for i := 1; i < len(sorted); i++ {
		days = append(days, sorted[i].Sub(sorted[i-1]).Hours()/24)
	}
	return days
}
