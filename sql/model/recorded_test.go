package model

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// recordedData is where recorded answers of real APIs lie, beside the checkout;
// they are not the project's to ship.
const recordedData = "../../../shared/data/recorded-api"

// recording reads the column data of one of the files, and what stands in
// another column beside it.
func recording(t *testing.T, name, beside string) (payloads []map[string]any, besides []string) {
	t.Helper()
	if _, err := os.Stat(recordedData); err != nil {
		t.Skipf("no recorded answers beside the checkout: %v", err)
	}
	f, err := os.Open(filepath.Join(recordedData, name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	data, other := slices.Index(rows[0], "data"), slices.Index(rows[0], beside)
	for _, row := range rows[1:] {
		var payload map[string]any
		if err := json.Unmarshal([]byte(row[data]), &payload); err != nil {
			t.Fatal(err)
		}
		payloads, besides = append(payloads, payload), append(besides, row[other])
	}
	return payloads, besides
}

func asSent(t *testing.T, entity, id string, payload any) landed {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return landed{entity: entity, id: id, payload: string(text)}
}

// member digs into decoded JSON.
func member(v any, path ...string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

// landRecordedJira cuts the recorded answers as the ingesters do, all in one run.
func landRecordedJira(t *testing.T, s apiSite) {
	t.Helper()
	var records []landed
	issues, _ := recording(t, "jira_issues", "id")
	for _, issue := range issues {
		id := issue["id"].(string)
		histories, _ := member(issue, "changelog", "histories").([]any)
		for _, h := range histories {
			records = append(records, asSent(t, "changelog", id+"/"+member(h, "id").(string), h))
		}
		delete(issue, "changelog")
		r := asSent(t, "issue", id, issue)
		updated, err := time.Parse("2006-01-02T15:04:05.000-0700", member(issue, "fields", "updated").(string))
		if err != nil {
			t.Fatal(err)
		}
		r.updated = updated.UTC()
		records = append(records, r)
	}
	histories, inputs := recording(t, "jira_issue_changelogs", "input")
	for i, h := range histories {
		var of struct {
			Issue json.Number `json:"issue_id"`
		}
		if err := json.Unmarshal([]byte(inputs[i]), &of); err != nil {
			t.Fatal(err)
		}
		records = append(records, asSent(t, "changelog", of.Issue.String()+"/"+h["id"].(string), h))
	}
	for entity, name := range map[string]string{"worklog": "jira_worklogs", "status": "jira_status"} {
		payloads, _ := recording(t, name, "id")
		for _, p := range payloads {
			records = append(records, asSent(t, entity, p["id"].(string), p))
		}
	}
	s.receive(1, records...)
}

// The recorded Jira: every record is read, and the marts know what is known of it.
func TestAPIStageRecordedJira(t *testing.T) {
	s := newAPISite(t, "jira", "")
	landRecordedJira(t, s)
	s.stage(false)
	s.want("SELECT count() FROM quarantine", "0")
	s.want("SELECT count(), countIf(isNotNull(resolved_at)), countIf(resolution != ''), uniqExact(key), countIf(role = 'ticket') FROM stg_tickets FINAL", "33 | 30 | 30 | 33 | 33")
	s.want(`SELECT count(), round(avg(h), 4), round(quantileExactInclusive(0.5)(h), 4)
		FROM (SELECT dateDiff('millisecond', created_at, resolved_at) / 3600000 AS h FROM stg_tickets FINAL WHERE isNotNull(resolved_at))`, "30 | 219.0475 | 147.3578")
	s.want("SELECT count() FROM stg_tickets FINAL WHERE key = 'EE-1' AND status = '已完成' AND status_id = '10068' AND labels = ['frontEnd', 'Saas']", "1")
	s.want("SELECT count(), countIf(seconds > 0), countIf(person = '') FROM stg_worklogs FINAL", "30 | 30 | 0")
	s.want("SELECT count(), countIf(category = '') FROM stg_statuses FINAL", "53 | 0")

	s.build("ticket_transitions", "tickets")
	s.want(`SELECT count(), countIf(isNotNull(resolved_at)), round(avgIf(h, isNotNull(h)), 4), round(quantileExactInclusiveIf(0.5)(assumeNotNull(h), isNotNull(h)), 4)
		FROM (SELECT resolved_at, dateDiff('millisecond', created_at, resolved_at) / 3600000 AS h FROM tickets)`, "33 | 30 | 219.0475 | 147.3579")
}

// The recorded PagerDuty.
func TestAPIStageRecordedPagerDuty(t *testing.T) {
	s := newAPISite(t, "pagerduty", "")
	incidents, _ := recording(t, "pagerduty_incidents", "id")
	var records []landed
	for _, incident := range incidents {
		entries, _ := incident["log_entries"].([]any)
		for _, e := range entries {
			records = append(records, asSent(t, "log_entry", member(e, "id").(string), e))
		}
		delete(incident, "log_entries")
		records = append(records, asSent(t, "incident", incident["id"].(string), incident))
	}
	s.receive(1, records...)
	s.stage(false)
	s.want("SELECT count() FROM quarantine", "0")
	s.want("SELECT key, title, status, services, severity, resolved_by FROM stg_incidents FINAL ORDER BY key",
		"4 | Crash reported | triggered | ['DevService'] | 0 | ", "5 | Slow startup | acknowledged | ['DevService'] | 0 | ", "6 | Spamming logs | resolved | ['DevService'] | 0 | Keon Amini")
	s.want("SELECT countIf(kind = 'other'), countIf(notEmpty(unmapped)), countIf(kind = 'notified' AND actor = '') FROM stg_incident_events FINAL", "0 | 0 | 0")

	s.build("ticket_transitions", "incident_steps")
	s.want(`SELECT i.key, dateDiff('second', any(i.created_at), minIf(e.at, e.kind = 'acknowledged')) AS acknowledged, countIf(e.kind = 'acknowledged') AS times,
			if(countIf(e.kind = 'resolved') = 0, NULL, dateDiff('second', any(i.created_at), maxIf(e.at, e.kind = 'resolved'))) AS resolved, countIf(e.kind = 'escalated') > 0
		FROM incident_steps AS e INNER JOIN (SELECT * FROM stg_incidents FINAL) AS i ON concat(i.source, ':', i.id) = e.record_id GROUP BY i.key ORDER BY i.key`,
		"4 | 1 | 3 | NULL | 1", "5 | 9 | 1 | NULL | 0", "6 | 10 | 1 | 368 | 0")
}

// build computes some of the real marts over what is staged.
func (s apiSite) build(marts ...string) {
	s.t.Helper()
	ctx := context.Background()
	var models []*Model
	for _, name := range marts {
		models = append(models, modelNamed(s.t, name))
	}
	feeds, err := Feeds(ctx, s.conn, s.cfg, shared.models)
	if err != nil {
		s.t.Fatal(err)
	}
	// An input that reads a mart would want it built, too.
	inputs := slices.DeleteFunc(ConfigInputs(s.cfg, feeds), func(in Input) bool { return len(in.Reads) > 0 })
	if _, err := Build(ctx, s.conn, models, BuildOptions{AsOf: asOf, Inputs: inputs, Now: clock}); err != nil {
		s.t.Fatal(err)
	}
}
