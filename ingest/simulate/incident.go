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

	Reopened      int
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
	Story         string // the pattern it belongs to; empty for everyday life; in no export
	mergedInto    *Incident
	causedBy      *Change
	causedInTitle *Change
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

// forget takes back what lies behind the end of the history.
func (i *Incident) forget(end time.Time) {
	for _, t := range []*time.Time{
		&i.ImpactStarted, &i.Acknowledged, &i.Escalated, &i.Mitigated, &i.FirstResolved, &i.Resolved, &i.Closed,
	} {
		if t.After(end) {
			*t = time.Time{}
		}
	}
	if i.FirstResolved.IsZero() {
		i.Reopened = 0
	}
	if i.Resolved.IsZero() {
		i.ResolvedBy, i.Resolution, i.FixOwner = "", "", ""
	}
}
