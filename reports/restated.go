package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// restatedView sets what the issue printed beside what is known now.
type restatedView struct {
	Issued     string
	Rows       []restatement
	Definition string // the definition of the issue, where it is another
}

type restatement struct {
	Title, Stat string
	Then        string
	Now         figure
	Why         string
}

// restated compares an issued page with today's data. A rate that was pending
// when it was issued and has settled since is no restatement.
func restated(ctx context.Context, s *sheet) (*answer, error) {
	if s.issue == nil {
		return &answer{Hidden: true}, nil
	}
	then, err := metrics.PublishedValues(ctx, s.conn, s.document, s.period.Start)
	if err != nil {
		return nil, err
	}
	view := restatedView{Issued: s.clock.at(s.issue.IssuedAt)}
	if s.issue.Definition != s.definition {
		view.Definition = short(s.issue.Definition)
	}
	for _, was := range then {
		k := s.kpi(was.KPI)
		if k == nil {
			continue
		}
		r, err := s.readingOf(ctx, was.KPI)
		if err != nil {
			return nil, err
		}
		now := metrics.Stat(r.Now, was.Stat)
		if was.Dim != "all" || now == nil || same(was.Value.Value, now.Value) || was.Unknown > now.Unknown {
			continue
		}
		row := restatement{Title: k.Title, Stat: plainStat(was.Stat), Then: figureOf(k.Kind, was.Value).Text, Now: figureOf(k.Kind, *now), Why: "late or corrected data"}
		if view.Definition != "" {
			row.Why = "another definition version, or late data"
		}
		view.Rows = append(view.Rows, row)
	}
	if len(view.Rows) == 0 {
		return &answer{Hidden: true}, nil
	}
	return &answer{Lead: "This page shows what is known now. What it printed when it was issued on " + view.Issued + " was different:", View: view}, nil
}

func same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// plainStat is a stat in the words of the page.
func plainStat(stat string) string {
	switch stat {
	case "median":
		return "typical"
	case "max":
		return "slowest"
	case "p90":
		return "9 in 10 within"
	}
	return stat
}

// short is a definition's hash as a header shows it.
func short(hash string) string {
	if hash = clean(hash); len(hash) > 12 {
		return hash[:12]
	}
	return hash
}
