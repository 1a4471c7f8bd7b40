package reports

import (
	"context"
	"fmt"
	"html/template"
	"sort"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// safetyView is the failure rate of changes with its interval, over all and by
// what may explain it.
type safetyView struct {
	Groups   []safetyGroup
	Top      tally // end of the scale of the ranges
	Chance   []chanceRow
	Recovery prose
	Note     prose
}

type safetyGroup struct {
	Title string
	Rows  []safetyRow
}

type safetyRow struct {
	Name     string `view:"name"`
	Rate     figure
	K, N     figure
	Interval figure
	Unknown  figure
	Range    template.HTML `view:"structure"`
	Blank    *safetyBlank  // in place of the figures

	value, low, high float64
}

// safetyBlank is what states no risk or no kind: all changes without those that
// state one, so that the rows add up.
type safetyBlank struct{ Rate, K, N, Interval, Unknown tally }

const failureRate = "change_failure_rate"

func changeSafety(ctx context.Context, s *sheet) (*answer, error) {
	r, err := s.readingOf(ctx, failureRate)
	if err != nil {
		return nil, err
	}
	if r == nil || !s.delivers("change") {
		return &answer{Unasked: changesUnasked}, nil
	}
	v := r.value()
	if v == nil || !present(v) && v.Unknown == 0 {
		return &answer{Quiet: "no completed change in production."}, nil
	}
	shown := r.Points[r.Shown]
	view := safetyView{}
	top := 0.0
	for _, dim := range []struct{ name, title string }{{"all", "All changes"}, {"risk", "By risk"}, {"kind", "By kind"}} {
		values, err := metrics.Values(ctx, s.conn, metrics.Query{KPIs: []string{failureRate}, Stats: []string{metrics.KindRate}, Period: s.period.Kind, From: shown.Start, To: shown.Start, Dim: dim.name})
		if err != nil {
			return nil, err
		}
		group := safetyGroup{Title: dim.title}
		sort.SliceStable(values, func(i, j int) bool { return of(values[i].N) > of(values[j].N) })
		for _, one := range values {
			if of(one.N) == 0 && one.Unknown == 0 {
				continue
			}
			row := s.safetyRow(r.KPI, one)
			top = max(top, row.high)
			group.Rows = append(group.Rows, row)
		}
		if blank := blankRow(r.KPI, dim.name, *v, values); blank != nil && len(group.Rows) > 0 {
			top = max(top, blank.high)
			group.Rows = append(group.Rows, *blank)
		}
		if len(group.Rows) > 0 {
			view.Groups = append(view.Groups, group)
		}
	}
	// One scale for all rows, as far as the widest range needs.
	top = min(1, nice(100*top)/100)
	view.Top = tally{Text: metrics.Percent(top), What: "safety/scale", Raw: raw(&top)}
	for g := range view.Groups {
		for i := range view.Groups[g].Rows {
			view.Groups[g].Rows[i].draw(top)
		}
	}
	headline := figure{Mark: mark(*v), Part: "headline", Raw: raw(v.Value), Text: capital(metrics.Headline(r.KPI, []metrics.Value{*v}))}
	lead := tell("%s.", headline)
	if !r.current() {
		lead = tell("Settled for %s: %s", dated(shown.Name), lead)
		view.Note = tell("The changes of %s are still being watched: a failure may show for some days, so this shows the newest settled month.", dated(s.period.Label))
	}
	if v.Unknown > 0 {
		view.Note = follow(view.Note, tell("Changes without a recorded outcome stay outside the rate: silence is not success."))
	}
	if view.Chance, err = s.chances(ctx); err != nil {
		return nil, err
	}
	if view.Recovery, err = s.recovery(ctx); err != nil {
		return nil, err
	}
	return &answer{Told: lead, View: view}, nil
}

func (s *sheet) safetyRow(k metrics.KPI, v metrics.Value) safetyRow {
	interval := metrics.Plausible(k, v, nil)
	s.print(v, interval, "")
	row := safetyRow{Name: strings.ReplaceAll(clip(v.DimValue, 60), "_", " "), Rate: figureOf(k.Kind, v), K: partOf(v, "k"), N: partOf(v, "n"), Interval: intervalOf(k.Kind, v, interval), Unknown: partOf(v, "unknown")}
	if row.Name == "" {
		row.Name = "all"
	}
	if interval.OK && v.Value != nil {
		row.value, row.low, row.high = *v.Value, interval.Low, interval.High
	}
	return row
}

// blankRow is the row of what states none of a dimension's values; nil: all do.
func blankRow(k metrics.KPI, dim string, all metrics.Value, rows []metrics.Value) *safetyRow {
	if dim == "all" {
		return nil
	}
	failed, counted, unknown := of(all.K), of(all.N), all.Unknown
	for _, one := range rows {
		failed, counted, unknown = failed-of(one.K), counted-of(one.N), unknown-one.Unknown
	}
	if counted < 0 || unknown < 0 || failed < 0 || counted+unknown == 0 {
		return nil
	}
	what := "safety/" + dim + "/"
	blank := &safetyBlank{Rate: tally{Text: metrics.None, What: what + "rate"}, K: tallyOf(what+"k", int(failed)), N: tallyOf(what+"n", int(counted)), Unknown: tallyOf(what+"unknown", int(unknown))}
	row := &safetyRow{Name: "not stated", Blank: blank}
	if counted == 0 {
		blank.Rate.Text = metrics.NotKnown // of some it will be, of some never
		return row
	}
	rate := failed / counted
	blank.Rate = tally{Text: metrics.Percent(rate), What: what + "rate", Raw: raw(&rate)}
	if i := metrics.Plausible(k, metrics.Value{KPI: all.KPI, Stat: all.Stat, Value: &rate, K: &failed, N: &counted}, nil); i.OK {
		blank.Interval = tally{Text: metrics.PercentRange(i), What: "safety/blank/interval", Raw: raw(&i.Low)}
		row.value, row.low, row.high = rate, i.Low, i.High
	}
	return row
}

// draw sets the rate and its interval on a scale from 0 to top; without an
// interval there is nothing to draw.
func (r *safetyRow) draw(top float64) {
	if r.high == 0 {
		return
	}
	at := func(x float64) float64 { return 4 + 192*min(1, x/top) }
	r.Range = template.HTML(fmt.Sprintf(`<svg class="range" viewBox="0 0 200 16" preserveAspectRatio="xMinYMid meet" aria-hidden="true" focusable="false"><line x1="4" x2="196" y1="8" y2="8"/><line class="span" x1="%.1f" x2="%.1f" y1="8" y2="8"/><circle cx="%.1f" cy="8" r="4"/></svg>`,
		at(r.low), at(r.high), at(r.value)))
}

func of(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}
