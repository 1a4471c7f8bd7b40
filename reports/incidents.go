package reports

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"
)

// incidentsView lists the incidents of the period by whose fix each is.
type incidentsView struct {
	Owners []owner
	Note   prose
}

// cardsShown is how many incidents stand on cards, the worst first; a flood of
// alerts must not bury them. The others are in the evidence of the count.
const cardsShown = 100

type owner struct {
	Name    string `view:"name"`
	More    tally  // not on cards
	Decided bool
	Count   tally
	Cards   []card

	count int
}

// incidentsOfPeriod reads those that count, so that the cards add up to the KPI.
func incidentsOfPeriod(ctx context.Context, s *sheet) (*answer, error) {
	rows, err := s.beganHere(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		if !s.delivers("incident") {
			return &answer{Unasked: "add a source with entity: incident to srekpi.yml (srekpi init file writes the section)"}, nil
		}
		if !s.reaches("incident") {
			return &answer{Unasked: "no source of incidents reaches into this " + s.period.Kind + ": bring a newer export, or say in covers: what it is complete for"}, nil
		}
		return &answer{Quiet: "no incident began in this " + s.period.Kind + "."}, nil
	}
	if err := s.readFields(ctx); err != nil {
		return nil, err
	}
	view := incidentsView{}
	byOwner := map[string]*owner{}
	open, since, blanks, majors := 0, 0, 0, 0
	var told []incident
	for _, i := range worstFirst(rows, s.end()) {
		if i.Major == 1 {
			majors++
			if len(told) < storiesTold {
				told = append(told, i)
			}
		}
	}
	stories, err := s.stories(ctx, told)
	if err != nil {
		return nil, err
	}
	for _, i := range rows {
		name := clip(i.FixOwner, 60)
		o := byOwner[strings.ToLower(name)]
		if o == nil {
			o = &owner{Name: capital(name), Decided: name != ""}
			if !o.Decided {
				o.Name = "Undecided"
			}
			byOwner[strings.ToLower(name)] = o
		}
		if i.Resolved == nil {
			open++
		}
		if i.ResolvedSince != nil {
			since++
		}
		o.count++
		if !s.cards[i.ID] {
			continue
		}
		c := s.shortCard(i)
		if t := stories[i.ID]; t != nil {
			c = s.fullCard(i, t)
		}
		for _, r := range c.Answers {
			blanks += len(r.Blanks)
		}
		o.Cards = append(o.Cards, c)
	}
	for _, o := range byOwner {
		sort.SliceStable(o.Cards, func(i, j int) bool { return worse(o.Cards[i], o.Cards[j]) })
		o.Count = tallyOf("incidents/owner", o.count)
		if more := o.count - len(o.Cards); more > 0 {
			o.More = tallyOf("incidents/more", more)
		}
		view.Owners = append(view.Owners, *o)
	}
	// Decided ones by size, the undecided last: they are the question that is left.
	sort.Slice(view.Owners, func(i, j int) bool {
		a, b := view.Owners[i], view.Owners[j]
		if a.Decided != b.Decided {
			return a.Decided
		}
		if a.count != b.count {
			return a.count > b.count
		}
		return a.Name < b.Name
	})
	lead := capped(tell("%s began in this %s; %s still open.", many("incidents/began", len(rows), "incident", "incidents"), s.period.Kind, orNone("incidents/open", open)))
	if since > 0 {
		lead = capped(tell("%s began in this %s; %s stood open at its end, of which %s %s been resolved since.", many("incidents/began", len(rows), "incident", "incidents"), s.period.Kind,
			tallyOf("incidents/open", open), tallyOf("incidents/resolved", since), hasHave(since)))
	}
	if blanks > 0 {
		view.Note = capped(tell("%s on these cards %s blank. Each names the field to fill in the ticket; the next run collects it.", many("cards/blanks", blanks, "answer", "answers"), isAre(blanks)))
	}
	if more := majors - len(told); more > 0 {
		view.Note = follow(view.Note, tell("The %s worst major incidents are told in full; %s more have a short card or stand in the evidence.", tallyOf("cards/told", len(told)), tallyOf("cards/untold", more)))
	}
	return &answer{Told: lead, View: view}, nil
}

// worstFirst is the order of the cards.
func worstFirst(rows []incident, at time.Time) []incident {
	order := slices.Clone(rows)
	as := func(i incident) card { return card{Major: i.Major == 1, Severity: i.Severity, took: i.lasted(at)} }
	sort.SliceStable(order, func(i, j int) bool { return worse(as(order[i]), as(order[j])) })
	return order
}

// carded are the incidents that stand on cards.
func carded(rows []incident, at time.Time) map[string]bool {
	out := map[string]bool{}
	for _, i := range worstFirst(rows, at)[:min(len(rows), cardsShown)] {
		out[i.ID] = true
	}
	return out
}
