package reports

import (
	"context"
	"sort"

	"github.com/srekpi/srekpi/metrics"
)

// definitionsView says of each KPI what it counts and lists what it counted.
type definitionsView struct {
	KPIs       []defined
	Definition string `view:"key"`
}

type defined struct {
	ID       string      `view:"key"`
	KPI      metrics.KPI `view:"quote"`
	Headline figure
	Chance   *figure // what coincidence alone gives, beside a suspicion
	Parts    []evidencePart
	Total    int    `view:"structure"`
	More     prose  // how many are not shown, and
	SQL      string `view:"key"` // how to list them all
	Services []serviceRow
	Summary  prose
}

func definitions(ctx context.Context, s *sheet) (*answer, error) {
	view := definitionsView{Definition: short(s.definition)}
	if err := s.readNames(ctx); err != nil {
		return nil, err
	}
	for _, name := range s.all() {
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, err
		}
		d := defined{ID: "evidence-" + name, KPI: r.KPI, Headline: s.sentenceOf(r.KPI, r.Now)}
		if err := s.evidenceParts(ctx, &d, r.KPI); err != nil {
			return nil, err
		}
		if d.Chance, err = s.chanceOf(ctx, r); err != nil {
			return nil, err
		}
		if d.Services, err = s.byService(ctx, r.KPI); err != nil {
			return nil, err
		}
		view.KPIs = append(view.KPIs, d)
	}
	if len(view.KPIs) == 0 {
		return &answer{Hidden: true}, nil
	}
	return &answer{Lead: "Each figure above, what it counts, and every row behind it: counted, still open, left out and why.", View: view}, nil
}

type serviceRow struct {
	Name  string `view:"name"`
	Value figure
	N     figure
}

// servicesShown is how many services a KPI is broken down by, the busiest first.
const servicesShown = 8

// byService breaks a KPI down. A row counts once in each of its services, so
// they do not add up; the template says so.
func (s *sheet) byService(ctx context.Context, k metrics.KPI) ([]serviceRow, error) {
	values, err := metrics.Values(ctx, s.conn, metrics.Query{KPIs: []string{k.Name}, Stats: []string{headStat(k)}, Period: s.period.Kind,
		From: s.period.Start, To: s.period.Start, Dim: "service"})
	if err != nil {
		return nil, err
	}
	weight := func(v metrics.Value) float64 {
		if v.N == nil {
			return 0
		}
		return *v.N
	}
	sort.SliceStable(values, func(i, j int) bool { return weight(values[i]) > weight(values[j]) })
	var out []serviceRow
	for _, v := range values {
		if len(out) == servicesShown || v.Value == nil || weight(v) == 0 {
			break
		}
		s.print(v, metrics.Interval{}, "")
		row := serviceRow{Name: clip(v.DimValue, 60), Value: figureOf(k.Kind, v)}
		if k.Kind != metrics.KindCount {
			row.N = partOf(v, "n")
		}
		out = append(out, row)
	}
	return out, nil
}
