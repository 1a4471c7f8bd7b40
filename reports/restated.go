package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// restatedView sets what an issue printed beside what is known now.
type restatedView struct {
	Issued string `view:"date"` // of the page itself, where it is its own figures
	Rows   []restatement
	Left   *tally // figures beyond the rows
	Lost   *tally // figures of periods that no longer exist: no row of them could say more
	Kind   string // of the periods
	Why    string `view:"quote"` // they no longer exist
}

type restatement struct {
	Title, Stat  string `view:"name"` // of which KPI, and which of its figures
	Of           string `view:"date"` // the period, where it is not the page's own
	Then, Now    figure
	From         string // "of" or "from" so many, which stand in ThenN and NowN; empty for a count
	ThenN, NowN  figure
	Why          string `view:"quote"`
	Dim, DimName string `view:"name"` // empty for all
}

// restatedShown is how many restated figures a page lists; one changed rule may
// move hundreds.
const restatedShown = 20

// restated compares an issued page with today's data. A rate that was pending
// when it was issued and has settled since is no restatement.
func restated(ctx context.Context, s *sheet) (*answer, error) {
	if s.issue == nil {
		return &answer{Hidden: true}, nil
	}
	list, err := metrics.RestatedSince(ctx, s.conn, s.document, s.period)
	if err != nil {
		return nil, err
	}
	view := s.restatedRows(list)
	if view.empty() {
		return &answer{Hidden: true}, nil
	}
	s.others = len(list)
	view.Issued = s.clock.at(s.issue.IssuedAt)
	return &answer{Lead: "This page shows what is known now. What it printed when it was issued was different.", View: view}, nil
}

// restatements lists which figures of earlier issues are others now. The page
// prints them anew, so that the next issue does not list them again.
func restatements(ctx context.Context, s *sheet) (*answer, error) {
	list, err := metrics.RestatedBy(ctx, s.conn, s.document, s.period)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		s.print(r.Is, metrics.Interval{}, "")
	}
	view := s.restatedRows(list)
	for i := range view.Rows {
		// On an issued page these are the figures of the issue, and stay so.
		if s.issue != nil {
			view.Rows[i].Now.Part, view.Rows[i].NowN.Part = "issued", "issued n"
		}
	}
	if view.empty() {
		return &answer{Hidden: true}, nil
	}
	return &answer{Lead: "Figures that earlier issues printed and that are others now, with the cause. Outcomes that were pending and have settled are not among them.", View: view}, nil
}

// readIssued reads what the issue of this page printed, if that was before now.
func (s *sheet) readIssued(ctx context.Context) error {
	if s.issue == nil {
		return nil
	}
	printed, err := metrics.PublishedValues(ctx, s.conn, s.document, s.period.Start)
	if err != nil {
		return err
	}
	s.issued = map[string]metrics.Printed{}
	for _, p := range printed {
		p.Period = s.period.Kind
		s.issued[mark(p.Value)] = p
	}
	return nil
}

// asIssued is the figure that the issue printed, where it reads otherwise now.
func (s *sheet) asIssued(k metrics.KPI, now figure) figure {
	was, known := s.issued[now.Mark]
	if !known {
		return figure{}
	}
	f := figureOf(k.Kind, was.Value)
	if f.Text == now.Text {
		return figure{}
	}
	f.Part = "issued"
	return f
}

func (v restatedView) empty() bool { return len(v.Rows) == 0 && v.Lost == nil }

// restatedRows sets the first of a list, and counts the others.
func (s *sheet) restatedRows(list []metrics.Restatement) restatedView {
	view := restatedView{Kind: s.period.Kind}
	left, lost := 0, 0
	for _, r := range list {
		k := s.kpi(r.Was.KPI)
		switch {
		case k == nil:
		case r.Gone:
			lost++
			view.Why = clip(r.Cause(), 400)
		case len(view.Rows) == restatedShown:
			left++
		default:
			row := restatement{Title: k.Title, Stat: plainStat(*k, r.Was.Stat), Then: figureOf(k.Kind, r.Was), Now: figureOf(k.Kind, r.Is), From: fromWord(r.Was.Stat),
				ThenN: partOf(r.Was, "n"), NowN: partOf(r.Is, "n"), Why: clip(r.Cause(), 400)}
			row.Then.Part, row.ThenN.Part = "issued", "issued n"
			if r.Was.Dim != "all" {
				row.Dim, row.DimName = r.Was.Dim, clip(r.Was.DimValue, 60)
			}
			if !r.Was.PeriodStart.Equal(s.period.Start) {
				_, row.Of = named(s.period.Kind, r.Was.PeriodStart)
			}
			view.Rows = append(view.Rows, row)
		}
	}
	if left > 0 {
		n := tallyOf("restated/left", left)
		view.Left = &n
	}
	if lost > 0 {
		n := tallyOf("restated/lost", lost)
		view.Lost = &n
	}
	return view
}

// plainStat is a stat in the words of the page; a KPI's only figure has none.
func plainStat(k metrics.KPI, stat string) string {
	switch {
	case stat == k.Kind:
		return ""
	case stat == "median":
		return "typical"
	case stat == "max":
		return "slowest"
	case stat == "p90":
		return "9 in 10 within"
	case stat == metrics.KindCount:
		return k.Past()
	}
	return stat
}

// fromWord leads to the number behind a figure; a count is that number.
func fromWord(stat string) string {
	switch stat {
	case metrics.KindCount:
		return ""
	case metrics.KindRate, metrics.KindShare:
		return "of"
	}
	return "from"
}

// short is a definition's hash as a header shows it.
func short(hash string) string {
	if hash = clean(hash); len(hash) > 12 {
		return hash[:12]
	}
	return hash
}
