package reports

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// step is one thing that happened to an incident.
type step struct {
	At    string `view:"date"`
	After tally  // from its start
	Said  prose
}

// happening is a step as the sources tell it.
type happening struct {
	Incident string    `ch:"incident_id"`
	Source   string    `ch:"source"`
	At       time.Time `ch:"at"`
	Kind     string    `ch:"kind"`
	Detail   string    `ch:"detail"`
	All      uint64    `ch:"of_all"` // of its incident, read or not
}

const (
	stepsShown = 12
	eventsRead = 400 // of an incident; a flood of notes must not fill the memory
)

// weights say which steps go first where there is no room: what states how the
// incident stood, then who was called, then what people wrote.
var weights = map[string]int{"created": 0, "impact_started": 0, "acknowledged": 0, "mitigated": 0, "resolved": 0, "reopened": 0, "escalated": 1, "priority": 1, "assigned": 2, "note": 3}

// courses fills in what happened, in order.
func (s *sheet) courses(ctx context.Context, of []incident, ids []string, out map[string]*story) error {
	var rows []happening
	err := s.conn.Select(ctx, &rows, `
		SELECT incident_id, source, at, kind, detail, toUInt64(count() OVER (PARTITION BY incident_id)) AS of_all
		FROM (
			SELECT incident_id, toString(source) AS source, assumeNotNull(e.at) AS at, toString(e.kind) AS kind, detail
			FROM incident_events AS e
			WHERE incident_id IN @ids AND e.kind IN ('created', 'impact_started', 'acknowledged', 'escalated', 'assigned', 'mitigated', 'resolved', 'reopened', 'note')
				AND (e.kind != 'note' OR actor != 'auto') AND e.at < toDateTime64(@end, 3, 'UTC')
			UNION ALL
			SELECT n.incident_id AS incident_id, toString(t.source) AS source, assumeNotNull(t.at) AS at, 'priority' AS kind, concat(from_value, ' → ', to_value) AS detail
			FROM ticket_transitions AS t
			INNER JOIN (
				SELECT id AS record, row_id AS incident_id FROM identities WHERE entity = 'incident' AND row_id IN @ids
				UNION DISTINCT SELECT id, id FROM incidents WHERE id IN @ids
			) AS n ON n.record = t.ticket_id
			WHERE t.field = 'priority' AND from_value != '' AND to_value != '' AND t.at < toDateTime64(@end, 3, 'UTC')
		)
		ORDER BY incident_id, at, indexOf(['impact_started', 'created', 'acknowledged', 'priority', 'escalated', 'assigned', 'reopened', 'mitigated', 'resolved', 'note'], kind), source, detail
		LIMIT `+fmt.Sprint(eventsRead)+` BY incident_id`, clickhouse.Named("ids", ids), moment("end", s.end()))
	if err != nil {
		return fmt.Errorf("read what happened to the incidents: %w", err)
	}
	byIncident := map[string][]happening{}
	for _, e := range rows {
		byIncident[e.Incident] = append(byIncident[e.Incident], e)
	}
	for _, i := range of {
		all := byIncident[i.ID]
		mended := i.mended()
		kept := slices.DeleteFunc(condensed(all, i.Resolved), func(e happening) bool { return e.Kind == "note" && clean(e.Detail) == mended }) // the card says it
		more := len(kept) - stepsShown
		if len(all) > 0 {
			more += int(all[0].All) - len(all)
		}
		t := out[i.ID]
		for _, e := range kept {
			if e.Kind == "assigned" && len(t.handed) < 3 {
				t.handed = append(t.handed, handOver(e.Detail))
			}
		}
		start, last := i.beganAt(), time.Time{}
		for _, e := range weightiest(kept) {
			at := s.until(last, e.At)
			if last.IsZero() {
				at = s.dayAndYear(e.At)
			}
			t.Steps = append(t.Steps, step{At: at, After: sinceOf(e.At.Sub(start)), Said: wordsOf(e)})
			last = e.At
		}
		if more > 0 {
			t.MoreSteps = tell("%s in the ticket.", many("card/steps", more, "more step", "more steps"))
		}
	}
	return nil
}

// sinceOf is a step's distance from the start.
func sinceOf(d time.Duration) tally {
	t := lastingOf("card/after", max(0, d))
	if t.Text = "+" + t.Text; d <= 0 {
		t.Text = "start"
	}
	return t
}

// condensed keeps one of the steps that several sources tell: the first
// acknowledgement of a spell, and of its resolutions the one that stands. A first
// assignment is no hand-over.
func condensed(all []happening, resolved *time.Time) []happening {
	var out []happening
	acknowledged, told := false, map[string]bool{}
	standing, last := -1, false
	for _, e := range all {
		switch e.Kind {
		case "created", "impact_started", "mitigated":
			if told[e.Kind] {
				continue
			}
			told[e.Kind] = true
		case "acknowledged":
			if acknowledged {
				continue
			}
			acknowledged = true
		case "resolved":
			if standing >= 0 && last {
				continue // the one that counts stands
			}
			if standing >= 0 {
				out = slices.Delete(out, standing, standing+1)
			}
			standing, last = len(out), resolved != nil && e.At.Equal(*resolved)
		case "reopened":
			if standing < 0 && told["reopened"] {
				continue // the same, told by another source
			}
			told["reopened"], standing, last, acknowledged = true, -1, false, false
		case "assigned":
			from, to, moved := strings.Cut(e.Detail, " → ")
			first := !told["assigned in "+e.Source]
			told["assigned in "+e.Source] = true
			if moved && (from == "–" && first || to == "–" || to == "") || !moved && first {
				continue
			}
		case "note":
			if clean(e.Detail) == "" {
				continue
			}
		}
		out = append(out, e)
	}
	return out
}

// weightiest are as many steps as a card shows, in their order.
func weightiest(all []happening) []happening {
	if len(all) <= stepsShown {
		return all
	}
	order := make([]int, len(all))
	for n := range order {
		order[n] = n
	}
	slices.SortStableFunc(order, func(a, b int) int { return weights[all[a].Kind] - weights[all[b].Kind] })
	order = order[:stepsShown]
	slices.Sort(order)
	var out []happening
	for _, n := range order {
		out = append(out, all[n])
	}
	return out
}

// calledNext is how a pager's log says who was called next.
var calledNext = regexp.MustCompile(`^(?:Assigned|Reassigned|Escalated) to (.+?)(?: by .+| through .+)?\.?$`)

// wordsOf is a step in a few words; those of a source are quoted.
func wordsOf(e happening) prose {
	switch e.Kind {
	case "created":
		return tell("raised")
	case "impact_started":
		return tell("impact began")
	case "assigned":
		return handOver(e.Detail)
	case "escalated":
		if m := calledNext.FindStringSubmatch(clean(e.Detail)); m != nil {
			return tell("escalated to %s", plainly(clip(m[1], 60)))
		}
		if detail := clip(e.Detail, 100); detail != "" {
			return tell("escalated: %s", quote(detail))
		}
	case "priority":
		from, to, _ := strings.Cut(e.Detail, " → ")
		return tell("priority changed from %s to %s", plainly(clip(from, 30)), plainly(clip(to, 30)))
	case "note":
		return tell("note: %s", quote(clip(e.Detail, 140)))
	}
	return prose{say(e.Kind)}
}

// handOver names who had it and who got it, or quotes the source.
func handOver(detail string) prose {
	from, to, moved := strings.Cut(clean(detail), " → ")
	switch {
	case !moved:
		if m := calledNext.FindStringSubmatch(from); m != nil {
			return tell("handed to %s", plainly(clip(m[1], 60)))
		}
		return prose{quote(clip(from, 100))}
	case from == "–" || from == "":
		return tell("handed to %s", plainly(clip(to, 60)))
	}
	return tell("handed over from %s to %s", plainly(clip(from, 60)), plainly(clip(to, 60)))
}
