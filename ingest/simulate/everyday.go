package simulate

import (
	"slices"
	"time"
)

// everydayIncidents are a service's ordinary troubles.
func (w *World) everydayIncidents(s Service) []*Incident {
	d := newDice(w.Seed, "incidents/"+s.Name)
	var all []*Incident
	for day := w.From; day.Before(w.To); day = day.AddDate(0, 0, 1) {
		daily := s.incidentsPerMonth / 30.4 * incidentWeekday[day.Weekday()]
		for range d.poisson(daily) {
			i := w.everydayIncident(d, s, d.clock(day, incidentHour))
			if i.Created.Before(w.To) {
				all = append(all, i)
			}
		}
	}
	return all
}

// usual is the company's typical time to resolve by severity.
var usual = [5]time.Duration{0, 100 * time.Minute, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour}

func (w *World) everydayIncident(d dice, s Service, created time.Time) *Incident {
	t := newTrouble(d, s)
	i := &Incident{
		Title: fill(d, t.title, created), Services: []string{s.Name}, Team: s.Team, Environment: "production",
		Severity: 1 + d.index([]float64{0.02, 0.14, 0.5, 0.34}),
		Created:  created, AlertKey: t.alert, Cause: t.cause, ProblemKey: t.problem,
	}
	slowness, spread := s.slowness, 0.75
	if s.Name == betterService && !created.Before(w.searchImproved()) {
		slowness, spread = 0.22*slowness, 0.5
	}
	open := max(d.logNormal(time.Duration(float64(usual[i.Severity])*slowness), spread), 90*time.Second)
	if i.Severity == 1 {
		open = min(open, 8*time.Hour) // everybody works on it
	}
	selfHealed := t.alert != "" && d.chance(0.16)
	if selfHealed {
		open = d.between(2*time.Minute, 25*time.Minute)
	}
	w.live(d, i, open)
	if selfHealed {
		i.selfHeal()
	} else {
		w.blemish(d, i, s)
	}
	return i
}

// live fills an incident's life between creation and closing.
func (w *World) live(d dice, i *Incident, open time.Duration) {
	part := func(share float64) time.Time {
		return i.Created.Add(time.Duration(float64(open) * share)).Truncate(time.Second)
	}
	i.Resolved = i.Created.Add(open)
	i.FirstResolved = i.Resolved
	i.Acknowledged = i.Created.Add(min(d.logNormal(7*time.Minute, 0.9), open/2).Truncate(time.Second))
	i.Closed = i.Resolved.Add(d.between(24*time.Hour, 14*24*time.Hour))
	i.CustomerImpact = impact(d, i.Severity)
	if i.CustomerImpact != nil && *i.CustomerImpact {
		if d.chance(0.7) {
			i.ImpactStarted = i.Created.Add(-d.between(0, 20*time.Minute))
		}
		i.Mitigated = part(0.4 + 0.6*d.Float64())
	}
	i.Reassigned = d.poisson(0.6)
	if i.Reassigned > 0 && d.chance(0.5) {
		i.Escalated = part(0.2 + 0.3*d.Float64())
	}
	i.DetectedBy = []string{"monitoring", "customer", "staff", ""}[d.index([]float64{0.4, 0.25, 0.25, 0.1})]
	if i.AlertKey != "" {
		i.DetectedBy = "monitoring"
	}
	i.Resolution = d.pick(mends)
	if i.Cause != "" || d.chance(0.3) {
		i.FixOwner = d.pick(owners)
	}
	team := i.Team
	if len(i.Services) > 0 && d.chance(0.5) {
		team = w.service(i.Services[0]).L2Team
	}
	i.ResolvedBy = w.member(team, d.IntN(8))
}

// selfHeal: the alert went away before anybody looked.
func (i *Incident) selfHeal() {
	i.ResolvedBy, i.Acknowledged, i.Escalated, i.Reassigned = AutoResolved, time.Time{}, time.Time{}, 0
	i.Resolution, i.FixOwner, i.Cause = "", "", ""
}

// impact draws whether customers noticed; one in twelve records does not say.
func impact(d dice, severity int) *bool {
	noticed := d.chance([5]float64{0, 1, 0.75, 0.25, 0.03}[severity])
	if severity > 1 && d.chance(0.08) {
		return nil
	}
	return &noticed
}

// blemish adds what makes real records untidy: reopened work, several services,
// blanks, and titles that say nothing.
func (w *World) blemish(d dice, i *Incident, s Service) {
	switch roll := d.Float64(); {
	case roll < 0.055 && i.Severity > 1: // the fix did not hold
		open := i.Resolved.Sub(i.Created)
		times := 1 + d.index([]float64{0.85, 0.15})
		i.Resolved = i.Resolved.Add(d.between(40*time.Minute, 3*24*time.Hour)).Add(open / 3).Truncate(time.Second)
		i.Closed = i.Resolved.Add(d.between(24*time.Hour, 14*24*time.Hour))
		i.reopen(times)
	case roll < 0.095:
		others := slices.DeleteFunc(slices.Clone(w.Services), func(o Service) bool {
			return o.Name == s.Name || o.Name == quietService
		})
		i.Services = append(i.Services, others[d.IntN(len(others))].Name)
	case roll < 0.11:
		i.Severity = 0
	case roll < 0.125:
		i.Services = nil
		if d.chance(0.4) {
			i.Team = ""
		}
	case roll < 0.15: // the form was sent as it opened
		i.Title = []string{"Incident with ", "Disruption with ", "Issue with "}[d.IntN(3)] + s.Name
		i.AlertKey, i.Cause, i.ProblemKey, i.DetectedBy = "", "", "", "staff"
	}
}

// freshAlerts takes the alert key from everyday incidents that came while one
// with the same key was open or had only just gone: a monitor would not have
// raised a second one, so a person reported it. Flapping is told by stories.
func freshAlerts(sorted []*Incident) {
	last := map[string]*Incident{}
	for _, i := range sorted {
		if i.AlertKey == "" || i.MergedInto != "" {
			continue
		}
		before := last[i.AlertKey]
		if i.Story == "" && before != nil &&
			(before.Resolved.IsZero() || i.Created.Before(before.Resolved.Add(45*time.Minute))) {
			i.AlertKey, i.DetectedBy = "", "staff"
			continue
		}
		last[i.AlertKey] = i
	}
}
