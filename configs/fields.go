package configs

import "slices"

// Kind is what a canonical field holds, and so how its text is converted.
type Kind string

// The kinds of field.
const (
	KindText     Kind = "text"
	KindTime     Kind = "time"     // read with FieldMap.Layouts and Zone
	KindNumber   Kind = "number"   // a whole number, 0 or more
	KindDate     Kind = "date"     // a day; read as a time, and its day in FieldMap.Zone taken
	KindDecimal  Kind = "decimal"  // a number, 0 or more
	KindFlag     Kind = "flag"     // true/false, yes/no, 1/0 in any case
	KindList     Kind = "list"     // several texts: a JSON array, or one text cut at FieldMap.Split
	KindSeverity Kind = "severity" // 1 (worst) to 5, 0 unknown
	KindWord     Kind = "word"     // one of Field.Words
)

// Field is one canonical field that a mapping can fill. Its name is the column
// in stg_incidents, stg_changes or (at and status of shape events)
// stg_incident_events.
type Field struct {
	Name     string
	Kind     Kind
	Words    []string // for KindWord: all that is allowed
	Required bool     // a source must map it
	Meaning  string
}

// Lifecycle are the words that the status of an event row maps to.
var Lifecycle = []string{"created", "acknowledged", "escalated", "mitigated", "resolved", "reopened", "closed", "working", "note"}

var incidentFields = []Field{
	{Name: "id", Kind: KindText, Required: true, Meaning: "the source's immutable id"},
	{Name: "key", Kind: KindText, Meaning: "what people call it (INC0012345); the id when not mapped"},
	{Name: "url", Kind: KindText, Meaning: "where to open it"},
	{Name: "title", Kind: KindText, Meaning: "one line"},
	{Name: "services", Kind: KindList, Meaning: "affected services, the main one first"},
	{Name: "teams", Kind: KindList, Meaning: "teams that worked on it, the main one first"},
	{Name: "severity", Kind: KindSeverity, Meaning: "1 (worst) to 5, 0 unknown"},
	{Name: "major", Kind: KindFlag, Meaning: "declared a major incident; when not mapped, incidents.major decides"},
	{Name: "customer_impact", Kind: KindFlag, Meaning: "customers noticed; not stated is not \"no\""},
	{Name: "environment", Kind: KindText, Meaning: "production, staging …"},
	{Name: "exercise", Kind: KindFlag, Meaning: "a drill, or inside planned maintenance"},
	{Name: "status", Kind: KindText, Meaning: "as the source says it"},
	{Name: "created_at", Kind: KindTime, Required: true, Meaning: "when the record was opened"},
	{Name: "impact_started_at", Kind: KindTime, Meaning: "when it began to hurt"},
	{Name: "acknowledged_at", Kind: KindTime, Meaning: "when a person first took it"},
	{Name: "escalated_at", Kind: KindTime, Meaning: "when it first went to the next tier"},
	{Name: "mitigated_at", Kind: KindTime, Meaning: "when it stopped hurting"},
	{Name: "first_resolved_at", Kind: KindTime, Meaning: "its first resolution, before any reopening"},
	{Name: "resolved_at", Kind: KindTime, Meaning: "its final resolution"},
	{Name: "closed_at", Kind: KindTime, Meaning: "when the paperwork was done"},
	{Name: "reopen_count", Kind: KindNumber, Meaning: "how often it was reopened"},
	{Name: "reassignment_count", Kind: KindNumber, Meaning: "how often it changed team"},
	{Name: "resolved_by", Kind: KindText, Meaning: "person, team or automation that resolved it"},
	{Name: "merged_into", Kind: KindText, Meaning: "id or key of the incident that it repeats"},
	{Name: "alert_key", Kind: KindText, Meaning: "key of the alert that raised it"},
	{Name: "cause", Kind: KindText, Meaning: "cause category"},
	{Name: "fix_owner", Kind: KindText, Meaning: "team that owns the lasting fix"},
	{Name: "caused_by_change", Kind: KindText, Meaning: "key of the change that caused it"},
	{Name: "problem_key", Kind: KindText, Meaning: "key of the problem record"},
	{Name: "detected_by", Kind: KindText, Meaning: "monitoring, customer, staff …"},
	{Name: "same_as", Kind: KindList, Meaning: "ids, keys or URLs of the same incident in other sources"},
}

// eventFields extend the incident's where a row is one step of its life; status
// replaces the field of that name.
var eventFields = []Field{
	{Name: "at", Kind: KindTime, Required: true, Meaning: "when the step happened"},
	{Name: "status", Kind: KindWord, Words: Lifecycle, Required: true, Meaning: "which step of the life it is"},
}

var changeFields = []Field{
	{Name: "id", Kind: KindText, Required: true, Meaning: "the source's immutable id"},
	{Name: "key", Kind: KindText, Meaning: "what people call it (CHG0012345); the id when not mapped"},
	{Name: "url", Kind: KindText, Meaning: "where to open it"},
	{Name: "title", Kind: KindText, Meaning: "one line"},
	{Name: "services", Kind: KindList, Meaning: "changed services, the main one first"},
	{Name: "teams", Kind: KindList, Meaning: "teams that carry it out, the main one first"},
	{Name: "kind", Kind: KindWord, Words: []string{"deployment", "config", "feature_flag", "infrastructure", "database", "other"}, Meaning: "what is changed"},
	{Name: "type", Kind: KindWord, Words: []string{"standard", "normal", "emergency"}, Meaning: "how it was approved"},
	{Name: "risk", Kind: KindText, Meaning: "as the source rates it"},
	{Name: "environment", Kind: KindText, Meaning: "production, staging …"},
	{Name: "labels", Kind: KindList, Meaning: "free labels"},
	{Name: "created_at", Kind: KindTime, Meaning: "when the record was opened"},
	{Name: "planned_start", Kind: KindTime, Meaning: "start of the planned window"},
	{Name: "planned_end", Kind: KindTime, Meaning: "end of the planned window"},
	{Name: "started_at", Kind: KindTime, Meaning: "when work began"},
	{Name: "ended_at", Kind: KindTime, Meaning: "when work ended: the moment of the change"},
	{Name: "closed_at", Kind: KindTime, Meaning: "when the paperwork was done"},
	{Name: "status", Kind: KindText, Meaning: "as the source says it"},
	{Name: "outcome", Kind: KindWord, Words: []string{"successful", "successful_with_issues", "failed", "rolled_back", "cancelled", "rejected"}, Meaning: "how it ended; empty: not recorded"},
	{Name: "parent_change", Kind: KindText, Meaning: "key of the change that this one mends"},
	{Name: "caused_incidents", Kind: KindList, Meaning: "keys of incidents that the record says it caused"},
	{Name: "same_as", Kind: KindList, Meaning: "ids, keys or URLs of the same change in other sources"},
}

var ticketFields = []Field{
	{Name: "key", Kind: KindText, Meaning: "what people call it"},
	{Name: "title", Kind: KindText, Meaning: "one line"},
	{Name: "type", Kind: KindText, Meaning: "the source's own type"},
	{Name: "project", Kind: KindText, Meaning: "the project that it is in"},
	{Name: "labels", Kind: KindList, Meaning: "free labels"},
	{Name: "services", Kind: KindList, Meaning: "services that it is about, the main one first"},
	{Name: "teams", Kind: KindList, Meaning: "teams that work on it, the main one first"},
	{Name: "status", Kind: KindText, Meaning: "as the source says it"},
	{Name: "resolution", Kind: KindText, Meaning: "how it was resolved; empty: it is not"},
	{Name: "priority", Kind: KindText, Meaning: "as the source says it"},
	{Name: "assignee", Kind: KindText, Meaning: "who has it"},
	{Name: "reporter", Kind: KindText, Meaning: "who wrote it"},
	{Name: "parent", Kind: KindText, Meaning: "key of its epic or parent"},
	{Name: "sprints", Kind: KindList, Meaning: "sprints that it was in"},
	{Name: "points", Kind: KindDecimal, Meaning: "story points"},
	{Name: "cause", Kind: KindText, Meaning: "cause category"},
	{Name: "created_at", Kind: KindTime, Required: true, Meaning: "when it was opened"},
	{Name: "resolved_at", Kind: KindTime, Meaning: "its latest resolution"},
	{Name: "due_on", Kind: KindDate, Meaning: "the day that it is promised for"},
}

// Fields lists the canonical fields that a source of this entity and shape can
// map, in the order of the staging table; nil for an unknown entity.
func Fields(entity, shape string) []Field {
	switch {
	case entity == EntityChange:
		return slices.Clone(changeFields)
	case entity == EntityTicket:
		return slices.Clone(ticketFields)
	case entity != EntityIncident:
		return nil
	case shape != ShapeEvents:
		return slices.Clone(incidentFields)
	}
	// The record's times come from its steps, so none of them is required.
	fields := make([]Field, 0, len(incidentFields)+1)
	for _, f := range incidentFields {
		switch f.Name {
		case "created_at":
			f.Required = false
		case "status":
			continue
		}
		fields = append(fields, f)
	}
	return append(fields, eventFields...)
}

// LookupField finds one of Fields by name.
func LookupField(entity, shape, name string) (Field, bool) {
	for _, f := range Fields(entity, shape) {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}
