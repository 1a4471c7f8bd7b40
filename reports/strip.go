package reports

import (
	"context"
	"fmt"
	"html/template"

	"github.com/srekpi/srekpi/metrics"
)

// stripView is the scoreboard: one row a KPI, and the same figures of the
// periods before it as a table.
type stripView struct {
	Caption, Column, TrendColumn string
	Rows                         []stripRow
	History                      historyTable
	Note                         string
}

type stripRow struct {
	Name, Title, Also string
	Big               figure
	Unit              string   // under the big figure: "typical", "2 of 23"
	Of                []figure // k and n of a rate
	Rest              []part
	Spark             template.HTML
	Range             figure
	Word              word
	Why               string // what the signal is, or which period was judged
}

// part is a piece of a line: words, then a figure, then words.
type part struct {
	Before string
	Figure template.HTML
	After  string
}

// strip shows each KPI with its number, its interval, its past and a word.
func strip(ctx context.Context, s *sheet) (*answer, error) {
	view := stripView{Column: "This " + s.period.Kind}
	periods := 13
	view.TrendColumn = "Last 13 weeks"
	if s.period.Kind == metrics.Month {
		view.TrendColumn = "Last 13 months"
	}
	words := map[string]int{}
	for _, name := range s.headline() {
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, err
		}
		row, err := s.stripRow(ctx, r, periods)
		if err != nil {
			return nil, err
		}
		words[row.Word.Tone]++
		view.Rows = append(view.Rows, row)
		view.History.add(r, periods)
	}
	if len(view.Rows) == 0 {
		return &answer{Unasked: "no KPI is in this build; run srekpi transform"}, nil
	}
	view.History.ID = "strip"
	view.History.Summary = fmt.Sprintf("The last %d %ss in numbers", periods, s.period.Kind)
	view.Caption = "Shaded: the normal range, set from the first periods and kept. Each line has its own scale, from zero."
	view.Note = "The first normal ranges appear after " + metrics.Number(metrics.MinBaseline) + " settled " + s.period.Kind + "s."
	if words["few"] < len(view.Rows) {
		judged := len(view.Rows) - words["few"]
		view.Note = fmt.Sprintf("By chance alone, one of %s would stand out about every %s %ss.",
			counted(judged, "steady line", "steady lines"), metrics.Number(1/metrics.ExpectedFalse(judged)), s.period.Kind)
	}
	return &answer{Lead: stripLead(words, s), View: view}, nil
}

func stripLead(words map[string]int, s *sheet) string {
	out := words["worse"] + words["better"] + words["changed"]
	if s.running() {
		return "The " + s.period.Kind + " is still running: its figures are so far, and no signal is read from them. The readings are those of the last settled " + s.period.Kind + "."
	}
	switch {
	case out == 0 && words["usual"] == 0:
		return "There are too few settled " + s.period.Kind + "s to say what is normal."
	case out == 0:
		return "Nothing lies outside what is normal."
	case out == 1:
		return "One line stands out."
	}
	return capital(spelled(out)) + " lines stand out."
}

func (s *sheet) stripRow(ctx context.Context, r *reading, periods int) (stripRow, error) {
	row := stripRow{Name: r.KPI.Name, Title: r.KPI.Title, Also: firstAlias(r.KPI.Also), Word: r.word(), Spark: r.spark(periods)}
	v := r.value()
	if v == nil {
		row.Big = figure{Text: metrics.NotCollected, Part: "value"}
	} else {
		row.Big = figureOf(r.KPI.Kind, *v)
	}
	if band := r.normal(); band.OK {
		row.Range = figure{Text: intervalOf(r.KPI.Kind, metrics.Value{}, band).Text}
	}
	if signal := r.standing(); signal != nil && r.Limits.OK {
		row.Why = signal.Sentence()
	}
	if r.Judged >= 0 && r.Limits.OK && r.Judged != len(r.Points)-1 {
		row.Why = joined(row.Why, "read at "+r.Points[r.Judged].Name)
	}
	if v == nil {
		return row, nil
	}
	rows, err := s.evidenceOf(ctx, r.KPI.Name)
	if err != nil {
		return row, err
	}
	interval := metrics.Interval{}
	if r.current() {
		interval = metrics.Plausible(r.KPI, *v, durations(r.KPI, s.period, rows))
	} else {
		interval = metrics.Plausible(r.KPI, *v, nil)
		row.Unit = "settled: " + r.Points[r.Shown].Name
	}
	s.print(*v, interval, metrics.Headline(r.KPI, r.Now))
	row.Rest = s.rest(r, *v, interval)
	switch {
	case row.Unit != "" || v.Value == nil:
	case r.KPI.Kind == metrics.KindDuration:
		row.Unit = "typical"
	case s.running():
		row.Unit = "so far"
	}
	if (r.KPI.Kind == metrics.KindRate) && v.K != nil && v.N != nil && *v.N > 0 {
		row.Of = []figure{partOf(*v, "k"), partOf(*v, "n")}
	}
	return row, nil
}

// rest is what belongs beside the big figure, most telling first.
func (s *sheet) rest(r *reading, v metrics.Value, i metrics.Interval) []part {
	var out []part
	add := func(before string, f figure, after string) {
		if f.Text != "" {
			out = append(out, part{before, f.HTML(), after})
		}
	}
	switch r.KPI.Kind {
	case metrics.KindCount:
		if !s.running() {
			add("a pace of ", intervalOf(r.KPI.Kind, v, i), " a "+s.period.Kind)
		}
	default:
		add("plausibly ", intervalOf(r.KPI.Kind, v, i), "")
	}
	if r.KPI.Kind == metrics.KindDuration {
		n := metrics.Stat(r.Now, metrics.KindCount)
		if n != nil && n.Value != nil && *n.Value >= metrics.MinP90 {
			s.also(r, "p90", add, "9 in 10 within ")
		} else {
			s.also(r, "max", add, "slowest ")
		}
		s.also(r, "mean", add, "mean ")
		if n != nil {
			s.print(*n, metrics.Interval{}, "")
			add("", figureOf(r.KPI.Kind, *n), " "+r.KPI.Past())
			add("", partOf(*n, "open"), " still open")
		}
	}
	if r.KPI.Kind == metrics.KindRate && v.N != nil && *v.N == 0 && v.Excluded > 0 {
		add("", partOf(v, "excluded"), " left out")
	}
	if v.Unknown > 0 {
		word := " unknown"
		if !v.Complete {
			word = " pending or unknown"
		}
		add("", partOf(v, "unknown"), word)
	}
	if now := r.Points[len(r.Points)-1].Value; !r.current() && now != nil {
		add("this "+s.period.Kind+": ", partOf(*now, "unknown"), " pending")
	}
	return out
}

// also prints another stat of the same KPI, where there is a value.
func (s *sheet) also(r *reading, stat string, add func(string, figure, string), before string) {
	if v := metrics.Stat(r.Now, stat); v != nil && v.Value != nil {
		s.print(*v, metrics.Interval{}, "")
		add(before, figureOf(r.KPI.Kind, *v), "")
	}
}
