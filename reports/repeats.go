package reports

import (
	"context"
	"fmt"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// repeatsView ranks what keeps breaking by the hours that it cost.
type repeatsView struct {
	Chart   *drawing
	Figure  prose  // the caption: what to see
	Until   string `view:"date"` // where the time of one is cut at the end of the page
	ID      string
	Period  string
	Rows    []repeatRow
	Nothing string // where no fix is known
	Note    prose
}

type repeatRow struct {
	Service    string `view:"name"`
	Title      string `view:"quote"`
	Basis      string `view:"name"`
	Times, Now tally
	Hours      tally
	Fixes      []fixLine
	MoreFixes  prose
	Since      prose // promised only after it came back
	Came       prose
	Again      bool // it came back in spite of a promise
	Links      []place
}

// fixLine is one promised fix.
type fixLine struct {
	Key   place
	Title string `view:"quote"`
	Said  prose
}

// place is a record on this page: its name, and where it stands.
type place struct {
	Text, URL string `view:"key"`
}

// fixesShown is how many promised fixes a row names.
const fixesShown = 2

// repeats is the Pareto of the week: which few things cost most of the hours.
func repeats(ctx context.Context, s *sheet) (*answer, error) {
	return s.repeatsBlock(ctx, "repeats", 10)
}

// repeatTax is the same for the month, five of them.
func repeatTax(ctx context.Context, s *sheet) (*answer, error) { return s.repeatsBlock(ctx, "tax", 5) }

func (s *sheet) repeatsBlock(ctx context.Context, id string, most int) (*answer, error) {
	if s.kpi(repeatKPI) == nil || !s.delivers("incident") {
		return &answer{Unasked: "repeats are found among incidents: add a source with entity: incident to srekpi.yml"}, nil
	}
	all, err := s.repeatGroups(ctx)
	if err != nil {
		return nil, err
	}
	if all.Count == 0 {
		return &answer{Calm: s.noRepeats(ctx)}, nil
	}
	known, err := s.tellsPromises(ctx)
	if err != nil {
		return nil, err
	}
	view := repeatsView{ID: id, Period: "This " + s.period.Kind, Nothing: "actions are not collected"}
	if known {
		view.Nothing = "no fix promised"
	}
	chart := bars{ID: id, Unit: "hours open in 90 days"}
	for _, g := range all.Groups[:min(len(all.Groups), most)] {
		row := repeatRow{Service: clip(g.where(), 40), Title: clip(g.newest().Title, 120), Basis: g.Means,
			Times: tallyOf("repeat/times", g.Times), Now: tallyOf("repeat/now", g.Now), Hours: hoursOf("repeat/hours", g.Hours),
			Came: capped(g.came()), Again: g.WhileOpen+g.AfterDone > 0, Since: capped(g.promisedSince())}
		fixes, at, named := g.Since, s.end(), 0
		if len(g.Held) > 0 {
			fixes, at, named = g.Held, g.Last, min(len(g.Since), sinceNamed)
		}
		for n, a := range fixes {
			if n == fixesShown || n > 0 && a.doneBy(at) {
				break // the open ones come first; of those that were done the last stands for all
			}
			row.Fixes = append(row.Fixes, fixLine{Key: a.place(), Title: clip(a.Title, 80), Said: s.promiseOf(a)})
		}
		if more := len(g.Held) + len(g.Since) - len(row.Fixes) - named; more > 0 {
			row.MoreFixes = tell("and %s", many("repeat/fixes", more, "more action", "more actions"))
		}
		for _, one := range g.Latest {
			row.Links = append(row.Links, s.place(ctx, one))
		}
		view.Rows = append(view.Rows, row)
		chart.Bars = append(chart.Bars, bar{Label: g.what(60), Value: g.Hours.Hours(), Text: metrics.Number(g.Hours.Hours()) + " h, " + counted(g.Times, "time", "times"), Fresh: true})
	}
	lead := capped(tell("%s of this %s %s to %s that came back within 90 days%s.", many("repeat/here", all.Now, "incident", "incidents"), s.period.Kind,
		map[bool]string{true: "belongs", false: "belong"}[all.Now == 1], many("repeat/groups", all.Count, "problem", "problems"), all.unpromised(known)))
	part := all.part()
	view.Figure = capped(tell("%s of %s %s %s of the %s hours.", inWords("repeat/few", all.Few), inWords("repeat/groups", all.Count), costs(all.Few),
		tally{Text: metrics.Percent(part), What: "repeat/part", Raw: fmt.Sprintf("%.4f", part)}, hoursOf("repeat/total", all.Hours)))
	if all.Count == 1 {
		view.Figure = tell("It cost %s hours in 90 days.", hoursOf("repeat/total", all.Hours))
	}
	if all.Cut {
		view.Until = s.clock.zoned(s.end().Add(-time.Millisecond), "2 Jan")
	}
	if all.Count > most {
		view.Note = tell("The %s that cost most of %s; the others are in the evidence of the repeat rate.", tallyOf("repeat/shown", most), tallyOf("repeat/groups", all.Count))
	}
	if len(view.Rows) > 1 {
		chart.Alt = "Bars, longest first: hours that each repeating problem stood open in 90 days. " + view.Figure.String()
		d, err := chart.drawing()
		if err != nil {
			return nil, err
		}
		view.Chart = &d
	}
	return &answer{Told: lead, View: view}, nil
}

// unpromised says for how many nobody promised a fix, and how many came back in
// spite of one.
func (r *repeating) unpromised(known bool) prose {
	var out prose
	if r.Again > 0 {
		out = append(out, tell("; %s did so after a fix was promised", tallyOf("repeat/again", r.Again))...)
	}
	if r.Bare > 0 && known {
		out = append(out, tell("; for %s no fix is promised", tallyOf("repeat/bare", r.Bare))...)
	}
	return out
}

// noRepeats is the quiet sentence, which must not pass for "judged" what could not be.
func (s *sheet) noRepeats(ctx context.Context) prose {
	r, err := s.readingOf(ctx, repeatKPI)
	if err != nil || r == nil {
		return tell("no incident repeated an earlier one.")
	}
	if !s.reaches("incident") {
		return tell("not known: no source of incidents reaches into this %s.", s.period.Kind)
	}
	v := r.Points[len(r.Points)-1].Value
	if v != nil && v.Unknown > 0 {
		return tell("none known; %s %s could not be judged (the evidence of the repeat rate says why).", partOf(*v, "unknown"), map[bool]string{true: "incident", false: "incidents"}[v.Unknown == 1])
	}
	return tell("no incident of this %s repeated an earlier one.", s.period.Kind)
}

// place links to where an incident stands on this page: its card, or its row in
// the evidence of the count.
func (s *sheet) place(ctx context.Context, i incident) place {
	p := place{Text: i.name()}
	if _, err := s.beganHere(ctx); err != nil {
		return p // the block that lists them ends with the error
	}
	if s.period.Has(i.Created) {
		p.URL = s.row(ctx, "incident_count", i.ID)
		if s.cards[i.ID] {
			p.URL = "#" + anchor("i", i.ID)
		}
	} else {
		p.URL = link(i.URL)
	}
	return p
}
