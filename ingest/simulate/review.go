package simulate

import (
	"fmt"
	"slices"
	"time"
)

// PostMortem is what was written about a major incident.
type PostMortem struct {
	Key      string
	Incident string
	Title    string
	Team     string
	Person   string
	Created  time.Time
	Done     time.Time
}

// Action is something that a post-mortem promised.
type Action struct {
	Key        string
	PostMortem string
	Incident   string
	Title      string
	Team       string
	Person     string
	Created    time.Time
	Due        time.Time // a day, as promised now
	Moved      []Move
	Started    time.Time
	Done       time.Time
	review     *PostMortem
}

// Move is a due date that was put off.
type Move struct{ At, From, To time.Time }

// Problem is the record of a cause that several incidents have.
type Problem struct {
	Key     string
	Title   string
	Team    string
	Created time.Time
	Done    time.Time // the lasting fix
}

// InTime is true for what was closed on the day that was promised last, or before.
func (a Action) InTime() bool { return !a.Done.IsZero() && a.Done.Before(a.Due.AddDate(0, 0, 1)) }

// actionTitles: what is promised after an incident.
var actionTitles = []string{
	"Alert on the first sign of it", "Write down how to recover", "Raise the limit and measure", "Remove the single point of failure",
	"Test the failover every month", "Add a canary to the release", "Renew certificates by machine", "Bound the retries",
}

// review writes post-mortems of major incidents: most in time, some late, some
// never, each with a few actions.
func (w *World) review() {
	all := cases(w.Incidents)
	for n, c := range all {
		if c.leftOut != "" || c.Severity < 1 || c.Severity > 2 || c.Resolved.IsZero() || c.Resolved.Before(c.Created) || c.Team == "" {
			continue
		}
		d := newDice(w.Seed, "review/"+c.Key)
		told := c.Story == StoryPool || c.Story == StoryOutage || c.Story == StoryBadRelease
		wait := d.between(2*24*time.Hour, 11*24*time.Hour)
		late := d.chance(0.22)
		if missing := d.chance(0.15); missing && !told {
			continue
		}
		if late {
			wait = d.between(15*24*time.Hour, 40*24*time.Hour)
		}
		p := &PostMortem{
			Incident: c.Key, Title: "Post-mortem: " + c.Title, Team: c.Team, Person: w.member(c.Team, d.IntN(4)),
			Created: c.Resolved.Add(d.between(3*time.Hour, 40*time.Hour)).Truncate(time.Second),
		}
		if p.Created.After(w.To) {
			continue
		}
		if p.Done = c.Resolved.Add(wait).Truncate(time.Second); p.Done.Before(p.Created) {
			p.Done = p.Created.Add(time.Hour)
		}
		w.reviews = append(w.reviews, p)
		for range 1 + d.IntN(3) {
			w.promise(d, p, all[n:])
		}
		if p.Done.After(w.To) {
			p.Done = time.Time{}
		}
	}
}

// promise adds an action. Those of the repeat offender are done only when it has
// come back.
func (w *World) promise(d dice, p *PostMortem, since []incidentCase) {
	a := &Action{
		Incident: p.Incident, Title: d.pick(actionTitles), Team: p.Team, Person: w.member(p.Team, d.IntN(4)), review: p,
		Created: p.Created.Add(d.between(time.Hour, 5*24*time.Hour)).Truncate(time.Second),
	}
	a.Due = a.Created.AddDate(0, 0, 14+7*d.IntN(8)).Truncate(24 * time.Hour)
	takes := time.Duration(float64(a.Due.Sub(a.Created)) * (0.3 + 0.8*d.Float64()))
	moves := d.index([]float64{0.7, 0.2, 0.1})
	for range moves {
		m := Move{At: a.Due.Add(-d.between(2*time.Hour, 5*24*time.Hour)), From: a.Due, To: a.Due.AddDate(0, 0, 7+7*d.IntN(3))}
		if m.At.After(w.To) || !m.At.After(a.Created) {
			break
		}
		if n := len(a.Moved); n > 0 && !m.At.After(a.Moved[n-1].At) {
			m.At = a.Moved[n-1].At.Add(time.Hour)
		}
		a.Moved, a.Due = append(a.Moved, m), m.To
		takes += 10 * 24 * time.Hour
	}
	a.Done = a.Created.Add(takes).Truncate(time.Second)
	if d.chance(0.15) { // forgotten
		a.Done = w.To.AddDate(1, 0, 0)
	}
	if since[0].Story == StoryPool {
		for _, c := range since[1:] {
			if c.Story == StoryPool && c.Created.After(a.Created) {
				a.Done = c.Created.Add(d.between(24*time.Hour, 72*time.Hour))
				break
			}
		}
	}
	a.Started = a.Created.Add(a.Done.Sub(a.Created) / 2).Truncate(time.Second)
	if n := len(a.Moved); n > 0 && a.Done.Before(a.Moved[n-1].At) {
		a.Done = a.Moved[n-1].At.Add(30 * time.Hour)
	}
	if a.Created.After(w.To) {
		return
	}
	for _, t := range []*time.Time{&a.Started, &a.Done} {
		if t.After(w.To) {
			*t = time.Time{}
		}
	}
	w.actions = append(w.actions, a)
}

// problemRecords are opened with the second incident of a kind; one is mended.
func (w *World) problemRecords() {
	first := map[string]Incident{}
	for _, i := range w.Incidents {
		if i.ProblemKey == "" {
			continue
		}
		if _, there := first[i.ProblemKey]; !there {
			first[i.ProblemKey] = i
			title := i.Cause
			if title == "" {
				title = i.Title
			}
			w.Problems = append(w.Problems, Problem{Key: i.ProblemKey, Title: "Problem: " + title, Team: i.Team, Created: i.Created.Add(20 * time.Hour)})
		}
	}
	for n := range w.Problems {
		p := &w.Problems[n]
		if p.Created.After(w.To) {
			p.Created = w.To
		}
		if done := p.Created.AddDate(0, 5, 0); p.Key == "PRB-87" && done.Before(w.To) {
			p.Done = done
		}
	}
}

// number gives tickets, actions and post-mortems their keys, in the order of
// creation, as each project counts.
func (w *World) number() {
	slices.SortStableFunc(w.reviews, func(a, b *PostMortem) int { return a.Created.Compare(b.Created) })
	for n, p := range w.reviews {
		p.Key = fmt.Sprintf("PIR-%d", n+1)
	}
	type numbered struct {
		at   time.Time
		team string
		key  *string
	}
	var all []numbered
	for _, t := range w.tickets {
		all = append(all, numbered{t.Created, t.Team, &t.Key})
	}
	for _, a := range w.actions {
		a.PostMortem = a.review.Key
		all = append(all, numbered{a.Created, a.Team, &a.Key})
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return a.at.Compare(b.at) })
	count := map[string]int{}
	for _, n := range all {
		count[n.team]++
		*n.key = fmt.Sprintf("%s-%d", projects[n.team], count[n.team])
	}
	for _, t := range w.tickets {
		w.Tickets = append(w.Tickets, *t)
	}
	for _, b := range w.bookings {
		b.Key, b.Class, b.ticket = b.ticket.Key, b.ticket.Class, nil
		w.Bookings = append(w.Bookings, b)
	}
	for _, p := range w.reviews {
		w.PostMortems = append(w.PostMortems, *p)
	}
	for _, a := range w.actions {
		a.review = nil
		w.Actions = append(w.Actions, *a)
	}
	w.tickets, w.bookings, w.reviews, w.actions = nil, nil, nil, nil
	slices.SortStableFunc(w.Tickets, func(a, b Ticket) int { return a.Created.Compare(b.Created) })
	slices.SortStableFunc(w.Bookings, func(a, b Booking) int { return a.Started.Compare(b.Started) })
}
