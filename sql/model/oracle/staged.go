package oracle

// The records of a world as staging hands them on. -1 stands for "not stated"
// where 0 means something.

// Incident is a version of a record of an incident.
type Incident struct {
	Source, ID        string
	Version           int
	Deleted, Filtered bool
	Key, URL, Title   string
	Services, Teams   []string
	Severity          int
	Major, Impact     int
	Exercise          bool
	Created           Moment
	ImpactStarted     Moment
	Acknowledged      Moment
	Escalated         Moment
	Mitigated         Moment
	FirstResolved     Moment
	Resolved, Closed  Moment
	Reopens           int
	ResolvedBy        string
	MergedInto        string
	AlertKey, Cause   string
	FixOwner          string
	CausedByChange    string
	ProblemKey        string
	DetectedBy        string
	SameAs, CausedBy  []string
	Duplicates        []string
}

// Step is a step in the life of an incident, as a pager tells it.
type Step struct {
	Source, ID, EventID string
	Seq                 int
	At                  Moment
	Kind, Actor, Detail string
	Deleted             bool
}

// Change is a record of a change.
type Change struct {
	Source, ID              string
	Key, URL, Title         string
	Services, Teams         []string
	Kind, Type, Risk        string
	Environment             string
	Created, PlannedStart   Moment
	Started, Ended, Closed  Moment
	Outcome, Parent         string
	CausedIncidents, SameAs []string
	Deleted, Filtered       bool
}

// Ticket is an issue of a tracker.
type Ticket struct {
	Source, ID, Key, URL, Title string
	Role, Type, Project         string
	Labels, Services, Teams     []string
	Status, Resolution          string
	Assignee, Parent            string
	Sprints                     []string
	SprintStarted               Moment  // the earliest of them
	Points                      float64 // -1: not estimated
	Cause                       string
	Created, Resolved           Moment
	DueOn                       string // 2026-10-05; empty: none
	Links                       []Link
	Deleted                     bool
}

// Link is one ticket's mention of another.
type Link struct{ Kind, Key, ID string }

// Transition is a change of one field of a ticket.
type Transition struct {
	Source, ID, EventID    string
	Seq                    int
	At                     Moment
	Actor, Field           string
	FromID, From, ToID, To string
}

// Worklog is time booked on a ticket.
type Worklog struct {
	Source, ID, TicketID, Person string
	Started                      Moment
	Seconds                      int
}

// Shift is a turn of duty of one person.
type Shift struct {
	Source, ID, PersonID, Person string
	Schedule, Policy             string
	Level                        int
	Starts, Ends                 Moment
}

// Person is somebody who can be paged.
type Person struct{ Source, ID, Name, Zone string }

// Statuses of every tracker, by name, with their category; the ids are the
// names in small letters.
var Statuses = [][2]string{{"Open", "todo"}, {"In Progress", "doing"}, {"Review", "doing"}, {"Done", "done"}, {"Closed", "done"}, {"Odd", ""}}

func categoryOf(status string) string {
	for _, s := range Statuses {
		if s[0] == status {
			return s[1]
		}
	}
	return ""
}

// Source is one source of a world and the range that it has collected.
type Source struct {
	Name, Type      string // Type: pagerduty, jira or file
	Entity          string // of a file
	From, To        Moment // collected range; unknown: never
	ClosingResolves bool
	Links           bool
	Declared        bool // the range stands in the config, not in the runs
}

// World is everything that some sources of one small company know.
type World struct {
	N           int
	Sources     []*Source
	Incidents   []Incident
	Steps       []Step
	Changes     []Change
	Tickets     []Ticket
	Transitions []Transition
	Worklogs    []Worklog
	Shifts      []Shift
	People      []Person
}

func (w *World) source(name string) *Source {
	for _, s := range w.Sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// rank of a source: 1 gives the row of what several hold.
func (w *World) rank(name string) int {
	for i, s := range w.Sources {
		if s.Name == name {
			return i
		}
	}
	return len(w.Sources)
}
