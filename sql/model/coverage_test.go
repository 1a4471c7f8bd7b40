package model

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// check writes what `srekpi check` says of the first source.
func (s apiSite) check() string {
	s.t.Helper()
	var out strings.Builder
	src := &s.cfg.Sources[0]
	for _, entity := range src.Entities() {
		c, err := CoverageOf(context.Background(), s.conn, src, entity)
		if err != nil {
			s.t.Fatal(err)
		}
		c.Write(&out, src)
	}
	g, err := GapsOf(context.Background(), s.conn, src)
	if err != nil {
		s.t.Fatal(err)
	}
	g.Write(&out, src)
	return out.String()
}

// Check tells of a Jira what the config lacks, as lines to paste.
func TestAPICoverageOfJira(t *testing.T) {
	s := newAPISite(t, "jira", `incident: {severity: {from: [Severity], map: {SEV1: 1}}, cause: Root cuase}
change: {outcome: {from: Outcome, map: {Done: successful}, default: ""}}
`)
	field := func(id, name string) landed {
		return landed{entity: "field", id: id, payload: `{"id":"` + id + `","name":"` + name + `","schema":{"type":"option"}}`}
	}
	s.receive(1,
		field("customfield_1", "Severity"), field("customfield_2", "Outcome"), field("customfield_3", "Responsible squad"), field("customfield_4", "Root cause"), field("customfield_5", "Old team"),
		jiraIssueAt("1", 1, "Incident", `"customfield_1":{"value":"Sehr schlimm"},"customfield_3":{"value":"Search"},"components":[{"name":"checkout"},{"name":"search \"core\""}],"customfield_4":{"value":"Config"},"customfield_5":null`),
		jiraIssueAt("2", 1, "Incident", `"customfield_1":{"value":"SEV1"},"components":[{"name":"pay"}]`),
		jiraIssueAt("3", 1, "Incident", `"customfield_1":{"value":"egal"},"components":[{"name":"pay"}]`),
		jiraIssueAt("4", 1, "Bug", `"customfield_1":{"value":"no incident"},"duedate":"soon"`),
		landed{entity: "status", id: "7", payload: `{"id":"7","name":"Limbo","statusCategory":{"key":"undefined"}}`})
	s.stage(false)
	want := `         incident: 3 current, created 2026-10-01 to 2026-10-01
         stated: services 100 %, severity 33 %, alert_key 0 %, cause 0 %, fix_owner 0 %, resolved_at 0 %, teams 0 %
         no value map covers what stands before the question marks; put a meaning in their place, and the lines in the place of these fields:
           incident:
             severity: {from: ["Severity"], map: {"SEV1": "1", "Sehr schlimm": ?, "egal": ?}}
         no change
         ticket: 3 current, created 2026-10-01 to 2026-10-01
         stated: services 100 %, assignee 0 %, due_on 0 %, points 0 %, resolved_at 0 %, sprints 0 %, teams 0 %
         incident.cause: the site has no field "Root cuase"
         fields of the site that read like one of ours and are not mapped; take over the lines that are meant:
           incident:
             teams: {from: ["Responsible squad", "Team", "Responsible team", "Assignment group"]}   # stated by 25 %
         statuses without a category, which are neither open nor done; give them one in Jira: Limbo
         1 records cannot be read and would go to quarantine; mend them or the mapping:
           issue 4: due_on: "soon" is not a day in iso
`
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(s.check(), "\n")); diff != "" {
		t.Errorf("want (-), got (+)\n%s", diff)
	}
}

// And of a PagerDuty.
func TestAPICoverageOfPagerDuty(t *testing.T) {
	s := newAPISite(t, "pagerduty", "")
	s.receive(1,
		landed{entity: "incident", id: "Q1", payload: `{"id":"Q1","incident_number":7,"title":"Crash","created_at":"2026-10-01T10:00:00Z","service":{"summary":"pay"},"priority":{"summary":"Urgent"}}`},
		landed{entity: "log_entry", id: "R1", payload: `{"id":"R1","type":"teleport_log_entry","created_at":"2026-10-01T10:00:00Z","incident":{"id":"Q1"}}`})
	s.stage(false)
	for _, line := range []string{
		"         incident: 1 current, created 2026-10-01 to 2026-10-01",
		`"SEV5": "5", "Urgent": ?}}`,
		"         no change",
		"         log entries of unknown types, which are kept and move nothing: teleport",
	} {
		if got := s.check(); !strings.Contains(got, line) {
			t.Errorf("check does not say %q but\n%s", line, got)
		}
	}
}
