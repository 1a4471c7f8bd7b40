package oracle

import (
	"slices"
	"strings"
	"time"
)

// The rungs of the ladder, the surest first.
var rungs = []string{"problem or duplicate link", "alert key", "service and cause", "service and title"}

// groups are what an incident could repeat something by, for each rung. Nothing
// empty makes a group.
func (r *row) groups(named map[string]bool) [4][]string {
	var g [4][]string
	if r.problem != "" {
		g[0] = append(g[0], "problem "+r.problem)
	}
	for _, id := range r.repeats {
		g[0] = append(g[0], "incident "+id)
	}
	if named[r.id] {
		g[0] = append(g[0], "incident "+r.id)
	}
	if r.alertKey != "" {
		g[1] = append(g[1], r.alertSource+" "+r.alertKey)
	}
	for _, s := range r.services {
		if s != "" && r.cause != "" {
			g[2] = append(g[2], s+" "+strings.ToLower(r.cause))
		}
		if s != "" && r.titleKey != "" {
			g[3] = append(g[3], s+" "+r.titleKey)
		}
	}
	return g
}

// over is when an incident was over. One that was resolved in the instant of its
// creation lasted a millisecond, so that what began with it runs beside it.
func (r *row) over() Moment {
	if !r.resolved.Known() {
		return 0
	}
	return max(r.resolved, r.created+1)
}

// recurrence finds for each incident the latest one of its group that was over
// before it began, on the surest rung.
func (c *Company) recurrence(w *World, kpi string, days int) []Row {
	window := time.Duration(days) * day
	named := map[string]bool{}
	for _, r := range c.rows[w] {
		if r.leftOut() != "" {
			continue
		}
		for _, id := range r.repeats {
			named[id] = true
		}
	}
	var rows []Row
	for _, r := range c.rows[w] {
		if reason := r.leftOut(); reason != "" {
			rows = append(rows, r.out(reason, r.created))
			continue
		}
		e := r.evidence("")
		e.Value = number(1)
		groups := r.groups(named)
		judged := false
		var earlier *row
		rung := -1
		for i := range groups {
			judged = judged || len(groups[i]) > 0
			for _, o := range c.rows[w] {
				if o == r || o.leftOut() != "" || !o.over().Known() || o.over() > r.created || r.created > o.over().Add(window) {
					continue
				}
				theirs := o.groups(named)[i]
				if rung >= 0 && rung < i || !slices.ContainsFunc(groups[i], func(g string) bool { return slices.Contains(theirs, g) }) {
					continue
				}
				if earlier == nil || o.over() > earlier.over() || o.over() == earlier.over() && o.id < earlier.id {
					earlier, rung = o, i
				}
			}
			if rung >= 0 {
				break
			}
		}
		switch from := w.source(r.source).From; {
		case !from.Known() || r.created < from.Add(window):
			e.Reason = "too near the start of the collected history"
		case !judged && r.titleKey != "":
			e.Reason = "no service is stated, so its title cannot be compared"
		case !judged:
			e.Reason = "title says nothing"
		case rung >= 0:
			e.Hit, e.Basis, e.Refs = 1, rungs[rung], []string{earlier.id}
		default:
			e.Hit = 0
		}
		rows = append(rows, e)
	}
	return rows
}
