package simulate

import "time"

// Incident is what the company knows of one incident at the end of the history.
// A zero time has not happened, or nobody wrote it down.
type Incident struct {
	Key      string
	Title    string
	Services []string // the first is the one that was paged; empty: not stated
	Team     string   // that works on it

	Severity       int   // 1 (worst) to 4, 0: not stated
	CustomerImpact *bool // nil: not stated
	Environment    string
	Exercise       bool // a drill
	Maintenance    bool // announced work, which the monitors saw as an incident

	Created       time.Time
	ImpactStarted time.Time
	Acknowledged  time.Time // by a person
	Escalated     time.Time // to L3
	Mitigated     time.Time // customers no longer notice
	FirstResolved time.Time
	Resolved      time.Time // for good
	Closed        time.Time // the record; days after the resolution
	Reopenings    []Reopening

	Reassigned    int
	ResolvedBy    string // a person, or AutoResolved
	DetectedBy    string
	MergedInto    string // key of another incident
	AlertKey      string
	ProblemKey    string
	Cause         string
	FixOwner      string
	CausedBy      string // key of the change that caused it, where somebody noted it
	Resolution    string // how it was mended, in words
	Story         string // the pattern it belongs to; empty for everyday life; in no tool
	Held          Held   // which tools know of it
	mergedInto    *Incident
	causedBy      *Change
	causedInTitle *Change
}

// Reopening is a time at which a resolution turned out to be none.
type Reopening struct {
	At       time.Time
	Resolved time.Time // again
}

// AutoResolved stands where a monitor and not a person resolved an incident.
const AutoResolved = "auto"

// Status as an incident tool would say it.
func (i Incident) Status() string {
	switch {
	case i.MergedInto != "":
		return "Merged"
	case !i.Closed.IsZero():
		return "Closed"
	case !i.Resolved.IsZero():
		return "Resolved"
	case !i.Acknowledged.IsZero():
		return "In progress"
	}
	return "New"
}

// reopen says that the fix did not hold so many times between the first and the
// final resolution.
func (i *Incident) reopen(times int) {
	life := i.Resolved.Sub(i.FirstResolved)
	at := func(share float64) time.Time {
		return i.FirstResolved.Add(time.Duration(float64(life) * share)).Truncate(time.Second)
	}
	if times == 1 {
		i.Reopenings = []Reopening{{At: at(0.3), Resolved: i.Resolved}}
		return
	}
	i.Reopenings = []Reopening{{At: at(0.25), Resolved: at(0.5)}, {At: at(0.7), Resolved: i.Resolved}}
}

// forget takes back what lies behind the end of the history.
func (i *Incident) forget(end time.Time) {
	for _, t := range []*time.Time{
		&i.ImpactStarted, &i.Acknowledged, &i.Escalated, &i.Mitigated, &i.FirstResolved, &i.Resolved, &i.Closed,
	} {
		if t.After(end) {
			*t = time.Time{}
		}
	}
	if len(i.Reopenings) > 0 {
		i.Resolved = i.FirstResolved
		told := i.Reopenings
		i.Reopenings = nil
		for _, r := range told {
			if r.At.After(end) {
				break
			}
			if r.Resolved.After(end) {
				r.Resolved = time.Time{}
			}
			i.Reopenings, i.Resolved = append(i.Reopenings, r), r.Resolved
		}
	}
	if i.Resolved.IsZero() {
		i.ResolvedBy, i.Resolution, i.FixOwner = "", "", ""
	}
}
