package simulate

import (
	"fmt"
	"time"
)

// What kind of work a ticket is, by the company's own rules.
const (
	Planned      = "planned"      // in a sprint that it was made for
	Unplanned    = "unplanned"    // came when the sprint had begun
	Toil         = "toil"         // by hand, again and again, of no lasting value
	Unclassified = "unclassified" // nobody can tell
)

// Ticket is plain work of a team: neither incident nor change.
type Ticket struct {
	Key     string
	Title   string
	Type    string // Story, Task, Bug or Request
	Class   string // see the constants
	Team    string
	Service string
	Person  string
	Labels  []string
	Sprints []string // names, in order; two where it was carried over
	Points  float64
	Due     time.Time // a day; zero: none

	Created time.Time
	Started time.Time
	Done    time.Time
	hours   float64
}

// Sprint is two weeks of a team.
type Sprint struct {
	ID         int
	Name       string
	Team       string
	Start, End time.Time
}

// sprintLength of every team.
const sprintLength = 14 * 24 * time.Hour

// projects of the teams in the tracker.
var projects = map[string]string{
	"Checkout": "CHK", "Payments": "PAY", "Discovery": "DIS", "Accounts": "ACC",
	"Engagement": "ENG", "Mobile": "APP", "Data": "DAT", "Fulfilment": "FUL",
}

// Titles of plain work.
var (
	storyTitles   = []string{"Show %s to returning customers", "Let partners configure %s", "Speed up %s", "Rework %s for accessibility", "Measure use of %s"}
	taskTitles    = []string{"Split %s from its neighbour", "Upgrade libraries of %s", "Write a runbook for %s", "Add tracing to %s", "Retire the old %s"}
	bugTitles     = []string{"%s: wrong total after retry", "%s: page breaks on small screens", "%s: duplicate entries", "%s: translation missing"}
	toilTitles    = []string{"Restart the workers of %s by hand", "Clean up temporary files of %s", "Rotate keys of %s by hand", "Re-run the failed batch of %s"}
	requestTitles = []string{"Question about %s", "Data extract from %s for finance", "Access to %s for a new colleague"}
)

// plan makes the teams' sprints, and the tickets in and beside them.
func (w *World) plan() {
	for _, s := range w.Services {
		d := newDice(w.Seed, "tickets/"+s.Team)
		start := weekStart(w.From, 1).Add(9 * time.Hour)
		for n := 0; start.Before(w.To.Add(sprintLength)); n++ {
			sprint := Sprint{Name: fmt.Sprintf("%s %d", s.Team, n+1), Team: s.Team, Start: start, End: start.Add(sprintLength)}
			w.Sprints = append(w.Sprints, sprint)
			w.sprintTickets(d, s, sprint)
			start = sprint.End
		}
	}
	for n := range w.Sprints {
		w.Sprints[n].ID = 41 + n
	}
}

// sprintTickets: what was meant to be done, and what came. In a hard sprint most
// of it came.
func (w *World) sprintTickets(d dice, s Service, sprint Sprint) {
	hard := d.chance(0.07) || w.badSprint(sprint)
	planned, came := 3+d.IntN(3), d.poisson(1.5)
	if hard {
		planned, came = 2, 5+d.IntN(3)
	}
	within := func() time.Time { return sprint.Start.Add(d.between(2*time.Hour, 11*24*time.Hour)) }
	for range planned {
		t := w.newTicket(d, s, []string{"Story", "Story", "Task"}[d.IntN(3)], Planned)
		t.Created, t.Sprints = sprint.Start.Add(-d.between(6*time.Hour, 6*24*time.Hour)), []string{sprint.Name}
		t.Points = []float64{1, 2, 3, 5, 8}[d.index([]float64{0.15, 0.25, 0.3, 0.2, 0.1})]
		t.hours = 4 + 2.9*t.Points
		if d.chance(0.4) {
			t.Due = sprint.End.AddDate(0, 0, -3).Truncate(24 * time.Hour)
		}
		w.work(d, t, sprint.Start.Add(d.between(0, 4*24*time.Hour)), sprint)
	}
	for range came {
		t := w.newTicket(d, s, "Bug", Unplanned)
		t.Created, t.Sprints, t.Labels = within(), []string{sprint.Name}, []string{"unplanned"}
		t.Points, t.hours = float64(1+d.IntN(3)), 5+9*d.Float64()
		w.work(d, t, t.Created.Add(d.between(time.Hour, 10*time.Hour)), sprint)
	}
	for range d.poisson(0.8) {
		t := w.newTicket(d, s, "Task", Toil)
		t.Created, t.Labels, t.hours = within(), []string{"toil"}, 1.5+3*d.Float64()
		w.work(d, t, t.Created.Add(d.between(10*time.Minute, 4*time.Hour)), sprint)
	}
	for range d.poisson(0.7) {
		t := w.newTicket(d, s, "Request", Unclassified)
		t.Created, t.hours = within(), 2+5*d.Float64()
		w.work(d, t, t.Created.Add(d.between(time.Hour, 30*time.Hour)), sprint)
	}
}

// badSprint is the one of the outage for those who were hit, and of the bad release.
func (w *World) badSprint(s Sprint) bool {
	for _, i := range w.Incidents {
		if (i.Story == StoryOutage || i.Story == StoryBadRelease) && i.Team == s.Team && !i.Created.Before(s.Start) && i.Created.Before(s.End) {
			return true
		}
	}
	return false
}

func (w *World) newTicket(d dice, s Service, kind, class string) *Ticket {
	titles := map[string][]string{"Story": storyTitles, "Task": taskTitles, "Bug": bugTitles, "Request": requestTitles}[kind]
	if class == Toil {
		titles = toilTitles
	}
	return &Ticket{
		Title: fmt.Sprintf(d.pick(titles), d.pick(s.parts)), Type: kind, Class: class,
		Team: s.Team, Service: s.Name, Person: w.member(s.Team, d.IntN(4)),
	}
}

// work gives a ticket its days. One in eight planned ones is carried over.
func (w *World) work(d dice, t *Ticket, start time.Time, sprint Sprint) {
	t.Created, t.Started = t.Created.Truncate(time.Second), start.Truncate(time.Second)
	days := 1 + int(t.hours/5)
	t.Done = t.Started.AddDate(0, 0, days).Add(d.between(time.Hour, 9*time.Hour))
	carried := d.chance(0.13)
	if t.Class == Planned && carried {
		t.Done = sprint.End.Add(d.between(24*time.Hour, 6*24*time.Hour))
		t.Sprints = append(t.Sprints, nextSprint(sprint.Name))
	}
	if !t.Created.Before(w.To) {
		return
	}
	w.book(d, t.Person, t.hours, t.Started, t.Done, func(b Booking) { b.ticket = t; w.bookings = append(w.bookings, b) })
	for _, at := range []*time.Time{&t.Started, &t.Done} {
		if at.After(w.To) {
			*at = time.Time{}
		}
	}
	w.tickets = append(w.tickets, t)
}

func nextSprint(name string) string {
	var team string
	var n int
	fmt.Sscanf(name, "%s %d", &team, &n)
	return fmt.Sprintf("%s %d", team, n+1)
}
