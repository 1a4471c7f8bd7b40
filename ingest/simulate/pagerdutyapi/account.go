// Package pagerdutyapi is a PagerDuty that exists only in memory, behind the
// HTTP interface of its REST API v2, with the limits that the vendor documents:
// what the real one hides, cuts or refuses, this one does too.
package pagerdutyapi

import (
	"sync"
	"time"
)

// Account is what one PagerDuty account holds. Change it through Server.Update only.
type Account struct {
	Token string
	Site  string // the public address in html_url, without a slash at its end
	Zone  string // IANA name of the account's time zone; empty: UTC. Times without a zone are read in it.
	Me    string // id of the user whose key it is; empty: a key of the account, which has no user

	Services     []Named
	Teams        []Named
	Policies     []Named
	Priorities   []Named
	Schedules    []Named
	Users        []User
	Incidents    []*Incident
	ChangeEvents []ChangeEvent
	Oncalls      []Oncall

	// Owners says which teams (ids) own a service, policy or schedule (id): what
	// team_ids[] goes by wherever a record itself names no team.
	Owners map[string][]string

	// PolicyOf is the escalation policy (id) of a service (id).
	PolicyOf map[string]string

	mu sync.RWMutex
}

// Named is an object that others refer to.
type Named struct{ ID, Name string }

// User is a responder.
type User struct{ ID, Name, Email, Zone string }

// Incident is one incident with everything that ever happened to it.
type Incident struct {
	ID         string
	Number     int
	Title      string
	Key        string // incident_key, the alert's dedup key
	Service    Named
	Teams      []Named
	Policy     Named
	Priority   *Named // nil: none
	Urgency    string // high or low
	Status     string // triggered, acknowledged or resolved
	Created    time.Time
	Updated    time.Time
	MergedInto string     // id of the incident that it was merged into
	External   []External // tickets in other tools
	Entries    []LogEntry // oldest first
}

// External is a reference to a ticket in another tool.
type External struct{ ID, Summary, URL string }

// LogEntry is one step in the life of an incident.
type LogEntry struct {
	ID      string
	Type    string // trigger, acknowledge, unacknowledge, escalate, assign, notify, snooze, annotate, resolve, delegate …
	At      time.Time
	Agent   Agent  // who or what did it
	Note    string // annotate: the text
	User    *Named // notify: who was paged; assign, escalate: to whom
	Level   int    // escalate: the policy's level that it reached
	Target  string // resolve by merge: id of the parent
	Channel string // channel.type; empty: sent as null
}

// Agent is a user, a service or an integration.
type Agent struct{ ID, Type, Name string } // Type: user_reference, service_reference, inbound_integration_reference …

// ChangeEvent is a deployment or other change that was sent to PagerDuty.
type ChangeEvent struct {
	ID       string
	At       time.Time
	Summary  string
	Source   string
	Services []Named
	Details  map[string]any // custom_details
	Links    []External     // URL and Summary
}

// Oncall is one entry of who is on call. A zero Start and End: always.
type Oncall struct {
	Policy   Named
	Level    int
	Schedule *Named // nil: the user stands in the policy itself
	User     User
	Start    time.Time
	End      time.Time
}
