package reports

import "time"

// The rows of the tables that a test fills.

type incidentRow struct {
	ID             string            `ch:"id"`
	Source         string            `ch:"source"`
	Key            string            `ch:"key"`
	URL            string            `ch:"url"`
	Title          string            `ch:"title"`
	Services       []string          `ch:"services"`
	Service        string            `ch:"service"`
	Teams          []string          `ch:"teams"`
	Team           string            `ch:"team"`
	Severity       uint8             `ch:"severity"`
	Major          uint8             `ch:"major"`
	CustomerImpact *uint8            `ch:"customer_impact"`
	Environment    string            `ch:"environment"`
	Exercise       uint8             `ch:"exercise"`
	Status         string            `ch:"status"`
	SourceStatus   string            `ch:"source_status"`
	Created        time.Time         `ch:"created_at"`
	Started        time.Time         `ch:"started_at"`
	Impact         *time.Time        `ch:"impact_started_at"`
	Acknowledged   *time.Time        `ch:"acknowledged_at"`
	Escalated      *time.Time        `ch:"escalated_at"`
	Mitigated      *time.Time        `ch:"mitigated_at"`
	FirstResolved  *time.Time        `ch:"first_resolved_at"`
	Resolved       *time.Time        `ch:"resolved_at"`
	Closed         *time.Time        `ch:"closed_at"`
	Reopened       *uint32           `ch:"reopen_count"`
	FirstReopened  *time.Time        `ch:"first_reopened_at"`
	HasHistory     uint8             `ch:"has_history"`
	Reassigned     *uint32           `ch:"reassignment_count"`
	ResolvedBy     string            `ch:"resolved_by"`
	MergedInto     string            `ch:"merged_into"`
	FlapOf         string            `ch:"flap_of"`
	AlertKey       string            `ch:"alert_key"`
	TitleKey       string            `ch:"title_key"`
	Cause          string            `ch:"cause"`
	FixOwner       string            `ch:"fix_owner"`
	CausedByChange string            `ch:"caused_by_change"`
	ProblemKey     string            `ch:"problem_key"`
	DetectedBy     string            `ch:"detected_by"`
	Attributes     map[string]string `ch:"attributes"`
}

type changeRow struct {
	ID              string            `ch:"id"`
	Source          string            `ch:"source"`
	Key             string            `ch:"key"`
	URL             string            `ch:"url"`
	Title           string            `ch:"title"`
	Services        []string          `ch:"services"`
	Service         string            `ch:"service"`
	Teams           []string          `ch:"teams"`
	Team            string            `ch:"team"`
	Kind            string            `ch:"kind"`
	Type            string            `ch:"type"`
	Risk            string            `ch:"risk"`
	Environment     string            `ch:"environment"`
	Labels          []string          `ch:"labels"`
	Created         *time.Time        `ch:"created_at"`
	PlannedStart    *time.Time        `ch:"planned_start"`
	PlannedEnd      *time.Time        `ch:"planned_end"`
	Started         *time.Time        `ch:"started_at"`
	Ended           *time.Time        `ch:"ended_at"`
	Closed          *time.Time        `ch:"closed_at"`
	Status          string            `ch:"status"`
	SourceStatus    string            `ch:"source_status"`
	Outcome         string            `ch:"outcome"`
	OutcomeRecorded uint8             `ch:"outcome_recorded"`
	Parent          string            `ch:"parent_change"`
	Caused          []string          `ch:"caused_incidents"`
	Attributes      map[string]string `ch:"attributes"`
}

type heldRow struct {
	Source    string    `ch:"source"`
	Entity    string    `ch:"entity"`
	ID        string    `ch:"id"`
	File      string    `ch:"file"`
	Line      uint64    `ch:"line"`
	Step      string    `ch:"step"`
	Reason    string    `ch:"reason"`
	FirstSeen time.Time `ch:"first_seen"`
}

type linkRow struct {
	Change   string `ch:"change_id"`
	Incident string `ch:"incident_id"`
	Grade    string `ch:"grade"`
	Basis    string `ch:"basis"`
	Lag      *int64 `ch:"lag_seconds"`
}
