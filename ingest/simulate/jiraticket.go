package simulate

import (
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// ticket is plain work.
func (t *tracker) ticket(k Ticket) {
	c := t.open(k.Key, k.Type, "t", k.Title, k.Created, k.Person, toDo)
	c.about([]string{k.Service})
	c.choose("Team", k.Team)
	c.Fields["labels"] = append([]string{}, k.Labels...)
	if k.Points > 0 {
		c.Fields[t.fields["Story Points"]] = k.Points
	}
	if !k.Due.IsZero() {
		c.Fields["duedate"] = k.Due.Format(time.DateOnly)
	}
	if len(k.Sprints) > 0 {
		var all []any
		for _, name := range k.Sprints {
			if s, ok := t.world.sprint(name); ok {
				all = append(all, t.sprint(s))
			}
		}
		c.Fields[t.fields["Sprint"]] = all
	}
	if !k.Started.IsZero() {
		c.assign(k.Started, k.Person, k.Person)
		c.move(k.Started, k.Person, inProgress, "")
	}
	if !k.Done.IsZero() {
		if k.Class == Planned {
			c.move(k.Done.Add(-k.Done.Sub(k.Started)/5).Truncate(time.Second), k.Person, inReview, "")
		}
		c.move(k.Done, k.Person, done, "Done")
	}
}

// sprint as the tracker's boards write it.
func (t *tracker) sprint(s Sprint) map[string]any {
	state := "closed"
	switch {
	case s.Start.After(t.world.To):
		state = "future"
	case s.End.After(t.world.To):
		state = "active"
	}
	iso := func(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
	return map[string]any{"id": s.ID, "name": s.Name, "state": state, "boardId": 1, "startDate": iso(s.Start), "endDate": iso(s.End)}
}

func (w *World) sprint(name string) (Sprint, bool) {
	for _, s := range w.Sprints {
		if s.Name == name {
			return s, true
		}
	}
	return Sprint{}, false
}

// problem is the record of a cause; its links to incidents come with them.
func (t *tracker) problem(p Problem) {
	c := t.open(p.Key, "Problem", "t", p.Title, p.Created, t.world.member(p.Team, 0), toDo)
	c.choose("Team", p.Team)
	c.move(p.Done, t.world.member(p.Team, 0), done, "Done")
}

// postMortem is a document with a ticket to it.
func (t *tracker) postMortem(p PostMortem) {
	c := t.open(p.Key, "Post-mortem", "t", p.Title, p.Created, p.Person, toDo)
	c.choose("Team", p.Team)
	c.Fields["description"] = "Review of " + p.Incident
	t.links = append(t.links, link{"Relates", p.Key, p.Incident})
	c.assign(p.Created, p.Person, p.Person)
	c.move(p.Done, p.Person, done, "Done")
}

// action is a promise: its due date is the newest, its history has those before.
func (t *tracker) action(a Action) {
	c := t.open(a.Key, "Task", "t", a.Title, a.Created, a.Person, toDo)
	c.choose("Team", a.Team)
	c.Fields["labels"] = []string{"postmortem-action"}
	c.Fields["duedate"] = a.Due.Format(time.DateOnly)
	t.links = append(t.links, link{"Relates", a.Key, a.Incident}, link{"Relates", a.PostMortem, a.Key})
	c.assign(a.Created, a.Person, a.Person)
	for _, m := range a.Moved {
		day := func(at time.Time) string { return at.Format(time.DateOnly) }
		c.step(m.At, a.Person, jiraapi.Item{
			Field: "duedate", FieldID: "duedate", From: day(m.From), FromString: day(m.From) + " 00:00:00.0", To: day(m.To), ToString: day(m.To) + " 00:00:00.0",
		})
	}
	c.move(a.Started, a.Person, inProgress, "")
	c.move(a.Done, a.Person, done, "Done")
}
