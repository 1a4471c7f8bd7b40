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
		path := under("", "calendars", strconv.Itoa(i))
		d.calendar(c, &c.Calendars[i], path)
		if name := c.Calendars[i].Name; name != "" && c.Calendar(name) != &c.Calendars[i] {
			d.at(under(path, "name"), fmt.Sprintf("the calendar %q is here a second time", name), "keep one of them")
		}
	}
	for i, s := range c.Services {
		if s.Calendar != "" && c.Calendar(s.Calendar) == nil {
			var known []string
			for _, k := range c.Calendars {
				known = append(known, k.Name)
			}
			next := "add it under calendars:"
			if Nearest(s.Calendar, known) != "" {
				next = instead(s.Calendar, known)
			}
			d.at(under("", "services", strconv.Itoa(i), "calendar"), fmt.Sprintf("there is no calendar %q", s.Calendar), next)
		}
	}
	for i := range c.Targets {
		path := under("", "targets", strconv.Itoa(i))
		d.target(&c.Targets[i], path)
		if j := slices.IndexFunc(c.Targets[:i], func(t Target) bool { return t.covers(c.Targets[i]) }); j >= 0 {
			d.at(path, fmt.Sprintf("the target never counts: target %d fits all that it fits, and the first counts", j+1), "put it before, or remove it")
		}
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
		path := under("", "work", "rules", strconv.Itoa(i))
		d.workRule(c, r, path)
		if j := slices.IndexFunc(c.Work.Rules[:i], func(w WorkRule) bool { return w.covers(r) }); j >= 0 {
			d.at(path, fmt.Sprintf("the rule never decides: rule %d fits all that it fits, and the first decides", j+1), "put it before, or remove it")
		}
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
	twice := map[string]bool{} // kind and name
	once := func(kind, list string, i int, name string) {
		if name != "" && twice[kind+name] {
			d.at(under("", list, strconv.Itoa(i), "name"), fmt.Sprintf("the %s %q is here a second time", kind, name), "keep one of them")
		}
		twice[kind+name] = true
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
		once("team", "teams", i, t.Name)
		all("team", "teams", i, t.Name, t.Aliases)
	}
	for i, k := range c.Causes {
		once("cause", "causes", i, k.Name)
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
	if len(k.Days) == 0 {
		d.at(under(path, "days"), "nobody works on any day of the calendar", "list its weekdays, or leave the key out for monday to friday")
	}
	from, to, _ := strings.Cut(k.Hours, "-")
	opens, ok := timeOfDay(strings.TrimSpace(from))
	closes, fine := timeOfDay(strings.TrimSpace(to))
	if strings.TrimSpace(to) == "24:00" {
		closes, fine = 24*time.Hour, true
	}
	if !ok || !fine || closes <= opens {
		d.at(under(path, "hours"), fmt.Sprintf("the hours %q do not begin before they end on one day", k.Hours), "write them like 08:00-18:00, or 00:00-24:00 for whole days")
	}
	k.Opens, k.Closes = opens, closes
	off := map[string]bool{}
	for i, h := range k.Holidays {
		at := under(path, "holidays", strconv.Itoa(i))
		switch _, err := time.Parse(time.DateOnly, h.Date); {
		case h.Date == "":
			d.at(at, "the holiday has no date", "add date: 2026-12-25")
		case err != nil:
			d.at(under(at, "date"), fmt.Sprintf("%q is no date", h.Date), "write it like 2026-12-25")
		case off[h.Date]:
			d.at(under(at, "date"), fmt.Sprintf("the holiday %s is here a second time", h.Date), "keep one of them")
		}
		off[h.Date] = true
	}
}

func (d *decoder) target(t *Target, path string) {
	d.severities(under(path, "severity"), t.Severity)
	fill(&t.Clock, ClockAlways)
	d.oneOf(path, "clock", t.Clock, []string{ClockAlways, ClockCalendar})
	if t.Acknowledge.Text == "" && t.Resolve.Text == "" {
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
		at := under(path, "source", strconv.Itoa(i))
		switch s := c.Source(name); {
		case s == nil:
			var known []string
			for _, s := range c.Sources {
				known = append(known, s.Name)
			}
			d.at(at, fmt.Sprintf("there is no source %q", name), instead(name, known))
		case s.Type == TypeFile || s.Type == TypePagerDuty:
			d.at(at, fmt.Sprintf("the source %q holds no tickets", name), "name one of type: jira, or leave source out")
		}
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
