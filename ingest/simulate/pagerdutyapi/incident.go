package pagerdutyapi

import (
	"fmt"
	"time"
)

type incidentBody struct {
	ref
	Number             int          `json:"incident_number"`
	Title              string       `json:"title"`
	CreatedAt          string       `json:"created_at"`
	UpdatedAt          string       `json:"updated_at"`
	Status             string       `json:"status"`
	Key                string       `json:"incident_key"`
	Service            ref          `json:"service"`
	Assignments        []assignment `json:"assignments"`
	AssignedVia        string       `json:"assigned_via"`
	LastStatusChangeAt string       `json:"last_status_change_at"`
	ResolvedAt         *string      `json:"resolved_at"`
	AlertCounts        alertCounts  `json:"alert_counts"`
	Mergeable          bool         `json:"is_mergeable"`
	IncidentType       incidentType `json:"incident_type"`
	Policy             *ref         `json:"escalation_policy"`
	Teams              []ref        `json:"teams"`
	PendingActions     []struct{}   `json:"pending_actions"`
	Acknowledgements   []ack        `json:"acknowledgements"`
	AlertGrouping      *struct{}    `json:"alert_grouping"`
	LastStatusChangeBy *ref         `json:"last_status_change_by"`
	Priority           *ref         `json:"priority"`
	ResolveReason      *reason      `json:"resolve_reason"`
	Responders         []struct{}   `json:"incidents_responders"`
	ResponderRequests  []struct{}   `json:"responder_requests"`
	Urgency            string       `json:"urgency"`
}

type assignment struct {
	At       string `json:"at"`
	Assignee ref    `json:"assignee"`
}

type ack struct {
	At           string `json:"at"`
	Acknowledger *ref   `json:"acknowledger"`
}

type alertCounts struct {
	All       int `json:"all"`
	Triggered int `json:"triggered"`
	Resolved  int `json:"resolved"`
}

type incidentType struct {
	Name string `json:"name"`
}

// reason says that the incident was merged, the only reason that the vendor knows.
type reason struct {
	Type     string `json:"type"`
	Incident ref    `json:"incident"`
}

type external struct {
	ref
	ExternalID  string `json:"external_id"`
	ExternalURL string `json:"external_url"`
	Sync        bool   `json:"sync"`
}

// includes says which extra members of an incident were asked for.
type includes struct{ firstTrigger, external bool }

// appendIncident appends an incident with its times in loc.
func (v *view) appendIncident(b []byte, row *incidentRow, loc *time.Location, with includes) []byte {
	var body []byte
	if loc == time.UTC {
		body = row.body.get(func() []byte { return open(render(v.incidentBody(row, loc))) })
	} else {
		body = open(render(v.incidentBody(row, loc)))
	}
	b = append(b, body...)
	b = append(b, `,"first_trigger_log_entry":`...)
	switch first := row.first("trigger"); {
	case first == nil:
		b = append(b, "null"...)
	case with.firstTrigger:
		b = append(b, render(v.entryBody(first, row, loc))...)
	default:
		b = append(b, row.trigger.get(func() []byte { return render(v.entryRef(first, row)) })...)
	}
	if with.external {
		b = append(b, `,"external_references":`...)
		b = append(b, row.links.get(func() []byte { return render(externals(row.External)) })...)
	}
	return append(b, '}')
}

func externals(all []External) []external {
	list := make([]external, 0, len(all))
	for _, e := range all {
		list = append(list, external{
			ref:        ref{ID: e.ID, Type: "external_reference", Summary: e.Summary},
			ExternalID: e.ID, ExternalURL: e.URL, Sync: true,
		})
	}
	return list
}

func (v *view) incidentBody(row *incidentRow, loc *time.Location) incidentBody {
	updated := row.Updated
	if updated.IsZero() {
		updated = row.Created
	}
	body := incidentBody{
		ref:                v.object("incident", row.named()),
		Number:             row.Number,
		Title:              row.Title,
		CreatedAt:          stamp(row.created, loc),
		UpdatedAt:          stamp(updated, loc),
		Status:             row.Status,
		Key:                row.Key,
		Service:            v.ref("service", row.Service),
		Assignments:        []assignment{},
		AssignedVia:        "escalation_policy",
		LastStatusChangeAt: stamp(updated, loc),
		AlertCounts:        alertCounts{All: 1, Triggered: 1},
		Mergeable:          true,
		IncidentType:       incidentType{"incident_default"},
		Teams:              v.refs("team", row.Teams),
		PendingActions:     []struct{}{},
		Acknowledgements:   []ack{},
		Responders:         []struct{}{},
		ResponderRequests:  []struct{}{},
		Urgency:            row.Urgency,
	}
	service := v.ref("service", row.Service)
	body.LastStatusChangeBy = &service
	if row.Policy.ID != "" {
		policy := v.ref("escalation_policy", row.Policy)
		body.Policy = &policy
	}
	if row.Priority != nil {
		priority := v.ref("priority", *row.Priority)
		body.Priority = &priority
	}
	if change := row.statusChange(); change != nil {
		body.LastStatusChangeAt = stamp(change.At, loc)
		if by := v.agent(change.Agent); by != nil {
			body.LastStatusChangeBy = by
		}
	}
	if row.Status == "resolved" { // whoever worked on it is forgotten here
		body.AlertCounts = alertCounts{All: 1, Resolved: 1}
		at := body.LastStatusChangeAt
		body.ResolvedAt = &at
		if target := row.mergedInto(); target != "" {
			parent := Named{ID: target}
			if p := v.byID[target]; p != nil {
				parent = p.named()
			}
			body.ResolveReason = &reason{"merge_resolve_reason", v.ref("incident", parent)}
		}
		return body
	}
	for _, e := range row.assigned() {
		body.Assignments = append(body.Assignments, assignment{stamp(e.At, loc), v.ref("user", *e.User)})
	}
	if row.Status == "acknowledged" {
		for _, e := range row.acknowledged() {
			body.Acknowledgements = append(body.Acknowledgements, ack{stamp(e.At, loc), v.agent(e.Agent)})
		}
	}
	return body
}

// named is the incident as others refer to it.
func (in *Incident) named() Named {
	return Named{in.ID, fmt.Sprintf("[#%d] %s", in.Number, in.Title)}
}

func (in *Incident) first(kind string) *LogEntry {
	for i := range in.Entries {
		if in.Entries[i].Type == kind {
			return &in.Entries[i]
		}
	}
	return nil
}

func (in *Incident) last(kind string) *LogEntry {
	for i := len(in.Entries) - 1; i >= 0; i-- {
		if in.Entries[i].Type == kind {
			return &in.Entries[i]
		}
	}
	return nil
}

// statusChange is the entry that gave the incident its status; none while it is
// triggered, when the time of the last change is that of the last update.
func (in *Incident) statusChange() *LogEntry {
	switch in.Status {
	case "resolved":
		return in.last("resolve")
	case "acknowledged":
		return in.last("acknowledge")
	}
	return nil
}

func (in *Incident) mergedInto() string {
	if in.MergedInto != "" {
		return in.MergedInto
	}
	if resolve := in.last("resolve"); resolve != nil {
		return resolve.Target
	}
	return ""
}

// assigned gives the entries that named who has the incident now: all of the last moment that named anybody.
func (in *Incident) assigned() []LogEntry {
	var last []LogEntry
	for _, e := range in.Entries {
		if e.User == nil || e.Type == "notify" {
			continue
		}
		if len(last) > 0 && !last[0].At.Equal(e.At) {
			last = nil
		}
		last = append(last, e)
	}
	return last
}

// acknowledged gives the acknowledgements that still hold.
func (in *Incident) acknowledged() []LogEntry {
	var acks []LogEntry
	for _, e := range in.Entries {
		switch e.Type {
		case "acknowledge":
			acks = append(acks, e)
		case "unacknowledge", "resolve":
			acks = nil
		}
	}
	return acks
}
