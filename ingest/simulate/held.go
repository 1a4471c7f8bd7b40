package simulate

import "time"

// Held says which of the company's tools know of an incident, and what they say
// differently. Monitors and whoever is called out use the pager, whoever writes
// down uses the tracker. Of what is in both the tracker gives the record and
// its resolution, and the pager when it began and who took it: the times of
// Incident are these.
type Held struct {
	Pager   bool
	Tracker bool

	PagerNames   bool // the page refers to the ticket
	TrackerNames bool // the ticket refers to the page

	Ticketed      time.Time // when the ticket was written; the pager's alert is Created
	PagerResolved time.Time // when the page was resolved: often before the work was done
	NoSeverity    bool      // the ticket does not state it, the page does
	OtherSeverity int       // what the page says where the two disagree; 0: the same

	Cites []string // keys of changes that comments or notes mention
}

// Both is true for one incident with two records.
func (h Held) Both() bool { return h.Pager && h.Tracker }

// hold decides what the tools hold. It draws from streams of its own, so that
// the history is the same whatever the tools know of it.
func (w *World) hold() {
	named := map[string]bool{}
	for _, c := range w.Changes {
		for _, key := range c.CausedIncidents {
			named[key] = true
		}
	}
	staging := 0
	for n := range w.Incidents {
		i := &w.Incidents[n]
		d := newDice(w.Seed, "held/"+i.Key)
		paged := i.AlertKey != "" || i.Severity == 1 || i.Severity == 2
		paged = paged || i.Story == StoryNegative || i.Story == StoryLingering && i.Severity == 3 // by hand
		if i.Environment == "staging" {
			paged = staging%2 == 0
			staging++
		}
		i.Held.Pager = paged && len(i.Services) > 0 // the pager knows no incident without a service
		i.Held.Tracker = !i.Held.Pager || !i.fitsPager() || named[i.Key]
		if i.Held.Both() {
			w.join(d, i)
		}
		if i.Held.Tracker && i.Held.Ticketed.IsZero() {
			i.Held.Ticketed = i.Created
		}
		if i.Held.Pager && !i.Held.Tracker {
			i.Held.PagerResolved = i.Resolved
		}
		i.Held.Cites = w.cites(d, *i)
	}
}

// fitsPager is true where nothing is known that a pager has no place for.
func (i Incident) fitsPager() bool {
	if i.Story == StoryFlap {
		return true
	}
	return len(i.Services) == 1 && i.Environment == prod && !i.Exercise && !i.Maintenance &&
		i.Cause+i.ProblemKey+i.FixOwner+i.CausedBy == "" && i.Mitigated.IsZero() && i.ImpactStarted.IsZero() && len(i.Reopenings) == 0 &&
		i.Story != StoryNegative && i.Story != StoryLingering
}

// join draws how the two records of an incident differ.
func (w *World) join(d dice, i *Incident) {
	h := &i.Held
	names := d.index([]float64{0.55, 0.3, 0.15})
	h.PagerNames, h.TrackerNames = names != 1, names != 0
	soonest := i.Created.Add(12 * time.Minute)
	if !i.FirstResolved.IsZero() {
		soonest = i.Created.Add(min(12*time.Minute, i.FirstResolved.Sub(i.Created)/3))
	}
	if soonest.After(w.To) {
		soonest = w.To
	}
	early := 0.6 + 0.4*d.Float64()
	together := d.chance(0.4)
	switch {
	case i.Story == StoryNegative: // the page was raised when the ticket was done with
		h.Ticketed, h.PagerResolved = i.Resolved.Add(-25*time.Minute), i.Created.Add(5*time.Minute)
		return
	case soonest.After(i.Created):
		h.Ticketed = i.Created.Add(d.between(0, soonest.Sub(i.Created)))
	default:
		h.Ticketed = i.Created
	}
	h.NoSeverity = i.Severity > 0 && d.chance(0.08)
	if other := i.Severity + 1; i.Severity > 0 && i.Severity < 4 && !h.NoSeverity && d.chance(0.07) {
		h.OtherSeverity = other
	}
	if i.Resolved.IsZero() {
		return
	}
	h.PagerResolved = i.FirstResolved
	if !together {
		h.PagerResolved = i.Created.Add(time.Duration(float64(i.FirstResolved.Sub(i.Created)) * early)).Truncate(time.Second)
	}
	for _, t := range []time.Time{i.Acknowledged, i.Escalated} {
		if h.PagerResolved.Before(t) {
			h.PagerResolved = t.Add(time.Second)
		}
	}
}

// cites draws a change that somebody suspected in a comment or a note.
func (w *World) cites(d dice, i Incident) []string {
	wondered := d.chance(0.15)
	if !wondered || i.Environment != prod || i.MergedInto != "" || len(i.Services) == 0 || i.Story == StoryFlap {
		return nil
	}
	var latest Change
	for _, c := range w.Changes {
		ago := i.Created.Sub(c.Ended)
		if c.Service == i.Services[0] && !c.OnSheet() && !c.Ended.IsZero() && ago > 0 && ago < 48*time.Hour && c.Ended.After(latest.Ended) {
			latest = c
		}
	}
	if latest.Key == "" {
		return nil
	}
	return []string{latest.Key}
}

// Recorded is the incident as far as the tools tell: a page has no place for
// what customers noticed and how it was mended, but for the alert that raised
// it; a ticket has none for the alert. One of which nothing is held is told as
// it is.
func (i Incident) Recorded() Incident {
	if i.Held.Pager && !i.Held.Tracker {
		i.CustomerImpact, i.ImpactStarted, i.Mitigated, i.DetectedBy, i.Resolution, i.Closed = nil, time.Time{}, time.Time{}, "", "", time.Time{}
		i.Cause, i.FixOwner = "", ""
		if i.AlertKey != "" {
			i.DetectedBy = "monitoring"
		}
	}
	if i.Held.Tracker && !i.Held.Pager {
		i.AlertKey = ""
	}
	return i
}
