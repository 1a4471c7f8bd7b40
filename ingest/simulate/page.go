package simulate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// incident is what the pager holds of one incident.
func (p *pager) incident(i Incident) *pagerdutyapi.Incident {
	service := p.names["service/"+i.pagedService()]
	number, _ := strconv.Atoi(strings.TrimPrefix(i.Key, "INC-"))
	out := &pagerdutyapi.Incident{
		ID: pagerIncidentID(i.Key), Number: number, Title: i.Title, Key: i.alertKeyInPager(), Service: service,
		Policy: p.names["policy/"+p.policyOf[i.Services[0]]], Urgency: "high", Created: i.Created,
	}
	if i.Exercise {
		out.Policy = p.names["policy/"+gameDays]
	}
	if i.Team != "" {
		out.Teams = []pagerdutyapi.Named{p.names["team/"+i.Team]}
	}
	severity := i.Severity
	if i.Held.OtherSeverity > 0 {
		severity = i.Held.OtherSeverity
	}
	if severity > 0 {
		priority := p.names[fmt.Sprintf("priority/P%d", severity)]
		out.Priority = &priority
	}
	if i.Severity == 4 || i.Severity == 0 {
		out.Urgency = "low"
	}
	if i.Held.Both() && i.Held.PagerNames {
		out.External = []pagerdutyapi.External{{ID: i.Key, Summary: i.Key, URL: trackerURL(i.Key)}}
	}
	out.Entries = p.entriesOf(i, service)
	out.Status = "triggered"
	for _, e := range out.Entries {
		switch e.Type {
		case "acknowledge":
			out.Status = "acknowledged"
		case "resolve":
			out.Status = "resolved"
		}
		if e.At.After(out.Updated) {
			out.Updated = e.At
		}
	}
	return out
}

// alertKeyInPager is the alert's own key, or what the pager makes up for an
// incident that a person raised.
func (i Incident) alertKeyInPager() string {
	if i.AlertKey != "" {
		return i.AlertKey
	}
	d := newDice(Seed, "made-up key/"+i.Key)
	return fmt.Sprintf("%016x%016x", d.Uint64(), d.Uint64())
}

// entriesOf is the incident's life in the pager, oldest first.
func (p *pager) entriesOf(i Incident, service pagerdutyapi.Named) []pagerdutyapi.LogEntry {
	var (
		s        = p.world.service(i.Services[0])
		machine  = pagerdutyapi.Agent{ID: service.ID, Type: "service_reference", Name: service.Name}
		all      []pagerdutyapi.LogEntry
		resolved = i.Held.PagerResolved
	)
	agent := func(handle string) pagerdutyapi.Agent {
		u := p.people[handle]
		return pagerdutyapi.Agent{ID: u.ID, Type: "user_reference", Name: u.Name}
	}
	named := func(handle string) *pagerdutyapi.Named {
		u := p.people[handle]
		return &pagerdutyapi.Named{ID: u.ID, Name: u.Name}
	}
	add := func(kind string, at time.Time, by pagerdutyapi.Agent, channel string, more func(*pagerdutyapi.LogEntry)) {
		if at.IsZero() || at.After(p.world.To) || !resolved.IsZero() && at.After(resolved) && kind != "annotate" {
			return
		}
		e := pagerdutyapi.LogEntry{Type: kind, At: at, Agent: by, Channel: channel}
		if more != nil {
			more(&e)
		}
		all = append(all, e)
	}
	first := p.world.onCall(s.L2Team, i.Created)

	if i.AlertKey != "" {
		add("trigger", i.Created, pagerdutyapi.Agent{ID: pagerID('P', 7, "integration"), Type: "events_api_v2_inbound_integration_reference", Name: "Monitoring"}, "api", nil)
	} else {
		add("trigger", i.Created, agent(first), "web_trigger", nil)
	}
	add("assign", i.Created, machine, "auto", func(e *pagerdutyapi.LogEntry) { e.User = named(first) })
	for _, page := range p.world.pagesOf(i) {
		for _, at := range page.At {
			add("notify", at, machine, "auto", func(e *pagerdutyapi.LogEntry) { e.User = named(page.Person) })
		}
	}
	add("acknowledge", i.Acknowledged, agent(first), "mobile", nil)
	if len(i.Held.Cites) > 0 && !i.Held.Tracker {
		at := i.Created.Add(4 * time.Minute)
		add("annotate", at, agent(first), "note", func(e *pagerdutyapi.LogEntry) { e.Note = citation(i.Held.Cites) })
	}
	third := p.world.onCall(s.L3Team, i.Escalated)
	add("escalate", i.Escalated, agent(first), "web", func(e *pagerdutyapi.LogEntry) { e.User, e.Level = named(third), 2 })
	if end := resolved; !end.IsZero() && !i.Acknowledged.IsZero() {
		for n := range i.Reassigned {
			at := i.Acknowledged.Add(end.Sub(i.Acknowledged) * time.Duration(n+1) / time.Duration(i.Reassigned+2)).Truncate(time.Second)
			to := p.world.member(s.L2Team, n)
			add("assign", at, agent(first), "web", func(e *pagerdutyapi.LogEntry) { e.User = named(to) })
		}
	}
	switch parent := i.MergedInto; {
	case parent != "" && p.holds(parent):
		resolved = i.Closed
		add("resolve", i.Closed, agent(first), "web", func(e *pagerdutyapi.LogEntry) { e.Target = pagerIncidentID(parent) })
	case i.ResolvedBy == AutoResolved:
		add("resolve", resolved, machine, "auto", nil)
	case !resolved.IsZero():
		by := i.ResolvedBy
		if _, known := p.people[by]; !known {
			by = first
		}
		add("resolve", resolved, agent(by), "web", nil)
		if i.Resolution != "" && !i.Held.Tracker {
			add("annotate", resolved.Add(3*time.Minute), agent(by), "note", func(e *pagerdutyapi.LogEntry) { e.Note = i.Resolution })
		}
	}
	slices.SortStableFunc(all, func(a, b pagerdutyapi.LogEntry) int { return a.At.Compare(b.At) })
	for n := range all {
		all[n].ID = "R" + pagerID('0', 25, fmt.Sprint(i.Key, "/", n))
	}
	return all
}

// holds is true for what the pager knows.
func (p *pager) holds(key string) bool {
	for _, i := range p.world.Incidents {
		if i.Key == key {
			return i.Held.Pager
		}
	}
	return false
}

// citation is what somebody wonders in a comment or a note.
func citation(changes []string) string {
	return "Began shortly after " + strings.Join(changes, " and ") + ", which touched the same part."
}
