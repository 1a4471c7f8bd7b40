package oracle

import (
	"cmp"
	"slices"
)

// life is what one record of an incident tells of itself as of a moment.
type life struct {
	created, impactStarted, acknowledged, escalated, mitigated Moment
	firstResolved, resolved, closed, firstReopened             Moment
	reopens                                                    int
	history                                                    bool // its steps tell a resolution, now or later
	settled                                                    bool // resolved, or resolved once and taken back
	ends                                                       Moment
}

// stepsOf is the whole history of a record, as one vocabulary, in its order.
func (w *World) stepsOf(r *Incident) []Step {
	var steps []Step
	for _, s := range w.Steps {
		if s.Source == r.Source && s.ID == r.ID && !s.Deleted && s.Kind != "" {
			steps = append(steps, s)
		}
	}
	if t := w.ticket(r.Source, r.ID); t != nil {
		steps = append(steps, w.ticketSteps(t)...)
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq))
	})
	return steps
}

// ticketSteps reads the history of a ticket as the life of an incident. Who
// starts to work on it acknowledges it; an automation acknowledges nothing, so
// after its start the first person who moves the open ticket into doing does.
func (w *World) ticketSteps(t *Ticket) []Step {
	var steps []Step
	byMachine, acknowledged, done := false, false, false
	for i, m := range w.judged(t) {
		s := Step{Source: t.Source, ID: t.ID, At: m.At, Seq: i + 1, Actor: m.Actor}
		switch m.kind {
		case "resolved":
			s.Kind, done = "resolved", true
		case "reopened":
			s.Kind, done = "reopened", false
		case "started":
			if s.Kind = "acknowledged"; m.Actor == "auto" {
				s.Kind, byMachine = "working", true
			} else {
				acknowledged = true
			}
		case "moved":
			s.Kind = "moved"
			if byMachine && !acknowledged && !done && m.Actor != "auto" && categoryOf(m.To) == "doing" {
				s.Kind, acknowledged = "acknowledged", true
			}
		default:
			s.Kind = "other"
		}
		steps = append(steps, s)
	}
	return steps
}

// tell follows the steps of a record. A resolution stands until a step says that
// work goes on; only where closing resolves is a closed one resolved.
func (w *World) tell(r *Incident, asOf Moment) life {
	closing := w.source(r.Source).ClosingResolves
	steps := w.stepsOf(r)
	l := life{reopens: -1}
	var firstStep, created, acknowledged, escalated, mitigated, closed Moment
	done, doneAt, reopens := false, Moment(0), 0
	for _, s := range steps {
		ends := s.Kind == "resolved" || s.Kind == "closed" && closing
		if ends {
			l.history = true
		}
		if ends || s.Kind == "merged" {
			l.ends = s.At
		}
		if s.At > asOf || s.Kind == "note" || s.Kind == "other" {
			continue
		}
		firstStep = first(firstStep, s.At)
		switch s.Kind {
		case "created":
			created = first(created, s.At)
		case "acknowledged":
			acknowledged = first(acknowledged, s.At)
		case "escalated":
			escalated = first(escalated, s.At)
		case "mitigated":
			mitigated = s.At
		case "closed":
			closed = s.At
		}
		switch {
		case ends && !done:
			done, doneAt = true, s.At
			l.firstResolved = first(l.firstResolved, s.At)
		case done && (s.Kind == "created" || s.Kind == "acknowledged" || s.Kind == "working" || s.Kind == "reopened"):
			done = false
			reopens++
			l.firstReopened = first(l.firstReopened, s.At)
		}
	}
	l.created = first(r.Created, created, firstStep)
	l.impactStarted = r.ImpactStarted.until(asOf)
	l.acknowledged = first(r.Acknowledged.until(asOf), acknowledged)
	l.escalated = first(r.Escalated.until(asOf), escalated)
	l.mitigated = first(r.Mitigated.until(asOf), mitigated)
	l.closed = first(r.Closed.until(asOf), closed)
	if l.history {
		l.reopens = reopens
		if done {
			l.resolved = doneAt
		}
	} else {
		l.reopens = r.Reopens
		l.resolved = r.Resolved.until(asOf)
		if !l.resolved.Known() && closing {
			l.resolved = l.closed
		}
		l.firstResolved = r.FirstResolved.until(asOf)
		if !l.firstResolved.Known() && r.Reopens <= 0 {
			l.firstResolved = l.resolved
		}
	}
	l.settled = l.resolved.Known() || l.firstResolved.Known() || l.firstReopened.Known()
	return l
}
