// Package jiraapi is a Jira that exists only in memory, behind the HTTP
// interface of Jira Cloud or of Jira Data Center, with the limits that the
// vendor documents: what the real one hides, cuts or refuses, this one does too.
package jiraapi

import (
	"sync"
	"time"
)

// Site is what one Jira holds. Change it through Server.Update only.
type Site struct {
	Cloud   bool
	BaseURL string // the public address that serverInfo gives, without a slash at its end
	Zone    string // IANA name: the time zone of the account that asks
	User    string // Cloud: the account's email; the token is its password
	Token   string // Data Center: the personal access token

	Projects []string // keys of projects that exist besides those of the issues
	Fields   []Field  // besides the system fields: custom ones
	Statuses []Status
	Issues   []*Issue
	Worklogs []*Worklog

	mu sync.RWMutex
}

// Field is an entry of the field list.
type Field struct {
	ID     string // customfield_10042
	Name   string
	Custom string // schema.custom, the type's key; may be empty
	Type   string // schema.type
}

// Status is an entry of the status list.
type Status struct {
	ID, Name string
	Category string // new, indeterminate or done
}

// User is how Jira names a person. One without id and name is nobody: the
// object is left out, as Jira does for what its automation did.
type User struct {
	AccountID, Name, Email, Zone string

	App bool // it is a program, as an automation
}

// Issue is one issue. Fields holds everything below "fields" as it is sent, but
// for created and updated, which are rendered from the times, and for worklog,
// which is made of Site.Worklogs. A User, a Status, a time.Time and a []Comment
// as a value are rendered the way that the dialect of the site writes them.
type Issue struct {
	ID, Key   string
	Created   time.Time
	Updated   time.Time
	Fields    map[string]any
	Histories []History // oldest first
	Hidden    bool      // by permissions: exists, and is never shown

	touched bool
}

// Touch has the next Update render the issue anew although its Updated is the
// same, as when a field is set without a trace.
func (i *Issue) Touch() { i.touched = true }

// History is one entry of an issue's changelog. An item of the field "Key"
// names an old key, under which the issue is still reached.
type History struct {
	ID      string
	Author  User
	Created time.Time
	Items   []Item
}

// Item is one field's change in a history entry. An empty text is sent as null.
type Item struct{ Field, FieldID, From, FromString, To, ToString string }

// Comment is what somebody wrote below an issue.
type Comment struct {
	ID               string
	Author           User
	Body             string
	Created, Updated time.Time
}

// Worklog is time that a person booked on an issue.
type Worklog struct {
	ID, IssueID               string
	Author                    User
	Created, Updated, Started time.Time
	Seconds                   int
	Comment                   string
	Deleted                   time.Time // zero: it is there
}
