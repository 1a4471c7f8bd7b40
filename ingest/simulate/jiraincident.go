package simulate

import (
	"fmt"
	"strings"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// incident is what the tracker holds of one incident.
func (t *tracker) incident(i Incident) {
	kind := "Incident"
	switch {
	case i.Exercise:
		kind = "Drill"
	case i.Maintenance:
		kind = "Maintenance"
	}
	worker := i.ResolvedBy
	if _, person := t.people[worker]; !person {
		worker = t.world.member(i.Team, 0)
	}
	c := t.open(i.Key, kind, "i", i.Title, i.Held.Ticketed, worker, toDo)
	c.about(i.Services)
	c.choose("Team", i.Team)
	if i.Severity > 0 && !i.Held.NoSeverity {
		c.choose("Severity", fmt.Sprintf("SEV %d", i.Severity))
	}
	if i.CustomerImpact != nil {
		c.choose("Customer impact", map[bool]string{true: "Yes", false: "No"}[*i.CustomerImpact])
	}
	c.choose("Affected environment", i.Environment)
	if i.Environment == "staging" {
		c.Fields["labels"] = []string{"staging"}
	}
	c.date("Impact start", i.ImpactStarted)
	c.date("Impact end", i.Mitigated)
	c.date("Escalated on", i.Escalated)
	c.date("Closed on", i.Closed)
	c.choose("Root cause", i.Cause)
	c.choose("Fix owner", i.FixOwner)
	c.choose("Detected by", i.DetectedBy)
	c.say("Resolution notes", i.Resolution)
	c.say("Caused by change", i.CausedBy)
	c.say("Problem record", i.ProblemKey)
	c.say("Merged into", i.MergedInto)
	if i.Held.Both() && i.Held.TrackerNames {
		c.say("Pager incident", pagerURL(i.Key))
	}
	if i.ProblemKey != "" {
		t.links = append(t.links, link{"Problem/Incident", i.ProblemKey, i.Key})
	}
	t.move(c, i, worker)
	t.incidentLife(c, i, worker)
	c.comment(i.Held.Ticketed.Add(9*time.Minute), worker, i.wonder())
	if !i.Resolved.IsZero() {
		c.comment(i.Resolved.Add(2*time.Minute), worker, i.Resolution)
	}
}

// move: a few were written as a team's ticket and then became incidents, with
// another key.
func (t *tracker) move(c *card, i Incident, worker string) {
	at := i.Held.Ticketed.Add(500 * time.Millisecond)
	project := projects[i.Team]
	if project == "" || at.After(t.world.To) || !newDice(t.world.Seed, "moved/"+i.Key).chance(0.015) {
		return
	}
	c.step(at, worker,
		jiraapi.Item{Field: "project", FieldID: "project", From: projectID(project), FromString: project, To: projectID("INC"), ToString: "INC"},
		jiraapi.Item{Field: "Key", FromString: project + "-9" + strings.TrimPrefix(i.Key, "INC-"), ToString: i.Key})
}

// wonder is the comment that brings up changes.
func (i Incident) wonder() string {
	if len(i.Held.Cites) == 0 {
		return ""
	}
	return citation(i.Held.Cites)
}

// incidentLife is the way through the workflow. Of what the pager has
// too, the ticket follows the pager's acknowledgement.
func (t *tracker) incidentLife(c *card, i Incident, worker string) {
	begun := i.Acknowledged
	if soon := i.Held.Ticketed.Add(time.Second); !begun.IsZero() && begun.Before(soon) {
		begun = soon
	}
	if begun.After(t.world.To) {
		begun = t.world.To
	}
	if !begun.IsZero() {
		c.assign(begun, worker, worker)
		c.move(begun, worker, inProgress, "")
	}
	if life := i.FirstResolved.Sub(begun); !begun.IsZero() && life > 0 {
		for n := range i.Reassigned {
			to := t.world.member(i.Team, n+1)
			if n%2 == 1 && len(i.Services) > 0 {
				to = t.world.member(t.world.service(i.Services[0]).L2Team, n)
			}
			c.assign(begun.Add(life*time.Duration(n+1)/time.Duration(i.Reassigned+2)).Truncate(time.Second), worker, to)
		}
	}
	by := i.ResolvedBy
	switch {
	case i.MergedInto != "":
		c.move(i.Closed, worker, resolved, "Duplicate")
	case i.Resolved.IsZero() && i.FirstResolved.IsZero() && !i.Closed.IsZero():
		c.move(i.Closed, AutoResolved, parked, "")
	default:
		c.move(i.FirstResolved, by, resolved, "Done")
		for _, r := range i.Reopenings {
			c.move(r.At, worker, reopened, "")
			again := r.At.Add(90 * time.Second)
			if !again.After(t.world.To) && (r.Resolved.IsZero() || again.Before(r.Resolved)) {
				c.move(again, worker, inProgress, "")
			}
			c.move(r.Resolved, by, resolved, "Done")
		}
		c.move(i.Closed, AutoResolved, closed, c.resolution)
	}
}
