package simulate

import (
	"fmt"
	"time"
)

var (
	kinds       = []string{"deployment", "config", "feature_flag", "infrastructure", "database"}
	changeTypes = []string{"standard", "normal", "emergency"}
	risks       = []string{"low", "moderate", "high"}
	outcomes    = []string{Successful, SuccessfulWithIssues, Failed, RolledBack, Cancelled, Rejected}
	prod        = "production"
)

// ahead is how far plans reach beyond the end of the history.
const ahead = 7 * 24 * time.Hour

// everydayChanges are what a team does to its service, week after week.
func (w *World) everydayChanges(s Service) ([]*Change, []*Incident) {
	d := newDice(w.Seed, "changes/"+s.Name)
	var (
		changes   []*Change
		incidents []*Incident
		release   = 1
	)
	for day := w.From; day.Before(w.To.Add(ahead)); day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Friday && day.Before(w.fridaysOpened()) {
			continue // the Friday freeze
		}
		for range d.poisson(s.changesPerMonth / 30.4 * changeWeekday[day.Weekday()]) {
			c := w.everydayChange(d, s, d.clock(day, changeHour).Truncate(time.Minute), &release)
			if !c.Created.Before(w.To) {
				continue // not even planned yet
			}
			changes = append(changes, c)
			if i := w.aftermath(d, s, c); i != nil {
				incidents = append(incidents, i)
			}
		}
	}
	return changes, incidents
}

func (w *World) everydayChange(d dice, s Service, planned time.Time, release *int) *Change {
	c := &Change{
		Service: s.Name, Team: s.Team, Environment: prod,
		Kind:         kinds[d.index([]float64{0.55, 0.17, 0.13, 0.09, 0.06})],
		Type:         changeTypes[d.index([]float64{0.6, 0.33, 0.07})],
		Risk:         risks[d.index([]float64{0.6, 0.3, 0.1})],
		Outcome:      outcomes[d.index([]float64{0.865, 0.05, 0.02, 0.03, 0.025, 0.01})],
		PlannedStart: planned, PlannedEnd: planned.Add(time.Duration(1+d.IntN(3)) * time.Hour),
	}
	c.Created = planned.Add(-d.between(2*24*time.Hour, 16*24*time.Hour)).Truncate(time.Minute)
	if c.Type == "emergency" {
		c.Created = planned.Add(-d.between(20*time.Minute, 4*time.Hour)).Truncate(time.Minute)
	}
	c.Title = changeTitle(d, s, c.Kind, release)
	if d.chance(0.12) {
		c.Environment = "staging"
	}
	if c.Outcome == Cancelled || c.Outcome == Rejected {
		c.Closed = c.Created.Add(planned.Sub(c.Created) / 2).Truncate(time.Minute)
	} else {
		c.carryOut(d)
	}
	if c.OnSheet() { // a list of releases, and nothing about approval or result
		c.Type, c.Risk, c.Outcome, c.Closed = "", "", "", time.Time{}
		if c.Started.IsZero() { // a cancelled one is struck off the list
			c.carryOut(d)
			c.Closed = time.Time{}
		}
	}
	return c
}

func (c *Change) carryOut(d dice) {
	c.Started = c.PlannedStart.Add(time.Duration(d.IntN(16)) * time.Minute)
	c.Ended = c.Started.Add(max(d.logNormal(25*time.Minute, 0.7), time.Minute)).Truncate(time.Minute)
	c.Closed = c.Ended.Add(d.between(30*time.Minute, 2*24*time.Hour)).Truncate(time.Minute)
}

// aftermath is the incident that a change may cause. Both records name each
// other only when somebody took the trouble; often just one of them does.
func (w *World) aftermath(d dice, s Service, c *Change) *Incident {
	chance := 0.014
	if c.Outcome == Failed || c.Outcome == RolledBack {
		chance = 0.4
	}
	hurt := d.chance(chance)
	if !hurt || c.OnSheet() || c.Environment != prod || c.Ended.IsZero() || c.Outcome == Cancelled || c.Outcome == Rejected {
		return nil
	}
	at := c.Ended.Add(d.between(4*time.Minute, 90*time.Minute))
	if !at.Before(w.To) {
		return nil
	}
	i := w.everydayIncident(d, s, at)
	i.Story = "aftermath"
	i.Title = fmt.Sprintf("Errors in %s after a change", d.pick(s.parts))
	i.AlertKey, i.Cause, i.FixOwner, i.ProblemKey = "", "faulty change", "L3 code", ""
	switch d.IntN(3) {
	case 0:
		i.causedBy = c
	case 1:
		c.caused = append(c.caused, i)
	default:
		i.causedBy = c
		c.caused = append(c.caused, i)
	}
	return i
}

func changeTitle(d dice, s Service, kind string, release *int) string {
	part := d.pick(s.parts)
	switch kind {
	case "deployment":
		*release++
		return fmt.Sprintf("Release %s 5.%d.%d: %s", s.Name, *release, d.IntN(3), part)
	case "config":
		return fmt.Sprintf("Change limits of %s", part)
	case "feature_flag":
		return fmt.Sprintf("Switch on new %s for %d %% of customers", part, 5*(1+d.IntN(20)))
	case "infrastructure":
		return fmt.Sprintf("Move %s to new nodes", part)
	}
	return fmt.Sprintf("Migrate tables of %s", part)
}
