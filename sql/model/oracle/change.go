package oracle

import (
	"cmp"
	"slices"
	"strings"
)

// change is a change: what its records say together.
type change struct {
	world                       *World
	id, source, key, url, title string
	services, teams             []string
	kind, typ, risk             string
	environment                 string
	created, plannedStart       Moment
	started, ended, closed      Moment
	outcome, status, parent     string
	recorded                    bool
	caused                      []string
	records                     []*Change
	joined                      []*record
	incidents, hotfixes         []string // that it caused; that mend it
}

func (c *Company) changesOf(w *World) []*change {
	var records []*record
	of := map[*record]*Change{}
	for i := range w.Changes {
		r := &w.Changes[i]
		if r.Deleted || r.Filtered || r.Created > c.AsOf {
			continue
		}
		rec := &record{source: r.Source, id: r.ID, key: keyOf(r.Key, r.ID), url: r.URL, rank: w.rank(r.Source), sameAs: r.SameAs}
		records, of[rec] = append(records, rec), r
	}
	identify(records)
	var changes []*change
	for _, r := range records {
		if r.row != r {
			continue
		}
		ch := &change{world: w, id: r.full(), source: r.source, key: keyOf(r.key, r.id)}
		for _, m := range records {
			if m.row == r {
				ch.joined = append(ch.joined, m)
			}
		}
		slices.SortFunc(ch.joined, func(a, b *record) int { return cmp.Compare(a.rank, b.rank) })
		for _, m := range ch.joined {
			ch.records = append(ch.records, of[m])
			c.fillChange(w, ch, of[m])
		}
		switch {
		case ch.outcome == "cancelled" || ch.outcome == "rejected":
			ch.status = ch.outcome
		case ch.ended.Known() || ch.started.Known() && ch.outcome != "":
			ch.status = "done"
		case ch.started.Known():
			ch.status = "started"
		default:
			ch.status = "planned"
		}
		ch.recorded = ch.recorded || ch.outcome != ""
		changes = append(changes, ch)
	}
	for _, ch := range changes {
		ch.incidents = c.causedBy(w, ch, changes)
		for _, h := range changes {
			if h.parent != "" && h.parent == ch.key && h.source == ch.source && h != ch && (h.status == "started" || h.status == "done") {
				ch.hotfixes = append(ch.hotfixes, h.id)
			}
		}
		slices.Sort(ch.hotfixes)
	}
	return changes
}

// fillChange takes what a record states and those before it do not. How it ended
// is not known before it ended.
func (c *Company) fillChange(w *World, ch *change, r *Change) {
	ch.url, ch.title = cmp.Or(ch.url, r.URL), cmp.Or(ch.title, r.Title)
	if len(ch.services) == 0 {
		ch.services = c.named("service", r.Services)
	}
	if len(ch.teams) == 0 {
		ch.teams = c.named("team", r.Teams)
	}
	ch.kind, ch.typ, ch.risk = cmp.Or(ch.kind, r.Kind), cmp.Or(ch.typ, r.Type), cmp.Or(ch.risk, r.Risk)
	ch.environment, ch.parent = cmp.Or(ch.environment, r.Environment), cmp.Or(ch.parent, r.Parent)
	ch.created, ch.plannedStart = first(ch.created, r.Created), first(ch.plannedStart, r.PlannedStart)
	ch.started, ch.ended = first(ch.started, r.Started.until(c.AsOf)), first(ch.ended, r.Ended.until(c.AsOf))
	ch.closed = first(ch.closed, r.Closed.until(c.AsOf))
	if max(r.Started, r.Ended, r.Closed) <= c.AsOf || r.Ended.Known() && r.Ended <= c.AsOf {
		ch.outcome = cmp.Or(ch.outcome, r.Outcome)
	}
	ch.recorded = ch.recorded || w.source(r.Source).Links
	for _, name := range r.CausedIncidents {
		if !slices.Contains(ch.caused, name) {
			ch.caused = append(ch.caused, name)
		}
	}
}

// causedBy are the incidents that either record links with the change by name.
func (c *Company) causedBy(w *World, ch *change, changes []*change) []string {
	var ids []string
	for _, r := range c.rows[w] {
		linked := false
		for _, name := range append(slices.Clone(r.causedBy), r.causedByChange) {
			linked = linked || meansChange(ch, name)
		}
		for _, name := range ch.caused {
			for _, m := range r.joined {
				linked = linked || name == m.full() || name == m.id || name == m.key
			}
		}
		if linked {
			ids = append(ids, r.id)
		}
	}
	slices.Sort(ids)
	return ids
}

func meansChange(ch *change, name string) bool {
	if name == "" {
		return false
	}
	for _, m := range ch.joined {
		if name == m.full() || name == m.id || name == m.key {
			return true
		}
	}
	return false
}

func (ch *change) done() Moment { return first(ch.ended, ch.started) }

// leftOut is why a change is none that could have failed in production.
func (c *Company) leftOut(ch *change) string {
	switch {
	case ch.outcome == "cancelled" || ch.outcome == "rejected":
		return ch.outcome
	case !production(ch.environment):
		return "not production: " + ch.environment
	case ch.status != "done":
		return "not completed"
	}
	return ""
}

func production(environment string) bool {
	return slices.Contains([]string{"", "production", "prod", "prd", "live"}, strings.ToLower(environment))
}

// failure is how a change failed; empty: nothing says that it did.
func (c *Company) failure(ch *change) (basis string, refs []string) {
	switch {
	case ch.outcome == "rolled_back":
		basis = "rolled back"
	case ch.outcome == "failed":
		basis = "failed"
	case len(ch.incidents) > 0:
		basis = "caused an incident"
	case len(ch.hotfixes) > 0:
		basis = "mended by a hotfix"
	case ch.outcome == "successful_with_issues" && c.Config.Changes.IssuesFail:
		basis = "successful with issues"
	}
	return basis, append(slices.Clone(ch.incidents), ch.hotfixes...)
}
