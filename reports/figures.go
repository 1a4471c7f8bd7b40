package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// figuresView is every KPI of the catalogue in a line: those that stand out
// first, the least likely by chance before the others.
type figuresView struct {
	Column string
	Rows   []figureRow
	Absent []prose
	Note   prose
}

type figureRow struct {
	stripRow
	Rank tally // of its signal; empty: it shows none
}

func allFigures(ctx context.Context, s *sheet) (*answer, error) {
	signals, judged, err := s.ranked(ctx)
	if err != nil {
		return nil, err
	}
	rank := map[string]int{}
	names := []string{}
	for i, signal := range signals {
		rank[signal.KPI] = i + 1
		names = append(names, signal.KPI)
	}
	for _, name := range s.all() {
		if rank[name] == 0 && !metrics.IsChance(name) {
			names = append(names, name)
		}
	}
	view := figuresView{Column: "This " + s.period.Kind}
	shown, absent, err := s.showable(ctx, names)
	if err != nil {
		return nil, err
	}
	view.Absent = absent
	for _, r := range shown {
		row := figureRow{}
		if row.stripRow, err = s.stripRow(ctx, r, trendPeriods); err != nil {
			return nil, err
		}
		row.Spark = ""
		if n := rank[r.KPI.Name]; n > 0 {
			row.Rank = nth("figures/rank", n)
		}
		view.Rows = append(view.Rows, row)
	}
	if len(view.Rows) == 0 {
		return &answer{Hidden: true}, nil // said above, by the figures of the headline
	}
	view.Note = tell("Ranked: what stands out first, the least likely by chance before the others.")
	return &answer{Told: figuresLead(s, len(signals), judged), View: view}, nil
}

// figuresLead says how many lines stand out, and how many would by chance.
func figuresLead(s *sheet, out, judged int) prose {
	if judged == 0 {
		return tell("There are too few settled %ss to say what is normal.", s.period.Kind)
	}
	stands := "stand"
	if out == 1 {
		stands = "stands"
	}
	expected := metrics.ExpectedFalse(judged)
	lead := tell("%s of %s lines %s out. Among so many steady lines chance alone makes %s stand out in a %s.", capped(prose{counting(inWords("figures/out", out))}), tallyOf("chance/lines", judged), stands,
		tally{Text: metrics.Number(expected), What: "chance/expected", Raw: raw(&expected)}, s.period.Kind)
	if out > 0 && float64(out) < 2*expected+1 {
		lead = append(lead, say(" A single one is no news by itself."))
	}
	return lead
}
