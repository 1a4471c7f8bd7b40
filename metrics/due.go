package metrics

import (
	"sort"
	"time"
)

// Stale is how long after its end a period that was missed is still issued.
// Pages that are first made later are "rebuilt", not issued.
const Stale = 14 * 24 * time.Hour

var documentKind = map[string]string{Weekly: Week, Monthly: Month}

// Due tells which periods of a document are to be issued now, oldest first.
//
// A week is due when it is over and every source reaches past its end (dataAsOf
// is where the slowest one ends); a month in addition not before the given
// working day of the next. Due is the period that ended last. A document that
// was issued before also catches up on those since its last issue, up to Stale:
// a source that is late by a week must not cost the issue. A first run has
// nothing to catch up on, and nothing before the last issue is ever due: a run
// with an old --as-of must not issue what the meeting never had.
func Due(document string, ps []Period, dataAsOf, asOf time.Time, issued []Issue, loc *time.Location, workday int) []Period {
	kind := documentKind[document]
	_, ended := Current(ps, kind, asOf)
	if ended == nil {
		return nil
	}
	var last time.Time // start of the newest issued period
	for _, i := range issued {
		if i.Document == document && i.PeriodStart.After(last) {
			last = i.PeriodStart
		}
	}
	var due []Period
	for _, p := range ps {
		justEnded := p.Start.Equal(ended.Start)
		missed := !last.IsZero() && asOf.Sub(p.EndsAt) <= Stale
		switch {
		case p.Kind != kind || p.EndsAt.After(asOf) || p.EndsAt.After(dataAsOf):
		case !p.Start.After(last) || !justEnded && !missed:
		case kind == Month && asOf.Before(WorkingDay(loc, p.EndsAt.In(loc), workday)):
		default:
			due = append(due, p)
		}
	}
	sort.Slice(due, func(i, j int) bool { return due[i].EndsAt.Before(due[j].EndsAt) })
	return due
}
