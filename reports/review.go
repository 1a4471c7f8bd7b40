package reports

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

type reviewGroup struct {
	Rows  []reviewRow
	More  prose
	Older prose
}

type reviewRow struct {
	Incident place
	Severity uint8  `view:"structure"`
	Title    string `view:"quote"`
	Review   place  // nothing: none was started
	State    word
	Due      string `view:"date"`
	Since    string `view:"date"`
	Ask      string
}

const reviewsShown = 5

// review is the post-mortem of an incident, or that it has none, and until when
// one is required.
type review struct {
	ID        string     `ch:"of_id"`
	Due       *time.Time `ch:"due_at"`
	Required  uint8      `ch:"required"`
	Key       string     `ch:"of_key"`
	URL       string     `ch:"of_url"`
	Owner     string     `ch:"of_owner"`
	Done      *time.Time `ch:"done_at"`
	Collected uint8      `ch:"collected"`
}

const reviewKPI = "postmortem_coverage"

// The post-mortems of incidents e, as far as they were begun by the end of the
// page: of several the one done first by then stands, else the one begun first.
const reviewed = `
	SELECT e.id AS of_id, e.settles_at AS due_at, toUInt8(ifNull(e.required, 0)) AS required, ifNull(p.at.1, '') AS of_key, ifNull(p.at.2, '') AS of_url, ifNull(p.at.3, '') AS of_owner, p.at.4 AS done_at,
	       toUInt8((SELECT count() FROM postmortems) > 0) AS collected
	FROM (%s) AS e
	LEFT JOIN (
		SELECT incident_id, argMin((if(key = '', id, key), url, owner, resolved_at), (1 - was_done, if(was_done = 1, resolved_at, created_at), id)) AS at
		FROM (SELECT arrayJoin(incident_ids) AS incident_id, id, toString(key) AS key, toString(url) AS url, toString(owner) AS owner, postmortems.resolved_at AS resolved_at, postmortems.created_at AS created_at,
		             ifNull(postmortems.resolved_at < toDateTime64(@end, 3, 'UTC'), 0) AS was_done
		      FROM postmortems WHERE ifNull(postmortems.created_at < toDateTime64(@end, 3, 'UTC'), 1))
		GROUP BY incident_id
	) AS p ON p.incident_id = e.id`

// requiring are the incidents that require a post-mortem, by the KPI's own rule:
// its evidence names the end of the working days.
const requiring = `SELECT id, settles_at, included, reason, toUInt8(included = 1 OR reason = 'not resolved yet') AS required FROM kpi_evidence WHERE kpi = '` + reviewKPI + `'`

// reviewColumns reads those of the incidents that require one.
var reviewColumns = fmt.Sprintf(reviewed, requiring) + `
	WHERE e.required = 1 AND `

// reviewsAfter reads those of incidents, by their id, and says whether any
// post-mortem is collected at all: where none is, "none yet" would be a guess.
func (s *sheet) reviewsAfter(ctx context.Context, of []incident) (found map[string]review, collected bool, err error) {
	var rows []review
	found = map[string]review{}
	if len(of) == 0 {
		return found, false, nil
	}
	err = s.conn.Select(ctx, &rows, fmt.Sprintf(reviewed, `SELECT i.id AS id, k.settles_at AS settles_at, k.required AS required FROM (SELECT arrayJoin(@ids) AS id) AS i LEFT JOIN (`+requiring+` AND id IN @ids) AS k ON k.id = i.id`)+`
		ORDER BY e.id`, clickhouse.Named("ids", recordsOf(of)), moment("end", s.end()))
	if err != nil {
		return nil, false, fmt.Errorf("read post-mortems: %w", err)
	}
	for _, r := range rows {
		found[r.ID], collected = r, r.Collected == 1
	}
	for _, i := range of {
		if r := found[i.ID]; i.Resolved == nil { // its working days had not begun
			r.Due = nil
			found[i.ID] = r
		}
	}
	return found, collected, nil
}

// doneBy says whether the post-mortem was done before a moment.
func (r review) doneBy(at time.Time) bool { return r.Done != nil && r.Done.Before(at) }

// dueOn is the last day on which it is in time.
func (r review) dueOn(s *sheet) string {
	if r.Due == nil {
		return ""
	}
	return s.dueDay(r.Due.Add(-time.Millisecond).In(s.clock.zone))
}

// reviewsDue lists the post-mortems that were due in this period or in the 90
// days before, and were not done at its end; nil where there is none.
func (s *sheet) reviewsDue(ctx context.Context) (*reviewGroup, error) {
	if s.kpi(reviewKPI) == nil {
		return nil, nil
	}
	var rows []review
	err := s.conn.Select(ctx, &rows, reviewColumns+`e.included = 1 AND e.settles_at <= toDateTime64(@end, 3, 'UTC') AND ifNull(p.at.4 >= toDateTime64(@end, 3, 'UTC'), 1)
		ORDER BY e.settles_at, e.id`, moment("end", s.end()))
	if err != nil {
		return nil, fmt.Errorf("read post-mortems: %w", err)
	}
	recent := slices.IndexFunc(rows, func(r review) bool { return r.Due.After(s.trailing(repeatDays).StartsAt) })
	if recent < 0 || rows[0].Collected == 0 {
		return nil, nil
	}
	out := &reviewGroup{}
	if recent > 0 {
		out.Older = tell("%s were due more than 90 days before and never done.", tallyOf("review/older", recent))
		if recent == 1 {
			out.Older = tell("%s was due more than 90 days before and never done.", tallyOf("review/older", recent))
		}
	}
	rows = rows[recent:]
	if more := len(rows) - reviewsShown; more > 0 {
		out.More = tell("%s more were due in the 90 days before.", tallyOf("review/more", more))
		rows = rows[len(rows)-reviewsShown:] // the newest are the ones that people still remember
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	from, err := s.incidentsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		i := from[r.ID]
		row := reviewRow{Incident: s.place(ctx, i), Severity: i.Severity, Title: clip(i.Title, 120), Due: r.dueOn(s), State: word{Text: "not started", Shape: "diamond", Tone: "worse"}, Ask: "Who writes it, until when?"}
		if r.Key != "" {
			row.Review = place{Text: clip(r.Key, 32), URL: link(r.URL)}
			row.State, row.Ask = word{Text: "not done", Shape: "diamond", Tone: "worse"}, "Finish it."
		}
		if r.Done != nil {
			row.Since, row.Ask = s.dueDay(r.Done.In(s.clock.zone)), ""
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// reviewState is where a post-mortem stood at the end of the page.
func (s *sheet) reviewState(r review) word {
	end := s.end()
	passed := r.Due != nil && !r.Due.After(end)
	late := map[bool]string{true: "overdue, "}[passed]
	out := word{Text: late + "not done", Shape: "ring", Tone: "usual"}
	switch {
	case r.doneBy(end) && r.Due != nil && r.Done.After(*r.Due):
		return word{Text: "done late", Shape: "disc", Tone: "changed"}
	case r.doneBy(end):
		return word{Text: "done", Shape: "disc", Tone: "better"}
	case r.Key == "":
		out = word{Text: late + "none yet", Shape: "open-diamond", Tone: "usual"}
	}
	if passed {
		out.Shape, out.Tone = "diamond", "worse"
	}
	return out
}

// reviewOf says that in a sentence: who has it, and until when, or when it was done.
func (s *sheet) reviewOf(r review) prose {
	end := s.end()
	if r.Key == "" && r.Required == 0 {
		return tell("none yet")
	}
	out := tell("%s", say(s.reviewState(r).Text))
	if r.Key != "" {
		out = tell("%s: %s", called(place{Text: clip(r.Key, 32), URL: link(r.URL)}), out)
	}
	if r.doneBy(end) {
		return append(out, tell(" on %s", dated(s.dueDay(r.Done.In(s.clock.zone))))...)
	}
	switch owner := clip(r.Owner, 40); {
	case r.Key == "":
	case owner == "":
		out = append(out, say(", with nobody"))
	default:
		out = append(out, tell(", with %s", plainly(owner))...)
	}
	switch {
	case r.Due == nil:
	case r.Due.After(end):
		out = append(out, tell(", due %s", dated(r.dueOn(s)))...)
	default:
		out = append(out, tell(", was due %s", dated(r.dueOn(s)))...)
	}
	if r.Done != nil {
		out = append(out, tell("; done since, %s", dated(s.dueDay(r.Done.In(s.clock.zone))))...)
	}
	return out
}
