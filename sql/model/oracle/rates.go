package oracle

import (
	"slices"
	"strings"
)

func (c *Company) incidentCount(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		if reason := r.leftOut(); reason != "" {
			rows = append(rows, r.out(reason, r.created))
			continue
		}
		e := r.evidence("")
		e.Value, e.Basis = number(1), Silent
		rows = append(rows, e)
	}
	return rows
}

// reopenRate judges the incidents that were resolved at least once. Its window
// has to be over before anything is said.
func (c *Company) reopenRate(w *World) []Row {
	within := c.Config.Incidents.ReopenedWithin.Duration
	var rows []Row
	for _, r := range c.rows[w] {
		stop := first(r.firstResolved, r.resolved)
		reason := r.leftOut()
		switch {
		case reason != "":
		case !stop.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case !stop.Known():
			reason = "not resolved"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, stop))
			continue
		}
		e := r.evidence("")
		e.At, e.Value, e.Settles = stop, number(1), stop.Add(within)
		soon := r.firstReopened.Known() && r.firstReopened <= e.Settles
		if e.Basis = "history"; !r.history {
			e.Basis, soon = "counter", r.reopens > 0
		}
		to := c.to(w, r.source)
		switch {
		case !r.history && r.reopens < 0:
			e.Reason = "the source does not say whether it was reopened"
		case !to.Known() || e.Settles > to:
			e.Reason = "pending: 14 days are not over"
		default:
			e.Hit = flag(soon)
		}
		rows = append(rows, e)
	}
	return rows
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *Company) customerDetectedRate(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		if reason := r.leftOut(); reason != "" {
			rows = append(rows, r.out(reason, r.created))
			continue
		}
		e := r.evidence("")
		e.Value, e.Basis = number(1), r.detectedBy
		if r.detectedBy == "" {
			e.Reason = "nobody noted who noticed first"
		} else {
			e.Hit = flag(slices.ContainsFunc(c.Config.Incidents.DetectedByUsers, func(word string) bool { return strings.EqualFold(word, r.detectedBy) }))
		}
		rows = append(rows, e)
	}
	return rows
}

// withinTargetRate holds the resolved incidents against the first target that is
// for their severity and one of their services.
func (c *Company) withinTargetRate(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		target := -1
		for i, t := range c.Config.Targets {
			severity := len(t.Severity) == 0 || slices.Contains(t.Severity, r.severity)
			service := len(t.Service) == 0 || slices.ContainsFunc(t.Service, func(s string) bool { return slices.Contains(r.services, s) })
			if severity && service {
				target = i
				break
			}
		}
		reason := r.leftOut()
		switch {
		case reason != "":
		case target < 0:
			reason = "no target for it"
		case !r.resolved.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case r.resolved.Known() && r.resolved < r.created:
			reason = "resolved before created"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, r.resolved))
			continue
		}
		e := r.evidence("")
		e.At, e.Value = r.resolved, number(1)
		t := c.Config.Targets[target]
		var parts []string
		if t.Acknowledge.Duration > 0 {
			parts = append(parts, "acknowledge")
		}
		if t.Resolve.Duration > 0 {
			parts = append(parts, "resolve")
		}
		if e.Basis = strings.Join(parts, " and "); !r.resolved.Known() {
			e.Reason = "still open"
			rows = append(rows, e)
			continue
		}
		took := func(from, to Moment) (float64, bool) {
			if t.Clock == "calendar" {
				return c.businessSeconds(r, from, to)
			}
			return seconds(from, to), true
		}
		resolving, inside := took(r.created, r.resolved)
		var late []string
		unknown := false
		if limit := t.Acknowledge.Seconds(); limit > 0 {
			if r.acknowledged.Known() {
				acknowledging, ok := took(r.created, r.acknowledged)
				inside = inside && ok
				if acknowledging > limit {
					late = append(late, "acknowledge")
				}
			} else if resolving > limit {
				if c.tells(r) {
					late = append(late, "acknowledge")
				} else {
					unknown = true
				}
			}
		}
		if limit := t.Resolve.Seconds(); limit > 0 && resolving > limit {
			late = append(late, "resolve")
		}
		switch {
		case !inside:
			e.Reason = "outside the calendar"
		case len(late) > 0:
			e.Hit, e.Basis = 0, "late: "+strings.Join(late, " and ")
		case unknown:
			e.Reason = "acknowledgement not known"
		default:
			e.Hit = 1
		}
		rows = append(rows, e)
	}
	return rows
}
