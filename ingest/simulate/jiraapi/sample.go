package jiraapi

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

const sampleDays = 400

var (
	sampleStatuses = []Status{
		{"1", "Open", "new"}, {"3", "In Progress", "indeterminate"}, {"10002", "In Review", "indeterminate"}, {"6", "Closed", "done"},
	}
	sampleTypes = []struct {
		id, name, project, projectID string
	}{
		{"10101", "Incident", "OPS", "10000"}, {"10102", "Change", "REL", "10001"}, {"10103", "Story", "WEB", "10002"}, {"10104", "Bug", "WEB", "10002"},
	}
	samplePriorities = []string{"Highest", "High", "Medium", "Low"}
	sampleParts      = []string{"checkout", "payments", "search", "identity", "mobile gateway"}
	sampleLabels     = []string{"postmortem-action", "customer", "toil", "security"}
)

// Sample is a Cloud site with n issues of 400 days up to end, about four history
// entries and a worklog each, always the same for the same arguments.
func Sample(n int, end time.Time) *Site {
	random := rand.New(rand.NewPCG(uint64(n), 14))
	site := &Site{
		Cloud: true, BaseURL: "https://example.atlassian.net", Zone: "UTC", User: "bot@example.com", Token: "sample-token",
		Statuses: sampleStatuses,
		Fields: []Field{
			{"customfield_10016", "Story Points", "com.atlassian.jira.plugin.system.customfieldtypes:float", "number"},
			{"customfield_10042", "Severity", "com.atlassian.jira.plugin.system.customfieldtypes:select", "option"},
		},
	}
	var people []User
	for i := range 40 {
		people = append(people, User{AccountID: fmt.Sprintf("712020:%08d", i), Name: fmt.Sprintf("Person %d", i), Email: fmt.Sprintf("person%d@example.com", i), Zone: "Europe/Berlin"})
	}
	keys := map[string]int{}
	start := end.AddDate(0, 0, -sampleDays).Truncate(time.Second)
	step := end.Sub(start) / time.Duration(max(n, 1))
	for i := range n {
		kind := sampleTypes[random.IntN(len(sampleTypes))]
		keys[kind.project]++
		issue := &Issue{
			ID: strconv.Itoa(10000 + i), Key: kind.project + "-" + strconv.Itoa(keys[kind.project]),
			Created: start.Add(time.Duration(i) * step).Truncate(time.Millisecond),
		}
		assignee, reporter := people[random.IntN(len(people))], people[random.IntN(len(people))]
		issue.Updated = issue.Created
		at := 0
		for h := range 3 + random.IntN(3) {
			next := issue.Updated.Add(time.Duration(1+random.IntN(36*3600)) * time.Second)
			if next.After(end) {
				break
			}
			from, to := sampleStatuses[at], sampleStatuses[(at+1)%len(sampleStatuses)]
			at = (at + 1) % len(sampleStatuses)
			issue.Updated = next
			issue.Histories = append(issue.Histories, History{
				ID: strconv.Itoa(200000 + 10*i + h), Author: assignee, Created: next,
				Items: []Item{{"status", "status", from.ID, from.Name, to.ID, to.Name}},
			})
		}
		var before *Issue
		if i > 0 {
			before = site.Issues[i-1]
		}
		issue.Fields = sampleFields(random, issue, before, sampleStatuses[at], assignee, reporter)
		issue.Fields["issuetype"] = map[string]any{"id": kind.id, "name": kind.name, "subtask": false}
		issue.Fields["project"] = map[string]any{"id": kind.projectID, "key": kind.project, "name": kind.project, "projectTypeKey": "software"}
		site.Issues = append(site.Issues, issue)
		site.Worklogs = append(site.Worklogs, &Worklog{
			ID: strconv.Itoa(50000 + i), IssueID: issue.ID, Author: assignee, Comment: "worked on it",
			Created: issue.Updated, Updated: issue.Updated, Started: issue.Created, Seconds: 900 * (1 + random.IntN(32)),
		})
	}
	return site
}

func sampleFields(random *rand.Rand, issue, before *Issue, status Status, assignee, reporter User) map[string]any {
	part := sampleParts[random.IntN(len(sampleParts))]
	fields := map[string]any{
		"summary":           fmt.Sprintf("%s: work item %s", part, issue.ID),
		"description":       "What happened, what was seen, and what is to be done about it in " + part + ".",
		"status":            status,
		"priority":          map[string]any{"id": "3", "name": samplePriorities[random.IntN(len(samplePriorities))]},
		"labels":            []string{sampleLabels[random.IntN(len(sampleLabels))]},
		"components":        []any{map[string]any{"id": "10200", "name": part}},
		"resolution":        nil,
		"resolutiondate":    nil,
		"issuelinks":        []any{},
		"assignee":          assignee,
		"reporter":          reporter,
		"creator":           reporter,
		"duedate":           issue.Created.AddDate(0, 0, 14).Format(time.DateOnly),
		"fixVersions":       []any{},
		"timespent":         nil,
		"customfield_10016": float64(1 + random.IntN(8)),
		"customfield_10042": map[string]any{"id": "10300", "value": "SEV " + strconv.Itoa(1+random.IntN(4))},
		"comment":           []Comment{{ID: "7" + issue.ID, Author: reporter, Body: "seen again", Created: issue.Created, Updated: issue.Created}},
	}
	if status.Category == "done" {
		fields["resolution"] = map[string]any{"id": "10000", "name": "Done"}
		fields["resolutiondate"] = issue.Updated
	}
	if random.IntN(4) == 0 && before != nil {
		fields["issuelinks"] = []any{map[string]any{
			"id":           "9" + issue.ID,
			"type":         map[string]any{"id": "10003", "name": "Problem/Incident", "inward": "is caused by", "outward": "causes"},
			"outwardIssue": map[string]any{"id": before.ID, "key": before.Key, "fields": map[string]any{"summary": before.Fields["summary"]}},
		}}
	}
	return fields
}
