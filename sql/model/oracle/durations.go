package oracle

import "strings"

func (c *Company) timeToResolve(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		reason := r.leftOut()
		switch {
		case reason != "":
		case !r.resolved.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case r.resolved.Known() && r.resolved < r.started:
			reason = "resolved before created"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, r.resolved))
			continue
		}
		e := r.lasting("created to final resolution", r.started, r.resolved)
		if r.started < r.created {
			e.Basis = "earliest of the merged ones to final resolution"
		}
		rows = append(rows, e)
	}
	return rows
}

// lasting is evidence of a duration that ended, or is still open.
func (r *row) lasting(basis string, from, stop Moment) Row {
	e := r.evidence("")
	e.Basis, e.From, e.At = basis, from, stop
	if stop.Known() {
		e.Value = number(seconds(from, stop))
	}
	return e
}

func (c *Company) timeToAcknowledge(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		auto := strings.EqualFold(r.resolvedBy, "auto")
		reason := r.leftOut()
		switch {
		case reason != "":
		case !c.tells(r):
			reason = "the source does not tell acknowledgements"
		case !r.acknowledged.Known() && r.resolved.Known() && auto:
			reason = "resolved by itself before anybody acknowledged"
		case r.acknowledged.Known() && r.acknowledged < r.created:
			reason = "acknowledged before created"
		case !r.acknowledged.Known() && r.resolved.Known() && r.resolved < r.created:
			reason = "resolved before created"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, r.acknowledged, r.resolved))
			continue
		}
		rows = append(rows, r.lasting("created to first acknowledgement", r.created, r.acknowledged))
	}
	return rows
}

// hurt is from when to when an incident hurt, and what that rests on.
func (r *row) hurt() (from, stop Moment, basis string) {
	from, stop = first(r.impactStarted, r.started), first(r.mitigated, r.resolved)
	switch {
	case !stop.Known() && r.impactStarted.Known():
		basis = "impact start, still open"
	case !stop.Known():
		basis = "created, still open"
	case r.impactStarted.Known() && r.mitigated.Known():
		basis = "impact start to impact end"
	case r.mitigated.Known():
		basis = "created to impact end: no impact start"
	case r.impactStarted.Known():
		basis = "impact start to resolution: no impact end"
	default:
		basis = "created to resolution: no impact start or end"
	}
	return from, stop, basis
}

func (c *Company) timeToMitigate(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		from, stop, basis := r.hurt()
		reason := r.leftOut()
		switch {
		case reason != "":
		case !stop.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case stop.Known() && stop < from:
			reason = "mitigated before it began"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, stop))
			continue
		}
		rows = append(rows, r.lasting(basis, from, stop))
	}
	return rows
}

func (c *Company) impactHours(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		from, stop, basis := r.hurt()
		reason := r.leftOut()
		switch {
		case reason != "":
		case r.impact < 0:
			reason = "not stated whether customers were affected"
		case r.impact == 0:
			reason = "no customer was affected"
		case !stop.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case stop.Known() && stop < from:
			reason = "mitigated before it began"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, stop))
			continue
		}
		e := r.lasting(basis, from, stop)
		if e.From = 0; e.Value != nil {
			*e.Value /= 3600
		}
		rows = append(rows, e)
	}
	return rows
}

func (c *Company) backlog(w *World) []Row {
	var rows []Row
	for _, r := range c.rows[w] {
		reason := r.leftOut()
		switch {
		case reason != "":
		case !r.resolved.Known() && r.closed.Known():
			reason = "closed without a resolution time"
		case r.resolved.Known() && r.resolved < r.started:
			reason = "resolved before created"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, r.resolved))
			continue
		}
		e := r.evidence("")
		e.From, e.At, e.Value = r.started, r.resolved, number(1)
		e.Basis = Silent
		rows = append(rows, e)
	}
	return rows
}
