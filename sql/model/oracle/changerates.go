package oracle

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// evidence begins the row of a change, at its end or start.
func (ch *change) evidence() Row {
	one := func(v string) []string {
		if v == "" {
			return nil
		}
		return []string{v}
	}
	return Row{Entity: "change", ID: ch.id, Key: ch.key, Title: ch.title, URL: ch.url, At: ch.done(), Value: number(1), Hit: -1, Included: true,
		Dims: map[string][]string{"service": ch.services, "team": ch.teams, "risk": one(ch.risk), "kind": one(ch.kind), "type": one(ch.typ)}}
}

func (ch *change) out(reason string) Row {
	e := ch.evidence()
	e.Included, e.Reason, e.Value = false, reason, nil
	e.At = first(ch.done(), ch.closed, ch.created, ch.plannedStart)
	return e
}

func (c *Company) changeCount(w *World) []Row {
	var rows []Row
	for _, ch := range c.changes[w] {
		if reason := c.leftOut(ch); reason != "" {
			rows = append(rows, ch.out(reason))
			continue
		}
		e := ch.evidence()
		e.Basis = Silent
		rows = append(rows, e)
	}
	return rows
}

// changeFailureRate counts a change once, however many incidents it caused, and
// reads nothing out of silence.
func (c *Company) changeFailureRate(w *World) []Row {
	var rows []Row
	for _, ch := range c.changes[w] {
		if reason := c.leftOut(ch); reason != "" {
			rows = append(rows, ch.out(reason))
			continue
		}
		e := ch.evidence()
		failure, refs := c.failure(ch)
		if e.Basis, e.Refs = failure, refs; failure == "" && ch.outcome == "successful_with_issues" {
			e.Basis = "successful with issues"
		}
		e.Settles = ch.done().Add(c.Config.Changes.ObservedFor.Duration)
		to := c.to(w, ch.source)
		switch {
		case !to.Known() || e.Settles > to:
			e.Reason = fmt.Sprintf("pending: %d hours are not over", int(c.Config.Changes.ObservedFor.Hours()))
			if failure != "" {
				e.Reason += ", failure confirmed: " + failure
			}
		case !ch.recorded && failure != "":
			e.Reason = "outcome not recorded, though it failed: " + failure
		case !ch.recorded:
			e.Reason = "outcome not recorded"
		default:
			e.Hit = flag(failure != "")
		}
		rows = append(rows, e)
	}
	return rows
}

// suspicion is what is known of the incidents that came after a change.
type suspicion struct {
	ch      *change
	left    string   // why the change is left out
	unknown string   // why nothing can be said
	refs    []string // incidents within the window
}

func (c *Company) suspicions(w *World, hours int) []suspicion {
	window := time.Duration(hours) * hour
	until := c.collected("incident").to
	var out []suspicion
	for _, ch := range c.changes[w] {
		s := suspicion{ch: ch, left: c.leftOut(ch)}
		switch {
		case s.left != "":
		case !ch.ended.Known():
			s.unknown = "its end is not known"
		case !slices.ContainsFunc(ch.services, func(s string) bool { return s != "" }):
			s.unknown = "no service is stated"
		case !until.Known():
			s.unknown = "no incidents are collected"
		case ch.ended.Add(window) > until:
			s.unknown = fmt.Sprintf("pending: %d hours are not over", hours)
		}
		for _, r := range c.rows[w] {
			if ch.ended.Known() && r.leftOut() == "" && r.created >= ch.ended && r.created <= ch.ended.Add(window) && ch.touches(r) {
				s.refs = append(s.refs, r.id)
			}
		}
		slices.Sort(s.refs)
		out = append(out, s)
	}
	return out
}

// touches says that a change and an incident have a service in common.
func (ch *change) touches(r *row) bool {
	return slices.ContainsFunc(ch.services, func(s string) bool { return s != "" && slices.Contains(r.services, s) })
}

func suspected(hours int) func(*Company, *World) []Row {
	return func(c *Company, w *World) []Row {
		var rows []Row
		for _, s := range c.suspicions(w, hours) {
			if s.left != "" {
				rows = append(rows, s.ch.out(s.left))
				continue
			}
			e := s.ch.evidence()
			e.Settles = s.ch.done().Add(time.Duration(hours) * hour)
			if e.Refs, e.Reason = s.refs, s.unknown; s.unknown == "" {
				e.Hit = flag(len(s.refs) > 0)
			}
			if len(s.refs) > 0 {
				e.Basis = fmt.Sprintf("same service within %d h", hours)
			}
			rows = append(rows, e)
		}
		return rows
	}
}

// chance is the rate of hits that incidents falling blindly, as often as in the 90
// days before the change, would give: one minus the chance that none of those of
// its services falls into the window.
func chance(hours int) func(*Company, *World) []Row {
	return func(c *Company, w *World) []Row {
		all := c.collected("incident")
		var rows []Row
		for _, s := range c.suspicions(w, hours) {
			until := s.ch.done()
			since := max(all.from, until.Add(-90*day))
			reason := s.left + s.unknown
			if reason == "" && since >= until {
				reason = "no history before it is collected"
			}
			settles := until.Add(time.Duration(hours) * time.Hour)
			if reason != "" {
				e := s.ch.out(reason)
				if s.left == "" && (s.unknown == "" || strings.HasPrefix(s.unknown, "pending")) {
					e.Settles = settles
				}
				rows = append(rows, e)
				continue
			}
			n := 0
			for _, r := range c.rows[w] {
				if r.leftOut() == "" && r.created >= since && r.created < until && s.ch.touches(r) {
					n++
				}
			}
			e := s.ch.evidence()
			perHour := float64(n) / (seconds(since, until) / 3600)
			e.Basis = Silent
			e.Value, e.Settles = number(1-math.Exp(-perHour*float64(hours))), settles
			rows = append(rows, e)
		}
		return rows
	}
}

// failedChangeRecovery is how long service was down after each failed change.
func (c *Company) failedChangeRecovery(w *World) []Row {
	var rows []Row
	for _, ch := range c.changes[w] {
		if failure, _ := c.failure(ch); failure == "" || c.leftOut(ch) != "" {
			continue
		}
		var stop Moment
		basis, refs, open := "", []string(nil), false
		switch {
		case len(ch.incidents) > 0:
			basis = "its incidents"
			for _, r := range c.rows[w] {
				if slices.Contains(ch.incidents, r.id) {
					refs = append(refs, cmp.Or(r.merged, r.id)) // of a merged one the parent counts
				}
			}
			slices.Sort(refs)
			refs = slices.Compact(refs)
			for _, r := range c.rows[w] {
				if slices.Contains(refs, r.id) {
					over := first(r.mitigated, r.resolved)
					open, stop = open || !over.Known(), max(stop, over)
				}
			}
		case len(ch.hotfixes) > 0:
			basis, refs = "its hotfixes", ch.hotfixes
			for _, h := range c.changes[w] {
				if slices.Contains(ch.hotfixes, h.id) {
					stop = max(stop, h.ended)
				}
			}
			open = !stop.Known()
		}
		e := ch.evidence()
		switch {
		case basis == "":
			rows = append(rows, ch.out("nothing tells when it was recovered"))
			continue
		case !open && stop < ch.done():
			rows = append(rows, ch.out("recovered before it ended"))
			continue
		case open:
			stop = 0
		}
		e.Basis, e.Refs, e.From, e.At, e.Value = basis, refs, ch.done(), stop, nil
		if stop.Known() {
			e.Value = number(seconds(ch.done(), stop))
		}
		rows = append(rows, e)
	}
	return rows
}
