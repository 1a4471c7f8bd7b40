package reports

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// headlined are the KPIs that a page opens with, in its order: how fast, how
// often, whether it came back, whether we did it ourselves, what it costs people.
// All others stand in its appendix.
var headlined = []string{
	"time_to_acknowledge", "time_to_mitigate", "time_to_resolve", "incident_count", "backlog", "recurrence_rate_90d",
	"reopen_rate", "change_failure_rate", "unplanned_work_ratio", "off_hours_pages",
}

// headlinedAtMost is how many KPIs stand in for these where a catalogue has none of them.
const headlinedAtMost = 8

// longest and shortest baseline of a normal range. The first weeks are kept:
// limits that follow the data would hide the change that they should show.
const longestBaseline = 24

// stale is how many periods back a settled figure may lie to be printed instead
// of one that is pending.
const stale = 13

// reading is one KPI as a page sees it: this period's figures, the periods
// before it, the normal range and what stands out.
type reading struct {
	KPI     metrics.KPI
	Now     []metrics.Value // all stats of this period
	Points  []moored        // every period up to this one
	Limits  metrics.Limits
	Signals []metrics.Signal // From and To index Points
	Judged  int              // index of the newest settled point; -1: none
	Wide    bool             // the natural limits of a part allow every value
	Shown   int              // index of the point whose value the page prints
}

// moored is a figure in its period.
type moored struct {
	Start time.Time
	Until time.Time      // the start of the one after it
	Label string         // the axis: "15 Jun", "Jun 26"
	Name  string         // in a sentence: "the week to 15 Jun", "June 2026"
	Value *metrics.Value // nil: no row
}

// headStat is the figure that carries the verdict.
func headStat(k metrics.KPI) string {
	if k.Kind == metrics.KindDuration {
		return "median"
	}
	return k.Kind
}

// readingOf reads a KPI, once.
func (s *sheet) readingOf(ctx context.Context, name string) (*reading, error) {
	if r, ok := s.readings[name]; ok {
		return r, nil
	}
	k := s.kpi(name)
	if k == nil {
		return nil, nil
	}
	if err := s.readValues(ctx); err != nil {
		return nil, err
	}
	rows := s.values[name]
	r := &reading{KPI: *k, Judged: -1}
	byStart := map[string]*metrics.Value{}
	first := s.period.Start
	for i := range rows {
		v := &rows[i]
		if v.PeriodStart.Equal(s.period.Start) {
			r.Now = append(r.Now, *v)
		}
		if v.Stat != headStat(*k) {
			continue
		}
		byStart[v.PeriodStart.Format(time.DateOnly)] = v
		if present(v) && v.PeriodStart.Before(first) {
			first = v.PeriodStart
		}
	}
	for p := s.period; !p.Start.Before(first); p = p.Prev() {
		label, name := named(p.Kind, p.Start)
		r.Points = append(r.Points, moored{Start: p.Start, Until: p.Next().Start, Label: label, Name: name, Value: byStart[p.Start.Format(time.DateOnly)]})
	}
	slices.Reverse(r.Points)
	r.judge(s.rebased(name), !s.running())
	s.readings[name] = r
	return r, nil
}

// readValues reads the values of all KPIs up to this period, once.
func (s *sheet) readValues(ctx context.Context) error {
	if s.values != nil {
		return nil
	}
	rows, err := metrics.Values(ctx, s.conn, metrics.Query{Period: s.period.Kind, To: s.period.Start})
	if err != nil {
		return err
	}
	s.values = map[string][]metrics.Value{}
	for _, v := range rows {
		s.values[v.KPI] = append(s.values[v.KPI], v)
	}
	return nil
}

// present says that somebody looked: a row without figures is not collected.
func present(v *metrics.Value) bool { return v.Value != nil || v.N != nil && *v.N > 0 || v.Open > 0 }

// named gives a period its word on an axis and its name in a sentence. A week
// is called by the date on which it ends.
func named(kind string, start time.Time) (label, name string) {
	if kind == metrics.Month {
		return start.Format("Jan 06"), start.Format("January 2006")
	}
	end := start.AddDate(0, 0, 7)
	return end.Format("2 Jan"), "the week to " + end.Format("2 January")
}

// judge sets the normal range from the first settled points since the last
// rebase and looks for signals among all settled points after it. Over says that
// the period is, whether or not its figures are final.
func (r *reading) judge(since time.Time, over bool) {
	r.Shown = len(r.Points) - 1
	var baseline []float64
	series := make([]float64, len(r.Points))
	for i, p := range r.Points {
		series[i] = math.NaN()
		if p.Value == nil || !p.Value.Complete || p.Start.Before(since) {
			continue
		}
		r.Judged = i
		if !r.carries(i) {
			continue
		}
		series[i] = *p.Value.Value
		if len(baseline) < longestBaseline {
			baseline = append(baseline, series[i])
		}
	}
	scale := metrics.Linear
	if r.KPI.Kind == metrics.KindDuration {
		scale = metrics.Log
	}
	// What stands open carries over from one period to the next: such a level
	// wanders without any cause, and the rules would call that a signal.
	part := r.KPI.Kind == metrics.KindRate || r.KPI.Kind == metrics.KindShare
	if !r.KPI.Stock {
		r.Limits = metrics.XmR(baseline, scale)
		if r.Wide = part && r.Limits.OK && !r.Limits.Excludes(0, 1); !r.Wide {
			r.Signals = r.Limits.Signals(series)
		}
	}

	// A rate whose outcomes are still to come flatters: the newest settled one
	// is printed instead, with its name. So does an average over shifts of which
	// some still run when the period is over.
	now := r.Points[r.Shown].Value
	late := part && now != nil && now.Unknown > 0 || r.KPI.Kind == metrics.KindAverage && over
	if late && now != nil && !now.Complete {
		for i := len(r.Points) - 2; i >= max(0, len(r.Points)-stale); i-- {
			if v := r.Points[i].Value; v != nil && v.Complete && v.Value != nil && !r.Points[i].Start.Before(since) {
				r.Shown = i
				break
			}
		}
	}
}

// rebased is the date from which a KPI's normal range is set anew: that of the
// last annotation that says so ("Rebase: new pager") of everything or of the KPI.
func (s *sheet) rebased(kpi string) time.Time {
	var since time.Time
	for _, n := range s.notes {
		if strings.HasPrefix(strings.ToLower(n.Title), "rebase:") && (n.Scope == "" || n.Scope == kpi) && n.At.Before(s.period.StartsAt) {
			y, m, d := n.At.In(s.clock.zone).Date()
			since = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		}
	}
	return since
}

// value is what the page prints; nil where there is no row.
func (r *reading) value() *metrics.Value { return r.Points[r.Shown].Value }

// current says whether the printed value is of this period.
func (r *reading) current() bool { return r.Shown == len(r.Points)-1 }

// thin says that most outcomes behind the newest settled point of a rate are
// unknown: what is left carries neither "normal" nor a signal.
func (r *reading) thin() bool {
	return r.Judged >= 0 && mostlyUnknown(r.KPI, r.Points[r.Judged].Value)
}

func mostlyUnknown(k metrics.KPI, v *metrics.Value) bool {
	return k.Kind == metrics.KindRate && v != nil && v.N != nil && v.Unknown > *v.N
}

// carries tells whether a settled point has a value that can be held against
// others: a rate of very few is none.
func (r *reading) carries(i int) bool {
	v := r.Points[i].Value
	return v != nil && v.Complete && v.Value != nil && !r.small(i)
}

// small says that a rate has too few known outcomes to be a point.
func (r *reading) small(i int) bool {
	v := r.Points[i].Value
	return r.KPI.Kind == metrics.KindRate && v != nil && v.Value != nil && v.N != nil && *v.N < metrics.MinKnown
}

// ranged says that there is a normal range which rules something out.
func (r *reading) ranged() bool { return r.Limits.OK && !r.Wide }

// rangeless says why a reading has no normal range.
func (r *reading) rangeless() string {
	switch {
	case r.KPI.Stock:
		return "none, a level"
	case r.Wide:
		return "too wide to say"
	}
	return "not yet"
}

// standing is the signal at the newest settled point; nil where it shows none.
func (r *reading) standing() *metrics.Signal {
	if r.Judged < 0 || r.thin() {
		return nil
	}
	return metrics.Standing(r.Signals, r.Judged)
}

// normal is the normal range as a chart draws it.
func (r *reading) normal() metrics.Interval {
	most := math.Inf(1)
	if r.KPI.Kind == metrics.KindRate || r.KPI.Kind == metrics.KindShare {
		most = 1
	}
	if r.Wide {
		return metrics.Interval{}
	}
	return r.Limits.Shown(0, most)
}

// headline lists the KPIs that a page opens with, as far as the catalogue has them.
func (s *sheet) headline() []string {
	var out []string
	for _, name := range headlined {
		if s.kpi(name) != nil && !(name == mitigation && (s.echoed || s.borrowed)) {
			out = append(out, name)
		}
	}
	for i := 0; len(out) == 0 && i < min(len(s.kpis), headlinedAtMost); i++ {
		out = append(out, s.kpis[i].Name)
	}
	return out
}

// all lists every KPI of the catalogue: those of the headline, then by name.
func (s *sheet) all() []string {
	out := s.headline()
	seen := map[string]bool{}
	for _, name := range out {
		seen[name] = true
	}
	for _, k := range s.kpis {
		if !seen[k.Name] {
			out = append(out, k.Name)
		}
	}
	return out
}

// collected says whether any period up to this one was: a figure, an empty set
// or something open. Where nobody ever looked, a page says what to configure.
func (r *reading) collected() bool {
	for _, p := range r.Points {
		if v := p.Value; v != nil && (v.Value != nil || v.N != nil || v.Open > 0 || v.Unknown > 0) {
			return true
		}
	}
	return false
}

// bare says that the last periods hold no value: nothing to draw, nothing to judge.
func (r *reading) bare(periods int) bool {
	for _, p := range r.Points[max(0, len(r.Points)-periods):] {
		if v := p.Value; v != nil && (v.Value != nil || v.Open > 0 || v.Unknown > 0) {
			return false
		}
	}
	return true
}

// band is the normal range in type; empty where there is none.
func (r *reading) band() figure {
	i := r.normal()
	v := r.Points[len(r.Points)-1].Value
	if !i.OK || v == nil {
		return figure{Part: "normal"}
	}
	f := intervalOf(r.KPI.Kind, *v, i)
	f.Part = "normal"
	return f
}

// ranked are the signals that stand at the newest settled point of any KPI, the
// least likely by chance first, and how many lines could have shown one.
func (s *sheet) ranked(ctx context.Context) ([]metrics.Signal, int, error) {
	var out []metrics.Signal
	judged := 0
	for _, name := range s.all() {
		if metrics.IsChance(name) || name == mitigation && s.echoed {
			continue // it stands beside the rate that it explains away, or says another's figure again
		}
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, 0, err
		}
		if r.word().Tone != "few" {
			judged++
		}
		if signal := r.standing(); signal != nil {
			one := *signal
			one.KPI = name
			out = append(out, one)
		}
	}
	metrics.Rank(out)
	return out, judged, nil
}
