package model

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// apiSite is a site with one API source, whose records land as its ingester
// lands them.
type apiSite struct{ *site }

// newAPISite has one source of the type, with what a test writes beside it.
func newAPISite(t *testing.T, typ, section string) apiSite {
	t.Helper()
	s := apiSite{&site{t: t, conn: database(t, schemaTables...)}}
	s.section(typ, section)
	return s
}

func (s apiSite) section(typ, section string) {
	s.t.Helper()
	cfg, err := loadSource(s.t, typ, leastSource[typ]+section)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cfg = cfg
}

// landed is one record: its payload and what ingest states beside it.
type landed struct {
	entity, id, payload string
	updated             time.Time
	deleted             bool
}

// receive lands records as one complete run.
func (s apiSite) receive(run uint64, records ...landed) {
	s.t.Helper()
	var rows []rawRecord
	for _, l := range records {
		s.seq++
		r := rawRecord{Source: s.cfg.Sources[0].Name, Entity: l.entity, ID: l.id, FetchedAt: asOf, RunID: run, Seq: s.seq, Payload: l.payload}
		if !l.updated.IsZero() {
			r.UpdatedAt = &l.updated
		}
		if l.deleted {
			r.Deleted, r.Payload = 1, `{"deleted":"gone or hidden"}`
		}
		rows = append(rows, r)
	}
	if err := warehouse.Insert(context.Background(), s.conn, "raw_records", rows); err != nil {
		s.t.Fatal(err)
	}
	s.ended(run, "complete")
}

// jiraIssueAt is an issue of project OPS, updated on a day of October. fields are
// members of "fields" beside the usual ones.
func jiraIssueAt(id string, day int, typ, fields string) landed {
	at := time.Date(2026, 10, day, 10, 0, 0, 0, time.UTC)
	if fields != "" {
		fields = "," + fields
	}
	return landed{entity: "issue", id: id, updated: at, payload: fmt.Sprintf(
		`{"id":%q,"key":"OPS-%s","fields":{"created":"2026-10-01T10:00:00.000+0000","summary":"Title %s","issuetype":{"name":%q},"project":{"key":"OPS"}%s}}`, id, id, id, typ, fields)}
}

func gone(l landed, day int) landed {
	l.deleted, l.updated = true, time.Date(2026, 10, day, 10, 0, 0, 0, time.UTC)
	return l
}

func named(name string, old, new string, l landed) landed {
	if !strings.Contains(l.payload, old) {
		panic(name + ": there is no " + old)
	}
	l.payload = strings.ReplaceAll(l.payload, old, new)
	return l
}

const (
	stagedTickets   = "SELECT id, key, role FROM stg_tickets FINAL WHERE deleted = 0 ORDER BY id"
	stagedIncidents = "SELECT id, key, filtered FROM stg_incidents FINAL WHERE deleted = 0 ORDER BY id"
	apiHeld         = "SELECT id, model, reason FROM quarantine ORDER BY id, model"
)

// An issue is staged for what it is now, whatever it was before, in whichever
// runs its versions came.
func TestAPIStageIssueThatChangesItsRole(t *testing.T) {
	s := newAPISite(t, "jira", "")
	s.receive(1, jiraIssueAt("1", 1, "Incident", ""), jiraIssueAt("2", 1, "Bug", ""), jiraIssueAt("3", 1, "Incident", ""), jiraIssueAt("4", 1, "Incident", ""))
	s.stage(false)
	s.want(stagedIncidents, "1 | OPS-1 | 0", "3 | OPS-3 | 0", "4 | OPS-4 | 0")
	s.receive(2, jiraIssueAt("1", 2, "Bug", ""), jiraIssueAt("2", 2, "Incident", ""), gone(jiraIssueAt("4", 1, "", ""), 2))
	s.stage(false)
	roles := []string{"1 | OPS-1 | ticket", "2 | OPS-2 | incident", "3 | OPS-3 | incident"}
	s.want(stagedTickets, roles...)
	s.want(stagedIncidents, "1 | OPS-1 | 1", "2 | OPS-2 | 0", "3 | OPS-3 | 0")
	s.stage(true)
	s.want(stagedTickets, roles...)
	s.want(strings.Replace(stagedIncidents, "deleted = 0", "deleted = 0 AND filtered = 0", 1), "2 | OPS-2 | 0", "3 | OPS-3 | 0")
	s.receive(3, jiraIssueAt("4", 3, "Incident", ""))
	s.stage(false)
	s.want("SELECT id FROM stg_incidents FINAL WHERE deleted = 0 AND filtered = 0 ORDER BY id", "2", "3", "4")
}

// A moved issue has another key and the same id: one row.
func TestAPIStageMovedKey(t *testing.T) {
	s := newAPISite(t, "jira", "")
	s.receive(1, jiraIssueAt("1", 1, "Incident", ""))
	s.stage(false)
	s.receive(2, named("moved", "OPS-1", "WEB-9", jiraIssueAt("1", 2, "Incident", "")))
	s.stage(false)
	s.want(stagedTickets, "1 | WEB-9 | incident")
	s.want(stagedIncidents, "1 | WEB-9 | 0")
}

// A record that cannot be read is held alone; each model holds and lets go of its
// own, and the last good version stays.
func TestAPIStageHoldsOneRecordForEachModel(t *testing.T) {
	s := newAPISite(t, "jira", "")
	s.receive(1, jiraIssueAt("1", 1, "Incident", ""), jiraIssueAt("2", 1, "Incident", ""), jiraIssueAt("3", 1, "Bug", ""))
	s.wantStage(false, "1 runs, rebuilt; 1 runs, rebuilt; 1 runs, rebuilt; 1 runs, rebuilt; 1 runs, rebuilt; 1 runs, rebuilt; 1 runs, rebuilt")
	s.receive(2,
		jiraIssueAt("1", 2, "Incident", `"duedate":"soon"`),                                                            // the ticket alone
		named("created", `"2026-10-01T10:00:00.000+0000"`, `["2026"]`, jiraIssueAt("2", 2, "Incident", "")),            // both
		named("created", `"2026-10-01T10:00:00.000+0000"`, `{"x":1}`, jiraIssueAt("4", 2, "Incident", "")),             // both, and new
		jiraIssueAt("3", 2, "Bug", `"summary":null`), jiraIssueAt("5", 2, "Incident", `"priority":null,"labels":null`)) // good
	s.stage(false)
	none := "created_at: is an object or a list, and no single value"
	s.want(apiHeld, `1 | stg_jira_tickets | due_on: "soon" is not a day in iso`,
		"2 | stg_jira_incidents | "+none, "2 | stg_jira_tickets | "+none, "4 | stg_jira_incidents | "+none, "4 | stg_jira_tickets | "+none)
	s.want("SELECT id, run_id FROM stg_tickets FINAL ORDER BY id", "1 | 1", "2 | 1", "3 | 2", "5 | 2")
	s.want("SELECT id, run_id FROM stg_incidents FINAL ORDER BY id", "1 | 2", "2 | 1", "5 | 2")
	s.receive(3, jiraIssueAt("1", 3, "Incident", ""), jiraIssueAt("4", 3, "Incident", `"duedate":"soon"`))
	s.stage(false)
	s.want(apiHeld, "2 | stg_jira_incidents | "+none, "2 | stg_jira_tickets | "+none, `4 | stg_jira_tickets | due_on: "soon" is not a day in iso`)
	s.want("SELECT id, run_id FROM stg_incidents FINAL ORDER BY id", "1 | 3", "2 | 1", "4 | 3", "5 | 2")
	s.stage(true)
	s.want(apiHeld, "2 | stg_jira_incidents | "+none, "2 | stg_jira_tickets | "+none, `4 | stg_jira_tickets | due_on: "soon" is not a day in iso`)
}

// One history of several good and bad entries makes rows of its own ids; what is
// held is the raw record.
func TestAPIStageHistoryOfAnotherForm(t *testing.T) {
	s := newAPISite(t, "jira", "")
	history := func(id, created string) landed {
		return landed{entity: "changelog", id: "7/" + id, payload: fmt.Sprintf(
			`{"id":%q,"created":%s,"author":null,"items":[{"field":"status","fieldtype":"jira","toString":"Closed"},{"field":"resolution","fieldtype":"jira","toString":"Done"},{"field":"Rank","fieldtype":"custom","toString":"up"}]}`, id, created)}
	}
	s.receive(1, history("1", `"2026-10-01T10:00:00.000+0000"`), history("2", `{}`), history("3", `1790848800000`))
	s.stage(false)
	s.want("SELECT id, event_id, field FROM stg_ticket_transitions FINAL ORDER BY event_id",
		"7 | 1/1 | status", "7 | 1/2 | resolution", "7 | 3/1 | status", "7 | 3/2 | resolution")
	s.want(apiHeld, `7/2 | stg_jira_transitions | created: "{}" is not a time`)
	s.receive(2, history("2", `"2026-10-01T11:00:00.000+0000"`))
	s.stage(false)
	s.want(apiHeld)
	s.want("SELECT count() FROM stg_ticket_transitions FINAL", "6")
}

// What nobody thought of is staged as far as it can be read.
func TestAPIStageOddRecords(t *testing.T) {
	s := newAPISite(t, "jira", "")
	long := strings.Repeat("lang\\n", 4000)
	s.receive(1,
		jiraIssueAt("1", 1, "Incident", `"status":null,"priority":null,"assignee":null,"reporter":null,"parent":null,"components":null,"labels":null,"issuelinks":null,"comment":null,"resolution":null`),
		jiraIssueAt("2", 1, "Incident", `"status":{"id":"99","name":"Nobody knows"},"components":[],"labels":[],"issuelinks":[],"comment":{"comments":[]}`),
		jiraIssueAt("3", 1, "Incident", `"description":"`+long+`","comment":{"comments":[{"id":"9","created":"2026-10-01T10:00:00.000+0000","body":"`+long+`"}]}`),
		jiraIssueAt("4", 1, "Incident", `"issuelinks":{"a":1},"comment":[1,2]`),
		landed{entity: "issue", id: "5", payload: "no JSON at all"})
	s.stage(false)
	s.want("SELECT id, status, status_id FROM stg_tickets FINAL ORDER BY id", "1 |  | ", "2 | Nobody knows | 99", "3 |  | ", "4 |  | ")
	s.want("SELECT id, length(detail) FROM stg_incident_events FINAL", "3 | 20000")
	s.want(apiHeld, "5 | stg_jira_tickets | created_at is empty")
	s.want("SELECT count() FROM stg_incidents FINAL WHERE filtered = 0", "4")
}

// A rule's JQL comes to fit an issue that has not changed, and stops to.
func TestAPIStageRuleThatFitsAnew(t *testing.T) {
	s := newAPISite(t, "jira", "issues:\n  - {is: incident, jql: labels = outage}\n")
	match := func(ids ...string) landed {
		text, _ := json.Marshal(map[string]any{"rule": 0, "issues": ids})
		return landed{entity: "rule_match", id: "labels = outage", payload: string(text)}
	}
	s.receive(1, jiraIssueAt("1", 1, "Bug", ""), jiraIssueAt("2", 1, "Bug", ""), jiraIssueAt("3", 1, "Bug", ""), match("1", "3"))
	s.stage(false)
	s.want(stagedIncidents, "1 | OPS-1 | 0", "3 | OPS-3 | 0")
	s.receive(2, match("2", "3"))
	s.stage(false)
	s.want(stagedTickets, "1 | OPS-1 | ticket", "2 | OPS-2 | incident", "3 | OPS-3 | incident")
	s.want(stagedIncidents, "1 | OPS-1 | 1", "2 | OPS-2 | 0", "3 | OPS-3 | 0")
}

// A field that the site gained stages its records again; the same list does not.
func TestAPIStageFieldThatTheSiteGained(t *testing.T) {
	s := newAPISite(t, "jira", "")
	s.receive(1, jiraIssueAt("1", 1, "Incident", `"customfield_10042":{"value":"SEV 2"}`))
	s.stage(false)
	s.want("SELECT severity, url FROM stg_incidents FINAL", "0 | ")
	s.receive(2, landed{entity: "field", id: "customfield_10042", payload: `{"id":"customfield_10042","name":"Severity","schema":{"type":"option"}}`},
		landed{entity: "server", id: "server", payload: `{"baseUrl":"https://jira.example.com"}`})
	s.stage(false)
	s.want("SELECT severity, url FROM stg_incidents FINAL", "2 | https://jira.example.com/browse/OPS-1")
	s.receive(3, landed{entity: "field", id: "customfield_10042", payload: `{"id":"customfield_10042","name":"Severity","schema":{"type":"option"}}`})
	if says := s.stage(false); strings.Contains(says, "rebuilt") {
		t.Errorf("an unchanged list of fields stages everything again: %s", says)
	}
}

// Who raised it is known from the log, which is staged first.
func TestAPIStagePagerDutyIncident(t *testing.T) {
	s := newAPISite(t, "pagerduty", "")
	incident := landed{entity: "incident", id: "Q1", updated: asOf, payload: `{"id":"Q1","incident_number":7,"title":"Crash","created_at":"2026-10-01T10:00:00Z","status":"triggered","service":null,"priority":null}`}
	entry := func(id, typ, agent string) landed {
		return landed{entity: "log_entry", id: id, updated: asOf, payload: fmt.Sprintf(`{"id":%q,"type":%q,"created_at":"2026-10-01T10:00:00Z","incident":{"id":"Q1"},"agent":%s,"channel":null}`, id, typ, agent)}
	}
	s.receive(1, incident, entry("R1", "trigger_log_entry", `{"type":"events_api_v2_inbound_integration_reference"}`), entry("R2", "teleport_log_entry", "null"))
	s.stage(false)
	s.want("SELECT id, key, services, severity, detected_by FROM stg_incidents FINAL", "Q1 | 7 | [] | 0 | monitoring")
	s.want("SELECT id, event_id, kind, unmapped FROM stg_incident_events FINAL ORDER BY event_id", "Q1 | R1 | created | []", "Q1 | R2 | other | ['type=teleport']")
	s.receive(2, gone(incident, 30))
	s.stage(false)
	s.want("SELECT count() FROM stg_incidents FINAL WHERE deleted = 0", "1") // a tombstone older than the record
	late := gone(incident, 1)
	late.updated = asOf
	s.receive(3, late)
	s.stage(false)
	s.want("SELECT count() FROM stg_incidents FINAL WHERE deleted = 0", "0")
}

// The entry that says who raised an incident may land after it: the same is
// staged as if they had come together.
func TestAPIStagePagerDutyTriggerThatLandsLater(t *testing.T) {
	s := newAPISite(t, "pagerduty", "")
	incident := func(id string) landed {
		return landed{entity: "incident", id: id, updated: asOf, payload: fmt.Sprintf(`{"id":%q,"incident_number":7,"title":"Crash","created_at":"2026-10-01T10:00:00Z","status":"triggered","incident_key":"k-%s"}`, id, id)}
	}
	trigger := func(id, agent string) landed {
		return landed{entity: "log_entry", id: "R" + id, updated: asOf, payload: fmt.Sprintf(`{"type":"trigger_log_entry","created_at":"2026-10-01T10:00:00Z","incident":{"id":%q},"agent":{"type":%q,"summary":"Ada"}}`, id, agent)}
	}
	s.receive(1, incident("Q1"), incident("Q2"), incident("Q3"))
	s.stage(false)
	const raised = "SELECT id, alert_key, detected_by FROM stg_incidents FINAL ORDER BY id"
	s.want(raised, "Q1 | k-Q1 | ", "Q2 | k-Q2 | ", "Q3 | k-Q3 | ")
	s.receive(2, trigger("Q1", "events_api_v2_inbound_integration_reference"), trigger("Q2", "user_reference"))
	if says := s.stage(false); strings.Contains(says, "rebuilt") {
		t.Errorf("all is staged again: %s", says)
	}
	known := []string{"Q1 | k-Q1 | monitoring", "Q2 |  | ", "Q3 | k-Q3 | "}
	s.want(raised, known...)
	s.stage(true)
	s.want(raised, known...)
}
