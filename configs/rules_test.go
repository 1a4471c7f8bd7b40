package configs

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const someSource = `
sources:
  - {name: a, type: file, entity: change, path: x.csv, fields: {id: n}}
  - {name: jira, type: jira, url: "https://a.example", token: {env: A}}
`

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"30m": 30 * time.Minute, "4h": 4 * time.Hour, "1h30m": 90 * time.Minute, "14d": 14 * 24 * time.Hour, "1s": time.Second,
		"": 0, "30": 0, "0": 0, "0d": 0, "-4h": 0, "1d12h": 0, "1.5d": 0, "10ms": 0, "4000d": 0, "two weeks": 0,
	} {
		got, err := ParseSpan(text)
		if got.Duration != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestRulesByDefault(t *testing.T) {
	c := load(t, "timezone: Australia/Melbourne"+someSource)
	if c.Incidents.FlapsWithin.Duration != 30*time.Minute || c.Incidents.ReopenedWithin.Duration != 14*24*time.Hour || c.Changes.ObservedFor.Duration != 72*time.Hour ||
		c.Changes.IssuesFail || c.Work.HoursPerWeek != 40 || c.Postmortems.WithinWorkdays != 10 || c.Postmortems.Required != nil || len(c.Targets) != 0 {
		t.Errorf("%+v", c)
	}
	if got := strings.Join(c.Incidents.OnHold, ", "); got != "On hold, Parked, Pending, Blocked, Waiting for customer, Waiting for vendor" {
		t.Errorf("on hold by default: %s", got)
	}
	// There is a calendar without anybody writing one.
	k := c.Calendar(Business)
	if k == nil || k.Location.String() != "Australia/Melbourne" || k.Opens != 8*time.Hour || k.Closes != 18*time.Hour ||
		len(k.Weekdays) != 5 || k.Weekdays[time.Saturday] || k.Weekdays[time.Sunday] {
		t.Errorf("%+v", k)
	}
	// The default rules of work decide each of their own cases.
	for i, r := range c.Work.Rules {
		for j, earlier := range c.Work.Rules[:i] {
			if earlier.covers(r) {
				t.Errorf("rule %d never decides: rule %d fits all that it fits", i+1, j+1)
			}
		}
	}
}

func TestRulesAsStated(t *testing.T) {
	c := load(t, `
timezone: Europe/Berlin
incidents: {flaps_within: 1h, reopened_within: 7d, detected_by_users: Customer}
changes:
  observed_for: 1d
  issues_fail: true
  cab: [{name: night, from: saturday 22:00, to: Sunday 04:30}, {name: all week, from: monday 06:00, to: monday 06:00}]
services:
  - {name: checkout, aliases: [Checkout API, checkout], calendar: support}
teams: [{name: core, aliases: platform, tier: L3}]
calendars:
  - {name: support, zone: Asia/Kolkata, days: [Saturday, sunday], hours: "06:30 - 24:00", holidays: [{date: 2026-10-02, name: Gandhi Jayanti}]}
targets:
  - {severity: 1, acknowledge: 15m, resolve: 4h}
  - {severity: [1, 2], service: checkout, resolve: 2d, clock: calendar}
  - {resolve: 5d}
work:
  hours_per_week: 38
  rules:
    - {is: toil, label: [Toil]}
    - {is: unplanned, source: jira, role: ticket, created_after_sprint_start: true}
    - {is: unplanned, source: jira, role: ticket}
    - {is: internal_project, project: [PLAT, OPS]}
    - {is: business_project}
postmortems: {required: [1], within_workdays: 5}
`+someSource)
	if diff := cmp.Diff([]Target{
		{Severity: []int{1}, Acknowledge: span("15m"), Resolve: span("4h"), Clock: ClockAlways},
		{Severity: []int{1, 2}, Service: []string{"checkout"}, Resolve: span("2d"), Clock: ClockCalendar},
		{Resolve: span("5d"), Clock: ClockAlways},
	}, c.Targets); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]WorkRule{
		{Is: "toil", Label: []string{"Toil"}},
		{Is: "unplanned", Source: []string{"jira"}, Role: []string{"ticket"}, AfterSprintStart: true},
		{Is: "unplanned", Source: []string{"jira"}, Role: []string{"ticket"}},
		{Is: "internal_project", Project: []string{"PLAT", "OPS"}},
		{Is: "business_project"}, // what is left: only as the last
	}, c.Work.Rules); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Window{
		{Name: "night", From: "saturday 22:00", To: "Sunday 04:30", FromDay: time.Saturday, FromOffset: 22 * time.Hour, ToDay: time.Sunday, ToOffset: 4*time.Hour + 30*time.Minute},
		{Name: "all week", From: "monday 06:00", To: "monday 06:00", FromDay: time.Monday, FromOffset: 6 * time.Hour, ToDay: time.Monday, ToOffset: 6 * time.Hour},
	}, c.Changes.CAB); diff != "" {
		t.Error(diff)
	}
	k := c.Calendar("support")
	if k.Location.String() != "Asia/Kolkata" || k.Opens != 6*time.Hour+30*time.Minute || k.Closes != 24*time.Hour || !k.Weekdays[time.Sunday] || k.Weekdays[time.Monday] {
		t.Errorf("%+v", k)
	}
	if c.Calendar(Business) == nil || c.Calendar("nights") != nil {
		t.Errorf("%+v", c.Calendars)
	}
	for called, want := range map[string]string{"CHECKOUT API": "checkout", "Checkout": "checkout", "search": "search", "": ""} {
		if got := c.ServiceNamed(called); got != want {
			t.Errorf("service %q is called %q", called, got)
		}
	}
	if got := c.TeamNamed("Platform"); got != "core" {
		t.Errorf("team %q", got)
	}
}

// A rule stands in the way of a later one only where it fits all of it.
func TestRulesThatCoverLaterOnes(t *testing.T) {
	for i, x := range []struct {
		earlier, later WorkRule
		want           bool
	}{
		{WorkRule{}, WorkRule{Type: []string{"Bug"}}, true},
		{WorkRule{Type: []string{"Bug"}}, WorkRule{}, false},
		{WorkRule{Type: []string{"bug", "Task"}}, WorkRule{Type: []string{"Bug"}, Project: []string{"A"}}, true},
		{WorkRule{Type: []string{"Bug"}}, WorkRule{Type: []string{"Bug", "Task"}}, false},
		{WorkRule{Type: []string{"Bug"}, AfterSprintStart: true}, WorkRule{Type: []string{"Bug"}}, false},
		{WorkRule{Type: []string{"Bug"}}, WorkRule{Type: []string{"Bug"}, AfterSprintStart: true}, true},
		{WorkRule{Role: []string{"incident"}}, WorkRule{Type: []string{"Incident"}}, false},
	} {
		if got := x.earlier.covers(x.later); got != x.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}

// A rule as it is printed loads as the same rule.
func TestWorkRuleAsText(t *testing.T) {
	rules := append([]WorkRule{{
		Is: "toil", Source: []string{"jira"}, Project: []string{"NO", "A1", "7"}, Type: []string{`a "b"`, "c: d", "e # f", "null", "Service Request "}, Label: []string{"-", "a]b", "über"}, AfterSprintStart: true,
	}}, workRules()...)
	text := "work:\n  rules:\n"
	for _, r := range rules {
		text += "    - " + r.String() + "\n"
	}
	c := load(t, text+someSource)
	if diff := cmp.Diff(rules, c.Work.Rules); diff != "" {
		t.Error(diff)
	}
	if c.Work.Default() || !load(t, someSource).Work.Default() {
		t.Error("stated or not, it is not told apart")
	}
}
