package jiraapi

import (
	"encoding/json"
	"strings"
)

func myself(c *call) ([]byte, error) {
	p := c.index.pen
	zone := c.zone.String()
	if c.site.Cloud {
		return p.user(nil, User{AccountID: "5b10ac8d82e05b22cc7d4ef5", Name: "srekpi bot", Email: c.site.User, Zone: zone}), nil
	}
	return p.user(nil, User{AccountID: "srekpi-bot", Name: "srekpi bot", Email: "bot@example.com", Zone: zone}), nil
}

func serverInfo(c *call) ([]byte, error) {
	b := member([]byte{'{'}, "baseUrl", c.site.BaseURL)
	if c.site.Cloud {
		b = member(b, "version", "1001.0.0-SNAPSHOT")
		b = append(b, `,"versionNumbers":[1001,0,0],"buildNumber":100283`...)
		b = member(b, "deploymentType", "Cloud")
	} else {
		b = member(b, "version", "9.12.5")
		b = append(b, `,"versionNumbers":[9,12,5],"buildNumber":9120005`...)
		b = member(b, "deploymentType", "Server")
	}
	b = c.index.pen.time(append(b, `,"serverTime":`...), c.now)
	b = member(b, "serverTitle", "Jira")
	return append(b, '}'), nil
}

func statusList(c *call) ([]byte, error) {
	b := []byte{'['}
	for i, s := range c.site.Statuses {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.index.pen.status(b, s)
	}
	return append(b, ']'), nil
}

// systemFields are the fields that every Jira has, with their types.
var systemFields = [][3]string{
	{"issuetype", "Issue Type", "issuetype"}, {"project", "Project", "project"}, {"status", "Status", "status"},
	{"summary", "Summary", "string"}, {"description", "Description", "string"}, {"environment", "Environment", "string"},
	{"priority", "Priority", "priority"}, {"labels", "Labels", "array"}, {"components", "Components", "array"},
	{"fixVersions", "Fix versions", "array"}, {"resolution", "Resolution", "resolution"},
	{"resolutiondate", "Resolved", "datetime"}, {"created", "Created", "datetime"}, {"updated", "Updated", "datetime"},
	{"duedate", "Due date", "date"}, {"assignee", "Assignee", "user"}, {"reporter", "Reporter", "user"},
	{"creator", "Creator", "user"}, {"issuelinks", "Linked Issues", "array"}, {"parent", "Parent", ""},
	{"comment", "Comment", "comments-page"}, {"worklog", "Log Work", "array"}, {"timespent", "Time Spent", "number"},
	{"issuekey", "Key", ""},
}

type fieldEntry struct {
	ID          string       `json:"id"`
	Key         string       `json:"key,omitempty"`
	Name        string       `json:"name"`
	Custom      bool         `json:"custom"`
	Navigable   bool         `json:"navigable"`
	Searchable  bool         `json:"searchable"`
	ClauseNames []string     `json:"clauseNames"`
	Schema      *fieldSchema `json:"schema,omitempty"`
}

type fieldSchema struct {
	Type   string `json:"type"`
	Items  string `json:"items,omitempty"`
	System string `json:"system,omitempty"`
	Custom string `json:"custom,omitempty"`
}

func fieldList(c *call) ([]byte, error) {
	var all []fieldEntry
	for _, f := range systemFields {
		e := fieldEntry{ID: f[0], Name: f[1], Navigable: f[0] != "comment" && f[0] != "worklog", Searchable: true, ClauseNames: []string{f[0]}}
		if f[2] != "" {
			e.Schema = &fieldSchema{Type: f[2], System: f[0]}
		}
		all = append(all, e)
	}
	for _, f := range c.site.Fields {
		e := fieldEntry{ID: f.ID, Name: f.Name, Custom: true, Navigable: true, Searchable: true,
			ClauseNames: []string{"cf[" + strings.TrimPrefix(f.ID, "customfield_") + "]", f.Name}}
		if f.Type != "" {
			e.Schema = &fieldSchema{Type: f.Type, Custom: f.Custom}
		}
		all = append(all, e)
	}
	if c.site.Cloud { // only there
		for i := range all {
			all[i].Key = all[i].ID
		}
	}
	return json.Marshal(all)
}
