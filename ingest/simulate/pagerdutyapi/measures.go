package pagerdutyapi

import (
	"slices"
	"time"
)

// analyticsBody has times without a zone: they are of the zone that was asked
// for. What has not happened is null, never 0.
type analyticsBody struct {
	ID                        string   `json:"id"`
	Number                    int      `json:"incident_number"`
	Description               string   `json:"description"`
	Status                    string   `json:"status"`
	Urgency                   string   `json:"urgency"`
	CreatedAt                 string   `json:"created_at"`
	UpdatedAt                 string   `json:"updated_at"`
	ResolvedAt                *string  `json:"resolved_at"`
	ResolvedByUserID          *string  `json:"resolved_by_user_id"`
	ResolvedByUserName        *string  `json:"resolved_by_user_name"`
	AutoResolved              bool     `json:"auto_resolved"`
	ServiceID                 string   `json:"service_id"`
	ServiceName               string   `json:"service_name"`
	TeamID                    *string  `json:"team_id"`
	TeamName                  *string  `json:"team_name"`
	PolicyID                  string   `json:"escalation_policy_id"`
	PolicyName                string   `json:"escalation_policy_name"`
	PriorityID                *string  `json:"priority_id"`
	PriorityName              *string  `json:"priority_name"`
	PriorityOrder             *int     `json:"priority_order"`
	IncidentTypeName          string   `json:"incident_type_name"`
	Major                     bool     `json:"major"`
	AcknowledgedUserIDs       []string `json:"acknowledged_user_ids"`
	AcknowledgedUserNames     []string `json:"acknowledged_user_names"`
	AssignedUserIDs           []string `json:"assigned_user_ids"`
	AssignedUserNames         []string `json:"assigned_user_names"`
	AcknowledgementCount      int      `json:"acknowledgement_count"`
	AssignmentCount           int      `json:"assignment_count"`
	ReassignmentCount         int      `json:"reassignment_count"`
	EscalationCount           int      `json:"escalation_count"`
	ManualEscalationCount     int      `json:"manual_escalation_count"`
	TimeoutEscalationCount    int      `json:"timeout_escalation_count"`
	EngagedUserCount          int      `json:"engaged_user_count"`
	SecondsToFirstAck         *int64   `json:"seconds_to_first_ack"`
	SecondsToResolve          *int64   `json:"seconds_to_resolve"`
	SecondsToEngage           *int64   `json:"seconds_to_engage"`
	SecondsToMobilize         *int64   `json:"seconds_to_mobilize"`
	TotalNotifications        int      `json:"total_notifications"`
	TotalInterruptions        int      `json:"total_interruptions"`
	BusinessHourInterruptions int      `json:"business_hour_interruptions"`
	OffHourInterruptions      int      `json:"off_hour_interruptions"`
	SleepHourInterruptions    int      `json:"sleep_hour_interruptions"`
	UserDefinedEffortSeconds  *int64   `json:"user_defined_effort_seconds"`
}

const zoneless = "2006-01-02T15:04:05"

// secondsToResolve is -1 for what is not resolved, which so comes first.
func (row analyticsRow) secondsToResolve() int64 {
	if n := len(row.entries); n > 0 && row.entries[n-1].Type == "resolve" {
		return int64(row.entries[n-1].At.Sub(row.Created) / time.Second)
	}
	return -1
}

func (v *view) analyticsBody(row analyticsRow, loc *time.Location) analyticsBody {
	body := analyticsBody{
		ID: row.ID, Number: row.Number, Description: row.Title, Urgency: row.Urgency, Status: "triggered",
		CreatedAt: row.created.In(loc).Format(zoneless), UpdatedAt: row.updated.In(loc).Format(zoneless),
		ServiceID: row.Service.ID, ServiceName: row.Service.Name,
		PolicyID: row.Policy.ID, PolicyName: row.Policy.Name, IncidentTypeName: "incident_default",
		AcknowledgedUserIDs: []string{}, AcknowledgedUserNames: []string{},
		AssignedUserIDs: []string{}, AssignedUserNames: []string{},
	}
	if len(row.Teams) > 0 {
		body.TeamID, body.TeamName = &row.Teams[0].ID, &row.Teams[0].Name
	}
	if p := row.Priority; p != nil {
		body.PriorityID, body.PriorityName = &p.ID, &p.Name
		top := v.account.Priorities
		body.Major = slices.Contains(top[:min(2, len(top))], *p)
	}
	type page struct {
		user   string
		minute time.Time
	}
	interrupted := map[page]bool{}
	var firstAck, lastAck time.Time
	var resolve *LogEntry
	for i := range row.entries {
		e := &row.entries[i]
		switch e.Type {
		case "acknowledge":
			body.Status = "acknowledged"
			body.AcknowledgementCount++
			if !slices.Contains(body.AcknowledgedUserIDs, e.Agent.ID) {
				body.AcknowledgedUserIDs = append(body.AcknowledgedUserIDs, e.Agent.ID)
				body.AcknowledgedUserNames = append(body.AcknowledgedUserNames, e.Agent.Name)
				lastAck = e.At
			}
			if firstAck.IsZero() {
				firstAck = e.At
			}
		case "unacknowledge", "trigger":
			body.Status, resolve = "triggered", nil
		case "resolve":
			body.Status, resolve = "resolved", e
		case "escalate":
			body.EscalationCount++
			if e.Channel == "timeout" {
				body.TimeoutEscalationCount++
			} else {
				body.ManualEscalationCount++
			}
		case "notify":
			body.TotalNotifications++
			if e.User == nil {
				break
			}
			if p := (page{e.User.ID, e.At.Truncate(time.Minute)}); !interrupted[p] {
				interrupted[p] = true
				v.interruption(&body, e.User.ID, e.At)
			}
		}
		if e.User != nil && (e.Type == "assign" || e.Type == "escalate") {
			body.AssignmentCount++
			if e.Type == "assign" && e.Agent.Type == "user_reference" {
				body.ReassignmentCount++
			}
			if !slices.Contains(body.AssignedUserIDs, e.User.ID) {
				body.AssignedUserIDs = append(body.AssignedUserIDs, e.User.ID)
				body.AssignedUserNames = append(body.AssignedUserNames, e.User.Name)
			}
		}
	}
	since := func(from, to time.Time) *int64 {
		n := int64(to.Sub(from) / time.Second)
		return &n
	}
	body.EngagedUserCount = len(body.AcknowledgedUserIDs)
	if !firstAck.IsZero() {
		body.SecondsToFirstAck = since(row.Created, firstAck)
	}
	if body.EngagedUserCount > 1 { // the vendor measures these for several responders only
		body.SecondsToEngage = since(firstAck, lastAck)
		body.SecondsToMobilize = since(row.Created, lastAck)
	}
	if resolve != nil {
		at := resolve.At.In(loc).Format(zoneless)
		body.ResolvedAt, body.SecondsToResolve = &at, since(row.Created, resolve.At)
		if resolve.Agent.Type == "user_reference" {
			body.ResolvedByUserID, body.ResolvedByUserName = &resolve.Agent.ID, &resolve.Agent.Name
		} else {
			body.AutoResolved = true
		}
	}
	return body
}

// interruption counts a page by the hour where the user lives: 22 to 8 is
// sleep, 8 to 18 on a working day business, everything else off hours.
func (v *view) interruption(body *analyticsBody, user string, at time.Time) {
	if loc := v.zones[user]; loc != nil {
		at = at.In(loc)
	}
	day, hour := at.Weekday(), at.Hour()
	body.TotalInterruptions++
	switch {
	case hour >= 22 || hour < 8:
		body.SleepHourInterruptions++
	case hour < 18 && day != time.Saturday && day != time.Sunday:
		body.BusinessHourInterruptions++
	default:
		body.OffHourInterruptions++
	}
}
