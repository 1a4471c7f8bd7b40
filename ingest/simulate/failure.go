package simulate

import "time"

// observation is how long a change may take to show that it failed.
const observation = 72 * time.Hour

// changeFailure is the share of finished production changes that hurt. It
// stands at the change's end, else its start; change_count of a slot is
// N + Unknown + Pending. A release of the Mobile sheet is unknown at once, as
// waiting will not tell how it went.
func (b books) changeFailure() map[Slot]Rate {
	failed := b.failedChanges()
	figures := map[Slot]Rate{}
	for _, c := range b.world.Changes {
		at := c.counted()
		slots := b.slots(at, c.dims())
		reason := c.notCounted()
		add(figures, slots, func(f *Rate) {
			switch {
			case reason != "":
				tally(&f.Excluded, reason)
			case c.OnSheet() && !failed[c.Key]:
				f.Unknown++
			case at.Add(observation).After(b.asOf):
				f.Pending++
			default:
				f.N++
				if failed[c.Key] {
					f.K++
				}
				if c.Outcome == SuccessfulWithIssues {
					f.WithIssues++
				}
			}
		})
	}
	return figures
}

// failedChanges: taken back or marked unsuccessful, linked to an incident by
// either record, or mended by another change.
func (b books) failedChanges() map[string]bool {
	failed := map[string]bool{}
	for _, c := range b.world.Changes {
		if c.Outcome == Failed || c.Outcome == RolledBack || len(c.CausedIncidents) > 0 {
			failed[c.Key] = true
		}
		if c.ParentChange != "" {
			failed[c.ParentChange] = true
		}
	}
	for _, i := range b.cases {
		if i.CausedBy != "" {
			failed[i.CausedBy] = true
		}
	}
	return failed
}

// counted is the moment that assigns a change to a period.
func (c Change) counted() time.Time {
	for _, t := range []time.Time{c.Ended, c.Started, c.Closed} {
		if !t.IsZero() {
			return t
		}
	}
	return c.Created
}

// notCounted is the reason for which a change is not in the rate.
func (c Change) notCounted() string {
	switch {
	case c.Outcome == Cancelled || c.Outcome == Rejected:
		return c.Outcome
	case c.Environment != prod && c.Environment != "":
		return NotProduction
	case c.Ended.IsZero() && (c.Started.IsZero() || c.Closed.IsZero()):
		return NotDone
	}
	return ""
}

func (c Change) dims() []dim {
	all := []dim{{"all", ""}, {"service", c.Service}, {"team", c.Team}, {"kind", c.Kind}}
	if c.Risk != "" {
		all = append(all, dim{"risk", c.Risk})
	}
	return all
}
