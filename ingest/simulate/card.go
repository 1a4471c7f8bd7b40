package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// card is an issue in the making. Its moves are told in the order of time.
type card struct {
	*jiraapi.Issue
	t          *tracker
	status     jiraapi.Status
	resolution string
	comments   []jiraapi.Comment
	latest     time.Time
}

// open starts an issue. kind is one letter of customFields, or empty.
func (t *tracker) open(key, issueType, kind, title string, created time.Time, reporter string, status jiraapi.Status) *card {
	project, _, _ := strings.Cut(key, "-")
	fields := map[string]any{
		"summary": title, "description": nil, "labels": []string{}, "components": []any{}, "issuelinks": []link{}, "duedate": nil,
		"project":   map[string]any{"id": projectID(project), "key": project, "name": project},
		"issuetype": map[string]any{"id": issueTypeID(issueType), "name": issueType, "subtask": false},
		"priority":  map[string]any{"id": "3", "name": "Medium"},
		"reporter":  t.user(reporter), "creator": t.user(reporter), "assignee": nil, "resolution": nil, "resolutiondate": nil, "parent": nil,
	}
	for _, f := range customFields {
		if strings.Contains(f.of, kind) {
			fields[t.fields[f.name]] = nil
		}
	}
	c := &card{Issue: &jiraapi.Issue{Key: key, Created: created, Fields: fields}, t: t, status: status, latest: created}
	t.cards[key] = c
	return c
}

// Ids that the site gave to projects and types when they were made.
func projectID(key string) string {
	all := append(slices.Sorted(maps.Values(projects)), "INC", "CHG", "PRB", "PIR")
	return strconv.Itoa(10200 + slices.Index(all, key))
}

func issueTypeID(name string) string {
	all := []string{"Story", "Task", "Bug", "Request", "Incident", "Drill", "Maintenance", "Change", "Release", "Problem", "Post-mortem"}
	return strconv.Itoa(10300 + slices.Index(all, name))
}

// choose sets a custom field to an option; the empty one stays null.
func (c *card) choose(field, option string) {
	if option != "" {
		c.Fields[c.t.fields[field]] = map[string]any{"id": fmt.Sprint(20000 + len(option)), "value": option}
	}
}

func (c *card) say(field, text string) {
	if text != "" {
		c.Fields[c.t.fields[field]] = text
	}
}

func (c *card) date(field string, at time.Time) {
	if !at.IsZero() {
		c.Fields[c.t.fields[field]] = at
	}
}

func (c *card) about(services []string) {
	all := []any{}
	for _, s := range services {
		all = append(all, map[string]any{"id": fmt.Sprint(10400 + serviceNumber(c.t.world, s)), "name": s})
	}
	c.Fields["components"] = all
}

func serviceNumber(w *World, name string) int {
	return slices.IndexFunc(w.Services, func(s Service) bool { return s.Name == name })
}

// step adds an entry to the changelog.
func (c *card) step(at time.Time, by string, items ...jiraapi.Item) {
	c.Histories = append(c.Histories, jiraapi.History{Author: c.t.user(by), Created: at, Items: items})
	c.seen(at)
}

// seen moves the issue's last update.
func (c *card) seen(at time.Time) {
	if at.After(c.latest) {
		c.latest = at
	}
}

// move changes the status, and with it the resolution: empty clears it.
func (c *card) move(at time.Time, by string, to jiraapi.Status, resolution string) {
	if at.IsZero() {
		return
	}
	items := []jiraapi.Item{{Field: "status", FieldID: "status", From: c.status.ID, FromString: c.status.Name, To: to.ID, ToString: to.Name}}
	if resolution != c.resolution {
		items = append([]jiraapi.Item{{
			Field: "resolution", FieldID: "resolution", From: resolutionID(c.resolution), FromString: c.resolution, To: resolutionID(resolution), ToString: resolution,
		}}, items...)
		c.Fields["resolution"], c.Fields["resolutiondate"] = nil, nil
		if resolution != "" {
			c.Fields["resolution"] = map[string]any{"id": resolutionID(resolution), "name": resolution}
			c.Fields["resolutiondate"] = at
		}
	}
	c.status, c.resolution = to, resolution
	c.step(at, by, items...)
}

func resolutionID(name string) string {
	if name == "" {
		return ""
	}
	return strconv.Itoa(10500 + slices.Index([]string{"Done", "Duplicate", "Won't Do"}, name))
}

// assign gives the issue to a person.
func (c *card) assign(at time.Time, by, to string) {
	before, _ := c.Fields["assignee"].(jiraapi.User)
	after := c.t.user(to)
	if before == after {
		return
	}
	c.Fields["assignee"] = after
	c.step(at, by, jiraapi.Item{Field: "assignee", FieldID: "assignee", From: before.AccountID, FromString: before.Name, To: after.AccountID, ToString: after.Name})
}

// comment adds what somebody wrote.
func (c *card) comment(at time.Time, by, text string) {
	if text == "" || at.After(c.t.world.To) {
		return
	}
	c.comments = append(c.comments, jiraapi.Comment{Author: c.t.user(by), Body: text, Created: at, Updated: at})
	c.seen(at)
}
