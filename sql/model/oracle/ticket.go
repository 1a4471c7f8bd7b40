package oracle

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

func (w *World) ticket(source, id string) *Ticket {
	for i := range w.Tickets {
		if t := &w.Tickets[i]; t.Source == source && t.ID == id && !t.Deleted {
			return t
		}
	}
	return nil
}

// judgedMove is a change of a ticket and what it means for its life.
type judgedMove struct {
	Transition
	kind string // resolved, reopened, started, moved; empty: no move
}

// judged says which changes of a ticket resolved and which reopened it. Where a
// resolution is ever set, that field alone decides; else the moves between
// statuses do, passing over a status that means nothing known.
func (w *World) judged(t *Ticket) []judgedMove {
	var moves []judgedMove
	byField := t.Resolution != ""
	for _, m := range w.Transitions {
		if m.Source == t.Source && m.ID == t.ID {
			moves = append(moves, judgedMove{m, ""})
			byField = byField || m.Field == "resolution"
		}
	}
	slices.SortStableFunc(moves, func(a, b judgedMove) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.EventID, b.EventID))
	})
	held, started, resolvedOnce := "", false, false
	for i := range moves {
		m := &moves[i]
		switch {
		case m.Field == "resolution":
			if m.From == "" && m.To != "" {
				m.kind, resolvedOnce = "resolved", true
			} else if m.From != "" && m.To == "" {
				m.kind = "reopened"
			}
		case m.Field == "status":
			m.kind = "moved"
			if from := categoryOf(m.From); from != "" {
				held = from
			}
			to := categoryOf(m.To)
			switch {
			case !byField && to == "done" && held != "done" && held != "":
				m.kind, resolvedOnce = "resolved", true
			case !byField && held == "done" && (to == "todo" || to == "doing"):
				m.kind = "reopened"
			case to == "doing" && !started && !resolvedOnce:
				m.kind = "started"
			}
			if to == "doing" {
				started = true
			}
			if to != "" {
				held = to
			}
		}
	}
	return moves
}

// card is a ticket as of a moment.
type card struct {
	*Ticket
	w               *World
	id, key         string
	services, teams []string
	resolved        Moment
	due, firstDue   string
	dueMoves        int
	class           string
	rule            int
	sprintStarted   Moment
}

// cards are the tickets that are known as of a moment.
func (c *Company) cards(w *World) []*card {
	var cards []*card
	for i := range w.Tickets {
		t := &w.Tickets[i]
		if t.Deleted || t.Created > c.AsOf {
			continue
		}
		k := &card{Ticket: t, w: w, id: t.Source + ":" + t.ID, key: t.Key}
		if k.key == "" {
			k.key = t.ID
		}
		k.services, k.teams = c.named("service", t.Services), c.named("team", t.Teams)
		var resolved Moment
		told := false
		for _, m := range w.judged(t) {
			if m.At > c.AsOf {
				continue
			}
			switch m.kind {
			case "resolved":
				resolved, told = m.At, true
			case "reopened":
				resolved, told = 0, true
			}
		}
		if k.resolved = resolved; !told {
			k.resolved = t.Resolved.until(c.AsOf)
		}
		k.sprintStarted = t.SprintStarted.until(c.AsOf)
		k.promise(c.AsOf)
		k.class, k.rule = c.classOf(k)
		cards = append(cards, k)
	}
	return cards
}

// promise follows the due dates of a ticket: the first, the one that holds as of
// a moment, and how often a given one was changed for another.
func (k *card) promise(asOf Moment) {
	k.due = k.DueOn
	taken := false
	held := ""
	for _, m := range k.w.judged(k.Ticket) {
		if m.Field != "duedate" {
			continue
		}
		if m.At > asOf {
			if !taken {
				k.due, taken = m.From, true
			}
			continue
		}
		for _, d := range []string{m.From, m.To} {
			if d == "" {
				continue
			}
			k.firstDue = cmp.Or(k.firstDue, d)
			if held != "" && held != d {
				k.dueMoves++
			}
			held = d
		}
	}
	k.firstDue = cmp.Or(k.firstDue, k.due)
}

// classOf is what kind of work a ticket is: of the rules that fit, the first.
func (c *Company) classOf(k *card) (string, int) {
	one := func(wanted []string, has ...string) bool {
		if len(wanted) == 0 {
			return true
		}
		for _, w := range wanted {
			for _, h := range has {
				if strings.EqualFold(w, h) {
					return true
				}
			}
		}
		return false
	}
	for i, r := range c.Config.Work.Rules {
		late := k.Created.Known() && k.sprintStarted.Known() && k.Created > k.sprintStarted
		if one(r.Source, k.Source) && one(r.Role, k.Role) && one(r.Project, k.Project) && one(r.Type, k.Type) && one(r.Label, k.Labels...) && (!r.AfterSprintStart || late) {
			return r.Is, i + 1
		}
	}
	return "", 0
}

// naming are the incidents that a ticket names by a link or as its parent.
func (k *card) naming(rows []*row) []*row {
	var found []*row
	for _, r := range rows {
		for _, rec := range r.records {
			if rec.Source != k.Source {
				continue
			}
			named := k.Parent != "" && (k.Parent == rec.Key || k.Parent == rec.ID)
			for _, l := range k.Links {
				named = named || l.Key != "" && l.Key == keyOf(rec.Key, rec.ID) || l.ID != "" && l.ID == rec.ID
			}
			if named && !slices.Contains(found, r) {
				found = append(found, r)
			}
		}
	}
	return found
}

func dayOf(text string) time.Time {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return d
}
