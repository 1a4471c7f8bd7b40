package simulate

import (
	"fmt"
	"time"
)

// Stories: patterns that a reader of the reports should find.
const (
	StoryPool        = "pool"        // the repeat offender
	StoryBadRelease  = "bad release" // rolled back after three incidents, then mended
	StoryOutage      = "outage"      // nineteen hours that an average hides
	StoryFlap        = "flap"
	StoryMerged      = "merged"
	StoryExercise    = "exercise"
	StoryMaintenance = "maintenance"
	StoryLingering   = "lingering" // still open at the end
	StoryUnresolved  = "closed unresolved"
	StoryNegative    = "negative"
	StoryHostile     = "hostile"
	StoryStaging     = "staging"
	StoryMentioned   = "mentioned" // names a change in its title, without a link
	StoryMissingEnd  = "missing end"
	StoryPlanned     = "planned"        // in the week after the end
	StoryLateReopen  = "late reopening" // after more than 14 days, too late for the reopen rate
)

func (w *World) stories() ([]*Incident, []*Change) {
	d := newDice(w.Seed, "stories")
	incidents := w.poolExhausted(d)
	broken, releases := w.badRelease(d)
	incidents = append(incidents, broken...)
	return append(incidents, w.outage(d)...), append(releases, w.planned()...)
}

// tell makes an incident with a service, a start and a length of its own.
func (w *World) tell(d dice, story, service, title string, severity int, created time.Time, open time.Duration) *Incident {
	i := &Incident{
		Story: story, Title: title, Services: []string{service}, Team: w.service(service).Team,
		Environment: prod, Severity: severity, Created: created,
	}
	w.live(d, i, open)
	return i
}

func yes() *bool { b := true; return &b }

// poolExhausted: the same alert since the history began, at shrinking
// distances, and in the last full week an afternoon and a night long.
func (w *World) poolExhausted(d dice) []*Incident {
	var all []*Incident
	last := weekStart(w.To, -1) // Monday of the last full week
	for n, before := range []int{341, 246, 171, 118, 74, 53, 39, 27, 18, 9} {
		created := last.AddDate(0, 0, -before).Add(d.between(8*time.Hour, 19*time.Hour))
		host := 3
		if n%4 == 1 {
			host = 1 // the same alert from its neighbour
		}
		title := fmt.Sprintf("Connection pool exhausted on checkout-db-%d (pod checkout-api-%dc%x, %d waiting)", host, 4+n, 10+n, 40+17*n)
		i := w.tell(d, StoryPool, poolService, title, 2+n%2, created, d.between(35*time.Minute, 4*time.Hour))
		all = append(all, i)
	}
	long := w.tell(d, StoryPool, poolService, "Connection pool exhausted on checkout-db-3 (pod checkout-api-9fd07, 412 waiting)",
		2, last.AddDate(0, 0, 2).Add(13*time.Hour+20*time.Minute), 11*time.Hour+12*time.Minute)
	long.CustomerImpact, long.ImpactStarted, long.Mitigated = yes(), long.Created.Add(-5*time.Minute), long.Created.Add(10*time.Hour)
	for _, i := range append(all, long) {
		i.AlertKey, i.Cause, i.FixOwner, i.DetectedBy = "checkout-db-pool", "connection pool too small", "L3 code", "monitoring"
	}
	return append(all, long)
}

// badRelease: on the third Wednesday of the month before last, payments ships a
// release that hurts three times before it is taken back.
func (w *World) badRelease(d dice) ([]*Incident, []*Change) {
	day := weekStart(monthStart(w.To, -2).AddDate(0, 0, 6), 2).AddDate(0, 0, 2)
	at := func(h, m int) time.Time {
		return day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
	}
	bad := &Change{
		Story: StoryBadRelease, Title: "Release payments 6.0.0: new fraud scoring", Service: badService, Team: "Payments",
		Kind: "deployment", Type: "normal", Risk: "high", Environment: prod, Outcome: RolledBack,
		Created: at(-24*6, 0), PlannedStart: at(9, 0), PlannedEnd: at(11, 0), Started: at(9, 5), Ended: at(9, 40), Closed: at(16, 30),
	}
	hotfix := &Change{
		Story: StoryBadRelease, Title: "Hotfix payments 6.0.1: time limit for fraud scoring", Service: badService, Team: "Payments",
		Kind: "deployment", Type: "emergency", Risk: "moderate", Environment: prod, Outcome: Successful, parent: bad,
		Created: at(26, 0), PlannedStart: at(28, 0), PlannedEnd: at(29, 0), Started: at(28, 10), Ended: at(28, 35), Closed: at(30, 0),
	}
	incidents := []*Incident{
		w.tell(d, StoryBadRelease, badService, "Card payments declined after release 6.0.0", 1, at(9, 58), 5*time.Hour+20*time.Minute),
		w.tell(d, StoryBadRelease, badService, "Fraud scoring blocks wallets", 2, at(10, 25), 6*time.Hour+5*time.Minute),
		w.tell(d, StoryBadRelease, badService, "Refunds stuck behind declined captures", 3, at(11, 10), 21*time.Hour),
	}
	for n, i := range incidents {
		i.Cause, i.FixOwner, i.causedBy = "faulty change", "L3 code", bad
		if n < 2 {
			i.CustomerImpact, i.ImpactStarted, i.Mitigated = yes(), at(9, 45), at(15, 0)
		}
	}
	bad.caused = incidents[:1] // the change record names only the first
	return incidents, []*Change{bad, hotfix}
}

// planned: what the coming week holds that a meeting should talk about.
func (w *World) planned() []*Change {
	next := weekStart(w.To, 1)
	plan := func(service, title, kind, kindOfChange, risk string, start time.Time, hours int) *Change {
		return &Change{
			Story: StoryPlanned, Title: title, Service: service, Team: w.service(service).Team, Kind: kind, Type: kindOfChange, Risk: risk,
			Environment: prod, Created: w.To.AddDate(0, 0, -6).Truncate(time.Minute),
			PlannedStart: start, PlannedEnd: start.Add(time.Duration(hours) * time.Hour),
		}
	}
	return []*Change{
		plan(poolService, "Raise pool limits of checkout-db-3 and its neighbours", "config", "normal", "moderate", next.AddDate(0, 0, -4).Add(6*time.Hour), 1),
		plan(badService, "Migrate tables of settlement file to new storage", "database", "normal", "high", next.AddDate(0, 0, -1).Add(4*time.Hour), 5),
		plan(outageService, "Rotate signing certificate", "infrastructure", "standard", "moderate", next.Add(9*time.Hour), 2),
	}
}

// outage: one night and the day after in the last full month, from its second
// Thursday on, with two reports that were merged into it.
func (w *World) outage(d dice) []*Incident {
	start := weekStart(monthStart(w.To, -1).AddDate(0, 0, 3), 1).AddDate(0, 0, 3).Add(21*time.Hour + 12*time.Minute)
	i := w.tell(d, StoryOutage, outageService, "Nobody can sign in: signing certificate expired", 1, start, 19*time.Hour)
	i.Services = []string{outageService, poolService, sheetService}
	i.CustomerImpact, i.ImpactStarted, i.Mitigated = yes(), start.Add(-7*time.Minute), start.Add(18*time.Hour+20*time.Minute)
	i.Escalated, i.Reassigned = start.Add(50*time.Minute), 3
	i.Cause, i.FixOwner, i.ProblemKey, i.DetectedBy = "expired certificate", "DevOps", "PRB-144", "customer"
	i.Resolution = "New certificate issued and rolled out to all regions"
	return append(w.merge(d, i, poolService, "Guest checkout asks for a login", 25*time.Minute),
		append(w.merge(d, i, sheetService, "App logs everybody out", 48*time.Minute), i)...)
}

// merge is a second report of an incident, closed as such within the hour.
func (w *World) merge(d dice, into *Incident, service, title string, after time.Duration) []*Incident {
	i := w.tell(d, StoryMerged, service, title, into.Severity, into.Created.Add(after), time.Hour)
	i.mergedInto, i.Closed = into, into.Created.Add(after+30*time.Minute)
	i.Resolved, i.FirstResolved, i.Mitigated, i.Escalated = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	i.ResolvedBy, i.Resolution, i.FixOwner = "", "", ""
	return []*Incident{i}
}
