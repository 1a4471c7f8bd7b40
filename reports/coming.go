package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// comingView is the seven days ahead. It is the one place beside the owners of
// actions where people stand by name: they are to be called.
type comingView struct {
	Days     []string `view:"date"`
	Rotas    []rosterRow
	Others   prose
	Always   []prose
	Gaps     []rosterGap
	MoreGaps prose
	Shifts   prose // why there is no roster, or how far it is known
	Changes  []plannedGroup
	More     prose
	Planned  prose // why there are no changes, or what they leave out
}

type rosterRow struct {
	Name  string `view:"name"`
	Tiers string `view:"name"`
	Cells []rosterCell
}

// rosterCell is a day, or several that one person holds.
type rosterCell struct {
	Span  int    `view:"structure"`
	Label string `view:"date"`
	Parts []rosterPart
}

type rosterPart struct {
	Kind, Tone string // tone: two shades by turns
	Width      int    `view:"structure"` // of its cell, in percent
	Who        string `view:"name"`
	When       string `view:"date"`
}

type rosterGap struct {
	Word word
	Said prose
}

type plannedGroup struct {
	Title, When string `view:"date"`
	Outside     bool
	Rows        []plannedRow
}

type plannedRow struct {
	Key     place
	Title   string `view:"quote"`
	Grave   bool
	Kind    string `view:"quote"`
	When    string `view:"date"`
	Raw     int64  `view:"structure"`
	NoEnd   bool
	Beyond  bool   // runs past its window
	Where   string `view:"name"`
	Team    string `view:"name"`
	Done    string // what became of it since
	Clashes prose
}

const (
	gapsShown    = 6
	plannedShown = 40
)

// coming answers the seven days ahead: who is on call, which changes are planned.
func coming(ctx context.Context, s *sheet) (*answer, error) {
	shifts, changes := s.delivers("oncall_shift"), s.delivers("change")
	if !shifts && !changes {
		return &answer{Unasked: "neither shifts nor changes are collected: add a source of type pagerduty (shifts) and one with entity: change to srekpi.yml"}, nil
	}
	ahead := s.ahead()
	view := comingView{}
	var told prose
	if shifts {
		lead, err := s.comingShifts(ctx, &view, ahead)
		if err != nil {
			return nil, err
		}
		told = lead
	} else {
		view.Shifts = tell("Who is on call is not collected: add a source of type pagerduty to srekpi.yml.")
	}
	if changes {
		lead, err := s.comingChanges(ctx, &view, ahead)
		if err != nil {
			return nil, err
		}
		told = follow(told, lead)
	} else {
		view.Planned = tell("Changes planned are not collected: add a source with entity: change to srekpi.yml.")
	}
	if len(view.Rotas) == 0 && len(view.Always) == 0 && len(view.Changes) == 0 && shifts && changes {
		return &answer{Quiet: "no shift and no planned change is known for the seven days from " + s.weekday(ahead.from) + " on."}, nil
	}
	return &answer{Told: told, View: view}, nil
}

func (s *sheet) weekday(t time.Time) string { return t.In(s.clock.zone).Weekday().String() }

// ahead is the rest of the day on which the page ends, and six more.
func (s *sheet) ahead() stretch {
	from := s.end().In(s.clock.zone)
	y, m, d := from.Date()
	return stretch{from, time.Date(y, m, d+7, 0, 0, 0, 0, s.clock.zone)}
}

// daysOf cuts a stretch at the midnights of the reporting zone.
func (s *sheet) daysOf(in stretch) []stretch {
	var out []stretch
	for from := in.from; from.Before(in.to); {
		y, m, d := from.In(s.clock.zone).Date()
		to := time.Date(y, m, d+1, 0, 0, 0, 0, s.clock.zone)
		out = append(out, stretch{from, to}.within(in))
		from = to
	}
	return out
}

// comingShifts fills in the roster and its gaps.
func (s *sheet) comingShifts(ctx context.Context, view *comingView, ahead stretch) (prose, error) {
	who, err := s.roster(ctx)
	if err != nil {
		return nil, err
	}
	rotas := who.rotas
	days := s.daysOf(ahead)
	for _, one := range days {
		view.Days = append(view.Days, s.clock.zoned(one.from, "Mon 2 Jan"))
	}
	var gaps, grave []rosterGap
	for _, r := range rotas {
		for _, g := range r.segments {
			if g.kind != isGap {
				continue
			}
			one := s.gapOf(r, g, ahead)
			if r.level <= 1 {
				grave = append(grave, one)
			} else {
				gaps = append(gaps, one)
			}
		}
		if len(view.Rotas) < rotasShown {
			view.Rotas = append(view.Rotas, rosterRow{Name: clip(r.name, 60), Tiers: strings.Join(r.tiers, ", "), Cells: s.cellsOf(r, days)})
		}
	}
	view.Gaps = append(grave, gaps...)
	all := len(view.Gaps)
	if more := all - gapsShown; more > 0 {
		view.Gaps, view.MoreGaps = view.Gaps[:gapsShown], tell("%s more %s in the roster.", tallyOf("coming/gaps/more", more), map[bool]string{true: "gap", false: "gaps"}[more == 1])
	}
	if more := len(rotas) - rotasShown; more > 0 {
		view.Others = tell("%s more %s not shown; a gap in one of them is listed.", tallyOf("coming/rotas/more", more), map[bool]string{true: "rota is", false: "rotas are"}[more == 1])
		if who.partial {
			view.Others = tell("At least %s more %s not shown.", tallyOf("coming/rotas/more", more), map[bool]string{true: "rota is", false: "rotas are"}[more == 1])
		}
	}
	for _, a := range who.standing[:min(len(who.standing), rotasShown)] {
		view.Always = append(view.Always, alwaysOf(a))
	}
	if more := len(who.standing) - rotasShown; more > 0 {
		view.Always = append(view.Always, tell("%s more %s always on call.", tallyOf("coming/standing/more", more), isAre(more)))
	}
	if who.partial {
		view.Shifts = tell("More than %s shifts touch these days and not all were read, so no gap is named and rotas may be missing.", tallyOf("coming/shifts/read", shiftsRead))
	}
	if len(rotas) == 0 {
		if len(who.standing) == 0 {
			view.Shifts = tell("No shift is known for these days.")
		}
		return nil, nil
	}
	if who.until.Before(ahead.to) {
		view.Shifts = follow(tell("Shifts are known until %s; beyond it a blank is not a gap.", dated(s.clock.short(who.until))), view.Shifts)
	}
	lead := capped(tell("%s on call", many("coming/rotas", len(rotas), "rota is", "rotas are")))
	switch {
	case who.partial:
		return tell("At least %s on call.", many("coming/rotas", len(rotas), "rota is", "rotas are")), nil
	case all == 0 && who.until.Before(ahead.to):
		return append(lead, say(", with no gap as far as shifts are known.")), nil
	case all == 0:
		return append(lead, say(", with no gap.")), nil
	case len(grave) == all:
		return append(lead, tell(", with %s in the first level.", many("coming/gaps", all, "gap", "gaps"))...), nil
	case len(grave) > 0:
		return append(lead, tell(", with %s, %s of them in the first level.", many("coming/gaps", all, "gap", "gaps"), tallyOf("coming/gaps/first", len(grave)))...), nil
	}
	return append(lead, tell(", with %s.", many("coming/gaps", all, "gap", "gaps"))...), nil
}

// findUncovered: nobody is called first in the days ahead, which is still to be
// mended. The month speaks of what was.
func (s *sheet) findUncovered(ctx context.Context) ([]finding, error) {
	if s.document != metrics.Weekly || !s.delivers("oncall_shift") {
		return nil, nil
	}
	ahead := s.ahead()
	if !ahead.to.After(s.asOf) {
		return nil, nil // those days are over
	}
	who, err := s.roster(ctx)
	if err != nil {
		return nil, err
	}
	var out []finding
	for _, r := range who.rotas {
		for _, g := range r.segments {
			if g.kind == isGap && r.level <= 1 {
				out = append(out, finding{Kind: "uncovered", Rank: 95, Pieces: s.gapOf(r, g, ahead).Said, Ask: "Who covers it?"})
			}
		}
	}
	return out, nil
}

// gapOf: "Nobody is on call for Payments L2 from Thu 8 Oct 08:00 to Fri 9 Oct 08:00, 24 h."
func (s *sheet) gapOf(r *rota, g segment, ahead stretch) rosterGap {
	w := word{Text: "gap", Shape: "open-diamond", Tone: "changed"}
	if r.level <= 1 {
		w = word{Text: "gap in the first level", Shape: "diamond", Tone: "worse"}
	}
	return rosterGap{w, tell("Nobody is on call for %s from %s to %s, %s.", naming(clip(r.name, 60)), dated(s.clock.short(g.from)), dated(s.endOf(g.to, ahead)), lastingOf("coming/gap", g.to.Sub(g.from)))}
}

// endOf writes the end of a stretch; midnight as the day that it ends.
func (s *sheet) endOf(t time.Time, ahead stretch) string {
	if t.Equal(ahead.to) {
		return "the end of " + s.clock.zoned(t.Add(-time.Second), "Mon 2 Jan")
	}
	return s.clock.short(t)
}

// cellsOf sets a rota into days. Days that one person holds from end to end are one cell.
func (s *sheet) cellsOf(r *rota, days []stretch) []rosterCell {
	var out []rosterCell
	whole := -1 // the segment that holds the last cell from end to end
	tones := map[int]string{}
	tone := "one"
	for i, g := range r.segments {
		if g.kind == isHeld {
			tones[i], tone = tone, map[string]string{"one": "two", "two": "one"}[tone]
		}
	}
	first := ""
	for _, d := range days {
		name := s.clock.zoned(d.from, "Mon 2 Jan")
		at := slices.IndexFunc(r.segments, func(g segment) bool { return !g.from.After(d.from) && !g.to.Before(d.to) })
		if at >= 0 && at == whole {
			last := &out[len(out)-1]
			last.Span++
			last.Label = first + " to " + name
			continue
		}
		whole, first = at, name
		cell := rosterCell{Span: 1, Label: name}
		for i, g := range r.segments {
			here := g.stretch.within(d)
			if here.empty() {
				continue
			}
			part := rosterPart{Kind: g.kind, Tone: tones[i], Width: max(1, int(100*here.to.Sub(here.from)/d.to.Sub(d.from))), Who: clip(strings.Join(g.who, ", "), 80)}
			from, to := "", ""
			if g.from.After(d.from) {
				from = "from " + s.clock.zoned(g.from, "15:04")
			}
			if g.to.Before(d.to) {
				to = "until " + s.clock.zoned(g.to, "15:04")
			}
			if part.When = strings.TrimSpace(from + " " + to); g.kind != isHeld && at < 0 && from != "" && to != "" {
				part.When = from + " " + strings.Replace(to, "until", "to", 1)
			}
			cell.Parts = append(cell.Parts, part)
		}
		out = append(out, cell)
	}
	return out
}

// alwaysOf: "Q. Adeyemi is always on call: level 3 of Storefront, Back Office."
func alwaysOf(a *always) prose {
	slices.SortFunc(a.rungs, func(x, y rung) int {
		if x.level != y.level {
			return int(x.level) - int(y.level)
		}
		return strings.Compare(x.policy, y.policy)
	})
	var of []string
	for i, g := range a.rungs {
		text := clip(or(g.policy, "a policy"), 60)
		if i == 0 || a.rungs[i-1].level != g.level {
			text = fmt.Sprintf("level %d of %s", g.level, text)
		}
		of = append(of, text)
	}
	if more := len(of) - 6; more > 0 {
		return tell("%s is always on call: %s and %s more.", naming(clip(a.who, 60)), plainly(strings.Join(of[:6], "; ")), tallyOf("coming/always/more", more))
	}
	return tell("%s is always on call: %s.", naming(clip(a.who, 60)), plainly(strings.Join(of, "; ")))
}

// comingChanges fills in what is planned, by window.
func (s *sheet) comingChanges(ctx context.Context, view *comingView, ahead stretch) (prose, error) {
	rows, err := s.plannedBetween(ctx, ahead)
	if err != nil {
		return nil, err
	}
	windows, err := s.windowsBetween(ctx, ahead)
	if err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(slices.Clone(rows), func(c *planned) bool { return c.Outside == 1 })
	elsewhere := len(rows) - len(all)
	clashesOf(all)
	grave, clashing, begun := 0, 0, 0
	for _, c := range all {
		begun += b2i(c.Status != "planned")
		grave += int(c.Grave)
		clashing += b2i(c.meets > 0)
	}
	if elsewhere > 0 {
		view.Planned = tell("%s more %s planned outside production.", tallyOf("planned/elsewhere", elsewhere), isAre(elsewhere))
	}
	if len(all) == 0 {
		view.Planned = follow(tell("No change is planned for these days."), view.Planned)
		return nil, nil
	}
	shown := slices.Clone(all)
	slices.SortStableFunc(shown, func(a, b *planned) int { // grave first already; then what clashes
		if a.Grave != b.Grave {
			return int(b.Grave) - int(a.Grave)
		}
		return b2i(b.meets > 0) - b2i(a.meets > 0)
	})
	view.More = notShown(shown)
	if len(rows) == plannedRead && len(view.More) > 0 {
		view.More = tell("At least %s", view.More)
	}
	shown = shown[:min(len(shown), plannedShown)]
	for _, g := range byWindow(shown, windows) {
		if len(g.changes) == 0 {
			continue
		}
		slices.SortStableFunc(g.changes, func(a, b *planned) int {
			if a.Grave != b.Grave {
				return int(b.Grave) - int(a.Grave)
			}
			return a.Starts.Compare(b.Starts)
		})
		one := plannedGroup{Title: "Outside the windows", Outside: g.window == nil}
		if g.window != nil {
			one.Title, one.When = clip(g.window.Name, 80), s.clock.short(g.window.Starts)+" to "+s.clock.short(g.window.Ends)
			if g.window.Ends.After(ahead.to) {
				one.When += ", shown until the end of " + s.clock.zoned(ahead.to.Add(-time.Second), "Mon 2 Jan")
			}
		} else if len(windows) == 0 {
			one.Title, one.Outside = "Planned changes", false
		}
		for _, c := range g.changes {
			one.Rows = append(one.Rows, s.plannedRow(c, g.window))
		}
		view.Changes = append(view.Changes, one)
	}
	if len(windows) == 0 {
		view.Planned = follow(tell("No window of changes is configured: changes.cab in srekpi.yml gives them."), view.Planned)
	}
	lead := tell("%s planned", capped(many("planned/all", len(all), "change is", "changes are")))
	if len(rows) == plannedRead {
		lead = tell("At least %s", lead)
	}
	if grave > 0 {
		lead = append(lead, tell(", %s of high risk or emergency", tallyOf("planned/grave", grave))...)
	}
	if clashing > 0 {
		lead = append(lead, tell("; %s share a service and a time with another", tallyOf("planned/clashing", clashing))...)
	}
	if begun > 0 {
		lead = append(lead, tell("; %s of them %s begun since", tallyOf("planned/begun", begun), hasHave(begun))...)
	}
	return append(lead, say(".")), nil
}

// notShown says what a page does not show of the changes planned, the gravest
// first, and what is still grave in that.
func notShown(all []*planned) prose {
	cut := all[min(len(all), plannedShown):]
	if len(cut) == 0 {
		return nil
	}
	grave, clashing := 0, 0
	for _, c := range cut {
		grave += int(c.Grave)
		clashing += b2i(c.meets > 0)
	}
	out := tell("%s more", tallyOf("planned/more", len(cut)))
	switch {
	case grave > 0:
		out = append(out, tell(", %s of high risk or emergency", tallyOf("planned/more/grave", grave))...)
	case clashing > 0:
		out = append(out, say(", of less risk"))
	default:
		out = append(out, say(", of less risk and without a clash"))
	}
	if clashing > 0 {
		out = append(out, tell(", %s at the same time as another on a service", tallyOf("planned/more/clashing", clashing))...)
	}
	return append(out, say(", "+isAre(len(cut))+" in the source of changes."))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// clashesShown is how many others a row names.
const clashesShown = 2

func (s *sheet) plannedRow(c *planned, window *cabWindow) plannedRow {
	row := plannedRow{Key: place{Text: c.name(), URL: link(c.URL)}, Title: clip(c.Title, 120), Grave: c.Grave == 1, Kind: c.risky(), When: s.clock.short(c.Starts), Raw: c.Starts.Unix(),
		NoEnd: c.Ends == nil, Where: clip(strings.Join(c.Services, ", "), 80), Team: clip(strings.Join(c.Teams, ", "), 60), Done: c.since()}
	if c.Ends != nil {
		row.When += " to " + s.clock.zoned(*c.Ends, "15:04")
		if s.clock.day(*c.Ends) != s.clock.day(c.Starts) {
			row.When = s.clock.short(c.Starts) + " to " + s.clock.short(*c.Ends)
		}
		row.Beyond = window != nil && c.Ends.After(window.Ends)
	}
	for i, other := range c.clashes {
		if i > 0 {
			row.Clashes = append(row.Clashes, say(", "))
		}
		row.Clashes = append(row.Clashes, tell("%s on %s", place{Text: other.other.name(), URL: link(other.other.URL)}, naming(clip(other.service, 40)))...)
	}
	if more := c.meets - len(c.clashes); more > 0 {
		row.Clashes = append(row.Clashes, tell(" and %s more", tallyOf("planned/clashes", more))...)
	}
	return row
}
