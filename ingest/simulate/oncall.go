package simulate

import (
	"slices"
	"time"
	_ "time/tzdata" // the demo runs on machines without zones, too
)

// Tiers of support.
const (
	L2 = "L2"
	L3 = "L3"
)

// Rotation is a schedule of people who are on call in turn, a week each.
type Rotation struct {
	Name    string // of the team whose duty it is
	Tier    string
	Zone    string // in which Monday 09:00 is the hand-over
	Members []string
}

// Shift is one person's week on call.
type Shift struct {
	Rotation   string
	Tier       string
	Person     string
	Start, End time.Time
}

// rotations: those of the second line are its own teams'; the third line is
// formed by the people of the teams whose code it mends.
func (w *World) rotations() []Rotation {
	var all []Rotation
	for _, r := range []Rotation{
		{Name: storefrontL2, Tier: L2, Zone: "Australia/Melbourne"}, {Name: backOfficeL2, Tier: L2, Zone: "Europe/Berlin"},
		{Name: commerceL3, Tier: L3, Zone: "Australia/Melbourne"}, {Name: platformL3, Tier: L3, Zone: "Australia/Melbourne"},
		{Name: dataL3, Tier: L3, Zone: "Europe/Berlin"},
	} {
		teams := []string{r.Name}
		for _, s := range w.Services {
			if s.L3Team == r.Name {
				teams = append(teams, s.Team)
			}
		}
		for _, p := range w.People {
			if slices.Contains(teams, p.Team) {
				r.Members = append(r.Members, p.Handle)
			}
		}
		all = append(all, r)
	}
	return all
}

// roster fills the schedules from the first hand-over of the history to the end
// of the coming week. Now and then two people swap.
func (w *World) roster() {
	for _, r := range w.Rotations {
		d := newDice(w.Seed, "on call/"+r.Name)
		loc := mustZone(r.Zone)
		start := weekStart(w.From.In(loc), 0).Add(9 * time.Hour)
		handover := func(week int) time.Time {
			m := weekStart(start, week)
			return time.Date(m.Year(), m.Month(), m.Day(), 9, 0, 0, 0, loc).UTC()
		}
		for week := range 80 {
			from, to := handover(week), handover(week+1)
			if !from.Before(w.To.AddDate(0, 0, 7)) {
				break
			}
			turn := week
			if d.chance(0.06) {
				turn++
			}
			if from.Before(w.From) {
				continue // the schedules were made in the company's first days here
			}
			w.Shifts = append(w.Shifts, Shift{Rotation: r.Name, Tier: r.Tier, Person: r.Members[turn%len(r.Members)], Start: from, End: to})
		}
	}
}

// onCall is who was on call; before the first shift its first member was.
func (w *World) onCall(rotation string, at time.Time) string {
	for _, s := range w.Shifts {
		if s.Rotation == rotation && !at.Before(s.Start) && at.Before(s.End) {
			return s.Person
		}
	}
	for _, r := range w.Rotations {
		if r.Name == rotation {
			return r.Members[0]
		}
	}
	return ""
}

// Page is a person called for an incident, however many times.
type Page struct {
	Incident string
	Person   string
	Tier     string
	At       []time.Time // each call
}

// pagesOf: the second line is called when the page goes out, again after ten
// minutes of silence; the third when it is escalated. What is of low urgency
// calls nobody.
func (w *World) pagesOf(i Incident) []Page {
	if !i.Held.Pager || i.Severity == 4 || i.Severity == 0 {
		return nil
	}
	s := w.service(i.Services[0])
	over := func(at time.Time) bool {
		return at.After(w.To) || !i.Held.PagerResolved.IsZero() && !at.Before(i.Held.PagerResolved)
	}
	first := i.Created.Add(5 * time.Second)
	if over(first) {
		return nil
	}
	p := Page{Incident: i.Key, Person: w.onCall(s.L2Team, i.Created), Tier: L2, At: []time.Time{first}}
	again := i.Created.Add(10 * time.Minute)
	if !over(again) && (i.Acknowledged.IsZero() || i.Acknowledged.After(again)) {
		p.At = append(p.At, again)
	}
	all := []Page{p}
	if up := i.Escalated.Add(5 * time.Second); !i.Escalated.IsZero() && !over(up) {
		all = append(all, Page{Incident: i.Key, Person: w.onCall(s.L3Team, i.Escalated), Tier: L3, At: []time.Time{up}})
	}
	return all
}

// mustZone loads a zone of the company's own.
func mustZone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // the names stand in the code
	}
	return loc
}
