package reports

import (
	"context"
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
const cardsShown = 120

type owner struct {
	Name    string `view:"name"`
	More    tally  // not on cards
	Decided bool
	Count   tally
	Cards   []card

	count int
}

// card is one incident by the five W's and how. An empty answer names the field
// that would give it.
type card struct {
	ID       string `view:"key"`
	Key      place
	Severity uint8 `view:"structure"`
	Major    bool
	Title    string `view:"quote"`
	Tags     []prose
	Lasted   tally
	Open     bool
	Answers  []reply
}

// reply is one question of a card.
type reply struct {
	Ask   string
	Text  string `view:"quote"`
	Field string // what to fill in the ticket when Text is empty
	URL   string `view:"key"` // where to fill it
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
	view := incidentsView{}
	byOwner := map[string]*owner{}
	open, blanks := 0, 0
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
		o.count++
		if !s.cards[i.ID] {
			continue
		}
		c := s.card(i)
		for _, r := range c.Answers {
			if r.Text == "" {
				blanks++
			}
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
	if blanks > 0 {
		view.Note = capped(tell("%s on these cards %s blank. Each names the field to fill in the ticket; the next run collects it.", many("cards/blanks", blanks, "answer", "answers"), isAre(blanks)))
	}
	return &answer{Told: lead, View: view}, nil
}

// carded are the incidents that stand on cards.
func carded(rows []incident) map[string]bool {
	order := make([]incident, len(rows))
	copy(order, rows)
	sort.SliceStable(order, func(i, j int) bool {
		return worse(card{Major: order[i].Major == 1, Severity: order[i].Severity}, card{Major: order[j].Major == 1, Severity: order[j].Severity})
	})
	out := map[string]bool{}
	for _, i := range order[:min(len(order), cardsShown)] {
		out[i.ID] = true
	}
	return out
}

// worse orders cards: major first, then by severity with unknown last, then by start.
func worse(a, b card) bool {
	if a.Major != b.Major {
		return a.Major
	}
	rank := func(s uint8) uint8 {
		if s == 0 {
			return 255
		}
		return s
	}
	return rank(a.Severity) < rank(b.Severity)
}

func (s *sheet) card(i incident) card {
	end := s.asOf
	c := card{ID: anchor("i", i.ID), Key: place{Text: i.name(), URL: link(i.URL)}, Severity: i.Severity, Major: i.Major == 1, Title: clip(i.Title, 240),
		Open: i.Resolved == nil, Lasted: lastingOf("incident/lasted", i.lasted(end))}
	if c.Title == "" {
		c.Title = "no title"
	}
	if i.Reopened > 0 {
		c.Tags = append(c.Tags, tell("reopened %s", many("incident/reopened", int(i.Reopened), "time", "times")))
	}
	if i.CustomerImpact != nil && *i.CustomerImpact == 1 {
		c.Tags = append(c.Tags, tell("customers affected"))
	}
	if by := clip(i.DetectedBy, 40); by != "" {
		c.Tags = append(c.Tags, tell("noticed by %s", plainly(by)))
	}
	when := s.dayAndYear(i.Created)
	if i.Resolved != nil {
		when += " – " + s.until(i.Created, *i.Resolved)
	}
	why := clip(i.Cause, 160)
	if by := clip(i.CausedByChange, 60); by != "" {
		why = joined(why, "change "+by)
	}
	c.Answers = []reply{
		{"When", when, "", ""},
		{"Where", clip(strings.Join(i.Services, ", "), 160), "service", c.Key.URL},
		{"Who", clip(strings.Join(i.Teams, ", "), 160), "team", c.Key.URL},
		{"Why", why, "cause", c.Key.URL},
		{"How", clip(i.mended(), 200), "resolution notes", c.Key.URL},
	}
	if last := &c.Answers[len(c.Answers)-1]; c.Open && last.Text == "" {
		last.Text = "not mended yet" // no blank: there is nothing to fill in
	}
	return c
}

// until leaves out the day where an incident ended on the day on which it began.
func (s *sheet) until(from, to time.Time) string {
	if from.In(s.clock.zone).Format(time.DateOnly) == to.In(s.clock.zone).Format(time.DateOnly) {
		return to.In(s.clock.zone).Format("15:04")
	}
	return s.dayAndYear(to)
}
