package simulate

import "time"

// Change is what the company knows of one change at the end of the history.
type Change struct {
	Key         string
	Title       string
	Service     string
	Team        string
	Kind        string // deployment, config, feature_flag, infrastructure, database
	Type        string // standard, normal, emergency; empty where a team keeps no such thing
	Risk        string // low, moderate, high
	Environment string

	Created      time.Time
	PlannedStart time.Time
	PlannedEnd   time.Time
	Started      time.Time
	Ended        time.Time
	Closed       time.Time

	Outcome         string   // see the constants; empty: nobody wrote it down, or not done yet
	ParentChange    string   // key of the change that this one mends
	CausedIncidents []string // keys of incidents that its own record names

	Story  string // as for incidents
	parent *Change
	caused []*Incident
}

// Outcomes of a change.
const (
	Successful           = "successful"
	SuccessfulWithIssues = "successful_with_issues"
	Failed               = "failed"
	RolledBack           = "rolled_back"
	Cancelled            = "cancelled"
	Rejected             = "rejected"
)

// Status as a change tool would say it.
func (c Change) Status() string {
	switch {
	case c.Outcome == Cancelled || c.Outcome == Rejected:
		return "Canceled"
	case !c.Closed.IsZero():
		return "Closed"
	case !c.Ended.IsZero():
		return "Review"
	case !c.Started.IsZero():
		return "Implement"
	}
	return "Scheduled"
}

// OnSheet is true for changes that are kept on the Mobile team's own list.
func (c Change) OnSheet() bool { return c.Service == sheetService }

// forget takes back what lies behind the end of the history; plans may.
func (c *Change) forget(end time.Time) {
	for _, t := range []*time.Time{&c.Started, &c.Ended, &c.Closed} {
		if t.After(end) {
			*t = time.Time{}
		}
	}
	if c.Closed.IsZero() && c.Ended.IsZero() {
		c.Outcome = ""
	}
}
