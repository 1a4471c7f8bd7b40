package oracle

import (
	"fmt"
	"slices"
)

// postmortemCoverage asks of each incident that needs a post-mortem whether one
// was done within its working days.
func (c *Company) postmortemCoverage(w *World) []Row {
	written := map[*row][]*card{}
	for _, k := range c.tickets[w] {
		if k.Role == "postmortem" {
			for _, r := range k.naming(c.rows[w]) {
				written[r] = append(written[r], k)
			}
		}
	}
	any := false
	for _, other := range c.Worlds {
		for _, k := range c.tickets[other] {
			any = any || k.Role == "postmortem"
		}
	}
	var rows []Row
	for _, r := range c.rows[w] {
		required := r.major == 1
		if need := c.Config.Postmortems.Required; len(need) > 0 {
			required = slices.Contains(need, r.severity)
		}
		reason := r.leftOut()
		switch {
		case reason != "":
		case !required:
			reason = "none required"
		case !r.resolved.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case !r.resolved.Known():
			reason = "not resolved yet"
		}
		if reason != "" {
			// Its own moment is the end of the working days, once it is resolved.
			var due Moment
			if r.resolved.Known() {
				due = c.workdaysAfter(r.resolved, c.Config.Postmortems.WithinWorkdays)
			}
			rows = append(rows, r.out(reason, due))
			continue
		}
		e := r.evidence("")
		due := c.workdaysAfter(r.resolved, c.Config.Postmortems.WithinWorkdays)
		e.At, e.Settles, e.Value, e.Basis = due, due, number(1), "none"
		inTime, late := false, false
		for _, k := range written[r] {
			e.Refs = append(e.Refs, k.id)
			inTime = inTime || k.resolved.Known() && k.resolved <= due
			late = late || k.resolved > due
		}
		slices.Sort(e.Refs)
		switch {
		case inTime:
			e.Basis = "done in time"
		case late:
			e.Basis = "done late"
		case len(e.Refs) > 0:
			e.Basis = "unfinished"
		}
		switch {
		case due > c.AsOf:
			if e.Reason = fmt.Sprintf("pending: its %d working days are not over", c.Config.Postmortems.WithinWorkdays); inTime {
				e.Reason += ", done already"
			}
		case !any:
			e.Reason = "no post-mortems are collected"
		default:
			e.Hit = flag(inTime)
		}
		rows = append(rows, e)
	}
	return rows
}
