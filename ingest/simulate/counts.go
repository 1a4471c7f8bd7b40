package simulate

import (
	"cmp"
	"regexp"
	"slices"
)

// Counts are the things that the tools hold, by kind, without those that the
// config leaves out.
type Counts struct {
	OnlyPager, OnlyTracker, Both int // incidents in production
	Staging                      int // incidents that are not: what the tracker has of them are plain tickets to the config

	Tickets      int // plain ones, with the tracker's incidents of staging
	PostMortems  int
	Actions      int
	ActionsDue   int // promised for a day that is over
	ActionsKept  int // of these, closed on that day or before
	Problems     int
	Bookings     int                // worklogs that stand
	Hours        map[string]float64 // of them, by class of work
	Pages        []Page             // people called for incidents in production
	Shifts       int                // weeks of somebody on a schedule that touch the history or the week after it
	ChangeEvents int                // the pager's records of changes; each is of a change in the tracker

	Links []Link // sorted; one pair may stand in both grades
}

// Grades of a link.
const (
	Explicit  = "explicit"
	Mentioned = "mentioned"
)

// Link says that a change has to do with an incident in production.
type Link struct{ Change, Incident, Grade string }

func (b books) counts() Counts {
	w := b.world
	n := Counts{
		Tickets: len(w.Tickets), PostMortems: len(w.PostMortems), Actions: len(w.Actions), Problems: len(w.Problems),
		Shifts: len(w.Shifts), ChangeEvents: len(w.announced()), Hours: map[string]float64{},
	}
	for _, i := range w.Incidents {
		switch {
		case i.Environment == "staging":
			n.Staging++
			if i.Held.Tracker {
				n.Tickets++
			}
			continue
		case i.Held.Both():
			n.Both++
		case i.Held.Pager:
			n.OnlyPager++
		default:
			n.OnlyTracker++
		}
		n.Pages = append(n.Pages, w.pagesOf(i)...)
	}
	for _, a := range w.Actions {
		if due := a.Due.AddDate(0, 0, 1); !due.After(b.asOf) {
			n.ActionsDue++
			if a.InTime() {
				n.ActionsKept++
			}
		}
	}
	for _, k := range w.Bookings {
		if k.Deleted.IsZero() {
			n.Bookings++
			n.Hours[k.Class] += k.Hours()
		}
	}
	n.Links = b.links()
	return n
}

// links are the pairs that either record states, and those that a title, a
// comment or a note brings up.
func (b books) links() []Link {
	changes := map[string]bool{}
	all := map[Link]bool{}
	incidents := map[string]bool{}
	for _, c := range b.cases {
		incidents[c.Key] = true
	}
	for _, c := range b.world.Changes {
		changes[c.Key] = true
		for _, key := range c.CausedIncidents {
			if incidents[key] {
				all[Link{c.Key, key, Explicit}] = true
			}
		}
	}
	for _, c := range b.cases {
		if changes[c.CausedBy] {
			all[Link{c.CausedBy, c.Key, Explicit}] = true
		}
		for _, key := range append(changeKey.FindAllString(c.Title, -1), c.Held.Cites...) {
			if changes[key] {
				all[Link{key, c.Key, Mentioned}] = true
			}
		}
	}
	sorted := make([]Link, 0, len(all))
	for l := range all {
		sorted = append(sorted, l)
	}
	slices.SortFunc(sorted, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Change, b.Change), cmp.Compare(a.Incident, b.Incident), cmp.Compare(a.Grade, b.Grade))
	})
	return sorted
}

// changeKey is how people cite a change.
var changeKey = regexp.MustCompile(`\bCHG-\d+\b`)
