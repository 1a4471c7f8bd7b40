package pagerdutyapi

import "time"

type entryBody struct {
	ref
	CreatedAt    string            `json:"created_at"`
	Agent        *ref              `json:"agent,omitempty"`
	Incident     ref               `json:"incident"`
	Teams        []ref             `json:"teams"`
	User         *ref              `json:"user,omitempty"`
	Assignees    []ref             `json:"assignees,omitempty"`
	Contexts     []struct{}        `json:"contexts"`
	EventDetails map[string]string `json:"event_details,omitempty"`
}

// channel is how something was done. Its type alone is always sent; the rest,
// the text of a note among it, only with include[]=channels.
type channel struct {
	Type    *string `json:"type"`
	Summary string  `json:"summary,omitempty"`
}

// entryBody is a log entry without its channel.
func (v *view) entryBody(e *LogEntry, row *incidentRow, loc *time.Location) entryBody {
	body := entryBody{
		ref:       v.entryObject(e, row),
		CreatedAt: stamp(e.At, loc),
		Agent:     v.agent(e.Agent),
		Incident:  v.ref("incident", row.named()),
		Teams:     v.refs("team", row.Teams),
		Contexts:  []struct{}{},
	}
	if e.User != nil {
		user := v.ref("user", *e.User)
		if e.Type == "notify" {
			body.User = &user
		} else {
			body.Assignees = []ref{user}
		}
	}
	if e.Type == "trigger" {
		body.EventDetails = map[string]string{"description": row.Title}
	}
	return body
}

func (v *view) entryObject(e *LogEntry, row *incidentRow) ref {
	self := apiURL + "/log_entries/" + e.ID
	o := ref{ID: e.ID, Type: e.Type + "_log_entry", Summary: e.summary(), Self: &self}
	if e.Type == "trigger" {
		html := v.account.Site + "/incidents/" + row.ID + "/log_entries/" + e.ID
		o.HTMLURL = &html
	}
	return o
}

func (v *view) entryRef(e *LogEntry, row *incidentRow) ref {
	o := v.entryObject(e, row)
	o.Type += "_reference"
	return o
}

// appendEntry appends a log entry with its times in loc.
func (v *view) appendEntry(b []byte, row *entryRow, loc *time.Location, channels bool) []byte {
	var body []byte
	if loc == v.zone {
		body = row.body.get(func() []byte { return open(render(v.entryBody(row.LogEntry, row.incident, loc))) })
	} else {
		body = open(render(v.entryBody(row.LogEntry, row.incident, loc)))
	}
	b = append(b, body...)
	b = append(b, `,"channel":`...)
	b = append(b, render(row.channel(channels))...)
	return append(b, '}')
}

func (e *LogEntry) channel(whole bool) channel {
	var c channel
	if e.Channel != "" {
		c.Type = &e.Channel
	}
	if whole {
		c.Summary = e.Note
	}
	return c
}

// summary is the sentence that the web site shows.
func (e *LogEntry) summary() string {
	by, to := "", ""
	if e.Agent.Name != "" {
		by = " by " + e.Agent.Name
		if e.Agent.Type != "user_reference" {
			by = " through the API"
		}
	}
	if e.User != nil {
		to = " to " + e.User.Name
	}
	switch e.Type {
	case "trigger":
		return "Triggered" + by + "."
	case "acknowledge":
		return "Acknowledged" + by + "."
	case "unacknowledge":
		return "Unacknowledged" + by + "."
	case "escalate":
		return "Escalated" + to + by + "."
	case "assign":
		return "Assigned" + to + by + "."
	case "delegate":
		return "Delegated" + by + "."
	case "notify":
		if e.User != nil {
			return "Notified " + e.User.Name + "."
		}
		return "Notified."
	case "snooze":
		return "Snoozed" + by + "."
	case "annotate":
		return "Note added" + by + "."
	case "resolve":
		return "Resolved" + by + "."
	}
	return e.Type + by + "."
}
