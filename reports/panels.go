package reports

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// panelsView is a panel a KPI: its figure, a word, and its line over up to two
// years with what happened meanwhile.
type panelsView struct {
	Panels []panel
	Drawn  string // about the lines, which only the page has
	Note   prose
	Events []noted
	Absent []prose
}

// noted is a dated event that stands as a number on the lines.
type noted struct {
	Number int    `view:"structure"`
	Title  string `view:"quote"`
	When   string `view:"date"`
}

type panel struct {
	stripRow
	Chart   *drawing
	Caption prose
	Table   historyTable

	marked []int // numbers of the events on its line
}

// panelsShown is how many KPIs a leadership page carries; the rest are in its appendix.
const panelsShown = 6

// trendMonths is how far the lines reach back.
const trendMonths = 24

func panels(ctx context.Context, s *sheet) (*answer, error) {
	view := panelsView{}
	judged := 0
	words := map[string]int{}
	shown, absent, err := s.showable(ctx, s.panelled())
	if err != nil {
		return nil, err
	}
	view.Absent = absent
	for _, r := range shown[:min(len(shown), panelsShown)] {
		p := panel{}
		if p.stripRow, err = s.stripRow(ctx, r, trendPeriods); err != nil {
			return nil, err
		}
		if err := s.trend(&p, r); err != nil {
			return nil, err
		}
		if p.Word.Tone != "few" {
			judged++
		}
		words[p.Word.Tone]++
		view.Panels = append(view.Panels, p)
	}
	marked := map[int]bool{}
	for _, p := range view.Panels {
		for _, number := range p.marked {
			marked[number] = true
		}
	}
	for i, n := range s.notes {
		if marked[i+1] {
			view.Events = append(view.Events, noted{i + 1, clip(n.Title, 120), s.clock.day(n.At)})
		}
	}
	if len(view.Panels) == 0 {
		return s.nothingShown(absent), nil
	}
	view.Drawn = "Shaded: the normal range, set from the first months and kept. A diamond lies outside it. An open circle is not final, or a rate of fewer than 6, and takes no part in the line."
	if judged > 0 {
		view.Note = s.byChance(judged)
	}
	return &answer{Told: stripLead(words, s), View: view}, nil
}

// trend draws the line of a panel, from the third month with a value on.
func (s *sheet) trend(t *panel, r *reading) error {
	t.Caption = s.trendCaption(r)
	points := r.Points[max(0, len(r.Points)-trendMonths):]
	first := len(r.Points) - len(points)
	unit, divide := unitOf(r.KPI, points)
	chart := line{ID: "trend-" + dashed(r.KPI.Name), Unit: unit, Mid: math.NaN(), Low: math.NaN(), High: math.NaN(), Top: math.NaN()}
	have, most := 0, 0.0
	for i, p := range points {
		one := point{Label: p.Label, Value: math.NaN(), Tip: p.Name + ": " + metrics.NotCollected}
		if p.Value != nil {
			f := figureOf(r.KPI.Kind, *p.Value)
			one.Tip = p.Name + ": " + f.Text
			if p.Value.N != nil && r.KPI.Kind != metrics.KindCount {
				one.Tip += " of " + metrics.Number(*p.Value.N)
			}
			if p.Value.Value != nil {
				one.Value = *p.Value.Value / divide
				have++
				most = max(most, one.Value)
			}
			one.Running = !p.Value.Complete || r.small(first+i)
			if !p.Value.Complete {
				one.Tip += ", not final"
			} else if one.Running {
				one.Tip += ", too few to judge"
			}
			one.Signal = r.outside(first + i)
		}
		chart.Points = append(chart.Points, one)
	}
	if have < 3 {
		t.Caption = tell("A line appears from the third month with a value on.")
		return nil
	}
	if band := r.normal(); band.OK {
		chart.Mid, chart.Low, chart.High = r.Limits.Centre/divide, band.Low/divide, band.High/divide
		most = max(most, min(chart.High, 1.8*max(most, chart.Mid)))
	}
	// The scale ends above all points, but a band that reaches far above them
	// would press them flat: it is cut at the edge.
	chart.Top = nice(1.04 * most)
	chart.High = min(chart.High, chart.Top)
	for _, p := range points {
		var numbers []string
		from, to := s.midnight(p.Start), s.midnight(p.Until)
		for i, n := range s.notes {
			// A note on another KPI does not belong here.
			if mine := n.Scope == r.KPI.Name || s.kpi(n.Scope) == nil; mine && !n.At.Before(from) && n.At.Before(to) {
				t.marked = append(t.marked, i+1)
				numbers = append(numbers, strconv.Itoa(i+1))
			}
		}
		if len(numbers) > 0 {
			chart.Events = append(chart.Events, event{Label: p.Label, Numbers: strings.Join(numbers, ", ")})
		}
	}
	chart.Alt = "Line of " + lower(r.KPI.Title) + " by month. " + t.Caption.String()
	d, err := chart.drawing()
	if err != nil {
		return err
	}
	t.Chart = &d
	t.Table.ID = "trend-" + dashed(r.KPI.Name)
	t.Table.Summary = fmt.Sprintf("%s in numbers", r.KPI.Title)
	t.Table.add(r, trendMonths)
	return nil
}

// trendCaption says what to see.
func (s *sheet) trendCaption(r *reading) prose {
	w := r.word()
	switch {
	case r.KPI.Stock:
		return tell("A level carries over from month to month, so no normal range is read from it.")
	case !r.Limits.OK || r.Judged < 0:
		n := 0
		for i := range r.Points {
			if r.carries(i) {
				n++
			}
		}
		return tell("Too early for a normal range: it takes 12 settled months, and there are %s.", inWords("trend/settled", n))
	case r.Wide:
		return tell("It varies too much to tell: no value of a month would lie outside what it did before.")
	case r.standing() != nil:
		text := tell("%s: %s", capital(w.Text), signalOf(*r.standing()))
		if r.Judged != len(r.Points)-1 {
			text = tell("%s, read at %s", text, dated(r.Points[r.Judged].Name))
		}
		return append(text, say("."))
	}
	if v := r.Points[r.Judged].Value; v.Value == nil {
		return tell("Normal is %s; the newest settled month has no value.", r.band())
	}
	if r.small(r.Judged) {
		return tell("Normal is %s; the newest settled month has too few to judge.", r.band())
	}
	if r.thin() {
		return tell("Normal is %s; of the newest settled month most outcomes are unknown.", r.band())
	}
	return tell("Normal is %s; the newest settled month lies in it.", r.band())
}

// panelled is the order in which a leadership page fills its panels: what the
// verdict says has changed, what the business feels, then what the work costs.
func (s *sheet) panelled() []string {
	var out []string
	seen := map[string]bool{}
	for _, name := range append(append(slices.Clone(s.turned), "time_to_resolve", "incident_count", "recurrence_rate_90d", "change_failure_rate", "unplanned_work_ratio", "time_to_mitigate"), s.headline()...) {
		if s.kpi(name) != nil && !seen[name] && !(name == mitigation && s.borrowed && !s.echoed) {
			out, seen[name] = append(out, name), true
		}
	}
	return out
}

// unitOf chooses the unit of an axis by what is on it.
func unitOf(k metrics.KPI, points []moored) (unit string, divide float64) {
	switch k.Kind {
	case metrics.KindDuration:
		most := 0.0
		for _, p := range points {
			if p.Value != nil && p.Value.Value != nil {
				most = max(most, *p.Value.Value)
			}
		}
		switch {
		case most >= 72*3600:
			return "days, typical", 86400
		case most >= 2*3600:
			return "hours, typical", 3600
		}
		return "minutes, typical", 60
	case metrics.KindRate, metrics.KindShare:
		return "%", 0.01
	case metrics.KindAverage:
		return "per " + or(k.Unit, "unit"), 1
	}
	if k.Stock {
		return "at the end of the month", 1
	}
	return strings.TrimSpace(k.Unit + " a month"), 1
}

// nice rounds the end of a scale up to a number that the chart library divides
// into three to six even steps.
func nice(x float64) float64 {
	if x <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, step := range []float64{1.2, 1.5, 2, 2.5, 3, 4, 6, 8} {
		if x <= step*power {
			return step * power
		}
	}
	return 12 * power
}
