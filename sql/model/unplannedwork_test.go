package model

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// The road of booked hours with the default rules, from what Jira sends to the
// value: 40 hours unplanned, 14 planned and 6 that no rule knows are a range of
// 66.7 % to 76.7 %.
func TestUnplannedWorkFromWorklogsToItsRange(t *testing.T) {
	s := newAPISite(t, "jira", "")
	const sprint = `"customfield_10020":[{"id":7,"name":"Sprint 7","state":"active","startDate":"%s"}]`
	began, later := fmt.Sprintf(sprint, "2026-09-28T09:00:00.000Z"), fmt.Sprintf(sprint, "2026-10-05T09:00:00.000Z")
	booked := func(id, issue string, hours int) landed {
		return landed{entity: "worklog", id: id, payload: fmt.Sprintf(`{"id":%q,"issueId":%q,"started":"2026-10-06T09:00:00.000+0000","timeSpentSeconds":%d,"author":{"displayName":"Ada"}}`, id, issue, hours*3600)}
	}
	s.receive(1,
		landed{entity: "field", id: "customfield_10020", payload: `{"id":"customfield_10020","name":"Sprint","custom":true,"schema":{"type":"array"}}`},
		jiraIssueAt("1", 1, "Incident", ""), booked("11", "1", 20),
		jiraIssueAt("2", 1, "Story", began), booked("12", "2", 15), // made on 1 October, when the sprint had begun
		jiraIssueAt("3", 1, "Story", `"labels":["Hotfix"],`+later), booked("13", "3", 5),
		jiraIssueAt("4", 1, "Change", ""), booked("14", "4", 10),
		jiraIssueAt("5", 1, "Story", later), booked("15", "5", 4),
		jiraIssueAt("6", 1, "Question", later), booked("16", "6", 4),
		booked("17", "404", 2))
	s.stage(false)
	week := time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC)
	s.buildAll(periods([][]any{{"week", week, week, week.AddDate(0, 0, 7), "41"}}))
	s.want("SELECT ticket_id, work_class, hours FROM worklogs ORDER BY id", "jira:1 | unplanned | 20", "jira:2 | unplanned | 15", "jira:3 | unplanned | 5",
		"jira:4 | planned_change | 10", "jira:5 | business_project | 4", "jira:6 |  | 4", "jira:404 |  | 2")
	s.want("SELECT stat, round(100 * value, 1), round(100 * low, 1), round(100 * high, 1), k, n, unknown, excluded FROM kpi_values WHERE kpi = 'unplanned_work_ratio' AND period = 'week' AND dim = 'all'",
		"share | 66.7 | 66.7 | 76.7 | 40 | 54 | 6 | 0")
	s.want("SELECT kpi, unit FROM kpis WHERE kpi LIKE 'unplanned%' ORDER BY kpi", "unplanned_work_ratio | h", "unplanned_work_ratio_count | tickets", "unplanned_work_ratio_points | points")
}

// buildAll computes every real model over what is staged.
func (s apiSite) buildAll(periods Input) {
	s.t.Helper()
	ctx := context.Background()
	feeds, err := Feeds(ctx, s.conn, s.cfg, shared.models)
	if err != nil {
		s.t.Fatal(err)
	}
	inputs := append(ConfigInputs(s.cfg, feeds), CatalogueInput(shared.models), periods)
	if _, err := Build(ctx, s.conn, shared.models, BuildOptions{AsOf: asOf, Inputs: inputs, Now: clock}); err != nil {
		s.t.Fatal(err)
	}
}
