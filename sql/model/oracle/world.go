package oracle

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// maker makes one world by chance.
type maker struct {
	*World
	Plan
	r       *rand.Rand
	truths  []*truth
	pager   *Source
	tracker *Source
	file    *Source
	seq     int
	joining bool      // several tell what happens now
	circle  *Incident // one of two that are merged into each other
}

// truth is what happened in one incident, whoever tells it.
type truth struct {
	n                                      int
	created, impact, acknowledged          Moment
	escalated, mitigated, closed           Moment
	resolved, reopened                     []Moment // in turns; a resolution each, the last perhaps taken back
	auto                                   bool
	title, alert, cause, problem, detected string
	services, teams                        []string
	severity                               int
	pagerID, ticketID, fileID              string // of the records that tell it
}

func (p Plan) world(n int) *World {
	m := &maker{World: &World{N: n}, Plan: p, r: rand.New(rand.NewPCG(p.Seed, uint64(n)))}
	m.sources()
	m.crew()
	for i := range 12 + m.r.IntN(9) {
		m.incident(i)
	}
	m.rollouts()
	m.paperwork()
	return m.World
}

// often is true so many times of a hundred.
func (m *maker) often(percent int) bool { return m.r.IntN(100) < percent }

func pick[T any](m *maker, of ...T) T { return of[m.r.IntN(len(of))] }

// between two lengths of time, mostly in whole seconds.
func (m *maker) between(from, to time.Duration) time.Duration {
	d := from + time.Duration(m.r.Int64N(int64(to-from)))
	if m.often(70) {
		return d.Truncate(time.Second)
	}
	return d.Truncate(time.Millisecond)
}

func (m *maker) sources() {
	start := At(date(2026, 3, 1))
	source := func(prefix, typ, entity string) *Source {
		s := &Source{Name: fmt.Sprintf("%s%d", prefix, m.N), Type: typ, Entity: entity, From: start, To: AsOf.Add(2 * hour), Declared: m.often(30)}
		if m.Ragged {
			s.From = pick(m, start, At(date(2026, 6, 10)).Add(10*hour), At(date(2026, 8, 25)))
			s.To = pick(m, AsOf, AsOf.Add(-day), AsOf.Add(-4*day))
			if m.often(5) && typ != "file" {
				s.From, s.To, s.Declared = 0, 0, false
			}
		}
		if typ == "file" {
			s.Declared = true
		}
		return s
	}
	m.pager, m.tracker = source("p", "pagerduty", ""), source("j", "jira", "")
	m.Sources = []*Source{m.pager, m.tracker}
	if m.often(50) {
		m.Sources = []*Source{m.tracker, m.pager}
	}
	if m.often(60) {
		m.file = source("f", "file", pick(m, "incident", "incident", "change"))
		m.file.ClosingResolves = m.file.Entity == "incident" && m.often(30)
		m.Sources = append(m.Sources, m.file)
	}
	m.tracker.Links, m.pager.Links = m.often(20), m.often(50)
}

// moment is when something begins: anywhere, near a night on which the clocks
// change, near the start of what is collected, or near as_of.
func (m *maker) moment() Moment {
	start := At(date(2026, 3, 20))
	switch m.r.IntN(10) {
	case 0:
		return At(date(2026, 4, 4)).Add(m.between(0, 48*hour))
	case 1:
		return At(date(2026, 10, 3)).Add(m.between(0, 48*hour))
	case 2, 3:
		return AsOf.Add(-m.between(0, 5*day))
	case 4:
		if s := pick(m, m.Sources...); s.From.Known() {
			return max(start, s.From.Add(pick(m, 0, 30*day, 90*day, 30*day-time.Millisecond, m.between(0, 100*day))))
		}
	case 5:
		p := pick(m, Periods()...)
		return max(start, p.Begins.Add(pick(m, 0, -time.Millisecond, time.Second)))
	}
	return start.Add(m.between(0, 214*day))
}

// incident makes up an incident and who tells it.
func (m *maker) incident(n int) {
	t := &truth{n: n, created: m.moment(), severity: m.r.IntN(6)}
	t.title = pick(m, "Disk full", "Disk full on db-7.example.com", "Certificate expired", "certificate EXPIRED (INC0012345)", "Queue lag rising",
		"Login loop since 5 October", "Timeout", "Incident with "+m.service("checkout"), "P1", "", "Disruption with queue consumers", "web: disk full")
	t.alert = pick(m, "", "", "", "cpu", "disk")
	t.cause = pick(m, "", "", "", "config", "Configuration", "CONFIG", "capacity", "Capacity")
	t.problem = pick(m, "", "", "", "", "", "", "", "", "PRB-A", "PRB-B")
	t.detected = pick(m, "", "", "monitoring", "Customer", "user", "staff")
	t.services = pick(m, []string{m.service("checkout")}, []string{m.service("checkout")}, []string{m.service("search")}, []string{m.service("pay")},
		[]string{fmt.Sprintf("CHECKOUT svc %d", m.N), m.service("checkout"), m.service("pay")}, []string{m.service("search"), m.service("pay")}, nil, []string{""})
	t.teams = pick(m, []string{"web"}, []string{"web"}, []string{"Web", "ops"}, []string{"core team"}, []string{"data"}, []string{"ops"}, nil)
	if len(m.truths) > 0 && m.often(40) {
		// Again, and mostly the same thing.
		b := pick(m, m.truths...)
		from := b.created
		if len(b.resolved) > 0 {
			from = b.resolved[len(b.resolved)-1]
		}
		t.created = from.Add(pick(m, 0, time.Millisecond, time.Second, 10*time.Minute, 30*time.Minute-time.Millisecond, 30*time.Minute, -10*time.Minute,
			m.between(hour, 5*day), 30*day, 30*day+time.Millisecond, 89*day, 90*day, 90*day+time.Millisecond))
		t.alert, t.cause, t.title, t.services = b.alert, b.cause, b.title, b.services
		if m.often(30) {
			t.problem = b.problem
		}
		if m.often(20) {
			t.title, t.cause = "Something new entirely", ""
		}
		if m.often(60) && t.alert == "" && b.pagerID != "" {
			t.alert = "net"
		}
	}
	if t.created > AsOf && m.often(70) || t.created < At(date(2026, 3, 10)) {
		t.created = m.moment()
	}
	m.happen(t)
	m.truths = append(m.truths, t)
	switch who := m.r.IntN(100); {
	case who < 40:
		m.tellPager(t)
	case who < 60:
		m.tellTracker(t)
	case who < 75 && m.file != nil && m.file.Entity == "incident":
		m.tellFile(t)
	default:
		m.tellTogether(t)
	}
}

// happen makes up the course of an incident.
func (m *maker) happen(t *truth) {
	later := func(from Moment, most time.Duration) Moment { return from.Add(m.between(0, most)) }
	if m.often(65) {
		t.acknowledged = later(t.created, 45*time.Minute)
	}
	if m.often(15) {
		t.escalated = later(t.created, 2*hour)
	}
	if m.often(40) {
		t.impact = t.created.Add(-m.between(-10*time.Minute, hour))
	}
	if m.often(30) {
		t.mitigated = later(t.created, 5*hour)
	}
	at := t.created
	for range 1 + pick(m, 0, 0, 0, 1, 2) {
		lasts := pick(m, m.between(0, 20*time.Minute), m.between(time.Minute, 8*hour), m.between(time.Minute, 8*hour), m.between(hour, 20*day), 0, 4*hour, 24*hour)
		at = at.Add(lasts)
		t.resolved = append(t.resolved, at)
		at = at.Add(pick(m, m.between(time.Second, 3*day), m.between(time.Second, 30*day), 14*day, 14*day+time.Millisecond, time.Millisecond))
		t.reopened = append(t.reopened, at)
	}
	if m.often(85) {
		t.reopened = t.reopened[:len(t.reopened)-1]
	}
	if m.often(12) {
		t.resolved, t.reopened = nil, nil
		if m.often(40) {
			t.closed = later(t.created, 20*day)
		}
	}
	if t.auto = m.often(20); t.auto && m.often(70) {
		t.acknowledged = 0
	}
}

// record is what every teller says of an incident.
func (m *maker) record(t *truth, s *Source, id, key, url string) Incident {
	r := Incident{Source: s.Name, ID: id, Version: 2, Key: key, URL: url, Title: t.title, Created: t.created, Severity: t.severity,
		Services: t.services, Teams: t.teams, Reopens: -1, Major: pick(m, -1, -1, -1, -1, 0, 1), Impact: pick(m, -1, 0, 1, 1), Exercise: m.often(5),
		AlertKey: t.alert, Cause: t.cause, DetectedBy: t.detected, ImpactStarted: t.impact}
	r.Deleted, r.Filtered = m.often(2), m.often(2)
	if t.problem != "" && m.often(50) {
		r.ProblemKey = fmt.Sprintf("%s-%d", t.problem, m.N)
	}
	if m.often(5) {
		old := r
		old.Version, old.Title, old.Exercise, old.Severity = 1, "An older version", true, 1
		m.Incidents = append(m.Incidents, old)
	}
	return r
}
