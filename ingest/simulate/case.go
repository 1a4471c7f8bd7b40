package simulate

import (
	"strconv"
	"time"
)

// Reasons for which an incident or a change is not counted.
const (
	Exercise     = "exercise or planned maintenance"
	Merged       = "merged"
	Flap         = "flap"
	NoResolution = "closed without a resolution time"
	Negative     = "resolved before created"

	NotProduction = "not production"
	NotDone       = "not done"
)

// flapGap: what comes back this soon is still the same incident.
const flapGap = 30 * time.Minute

// incidentCase is an incident as it counts.
type incidentCase struct {
	Incident
	start   time.Time // the earliest of all that were merged into it
	leftOut string    // reason for which no figure counts it
}

// cases judges each production incident as far as the tools tell of it, in the
// order of creation. Where two reasons hold, the first of exercise, merged, flap is given.
func cases(incidents []Incident) []incidentCase {
	var all []incidentCase
	at := map[string]int{} // key → position
	for _, i := range incidents {
		if i.Environment == "staging" {
			continue
		}
		at[i.Key], i = len(all), i.Recorded()
		all = append(all, incidentCase{Incident: i, start: i.Created})
	}
	last := map[string]Incident{} // alert key → the previous incident with it
	for n := range all {
		c := &all[n]
		switch {
		case c.Exercise || c.Maintenance:
			c.leftOut = Exercise
		case c.MergedInto != "":
			c.leftOut = Merged
			parent, ok := at[c.MergedInto]
			for hops := 0; ok && all[parent].MergedInto != "" && hops < len(all); hops++ {
				parent, ok = at[all[parent].MergedInto]
			}
			if ok && c.Created.Before(all[parent].start) {
				all[parent].start = c.Created
			}
		case c.AlertKey != "":
			before, seen := last[c.AlertKey]
			gap := c.Created.Sub(before.Resolved)
			if seen && !before.Resolved.IsZero() && gap >= 0 && gap <= flapGap {
				c.leftOut = Flap
			}
			last[c.AlertKey] = c.Incident
		}
	}
	return all
}

// notADuration is the reason for which time to resolve leaves the case out.
func (c incidentCase) notADuration() string {
	switch {
	case c.leftOut != "":
		return c.leftOut
	case c.Resolved.IsZero() && !c.Closed.IsZero():
		return NoResolution
	case !c.Resolved.IsZero() && c.Resolved.Before(c.start):
		return Negative
	}
	return ""
}

// dims: a case counts once in each of its services; without service or team it
// counts in the whole only.
func (c incidentCase) dims() []dim {
	all := []dim{{"all", ""}, {"severity", strconv.Itoa(c.Severity)}}
	if c.Team != "" {
		all = append(all, dim{"team", c.Team})
	}
	for _, s := range c.Services {
		all = append(all, dim{"service", s})
	}
	return all
}
