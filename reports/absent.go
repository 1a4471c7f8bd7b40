package reports

import (
	"context"

	"github.com/srekpi/srekpi/metrics"
)

// showable parts KPIs into those with something to show and, in a line for each
// reason, the others: what to configure, or that there was nothing to measure.
func (s *sheet) showable(ctx context.Context, names []string) (shown []*reading, absent []prose, err error) {
	type lack struct {
		titles []string
		step   prose
	}
	var lacks []*lack
	add := func(title string, step prose) {
		for _, l := range lacks {
			if l.step.String() == step.String() {
				l.titles = append(l.titles, title)
				return
			}
		}
		lacks = append(lacks, &lack{[]string{title}, step})
	}
	for _, name := range names {
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case !r.collected():
			add(r.KPI.Title, tell("not collected: %s", toConfigure(r.KPI.Entity)))
		case name == mitigation && s.echoed:
			add(r.KPI.Title, tell("no incident states when its impact began or ended, so it would be time to resolve over again"))
		case r.bare(trendPeriods):
			reason, err := s.leftOutFor(ctx, r.KPI)
			if err != nil {
				return nil, nil, err
			}
			add(r.KPI.Title, reason)
		default:
			shown = append(shown, r)
		}
	}
	for _, l := range lacks {
		absent = append(absent, tell("%s: %s.", naming(listed(l.titles)), l.step))
	}
	return shown, absent, nil
}

// leftOutFor says why a collected KPI has no value: what it leaves out most often.
func (s *sheet) leftOutFor(ctx context.Context, k metrics.KPI) (prose, error) {
	b, err := s.evidenceOf(ctx, k.Name)
	if err != nil {
		return nil, err
	}
	times, most := map[string]int{}, ""
	for _, e := range b.rows {
		if reason := clean(e.Reason); !e.Included {
			if times[reason]++; times[reason] > times[most] {
				most = reason
			}
		}
	}
	if most == "" {
		return tell("collected, and there was nothing to measure"), nil
	}
	return tell("collected, and all left out, mostly as %s", quote(clip(most, 80))), nil
}

// toConfigure says what would deliver a kind of record.
func toConfigure(entity string) string {
	switch entity {
	case "incident":
		return "add a source with entity: incident to srekpi.yml (srekpi init file writes the section)"
	case "change":
		return "add a source with entity: change to srekpi.yml (srekpi init file servicenow writes one)"
	case "ticket":
		return "add a source of type jira to srekpi.yml, or a file of tickets"
	case "worklog":
		return "add a source of type jira with booked hours to srekpi.yml"
	case "page", "oncall_shift":
		return "add a source of type pagerduty to srekpi.yml"
	case "action_item":
		return "give the tickets of promised actions the role action_item in srekpi.yml"
	}
	return "no source delivers " + noun(entity, 2)
}

// nothingShown stands for a block of KPIs of which none has anything to show.
func (s *sheet) nothingShown(absent []prose) *answer {
	if len(absent) == 0 {
		return &answer{Unasked: "no KPI is in this build; run srekpi transform"}
	}
	var text prose
	for _, line := range absent {
		text = follow(text, line)
	}
	return &answer{Calm: text}
}
