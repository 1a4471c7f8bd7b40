package reports

import (
	"context"

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
	Cohort   prose   // of a longer stretch, with the open ones
	Chance   *figure // what coincidence alone gives, beside a suspicion
	Parts    []evidencePart
	Total    int    `view:"structure"`
	More     prose  // how many are not shown, and
	SQL      string `view:"key"` // how to list them all
	Services []serviceRow
	Busiest  string // by what they are ranked
	Behind   string // what a row of them is made of; empty where the value tells
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
		if d.Cohort, err = s.cohort(ctx, r); err != nil {
			return nil, err
		}
		if d.Services, err = s.byService(ctx, r.KPI); err != nil {
			return nil, err
		}
		d.Busiest, d.Behind = "the busiest", "Rows behind it"
		if r.KPI.Kind == metrics.KindCount {
			d.Behind = "" // the value says it
		}
		if summed(r.KPI) {
			d.Busiest, d.Behind = "the most "+map[bool]string{true: "hours", false: r.KPI.Unit}[r.KPI.Unit == "h"]+" first", capital(noun(r.KPI.Entity, 2))
		}
		view.KPIs = append(view.KPIs, d)
	}
	if len(view.KPIs) == 0 {
		return &answer{Hidden: true}, nil
	}
	return &answer{Lead: "Each figure above, what it counts, and every row behind it: counted, still open, left out and why.", View: view}, nil
}

// summed tells a count of something other than rows: hours over incidents.
func summed(k metrics.KPI) bool { return k.Kind == metrics.KindCount && k.Unit != "" }

type serviceRow struct {
	Name  string `view:"name"`
	Value figure
	Unit  string // of a count that is no mere number
	N     figure
}

// servicesShown is how many services a KPI is broken down by, the busiest first.
const servicesShown = 8

// byService breaks a KPI down. A row counts once in each of its services, so
// they do not add up; the template says so.
func (s *sheet) byService(ctx context.Context, k metrics.KPI) ([]serviceRow, error) {
	if k.Name == mitigation && s.echoed {
		return nil, nil // another KPI has the same figures
	}
	if s.busiest == nil {
		var err error
		if s.busiest, err = metrics.Busiest(ctx, s.conn, s.period, "service", servicesShown); err != nil {
			return nil, err
		}
	}
	var out []serviceRow
	for _, v := range s.busiest[k.Name] {
		s.print(v, metrics.Interval{}, "")
		row := serviceRow{Name: clip(v.DimValue, 60), Value: figureOf(k.Kind, v)}
		if summed(k) {
			row.Unit = k.Unit
		}
		if k.Kind != metrics.KindCount || summed(k) {
			row.N = partOf(v, "n")
		}
		out = append(out, row)
	}
	return out, nil
}
