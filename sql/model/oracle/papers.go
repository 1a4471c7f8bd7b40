package oracle

import (
	"fmt"
	"time"
)

// crew makes up the people and their shifts.
func (m *maker) crew() {
	for i, p := range [][2]string{{"Ann", "Australia/Melbourne"}, {"Ben", "Europe/Berlin"}, {"Cid", ""}, {"Dee", "America/New_York"}} {
		m.People = append(m.People, Person{m.pager.Name, fmt.Sprintf("u%d", i+1), p[0], p[1]})
	}
	if m.often(20) {
		m.People = append(m.People, Person{m.pager.Name, "u5", "Ben", "Asia/Tokyo"})
	}
}

// shifts makes up turns of duty, half of them around an incident.
func (m *maker) shifts() {
	for i := range 8 + m.r.IntN(7) {
		s := Shift{Source: m.pager.Name, ID: fmt.Sprintf("s%d", i), Policy: pick(m, "Web", "Core"), Schedule: pick(m, "days", "nights"), Level: pick(m, 1, 1, 1, 2, 3)}
		if m.NoL3 {
			s.Level = 1
		}
		who := pick(m, m.People...)
		s.PersonID, s.Person = who.ID, who.Name
		from := m.moment()
		if m.often(50) {
			from = pick(m, m.truths...).created.Add(-pick(m, 0, 0, hour, m.between(0, day)))
		}
		s.Starts, s.Ends = from, from.Add(pick(m, 12*hour, 24*hour, 7*day))
		switch m.r.IntN(20) {
		case 0:
			s.Starts, s.Ends, s.Schedule = 0, 0, ""
		case 1:
			s.Ends = 0
		case 2:
			s.Starts = AsOf.Add(m.between(0, 5*day))
			s.Ends = s.Starts.Add(day)
		case 3:
			s.Ends = s.Starts
		}
		m.Shifts = append(m.Shifts, s)
		if m.often(20) { // the same turn, for another policy
			s.ID, s.Policy, s.Level = s.ID+"b", "Data", 1
			m.Shifts = append(m.Shifts, s)
		}
	}
}

// rollouts makes up changes, many of them shortly before an incident.
func (m *maker) rollouts() {
	var keys []string
	for i := range 6 + m.r.IntN(5) {
		s := pick(m, m.tracker, m.tracker, m.tracker, m.pager)
		if m.file != nil && m.file.Entity == "change" && m.often(50) {
			s = m.file
		}
		t := pick(m, m.truths...)
		ch := Change{Source: s.Name, ID: fmt.Sprintf("C%d-%d", m.N, i), Key: fmt.Sprintf("CHG-%d-%d", m.N, i), Title: fmt.Sprintf("Change %d", i),
			Services: pick(m, t.services, []string{m.service("checkout")}, []string{m.service("search"), m.service("pay")}, nil, []string{""}),
			Teams:    pick(m, []string{"web"}, []string{"Core Team"}, nil),
			Kind:     pick(m, "", "deployment", "config"), Type: pick(m, "", "normal", "emergency"), Risk: pick(m, "", "low", "high"),
			Environment: pick(m, "", "", "", "Production", "prd", "staging"),
			Outcome:     pick(m, "", "", "successful", "successful", "successful", "successful_with_issues", "failed", "rolled_back", "cancelled", "rejected")}
		ch.Ended = t.created.Add(-pick(m, 0, 4*hour, 24*hour, 72*hour, 72*hour+time.Millisecond, 4*hour+time.Millisecond, m.between(0, 5*day), m.between(0, 5*hour)))
		if m.often(20) {
			ch.Ended = AsOf.Add(-pick(m, 4*hour, 24*hour, 72*hour, 72*hour-time.Millisecond, m.between(0, 5*day)))
		}
		ch.Started = ch.Ended.Add(-m.between(time.Minute, 4*hour))
		ch.Created = ch.Started.Add(-m.between(hour, 5*day))
		ch.PlannedStart = ch.Started
		switch m.r.IntN(10) {
		case 0:
			ch.Ended = 0
		case 1:
			ch.Started, ch.Ended = 0, 0
			if ch.Outcome != "cancelled" && ch.Outcome != "rejected" {
				ch.Outcome = ""
			}
			if m.often(50) {
				ch.Closed = ch.Created.Add(day)
			}
			if m.often(30) {
				ch.Created = 0
			}
		}
		if ch.Ended > AsOf || ch.Started > AsOf {
			ch.Closed = 0
		}
		if m.often(25) && len(keys) > 0 {
			ch.Parent = pick(m, keys...)
		}
		for range pick(m, 0, 0, 0, 0, 1, 1, 2, 3) {
			r := pick(m, m.Incidents...)
			ch.CausedIncidents = append(ch.CausedIncidents, pick(m, r.Key, r.ID))
		}
		ch.Deleted, ch.Filtered = m.often(2), m.often(2)
		if s == m.tracker && m.often(15) {
			twin := ch
			twin.Source, twin.ID, twin.Key, twin.SameAs = m.pager.Name, "E"+ch.ID, "", []string{ch.Key}
			twin.Services, twin.Kind, twin.Parent, twin.CausedIncidents = []string{m.service("pay")}, "other", "", nil
			m.Changes = append(m.Changes, twin)
		}
		keys = append(keys, ch.Key)
		m.Changes = append(m.Changes, ch)
	}
	for i := range m.Incidents {
		r := &m.Incidents[i]
		if m.often(12) {
			r.CausedByChange = pick(m, keys...)
		}
		if m.often(8) {
			r.CausedBy = append(r.CausedBy, pick(m, keys...), "CHG-unknown")
		}
		if o := pick(m, m.Incidents...); m.often(7) && o.Source == r.Source {
			r.Duplicates = append(r.Duplicates, pick(m, o.Key, o.ID))
		}
	}
}

// paperwork makes up the other tickets, and the time booked on all of them.
func (m *maker) paperwork() {
	m.shifts()
	issue := func(role, typ string) *Ticket {
		id := fmt.Sprint(m.N*1000 + len(m.Tickets))
		m.Tickets = append(m.Tickets, Ticket{Source: m.tracker.Name, ID: id, Key: fmt.Sprintf("W%d-%d", m.N, len(m.Tickets)), Title: role + " " + id, Role: role, Type: typ,
			Project: pick(m, "OPS", "OPS", "BIZ"), Status: "Open", Points: pick(m, -1.0, 1, 3, 0.5), Created: min(m.moment(), AsOf),
			Labels: pick(m, nil, nil, nil, []string{"Toil"}, []string{"unplanned", "x"}), Services: pick(m, nil, []string{m.service("checkout")}, []string{m.service("pay"), fmt.Sprintf("checkout svc %d", m.N)}),
			Teams: pick(m, nil, []string{"web"}, []string{"CORE team"})})
		k := &m.Tickets[len(m.Tickets)-1]
		if m.often(40) {
			k.Sprints, k.SprintStarted = []string{"Sprint 1"}, k.Created.Add(pick(m, 0, -time.Millisecond, time.Millisecond, -5*day, 5*day))
		}
		return k
	}
	finish := func(k *Ticket, at Moment) {
		if m.often(50) {
			m.move(k, at, "Ann", "resolution", "", "Done")
		} else if m.often(50) {
			m.move(k, at, "Ann", "status", "Open", "Done")
			return
		}
		k.Resolution, k.Resolved = "Done", at
	}
	about := func(k *Ticket) *Incident {
		r := pick(m, m.Incidents...)
		if r.Source == m.tracker.Name {
			switch m.r.IntN(3) {
			case 0:
				k.Parent = r.Key
			case 1:
				k.Links = append(k.Links, Link{"relates to", r.Key, r.ID})
			default:
				k.Links = append(k.Links, Link{"relates to", "", r.ID})
			}
		}
		return &r
	}
	for range 3 + m.r.IntN(4) {
		k := issue("action_item", "Task")
		about(k)
		due := k.Created.Add(m.between(day, 30*day)).Time()
		if m.often(85) {
			k.DueOn = due.Format(time.DateOnly)
			if m.often(30) {
				moved := due.AddDate(0, 0, 7).Format(time.DateOnly)
				m.move(k, k.Created.Add(hour), "Ann", "duedate", k.DueOn, moved)
				k.DueOn = moved
			}
		}
		if m.often(70) {
			finish(k, pick(m, At(due), At(time.Date(due.Year(), due.Month(), due.Day()+1, 0, 0, 0, 0, Melbourne)), At(due).Add(-m.between(0, 20*day)), At(due).Add(m.between(0, 20*day))))
		}
	}
	if !m.NoPostmortems {
		for range 3 + m.r.IntN(4) {
			k := issue("postmortem", "Task")
			r := about(k)
			k.Created = min(r.Created.Add(hour), AsOf)
			if m.often(80) {
				finish(k, r.Created.Add(m.between(day, 25*day)))
			}
		}
	}
	for range 2 {
		k := issue("problem", "Problem")
		for i := range m.Incidents {
			if r := &m.Incidents[i]; r.Source == m.tracker.Name && m.often(12) {
				if m.often(50) {
					r.CausedBy = append(r.CausedBy, pick(m, k.Key, k.ID))
				} else {
					r.Duplicates = append(r.Duplicates, k.Key)
				}
			}
		}
	}
	for range 4 + m.r.IntN(5) {
		k := issue(pick(m, "ticket", "ticket", "change"), pick(m, "Story", "Epic", "Bug", "Support"))
		if m.often(70) {
			finish(k, k.Created.Add(m.between(0, 20*day)))
		}
	}
	for i := range 6 + m.r.IntN(7) {
		k := pick(m, m.Tickets...)
		l := Worklog{Source: k.Source, ID: fmt.Sprintf("%d-%d", m.N, i), TicketID: k.ID, Person: "Ann", Started: m.moment(), Seconds: 60 * (1 + m.r.IntN(480))}
		if m.often(10) {
			l.TicketID = "404"
		}
		if m.often(5) {
			l.Started = AsOf.Add(time.Millisecond)
		}
		m.Worklogs = append(m.Worklogs, l)
	}
}
