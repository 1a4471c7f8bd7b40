package oracle

import (
	"cmp"
	"slices"
	"strings"
)

// row is an incident: what its records say together.
type row struct {
	world                    *World
	id, source               string
	key, url, title          string
	services, teams          []string
	severity, major, impact  int
	exercise                 bool
	created, started         Moment
	impactStarted            Moment
	acknowledged, escalated  Moment
	mitigated                Moment
	firstResolved, resolved  Moment
	closed, firstReopened    Moment
	reopens                  int
	history                  bool
	resolvedBy               string
	alertKey, alertSource    string
	cause, titleKey, problem string
	detectedBy               string
	causedBy                 []string
	repeats                  []string
	mergesInto, merged, flap string
	records                  []*Incident
	joined                   []*record
	causedByChange           string
}

// current are the newest versions of records that are neither gone nor filtered
// nor opened later than as_of.
func (c *Company) current(w *World) []*Incident {
	newest := map[[2]string]*Incident{}
	for i := range w.Incidents {
		r := &w.Incidents[i]
		if n := newest[[2]string{r.Source, r.ID}]; n == nil || r.Version > n.Version {
			newest[[2]string{r.Source, r.ID}] = r
		}
	}
	var out []*Incident
	for i := range w.Incidents {
		r := &w.Incidents[i]
		if newest[[2]string{r.Source, r.ID}] != r || r.Deleted || r.Filtered {
			continue
		}
		if created := w.tell(r, c.AsOf).created; created.Known() && created <= c.AsOf {
			out = append(out, r)
		}
	}
	return out
}

// incidents are the rows of a world: its records joined, then merged ones and
// flaps marked.
func (c *Company) incidents(w *World) []*row {
	var records []*record
	of := map[*record]*Incident{}
	for _, r := range c.current(w) {
		rec := &record{source: r.Source, id: r.ID, key: keyOf(r.Key, r.ID), url: r.URL, rank: w.rank(r.Source), sameAs: r.SameAs}
		records, of[rec] = append(records, rec), r
	}
	identify(records)
	members := map[*record][]*record{}
	for _, r := range records {
		members[r.row] = append(members[r.row], r)
	}
	var rows []*row
	rowOf := map[*Incident]*row{}
	for _, r := range records {
		if r.row != r {
			continue
		}
		group := members[r]
		slices.SortFunc(group, func(a, b *record) int { return cmp.Compare(a.rank, b.rank) })
		row := &row{world: w, id: r.full(), source: r.source, key: keyOf(r.key, r.id), joined: group}
		for _, m := range group {
			row.records = append(row.records, of[m])
			rowOf[of[m]] = row
		}
		c.fill(w, row)
		rows = append(rows, row)
	}
	named := func(source, name string) *row {
		for _, r := range records {
			if name != "" && r.source == source && (r.id == name || r.key == name) {
				return rowOf[of[r]]
			}
		}
		return nil
	}
	for _, r := range rows {
		for _, rec := range r.records {
			for _, d := range rec.Duplicates {
				if o := named(rec.Source, d); o != nil && o != r && !slices.Contains(r.repeats, o.id) {
					r.repeats = append(r.repeats, o.id)
				}
			}
			if r.mergesInto == "" && rec.MergedInto != "" && w.tell(rec, c.AsOf).ends <= c.AsOf {
				if o := named(rec.Source, rec.MergedInto); o != nil && o != r {
					r.mergesInto = o.id
				}
			}
		}
	}
	merge(rows)
	c.flaps(rows)
	return rows
}

// fill takes each field from the first record that states it. The pager knows
// best when it began and who took it; how it ended comes whole from the first
// record that says so.
func (c *Company) fill(w *World, r *row) {
	r.major, r.impact, r.reopens = -1, -1, -1
	lives := make([]life, len(r.records))
	byPager := make([]int, 0, len(r.records)) // pagers before others
	var others []int
	ended := -1
	for i, rec := range r.records {
		lives[i] = w.tell(rec, c.AsOf)
		if w.source(rec.Source).Type == "pagerduty" {
			byPager = append(byPager, i)
		} else {
			others = append(others, i)
		}
		if ended < 0 && lives[i].settled {
			ended = i
		}
	}
	for _, i := range append(byPager, others...) {
		r.created = first(r.created, lives[i].created)
		r.acknowledged = first(r.acknowledged, lives[i].acknowledged)
		r.escalated = first(r.escalated, lives[i].escalated)
	}
	for i, rec := range r.records {
		r.url, r.title = cmp.Or(r.url, rec.URL), cmp.Or(r.title, rec.Title)
		if len(r.services) == 0 {
			r.services = c.named("service", rec.Services)
		}
		if len(r.teams) == 0 {
			r.teams = c.named("team", rec.Teams)
		}
		r.severity = cmp.Or(r.severity, rec.Severity)
		if r.major < 0 {
			r.major = rec.Major
		}
		if r.impact < 0 {
			r.impact = rec.Impact
		}
		r.exercise = r.exercise || rec.Exercise
		r.impactStarted = first(r.impactStarted, lives[i].impactStarted)
		r.mitigated = first(r.mitigated, lives[i].mitigated)
		if ended < 0 {
			r.closed = first(r.closed, lives[i].closed)
		}
		r.resolvedBy = cmp.Or(r.resolvedBy, rec.ResolvedBy)
		if r.alertKey == "" && rec.AlertKey != "" {
			r.alertKey, r.alertSource = rec.AlertKey, rec.Source
		}
		r.cause = cmp.Or(r.cause, c.alias("cause", rec.Cause))
		r.detectedBy = cmp.Or(r.detectedBy, rec.DetectedBy)
		r.problem = cmp.Or(r.problem, rec.ProblemKey)
		r.causedByChange = cmp.Or(r.causedByChange, rec.CausedByChange)
		for _, name := range rec.CausedBy {
			if !slices.Contains(r.causedBy, name) {
				r.causedBy = append(r.causedBy, name)
			}
		}
	}
	for _, rec := range r.records {
		r.problem = cmp.Or(r.problem, w.problemOf(rec))
	}
	if ended >= 0 {
		l := lives[ended]
		r.firstResolved, r.resolved, r.closed, r.firstReopened = l.firstResolved, l.resolved, l.closed, l.firstReopened
		r.reopens, r.history = l.reopens, l.history
	}
	if ended < 0 {
		for _, l := range lives {
			if r.firstResolved = first(r.firstResolved, l.firstResolved); r.reopens < 0 {
				r.reopens = l.reopens
			}
			r.history = r.history || l.history
		}
	}
	if r.major < 0 {
		r.major = 0
		if slices.Contains(c.Config.Incidents.Major, r.severity) {
			r.major = 1
		}
	}
	r.started = r.created
}

// problemOf is the first problem ticket that a record names as its cause or as
// what it repeats.
func (w *World) problemOf(r *Incident) string {
	for _, name := range append(slices.Clone(r.CausedBy), r.Duplicates...) {
		for i := range w.Tickets {
			t := &w.Tickets[i]
			if t.Source == r.Source && t.Role == "problem" && !t.Deleted && (name == t.Key || name == t.ID) {
				return t.Key
			}
		}
	}
	return ""
}

// merge marks what stands in another row: through a chain in its last parent,
// in a circle in the smallest id. A parent starts with the earliest of its own.
func merge(rows []*row) {
	find := func(id string) *row {
		for _, r := range rows {
			if r.id == id {
				return r
			}
		}
		return nil
	}
	for _, r := range rows {
		seen := []string{}
		at := r
		for at.mergesInto != "" && !slices.Contains(seen, at.id) {
			seen = append(seen, at.id)
			at = find(at.mergesInto)
		}
		stands := at.id
		if i := slices.Index(seen, at.id); i >= 0 {
			stands = slices.Min(seen[i:])
		}
		if stands != r.id {
			r.merged = stands
		}
	}
	for _, r := range rows {
		if r.merged != "" && !r.exercise {
			if parent := find(r.merged); r.created < parent.started {
				parent.started = r.created
			}
		}
	}
}

// flaps marks what an alert did again within 30 minutes of its last resolution.
func (c *Company) flaps(rows []*row) {
	within := c.Config.Incidents.FlapsWithin.Duration
	ordered := slices.Clone(rows)
	slices.SortFunc(ordered, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.created, b.created), strings.Compare(a.id, b.id))
	})
	last := map[[2]string]*row{}
	for _, r := range ordered {
		if r.alertKey == "" || r.exercise || r.merged != "" {
			continue
		}
		key := [2]string{r.alertSource, r.alertKey}
		if before := last[key]; before != nil && before.resolved.Known() && r.created >= before.resolved && r.created < before.resolved.Add(within) {
			if r.flap = before.flap; r.flap == "" {
				r.flap = before.id
			}
		}
		last[key] = r
	}
}

// leftOut is why an incident counts in no KPI; empty: it counts.
func (r *row) leftOut() string {
	switch {
	case r.exercise:
		return "exercise or planned maintenance"
	case r.merged != "":
		return "merged into " + r.merged
	case r.flap != "":
		return "flap of " + r.flap
	}
	return ""
}
