package configs

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Span is a length of time as a config states it: 30m, 4h, 14d.
type Span struct {
	Text string
	time.Duration
}

// ParseSpan reads 30m, 4h, 1h30m or 14d; a day is 24 hours. Nothing here is
// measured finer than a second.
func ParseSpan(text string) (Span, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 3650 {
			return Span{text, time.Duration(n) * 24 * time.Hour}, nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second {
		return Span{}, fmt.Errorf("%q is no length of time", text)
	}
	return Span{text, d}, nil
}

func span(text string) Span {
	s, err := ParseSpan(text)
	if err != nil {
		panic(err) // only for defaults
	}
	return s
}

// Team is one entry of the optional list of teams.
type Team struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"` // other names that sources give it, in any case
	Tier    string   `yaml:"tier"`    // TierL2, TierL3 or empty
}

// The tiers of support.
const (
	TierL2 = "L2"
	TierL3 = "L3"
)

// Cause is a cause category and what sources call it.
type Cause struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
}

// Postmortems says which incidents need one, and by when.
type Postmortems struct {
	Required       []int `yaml:"required"`        // severities; empty: every major incident
	WithinWorkdays int   `yaml:"within_workdays"` // after the resolution; default 10
}

// Target is how fast incidents are to be acknowledged and resolved. The first
// that fits an incident counts.
type Target struct {
	Severity    []int    `yaml:"severity"` // empty: all
	Service     []string `yaml:"service"`  // empty: all
	Acknowledge Span     `yaml:"acknowledge"`
	Resolve     Span     `yaml:"resolve"`
	Clock       string   `yaml:"clock"` // ClockAlways (the default) or ClockCalendar
}

// The clocks of a target.
const (
	ClockAlways   = "24x7"
	ClockCalendar = "calendar" // business hours of the service's calendar
)

// Calendar says when a team works.
type Calendar struct {
	Name     string    `yaml:"name"`
	Zone     string    `yaml:"zone"`  // an IANA name; default: the reporting zone
	Days     []string  `yaml:"days"`  // default monday to friday
	Hours    string    `yaml:"hours"` // default 08:00-18:00
	Holidays []Holiday `yaml:"holidays"`

	Location      *time.Location        `yaml:"-"` // parsed from Zone
	Weekdays      map[time.Weekday]bool `yaml:"-"` // parsed from Days
	Opens, Closes time.Duration         `yaml:"-"` // parsed from Hours: wall clock since midnight; 24 h is the end of the day
}

// Business is the calendar of what names none.
const Business = "business"

// Holiday is a day on which nobody works.
type Holiday struct {
	Date string `yaml:"date"`
	Name string `yaml:"name"`
}

// Window is a part of each week, in the reporting zone: when changes may go out.
type Window struct {
	Name string `yaml:"name"`
	From string `yaml:"from"` // weekday and time: monday 18:00
	To   string `yaml:"to"`

	FromDay, ToDay       time.Weekday  `yaml:"-"`
	FromOffset, ToOffset time.Duration `yaml:"-"`
}

// covers says that all that a later target fits is fitted by this one.
func (t Target) covers(later Target) bool {
	return holds(t.Severity, later.Severity) && holds(t.Service, later.Service)
}

// Work says what kind of work a ticket is, and so the hours booked on it.
type Work struct {
	HoursPerWeek int        `yaml:"hours_per_week"` // of one full-time person; default 40
	Rules        []WorkRule `yaml:"rules"`          // the first that fits; instead of the default ones
}

// WorkRule says what a ticket's work is. All conditions that are given must
// hold; of several values in one, any does.
type WorkRule struct {
	Is               string   `yaml:"is"` // one of WorkClasses
	Source           []string `yaml:"source"`
	Role             []string `yaml:"role"` // of Roles
	Project          []string `yaml:"project"`
	Type             []string `yaml:"type"`
	Label            []string `yaml:"label"`
	AfterSprintStart bool     `yaml:"created_after_sprint_start"`
}

// covers says that all that a later rule fits is fitted by this one.
func (r WorkRule) covers(later WorkRule) bool {
	return holds(r.Source, later.Source) && holds(r.Role, later.Role) && holdsFold(r.Project, later.Project) && holdsFold(r.Type, later.Type) &&
		holdsFold(r.Label, later.Label) && (!r.AfterSprintStart || later.AfterSprintStart)
}

// holds says that a condition lets through all that a narrower one does; one
// without a value lets through everything.
func holds[T comparable](wide, narrow []T) bool {
	if len(wide) == 0 || len(narrow) == 0 {
		return len(wide) == 0
	}
	return !slices.ContainsFunc(narrow, func(v T) bool { return !slices.Contains(wide, v) })
}

func holdsFold(wide, narrow []string) bool {
	return holds(lowered(wide), lowered(narrow))
}

func lowered(texts []string) []string {
	small := make([]string, len(texts))
	for i, t := range texts {
		small[i] = strings.ToLower(t)
	}
	return small
}

// WorkClasses are the kinds of work.
var WorkClasses = []string{"business_project", "internal_project", "planned_change", "toil", "unplanned"}

// Default says that the rules are those of a config that states none.
func (w Work) Default() bool { return reflect.DeepEqual(w.Rules, workRules()) }

// String is the rule as it stands in a config.
func (r WorkRule) String() string {
	parts := []string{"is: " + r.Is}
	for _, c := range []struct {
		key    string
		values []string
	}{{"source", r.Source}, {"role", r.Role}, {"project", r.Project}, {"type", r.Type}, {"label", r.Label}} {
		if len(c.values) == 0 {
			continue
		}
		texts := make([]string, len(c.values))
		for i, v := range c.values {
			if texts[i] = v; !plainText.MatchString(v) || strings.EqualFold(v, "null") {
				texts[i] = strconv.Quote(v)
			}
		}
		parts = append(parts, c.key+": ["+strings.Join(texts, ", ")+"]")
	}
	if r.AfterSprintStart {
		parts = append(parts, "created_after_sprint_start: true")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// plainText needs no quotes in YAML, where null alone means no value.
var plainText = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_ /-]*[A-Za-z0-9_]$`)

// workRules are the rules of a config that states none.
func workRules() []WorkRule {
	return []WorkRule{
		{Is: "toil", Label: []string{"toil", "chore", "routine"}},
		{Is: "unplanned", Label: []string{"unplanned", "interrupt", "expedite", "hotfix"}},
		{Is: "unplanned", Role: []string{EntityIncident}},
		{Is: "planned_change", Role: []string{EntityChange}},
		{Is: "internal_project", Role: []string{"problem", "postmortem", "action_item"}},
		{Is: "unplanned", Type: []string{"Support", "Service Request"}},
		{Is: "unplanned", AfterSprintStart: true},
		{Is: "business_project", Type: []string{"Epic", "Story", "Feature", "New Feature", "Improvement"}},
	}
}

// ServiceNamed is what reports call a service that goes by a name or an alias,
// in any case; a name that is not listed stays.
func (c *Config) ServiceNamed(name string) string {
	for _, s := range c.Services {
		if goesBy(name, s.Name, s.Aliases) {
			return s.Name
		}
	}
	return name
}

// TeamNamed is what reports call a team that goes by a name or an alias.
func (c *Config) TeamNamed(name string) string {
	for _, t := range c.Teams {
		if goesBy(name, t.Name, t.Aliases) {
			return t.Name
		}
	}
	return name
}

func goesBy(called, name string, aliases []string) bool {
	return strings.EqualFold(called, name) || slices.ContainsFunc(aliases, func(a string) bool { return strings.EqualFold(called, a) })
}
