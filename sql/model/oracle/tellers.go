package oracle

import (
	"fmt"
	"time"
)

func (m *maker) step(id string, at Moment, kind, actor string) {
	if !at.Known() {
		return
	}
	m.seq++
	m.Steps = append(m.Steps, Step{Source: m.pager.Name, ID: id, EventID: fmt.Sprintf("e%d", m.seq), Seq: m.seq, At: at, Kind: kind, Actor: actor})
}

// tellPager tells it as a pager does: step by step, or with times alone.
func (m *maker) tellPager(t *truth) *Incident {
	id := fmt.Sprintf("P%dx%d", m.N, len(m.Incidents))
	r := m.record(t, m.pager, id, fmt.Sprintf("#%d-%d", m.N, len(m.Incidents)), "https://p.example/incidents/"+id)
	if t.auto && len(t.resolved) > 0 {
		r.ResolvedBy = pick(m, "auto", "Auto")
	} else if len(t.resolved) > 0 {
		r.ResolvedBy = "Ann"
	}
	t.pagerID = id
	for range pick(m, 0, 1, 1, 2, 3) {
		at := t.created.Add(pick(m, 0, 0, time.Minute, m.between(0, hour)))
		m.step(id, at, "notified", pick(m, "u1", "u2", "Ann", "Ben", "Cid", "Dee", "Somebody", "u4"))
		if m.often(20) {
			m.step(id, at, "notified", pick(m, "u1", "Ann"))
		}
	}
	if m.often(75) {
		m.step(id, t.created, "created", "")
		if m.often(10) {
			r.Created = 0
		}
		m.step(id, t.acknowledged, "acknowledged", "Ann")
		m.step(id, t.escalated, "escalated", "Ann")
		if m.often(50) {
			m.step(id, t.mitigated, "mitigated", "Ann")
		} else {
			r.Mitigated = t.mitigated
		}
		for i, at := range t.resolved {
			m.step(id, at, "resolved", "Ann")
			if m.often(10) && i == len(t.resolved)-1 && i >= len(t.reopened) {
				m.step(id, at.Add(time.Minute), "resolved", "Ben")
				m.step(id, at.Add(time.Hour), "note", "Ben")
			}
			if i < len(t.reopened) {
				m.step(id, t.reopened[i], pick(m, "reopened", "reopened", "working", "acknowledged"), "Ann")
			}
		}
		m.step(id, t.closed, "closed", "")
	} else {
		m.state(t, &r)
	}
	m.merges(t, &r)
	m.Incidents = append(m.Incidents, r)
	return &m.Incidents[len(m.Incidents)-1]
}

// state writes the times of an incident into its record, sometimes wrong ones.
func (m *maker) state(t *truth, r *Incident) {
	r.Acknowledged, r.Escalated, r.Mitigated, r.Closed = t.acknowledged, t.escalated, t.mitigated, t.closed
	if t.acknowledged.Known() && m.often(8) {
		r.Acknowledged = t.created.Add(-pick(m, time.Millisecond, time.Minute))
	}
	if t.escalated.Known() && m.often(10) {
		r.Escalated = t.created.Add(-time.Second)
	}
	if n := len(t.resolved); n > 0 && len(t.reopened) < n {
		r.Resolved = t.resolved[n-1]
		if n > 1 && m.often(50) {
			r.FirstResolved = t.resolved[0]
		}
		if m.often(10) {
			r.Resolved, r.FirstResolved = t.created.Add(-pick(m, time.Millisecond, hour)), 0
		}
		if r.Closed = 0; m.often(40) {
			r.Closed = r.Resolved.Add(14 * day)
		}
	}
	if m.often(60) {
		r.Reopens = len(t.reopened)
	}
}

// merges has a record merged into another one of its source.
func (m *maker) merges(t *truth, r *Incident) {
	if !m.often(10) || len(m.Incidents) == 0 {
		return
	}
	into := pick(m, m.Incidents...)
	if m.circle != nil && m.often(50) {
		into = *m.circle
	}
	if into.Source != r.Source {
		return
	}
	r.MergedInto = pick(m, into.ID, into.Key)
	if m.often(10) {
		r.MergedInto = "unknown"
	}
	if m.often(50) && !m.joining && r.Source != m.tracker.Name && into.ID != r.ID && into.MergedInto == "" && r.MergedInto != "unknown" && !m.isJoined(&into) {
		// A circle of two, into which others lead.
		m.circle = r
		for i := range m.Incidents {
			if o := &m.Incidents[i]; o.Source == into.Source && o.ID == into.ID {
				o.MergedInto = r.ID
			}
		}
	}
	if r.Source == m.pager.Name && len(t.resolved) == 0 && m.often(50) {
		m.step(r.ID, t.created.Add(m.between(0, 3*day)), "merged", "Ann")
	}
}

// isJoined says that a record names or is named by one of another source.
func (m *maker) isJoined(r *Incident) bool {
	for _, t := range m.truths {
		if t.pagerID == r.ID && t.ticketID != "" {
			return true
		}
	}
	return len(r.SameAs) > 0
}

// tellTracker tells it as an issue with a history: of the resolution, or of the
// moves between statuses alone; or without any.
func (m *maker) tellTracker(t *truth) *Incident {
	n := m.N*1000 + len(m.Tickets)
	id, key := fmt.Sprint(n), fmt.Sprintf("W%d-%d", m.N, len(m.Tickets))
	r := m.record(t, m.tracker, id, key, "https://j.example/browse/"+key)
	t.ticketID = id
	k := Ticket{Source: m.tracker.Name, ID: id, Key: key, URL: r.URL, Title: r.Title, Role: "incident", Type: "Incident", Project: "OPS",
		Services: r.Services, Teams: r.Teams, Status: "Open", Points: -1, Created: t.created, Deleted: r.Deleted, Cause: r.Cause}
	if t.acknowledged.Known() {
		if m.often(15) {
			m.move(&k, t.created, "auto", "status", "Open", "In Progress")
			m.move(&k, t.acknowledged.Add(time.Second), "Ann", "status", "In Progress", "Review")
		} else {
			m.move(&k, t.acknowledged, "Ann", "status", "Open", "In Progress")
		}
	}
	n = len(t.resolved)
	done := n > 0 && len(t.reopened) < n
	if t.acknowledged.Known() && n > 0 && t.resolved[0] < t.acknowledged.Add(time.Second) {
		done, n = false, 0 // resolved before anybody started: not told
	}
	switch how := m.r.IntN(10); {
	case n == 0:
	case how < 5:
		for i, at := range t.resolved {
			m.move(&k, at, pick(m, "Ann", "auto"), "resolution", "", "Fixed")
			if i < len(t.reopened) {
				m.move(&k, t.reopened[i], "Ann", "resolution", "Fixed", "")
			}
		}
		if done {
			k.Resolution, k.Resolved = "Fixed", t.resolved[n-1]
		}
	case how < 8:
		from := "In Progress"
		if !t.acknowledged.Known() {
			from = "Open"
		}
		for i, at := range t.resolved {
			if m.often(20) {
				m.move(&k, at.Add(-time.Millisecond), "Ann", "status", from, "Odd")
				from = "Odd"
			}
			m.move(&k, at, "Ann", "status", from, "Done")
			from = "Done"
			if i < len(t.reopened) {
				m.move(&k, t.reopened[i], "Ann", "status", from, "Open")
				from = "Open"
			} else if m.often(30) {
				m.move(&k, at.Add(hour), "Ann", "status", "Done", "Closed")
			}
		}
	case done:
		k.Resolution, k.Resolved = "Fixed", t.resolved[n-1]
		r.Resolved = k.Resolved
	}
	if k.Resolved.Known() {
		r.Resolved = k.Resolved
	}
	if t.closed.Known() {
		r.Closed = t.closed
	}
	r.Mitigated = t.mitigated
	m.merges(t, &r)
	m.Incidents = append(m.Incidents, r)
	m.Tickets = append(m.Tickets, k)
	return &m.Incidents[len(m.Incidents)-1]
}

func (m *maker) move(k *Ticket, at Moment, actor, field, from, to string) {
	m.seq++
	m.Transitions = append(m.Transitions, Transition{Source: k.Source, ID: k.ID, EventID: fmt.Sprintf("t%06d", m.seq), Seq: m.seq, At: at, Actor: actor, Field: field,
		FromID: statusID(field, from), From: from, ToID: statusID(field, to), To: to})
}

func statusID(field, value string) string {
	if field == "status" {
		return "s-" + value
	}
	return value
}

// tellFile tells it as a row of a file: times and a counter.
func (m *maker) tellFile(t *truth) *Incident {
	id := fmt.Sprintf("F%d-%d", m.N, len(m.Incidents))
	r := m.record(t, m.file, id, fmt.Sprintf("INC%dx%d", m.N, len(m.Incidents)), "")
	m.state(t, &r)
	if len(t.reopened) > 0 && len(t.reopened) == len(t.resolved) {
		r.Reopens = len(t.reopened)
	}
	t.fileID = id
	m.merges(t, &r)
	m.Incidents = append(m.Incidents, r)
	return &m.Incidents[len(m.Incidents)-1]
}

// tellTogether has a pager and a tracker tell one incident, mostly with a word
// of each other; without it they are likely twins that stay apart.
func (m *maker) tellTogether(t *truth) {
	other := *t
	other.created = t.created.Add(pick(m, 0, time.Minute, -time.Minute))
	if m.often(50) {
		other.severity, other.title, other.cause, other.services = 0, "", "", nil
	}
	if m.often(30) {
		other.resolved, other.reopened, other.closed = nil, nil, 0
	}
	m.joining = true
	defer func() { m.joining = false }()
	m.tellPager(t)
	p := len(m.Incidents) - 1
	m.tellTracker(&other)
	j := len(m.Incidents) - 1
	t.ticketID = other.ticketID
	pager, issue := &m.Incidents[p], &m.Incidents[j]
	switch m.r.IntN(8) {
	case 0: // nobody names the other
		return
	case 1, 2:
		issue.SameAs = []string{pick(m, pager.ID, pager.Key, pager.URL, pager.Source+":"+pager.ID, "https://eu.p.example/incidents/"+pager.ID+"?tab=log")}
	case 3, 4:
		pager.SameAs = []string{pick(m, issue.ID, issue.Key, issue.URL, issue.URL+"/")}
	default:
		issue.SameAs, pager.SameAs = []string{pager.ID}, []string{issue.Key}
	}
	if m.often(12) {
		again := *t
		m.tellPager(&again)
		second := &m.Incidents[len(m.Incidents)-1]
		second.SameAs = []string{m.Incidents[j].Key}
	}
	if m.often(15) && m.file != nil && m.file.Entity == "incident" {
		third := *t
		m.tellFile(&third)
		row := &m.Incidents[len(m.Incidents)-1]
		row.SameAs = []string{m.Incidents[j].Key}
	}
}
