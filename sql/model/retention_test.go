package model

import (
	"context"
	"testing"
)

// aged says that a run read its records long ago.
func (s *site) aged(run uint64, days int) {
	s.t.Helper()
	mustExec(s.t, s.conn, "ALTER TABLE raw_records UPDATE fetched_at = ? WHERE run_id = ? SETTINGS mutations_sync = 2", asOf.AddDate(0, 0, -days), run)
}

// wantEmptied keeps payloads for 400 days and rewrites when one is 408 days old.
func (s *site) wantEmptied(want uint64) {
	s.t.Helper()
	feeds, err := Feeds(context.Background(), s.conn, s.cfg, shared.models)
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := Retain(context.Background(), s.conn, feeds, asOf.AddDate(0, 0, -400), asOf.AddDate(0, 0, -408))
	if err != nil {
		s.t.Fatal(err)
	}
	if got != want {
		s.t.Errorf("%d payloads emptied, want %d", got, want)
	}
}

// typed are all staged rows as a reader sees them.
func (s *site) typed() []string {
	s.t.Helper()
	var all []string
	for _, table := range lines(s.t, s.conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'stg_') ORDER BY name") {
		all = append(all, table+":")
		all = append(all, lines(s.t, s.conn, "SELECT * FROM "+table+" FINAL ORDER BY ALL")...)
	}
	return all
}

// merged has the engine forget superseded versions, as it does in time.
func (s *site) merged() {
	s.t.Helper()
	for _, table := range lines(s.t, s.conn, "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'stg_') ORDER BY name") {
		mustExec(s.t, s.conn, "OPTIMIZE TABLE "+table+" FINAL")
	}
}

func (s *site) wantTyped(when string, want []string) {
	s.t.Helper()
	got := s.typed()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			s.t.Fatalf("%s: %d staged rows, were %d; first other row %d:\n%s", when, len(got), len(want), i, append(got, "(none)")[min(i, len(got))])
		}
	}
}

const payloads = "SELECT id, run_id, payload != '' FROM raw_records ORDER BY id, run_id"

// What is old and staged is emptied, once; its rows stay, whatever happens next.
func TestRetain(t *testing.T) {
	s := newSite(t, plain)
	s.land(1, `{"id":"a","title":"old","opened":"2026-10-01T10:00:00Z"}`, `{"id":"bad","title":"two","opened":"1/10/2026"}`, `{"id":"c","title":"three","opened":"2026-10-01T10:00:00Z"}`,
		`{"id":"gone","title":"four","opened":"2026-10-01T10:00:00Z"}`)
	s.land(2, `{"id":"a","title":"new","opened":"2026-10-01T10:00:00Z"}`, `{"id":"d","title":"five","opened":"2026-10-01T10:00:00Z"}`, `{"id":"gone","_deleted":true}`)
	s.stage(false)
	s.landIn(3, "running", `{"id":"e","title":"six","opened":"2026-10-01T10:00:00Z"}`)
	for _, run := range []uint64{1, 3} {
		s.aged(run, 407)
	}
	s.wantEmptied(0) // none has waited long enough to be worth a rewriting
	for _, run := range []uint64{1, 3} {
		s.aged(run, 500)
	}
	before := s.typed()
	s.wantEmptied(3)
	now := []string{"a | 1 | 0", "a | 2 | 1", "bad | 1 | 1", "c | 1 | 0", "d | 2 | 1", "e | 3 | 1", "gone | 1 | 0", "gone | 2 | 0"}
	s.want(payloads, now...)
	s.want("SELECT DISTINCT rest, told FROM raw_records WHERE run_id = 1 AND payload = ''", `{"_file":"run-1.csv"} | {"_file":"run-1.csv"}`)
	s.wantEmptied(0)
	s.wantStage(false, "0 runs")
	s.wantTyped("staged again", before)
	s.wantStage(true, "2 runs, rebuilt")
	s.wantTyped("all staged again", before)
	s.merged()
	s.wantStage(true, "2 runs, rebuilt")
	s.wantTyped("all staged again after merges", before)
	s.want("SELECT count() FROM quarantine", "1")

	// Another mapping: what has its payload follows it, the rest stays as it was.
	s.configure(`
  - name: tickets
    type: file
    entity: incident
    path: "*.csv"
    times: {layout: [iso, d/M/yyyy]}
    fields: {id: id, title: title, created_at: opened, key: title}
`)
	s.stage(false)
	s.want("SELECT id, title, key FROM stg_incidents FINAL WHERE deleted = 0 ORDER BY id", "a | new | new", "bad | two | two", "c | three | c", "d | five | five")
	s.wantEmptied(1) // it is in quarantine no more
	s.want(payloads, append(append([]string{}, now[:2]...), append([]string{"bad | 1 | 0"}, now[3:]...)...)...)
}

// What one issue is staged to stays whole: its ticket, its incident, comments
// and steps, of versions whose payload went and of those that have it.
func TestRetainJira(t *testing.T) {
	s := newAPISite(t, "jira", "issues: [{is: incident, type: [Incident]}]")
	comments := func(ids ...string) string {
		text := ""
		for _, id := range ids {
			if text != "" {
				text += ","
			}
			text += `{"id":"` + id + `","created":"2026-10-01T11:00:00.000+0000","body":"words ` + id + `","author":{"displayName":"Ada"}}`
		}
		return `"comment":{"comments":[` + text + `]}`
	}
	steps := landed{entity: "changelog", id: "1/77", updated: asOf, payload: `{"id":"77","created":"2026-10-02T10:00:00.000+0000","author":{"displayName":"Ada"},"items":[
		{"field":"status","fieldtype":"jira","fieldId":"status","from":"1","fromString":"Open","to":"3","toString":"Done"},
		{"field":"assignee","fieldtype":"jira","fieldId":"assignee","from":"","fromString":"","to":"5","toString":"Ada"}]}`}
	booked := landed{entity: "worklog", id: "9", payload: `{"id":"9","issueId":"1","started":"2026-10-02T10:00:00.000+0000","timeSpentSeconds":3600,"author":{"displayName":"Ada"}}`}
	s.receive(1, jiraIssueAt("1", 1, "Incident", comments("a", "b")), jiraIssueAt("2", 1, "Incident", comments("c")), jiraIssueAt("3", 1, "Task", ""),
		jiraIssueAt("4", 1, "Task", ""), steps, booked, landed{entity: "field", id: "customfield_1", payload: `{"id":"customfield_1","name":"Team"}`})
	s.receive(2, jiraIssueAt("1", 3, "Incident", comments("b")), gone(jiraIssueAt("3", 3, "Task", ""), 3), jiraIssueAt("2", 4, "Task", ""))
	s.stage(false)
	s.aged(1, 500)
	before := s.typed()
	s.wantEmptied(6)
	s.want("SELECT entity, id, rest FROM raw_records WHERE payload = '' AND rest != ''", `worklog | 9 | {"issueId":"1"}`)
	s.want("SELECT entity, id FROM raw_records WHERE run_id = 1 AND payload != ''", "field | customfield_1")
	s.stage(true)
	s.wantTyped("all staged again", before)
	s.merged()
	s.stage(true)
	s.wantTyped("all staged again after merges", before)
	s.section("jira", "issues: [{is: incident, type: [Incident, Task]}]")
	s.stage(false)
	s.want(stagedIncidents, "1 | OPS-1 | 0", "2 | OPS-2 | 0") // of 4 nothing is left that could make it one
	s.want(stagedTickets, "1 | OPS-1 | incident", "2 | OPS-2 | incident", "4 | OPS-4 | ticket")
}

// Of an on-call entry that goes on ingest needs the payload, to end it.
func TestRetainPagerDuty(t *testing.T) {
	s := newAPISite(t, "pagerduty", "")
	shift := func(id, ends string) landed {
		return landed{entity: "oncall", id: id, payload: `{"escalation_level":1,"start":"2024-01-01T00:00:00Z","end":` + ends + `,"user":{"id":"U1","summary":"Ada"}}`}
	}
	s.receive(1,
		landed{entity: "incident", id: "P1", payload: `{"id":"P1","status":"triggered","created_at":"2024-01-01T00:00:00Z","title":"x","html_url":"https://x.example.com"}`},
		shift("always", "null"), shift("ended", `"2024-01-08T00:00:00Z"`), shift("later", `"2026-12-01T00:00:00Z"`),
		landed{entity: "service", id: "S1", payload: `{"id":"S1"}`})
	s.stage(false)
	s.aged(1, 500)
	before := s.typed()
	s.wantEmptied(2)
	s.want("SELECT id, told FROM raw_records WHERE payload = '' ORDER BY id", `P1 | {"created_at":"2024-01-01T00:00:00Z","status":"triggered"}`, "ended | ")
	s.stage(true)
	s.wantTyped("all staged again", before)
}
