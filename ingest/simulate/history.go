package simulate

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// World is the company and what happened to it.
type World struct {
	Seed        uint64
	From, To    time.Time // all that was created in [From, To) is there
	Services    []Service
	People      []Person
	Annotations []Annotation
	Incidents   []Incident // by creation
	Changes     []Change   // by creation; plans reach a week beyond To

	Rotations   []Rotation
	Shifts      []Shift // reach a week beyond To
	Sprints     []Sprint
	Tickets     []Ticket     // by creation
	PostMortems []PostMortem // by creation
	Actions     []Action
	Problems    []Problem
	Bookings    []Booking // by start

	// In the making: keys are given when all are there.
	tickets  []*Ticket
	bookings []Booking
	reviews  []*PostMortem
	actions  []*Action
}

// New is the company's history up to `to`, in UTC: thirteen whole months and
// the running one.
func New(seed uint64, to time.Time) *World {
	to = to.UTC()
	w := &World{Seed: seed, From: monthStart(to, -months), To: to, Services: services(), People: people()}
	w.Annotations = []Annotation{
		{At: w.fridaysOpened(), Title: "Friday freeze dropped"},
		{At: w.searchImproved(), Title: "Search rebuilds its index by itself (runbook automated)", Scope: betterService},
	}

	var incidents []*Incident
	var changes []*Change
	for _, s := range w.Services {
		incidents = append(incidents, w.everydayIncidents(s)...)
		made, hurt := w.everydayChanges(s)
		changes = append(changes, made...)
		incidents = append(incidents, hurt...)
	}
	told, made := w.stories()
	incidents = append(incidents, told...)
	changes = append(changes, made...)
	incidents = append(incidents, w.oddities(changes)...)
	w.record(incidents, changes)

	w.hold()
	w.Rotations = w.rotations()
	w.roster()
	w.plan()
	w.review()
	w.problemRecords()
	w.bookIncidents()
	w.bookChanges()
	w.number()
	return w
}

// fridaysOpened is the first Monday of the month, eight months before the end:
// from then on changes may be made on Fridays.
func (w *World) fridaysOpened() time.Time { return weekStart(monthStart(w.To, -8).AddDate(0, 0, 6), 0) }

// searchImproved is the first of the month, five months before the end.
func (w *World) searchImproved() time.Time { return monthStart(w.To, -5) }

// record writes everything down in the order of creation: numbers are given,
// references turned into keys, and what lies ahead is forgotten.
func (w *World) record(incidents []*Incident, changes []*Change) {
	slices.SortStableFunc(changes, func(a, b *Change) int { return a.Created.Compare(b.Created) })
	sheet := 0
	for n, c := range changes {
		c.Key = fmt.Sprintf("CHG-%d", 30001+n-sheet)
		if c.OnSheet() {
			sheet++
			c.Key = fmt.Sprintf("MOB-%d", 100+sheet)
		}
		c.forget(w.To)
	}

	slices.SortStableFunc(incidents, func(a, b *Incident) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Title, b.Title))
	})
	for n, i := range incidents {
		i.Key = fmt.Sprintf("INC-%d", 10001+n)
	}
	for _, i := range incidents {
		if i.mergedInto != nil {
			i.MergedInto = i.mergedInto.Key
		}
		if i.causedBy != nil {
			i.CausedBy = i.causedBy.Key
		}
		if i.causedInTitle != nil {
			i.Title += i.causedInTitle.Key
		}
		i.forget(w.To)
	}
	freshAlerts(incidents)

	for _, c := range changes {
		if c.parent != nil {
			c.ParentChange = c.parent.Key
		}
		for _, i := range c.caused {
			c.CausedIncidents = append(c.CausedIncidents, i.Key)
		}
		c.parent, c.caused = nil, nil
		w.Changes = append(w.Changes, *c)
	}
	for _, i := range incidents {
		i.mergedInto, i.causedBy, i.causedInTitle = nil, nil, nil
		w.Incidents = append(w.Incidents, *i)
	}
}
