package reports

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// headlined is the order in which a page shows its KPIs: what hurts, how often,
// whether it came back, whether we did it ourselves. Others follow by name.
var headlined = []string{
	"time_to_resolve", "incident_count", "recurrence_rate_90d", "recurrence_rate_30d", "reopen_rate", "change_failure_rate",
}

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
	Shown   int              // index of the point whose value the page prints
}

// moored is a figure in its period.
type moored struct {
	Start time.Time
	Label string         // the axis: "15 Jun", "Jun 26"
	Name  string         // in a sentence: "the week to 15 Jun", "June 2026"
	Value *metrics.Value // nil: no row
}

// stat is the figure that carries the verdict.
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
	rows, err := metrics.Values(ctx, s.conn, metrics.Query{KPIs: []string{name}, Period: s.period.Kind, To: s.period.Start})
	if err != nil {
		return nil, err
	}
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
	for at := first; !at.After(s.period.Start); at = next(s.period.Kind, at) {
		label, name := named(s.period.Kind, at)
		r.Points = append(r.Points, moored{Start: at, Label: label, Name: name, Value: byStart[at.Format(time.DateOnly)]})
	}
	r.judge(s.rebased(name))
	s.readings[name] = r
	return r, nil
}

// present says that somebody looked: a row without figures is not collected.
func present(v *metrics.Value) bool { return v.Value != nil || v.N != nil && *v.N > 0 || v.Open > 0 }

func next(kind string, at time.Time) time.Time {
	if kind == metrics.Month {
		return at.AddDate(0, 1, 0)
	}
	return at.AddDate(0, 0, 7)
}

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
// rebase and looks for signals among all settled points after it.
func (r *reading) judge(since time.Time) {
	r.Shown = len(r.Points) - 1
	var baseline []float64
	series := make([]float64, len(r.Points))
	for i, p := range r.Points {
		series[i] = math.NaN()
		if p.Value == nil || !p.Value.Complete || p.Start.Before(since) {
			continue
		}
		r.Judged = i
		if p.Value.Value == nil {
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
	r.Limits = metrics.XmR(baseline, scale)
	r.Signals = r.Limits.Signals(series)

	// A rate whose outcomes are still to come flatters: the newest settled one
	// is printed instead, with its name.
	now := r.Points[r.Shown].Value
	part := r.KPI.Kind == metrics.KindRate || r.KPI.Kind == metrics.KindShare
	if part && now != nil && !now.Complete && now.Unknown > 0 {
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

// settled says whether the printed value is of this period.
func (r *reading) current() bool { return r.Shown == len(r.Points)-1 }

// thin says that most outcomes behind the newest settled point of a rate are
// unknown: what is left carries neither "normal" nor a signal.
func (r *reading) thin() bool {
	return r.Judged >= 0 && mostlyUnknown(r.KPI, r.Points[r.Judged].Value)
}

func mostlyUnknown(k metrics.KPI, v *metrics.Value) bool {
	return k.Kind == metrics.KindRate && v != nil && v.N != nil && v.Unknown > *v.N
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
	return r.Limits.Shown(0, most)
}

// headline lists the KPIs of the catalogue in the order of the page.
func (s *sheet) headline() []string {
	var out []string
	seen := map[string]bool{}
	for _, name := range headlined {
		if s.kpi(name) != nil {
			out, seen[name] = append(out, name), true
		}
	}
	for _, k := range s.kpis {
		if !seen[k.Name] {
			out = append(out, k.Name)
		}
	}
	return out
}
