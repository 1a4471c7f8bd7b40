package configs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rules validates calendars, targets, windows and the rules of work, and parses
// what they give as text.
func (d *decoder) rules(c *Config) {
	d.aliases(c)
	for i := range c.Calendars {
		d.calendar(c, &c.Calendars[i], under("", "calendars", strconv.Itoa(i)))
	}
	for i, s := range c.Services {
		if s.Calendar != "" && c.Calendar(s.Calendar) == nil {
			d.at(under("", "services", strconv.Itoa(i), "calendar"), fmt.Sprintf("there is no calendar %q", s.Calendar), "add it under calendars:")
		}
	}
	for i := range c.Targets {
		d.target(&c.Targets[i], under("", "targets", strconv.Itoa(i)))
	}
	for i := range c.Changes.CAB {
		w, path := &c.Changes.CAB[i], under("", "changes", "cab", strconv.Itoa(i))
		if w.Name == "" {
			d.at(path, "the window has no name", "say when it is, like: Monday evening to Thursday morning")
		}
		w.FromDay, w.FromOffset = d.weekTime(under(path, "from"), "from", w.From)
		w.ToDay, w.ToOffset = d.weekTime(under(path, "to"), "to", w.To)
	}
	for i, r := range c.Work.Rules {
		d.workRule(c, r, under("", "work", "rules", strconv.Itoa(i)))
	}
	if n := c.Work.HoursPerWeek; n < 1 || n > 168 {
		d.at(under("", "work", "hours_per_week"), fmt.Sprintf("hours_per_week is %d", n), "give the hours of a full-time week, like 40")
	}
	d.severities(under("", "postmortems", "required"), c.Postmortems.Required)
	if n := c.Postmortems.WithinWorkdays; n < 1 || n > 60 {
		d.at(under("", "postmortems", "within_workdays"), fmt.Sprintf("within_workdays is %d", n), "give 1 to 60 working days")
	}
}

func (d *decoder) severities(path string, list []int) {
	for i, n := range list {
		if n < 1 || n > 5 {
			d.at(under(path, strconv.Itoa(i)), fmt.Sprintf("severity %d does not exist", n), "severities are 1 (worst) to 5")
		}
	}
}

// aliases validates teams and causes, and that a name stands for one thing.
func (d *decoder) aliases(c *Config) {
	for i, t := range c.Teams {
		path := under("", "teams", strconv.Itoa(i))
		if t.Name == "" {
			d.at(path, "the team has no name", "give it the name that reports are to show")
		}
		if t.Tier != "" && t.Tier != TierL2 && t.Tier != TierL3 {
			d.at(under(path, "tier"), fmt.Sprintf("unknown tier %q", t.Tier), instead(t.Tier, []string{TierL2, TierL3}))
		}
	}
	for i, k := range c.Causes {
		if k.Name == "" {
			d.at(under("", "causes", strconv.Itoa(i)), "the cause has no name", "give it the name that reports are to show")
		}
	}
	stands := map[string]string{} // kind and alias, in small letters → name
	note := func(kind, path, alias, name string) {
		at := kind + "\x00" + strings.ToLower(alias)
		if other, taken := stands[at]; taken && other != name {
			d.at(path, fmt.Sprintf("%q already stands for the %s %q", alias, kind, other), "keep it in one place")
		}
		stands[at] = name
	}
	all := func(kind, list string, i int, name string, aliases []string) {
		path := under("", list, strconv.Itoa(i))
		if name != "" {
			note(kind, under(path, "name"), name, name)
		}
		for j, a := range aliases {
			note(kind, under(path, "aliases", strconv.Itoa(j)), a, name)
		}
	}
	for i, s := range c.Services {
		all("service", "services", i, s.Name, s.Aliases)
	}
	for i, t := range c.Teams {
		all("team", "teams", i, t.Name, t.Aliases)
	}
	for i, k := range c.Causes {
		all("cause", "causes", i, k.Name, k.Aliases)
	}
}

func (d *decoder) calendar(c *Config, k *Calendar, path string) {
	if k.Name == "" {
		d.at(path, "the calendar has no name", "call the one that holds for all "+Business)
	}
	if k.Zone == "" {
		k.Zone, k.Location = c.Timezone, c.Location()
	} else {
		k.Location = d.zone(under(path, "zone"), k.Zone)
	}
	k.Weekdays = map[time.Weekday]bool{}
	for i, name := range k.Days {
		wd, ok := weekday(name)
		if !ok {
			d.at(under(path, "days", strconv.Itoa(i)), fmt.Sprintf("%q is no weekday", name), "write monday, tuesday …")
		}
		k.Weekdays[wd] = true
	}
	from, to, _ := strings.Cut(k.Hours, "-")
	opens, ok := timeOfDay(strings.TrimSpace(from))
	closes, fine := timeOfDay(strings.TrimSpace(to))
	if !ok || !fine || closes <= opens {
		d.at(under(path, "hours"), fmt.Sprintf("the hours %q do not begin before they end on one day", k.Hours), "write them like 08:00-18:00")
	}
	k.Opens, k.Closes = opens, closes
	for i, h := range k.Holidays {
		if _, err := time.Parse(time.DateOnly, h.Date); err != nil {
			d.at(under(path, "holidays", strconv.Itoa(i), "date"), fmt.Sprintf("%q is no date", h.Date), "write it like 2026-12-25")
		}
	}
}

func (d *decoder) target(t *Target, path string) {
	d.severities(under(path, "severity"), t.Severity)
	fill(&t.Clock, ClockAlways)
	d.oneOf(path, "clock", t.Clock, []string{ClockAlways, ClockCalendar})
	if t.Acknowledge.Duration == 0 && t.Resolve.Duration == 0 {
		d.at(path, "the target names no time", "add acknowledge: 15m, resolve: 4h, or both")
	}
}

func (d *decoder) workRule(c *Config, r WorkRule, path string) {
	switch {
	case r.Is == "":
		d.at(path, "the rule does not say what the work is", "add is: "+strings.Join(WorkClasses, " or "))
	case !slices.Contains(WorkClasses, r.Is):
		d.at(under(path, "is"), fmt.Sprintf("unknown kind of work %q", r.Is), instead(r.Is, WorkClasses))
	}
	for i, role := range r.Role {
		if !slices.Contains(Roles, role) {
			d.at(under(path, "role", strconv.Itoa(i)), fmt.Sprintf("unknown role %q", role), instead(role, Roles))
		}
	}
	for i, name := range r.Source {
		if c.Source(name) == nil {
			d.at(under(path, "source", strconv.Itoa(i)), fmt.Sprintf("there is no source %q", name), "name one of sources:")
		}
	}
	if len(r.Source)+len(r.Role)+len(r.Project)+len(r.Type)+len(r.Label) == 0 && !r.AfterSprintStart {
		d.at(path, "the rule has no condition, so none after it would ever be asked", "add role, type, label, project, source or created_after_sprint_start")
	}
}

// Calendar finds a calendar by its name; nil when there is none.
func (c *Config) Calendar(name string) *Calendar {
	for i := range c.Calendars {
		if c.Calendars[i].Name == name {
			return &c.Calendars[i]
		}
	}
	return nil
}
