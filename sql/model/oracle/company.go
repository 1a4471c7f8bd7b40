package oracle

import (
	"slices"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// Company is many worlds under one config, at one moment.
type Company struct {
	Config *configs.Config
	AsOf   Moment
	Worlds []*World

	rows     map[*World][]*row
	changes  map[*World][]*change
	tickets  map[*World][]*card
	tellsAck map[string]bool
	tellsEsc map[string]bool
	names    map[string]bool // of services and teams, in small letters
}

// Compute reads every world once: what the KPIs rest on.
func (c *Company) Compute() {
	c.rows, c.changes, c.tickets = map[*World][]*row{}, map[*World][]*change{}, map[*World][]*card{}
	c.tellsAck, c.tellsEsc, c.names = map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, w := range c.Worlds {
		for _, s := range w.Sources {
			c.tellsAck[s.Name] = s.Type == "pagerduty"
		}
		for _, rec := range c.current(w) {
			c.tellsAck[rec.Source] = c.tellsAck[rec.Source] || w.tell(rec, c.AsOf).acknowledged.Known()
		}
		c.rows[w] = c.incidents(w)
		for _, r := range c.rows[w] {
			for _, name := range append(append([]string{}, r.services...), r.teams...) {
				c.names[strings.ToLower(name)] = true
			}
			c.tellsEsc[r.source] = c.tellsEsc[r.source] || r.escalated.Known()
		}
	}
	for _, w := range c.Worlds {
		for _, r := range c.rows[w] {
			r.titleKey = c.titleKey(r.title)
		}
		c.changes[w] = c.changesOf(w)
		c.tickets[w] = c.cards(w)
	}
}

// tells says that a source of an incident tells acknowledgements: a pager, or one
// of which any record has one of its own.
func (c *Company) tells(r *row) bool {
	return slices.ContainsFunc(r.records, func(rec *Incident) bool { return c.tellsAck[rec.Source] })
}

// collects says whether a source is one of this entity.
func collects(s *Source, entity string) bool {
	switch s.Type {
	case "pagerduty":
		return entity == "incident" || entity == "change" || entity == "page" || entity == "oncall_shift"
	case "jira":
		return entity == "incident" || entity == "change" || entity == "ticket" || entity == "worklog" || entity == "action_item"
	}
	return s.Entity == entity
}

// collected is the widest and the narrowest range of the sources of an entity;
// zero moments where none has collected.
type collected struct {
	from, to     Moment // of any
	since, until Moment // of all
}

func (c *Company) collected(entity string) collected {
	var r collected
	never := false
	for _, w := range c.Worlds {
		for _, s := range w.Sources {
			if !collects(s, entity) {
				continue
			}
			if !s.From.Known() || !s.To.Known() {
				never = true
				continue
			}
			to := min(s.To, c.AsOf)
			r.from, r.to = earliest(r.from, s.From), max(r.to, to)
			r.since, r.until = max(r.since, s.From), earliest(r.until, to)
		}
	}
	if never {
		r.since, r.until = 0, 0
	}
	return r
}

// to is the end of a source's collected range, unknown for one without.
func (c *Company) to(w *World, source string) Moment {
	if s := w.source(source); s != nil && s.To.Known() {
		return min(s.To, c.AsOf)
	}
	return 0
}

// named maps names by the aliases of the config and drops what comes twice.
func (c *Company) named(kind string, names []string) []string {
	var out []string
	for _, n := range names {
		n = c.alias(kind, n)
		seen := false
		for _, o := range out {
			seen = seen || o == n
		}
		if !seen {
			out = append(out, n)
		}
	}
	return out
}

func (c *Company) alias(kind, name string) string {
	if name == "" {
		return name
	}
	try := func(own string, aliases []string) bool {
		for _, a := range append([]string{own}, aliases...) {
			if strings.EqualFold(a, name) {
				return true
			}
		}
		return false
	}
	switch kind {
	case "service":
		for i := range c.Config.Services {
			if s := &c.Config.Services[i]; try(s.Name, s.Aliases) {
				return s.Name
			}
		}
	case "team":
		for i := range c.Config.Teams {
			if t := &c.Config.Teams[i]; try(t.Name, t.Aliases) {
				return t.Name
			}
		}
	case "cause":
		for i := range c.Config.Causes {
			if t := &c.Config.Causes[i]; try(t.Name, t.Aliases) {
				return t.Name
			}
		}
	}
	return name
}
