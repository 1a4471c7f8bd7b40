package reports

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// learningView is what reviews and their actions came to.
type learningView struct {
	Reviews  []learnedRow
	More     prose
	NoReview string // why there is no list
	Chart    *drawing
	Caption  prose
	Closed   []closedRow
	Note     prose
	Rates    []prose
}

// learnedRow is a major incident of the month and its post-mortem.
type learnedRow struct {
	Incident place
	Severity uint8  `view:"structure"`
	Title    string `view:"quote"`
	Review   place
	State    word
	Due      string `view:"date"`
	Owner    string `view:"name"` // of one that is not done
	Begun    string `view:"date"` // after the end of the page
	Since    string `view:"date"` // done after it
}

type closedRow struct {
	After   tally
	Part    tally
	Watched tally
}

// learnedShown is how many reviews a month lists.
const learnedShown = 12

// closedAfter are the days at which the table reads the curve, curveDays the end
// of its picture.
var closedAfter = []int{7, 14, 30, 60, 90}

const (
	curveDays = 180
	curveMost = 5 // actions, below which a curve says nothing
)

const closureKPI = "action_closure_rate"

// reviewsUnasked says what makes a ticket a post-mortem.
const reviewsUnasked = "post-mortems are tickets that a rule {is: postmortem, type: [Post-mortem]} under issues: of a Jira source marks; none is marked yet"

// learning answers what reviews and their actions came to.
func learning(ctx context.Context, s *sheet) (*answer, error) {
	view := learningView{}
	var lead prose
	coverage, err := s.rateOf(ctx, reviewKPI, "were done in time", nil)
	if err != nil {
		return nil, err
	}
	if err := s.learned(ctx, &view); err != nil {
		return nil, err
	}
	if coverage != nil {
		lead = tell("Post-mortems: %s", coverage)
	}
	half, err := s.closure(ctx, &view)
	if err != nil {
		return nil, err
	}
	moved, err := s.movedDays(ctx)
	if err != nil {
		return nil, err
	}
	rate, err := s.rateOf(ctx, closureKPI, "were done by their day", moved)
	if err != nil {
		return nil, err
	}
	if rate != nil {
		older, err := s.olderPromises(ctx)
		if err != nil {
			return nil, err
		}
		view.Rates = append(view.Rates, tell("Actions: %s", follow(rate, older)))
	}
	if len(lead)+len(view.Reviews)+len(view.Rates) == 0 && view.Chart == nil && half == nil {
		return &answer{Unasked: reviewsUnasked + "; actions by {is: action_item, label: …} in the same place"}, nil
	}
	return &answer{Told: follow(lead, half), View: view}, nil
}

// rateOf tells a rate that settles late: that of the newest settled month, named,
// what more there is to say of it, and how many outcomes of this one are still to
// come; nil where there is none.
func (s *sheet) rateOf(ctx context.Context, kpi, words string, more prose) (prose, error) {
	r, err := s.readingOf(ctx, kpi)
	if err != nil || r == nil || !r.collected() {
		return nil, err
	}
	v, now := r.value(), r.Points[len(r.Points)-1].Value
	var out prose
	switch {
	case v == nil || v.N == nil || *v.N == 0:
		out = tell("none was due in %s.", dated(r.Points[r.Shown].Name))
		if v == nil {
			return nil, nil
		}
	default:
		s.print(*v, metrics.Plausible(r.KPI, *v, nil), "")
		soFar := ""
		if s.running() && r.current() {
			soFar = " so far"
		}
		out = tell("%s of those due in %s %s%s (%s of %s).", figureOf(r.KPI.Kind, *v), dated(r.Points[r.Shown].Name), words, soFar, partOf(*v, "k"), partOf(*v, "n"))
		out = follow(out, more)
	}
	if now != nil && now.Unknown > 0 {
		out = append(out, tell(" Of those due in %s, %s %s still to come or not known.", dated(s.period.Label), partOf(*now, "unknown"), isAre(int(now.Unknown)))...)
	}
	return out, nil
}

// learned lists the incidents of the month that require a post-mortem.
func (s *sheet) learned(ctx context.Context, view *learningView) error {
	if s.kpi(reviewKPI) == nil {
		return nil
	}
	var rows []review
	err := s.conn.Select(ctx, &rows, reviewColumns+`e.id IN (
			SELECT id FROM incidents WHERE incidents.created_at >= toDateTime64(@start, 3, 'UTC') AND incidents.created_at < toDateTime64(@end, 3, 'UTC'))
		ORDER BY isNull(e.settles_at), e.settles_at, e.id`, moment("start", s.period.StartsAt), moment("end", s.end()))
	if err != nil {
		return fmt.Errorf("read post-mortems: %w", err)
	}
	switch {
	case len(rows) == 0:
		view.NoReview = "No incident of this " + s.period.Kind + " requires a post-mortem."
		if s.running() {
			view.NoReview = "No incident of this " + s.period.Kind + " requires a post-mortem so far."
		}
		return nil
	case rows[0].Collected == 0:
		view.NoReview = capital(reviewsUnasked) + "."
		return nil
	}
	done, begun, none := 0, 0, 0
	for _, r := range rows {
		switch {
		case r.doneBy(s.end()):
			done++
		case r.Key != "":
			begun++
		default:
			none++
		}
	}
	when := "At its end"
	if s.running() {
		when = "So far"
	}
	view.More = capped(tell("%s that began in this %s %s a post-mortem, whenever it is due. %s: %s done, %s begun and not done, %s not begun.", many("learning/required", len(rows), "incident", "incidents"), s.period.Kind,
		map[bool]string{true: "requires", false: "require"}[len(rows) == 1], when, tallyOf("learning/done", done), tallyOf("learning/begun", begun), tallyOf("learning/none", none)))
	if len(rows) > learnedShown {
		view.More = follow(view.More, tell("The %s due first are listed.", tallyOf("learning/shown", learnedShown)))
		rows = rows[:learnedShown]
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	from, err := s.incidentsOf(ctx, ids)
	if err != nil {
		return err
	}
	written, err := s.written(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		i := from[r.ID]
		if i.Resolved == nil {
			r.Due = nil // its working days had not begun
		}
		row := learnedRow{Incident: s.place(ctx, i), Severity: i.Severity, Title: clip(i.Title, 120), Due: r.dueOn(s)}
		if r.Key != "" {
			row.Review = place{Text: clip(r.Key, 32), URL: link(r.URL)}
		}
		later := false
		for _, one := range written[r.ID] {
			switch {
			case r.Key != "" && one.Key == r.Key && !r.doneBy(s.end()):
				row.Owner = clip(one.Owner, 40)
				if row.Owner == "" {
					row.Owner = "no owner"
				}
			case r.Key == "" && !later && one.Created != nil && !one.Created.Before(s.end()):
				later, r.Done = true, one.Done
				row.Review, row.Begun = place{Text: clip(one.Key, 32), URL: link(one.URL)}, s.dueDay(one.Created.In(s.clock.zone))
			}
		}
		row.State = s.reviewState(r)
		if r.Done != nil && !r.doneBy(s.end()) {
			row.Since, row.Owner = s.dueDay(r.Done.In(s.clock.zone)), ""
		}
		view.Reviews = append(view.Reviews, row)
	}
	return nil
}

// writing is a post-mortem of an incident, as it is now.
type writing struct {
	Incident string     `ch:"incident_id"`
	Key      string     `ch:"of_key"`
	URL      string     `ch:"of_url"`
	Owner    string     `ch:"of_owner"`
	Created  *time.Time `ch:"begun_at"`
	Done     *time.Time `ch:"done_at"`
}

// written reads the post-mortems of some incidents, the one begun first before
// the others: who writes them, and those begun after the end of the page.
func (s *sheet) written(ctx context.Context, ids []string) (map[string][]writing, error) {
	var rows []writing
	err := s.conn.Select(ctx, &rows, `
		SELECT arrayJoin(arrayIntersect(p.incident_ids, @ids)) AS incident_id, if(p.key = '', p.id, toString(p.key)) AS of_key, toString(p.url) AS of_url, toString(p.owner) AS of_owner,
		       toNullable(p.created_at) AS begun_at, toNullable(p.resolved_at) AS done_at
		FROM postmortems AS p WHERE hasAny(p.incident_ids, @ids)
		ORDER BY incident_id, begun_at, p.id LIMIT 20 BY incident_id`, clickhouse.Named("ids", ids))
	if err != nil {
		return nil, fmt.Errorf("read who writes the post-mortems: %w", err)
	}
	out := map[string][]writing{}
	for _, r := range rows {
		out[r.Incident] = append(out[r.Incident], r)
	}
	return out, nil
}

// movedDays says of the actions done by their day for how many it was the day
// promised at first; nil where none was done.
func (s *sheet) movedDays(ctx context.Context) (prose, error) {
	r, err := s.readingOf(ctx, closureKPI)
	if err != nil || r == nil {
		return nil, err
	}
	v := r.value()
	if v == nil || v.K == nil || *v.K == 0 {
		return nil, nil
	}
	from := r.Points[r.Shown].Start
	after := from.AddDate(0, 1, 0)
	if s.period.Kind == metrics.Week {
		after = from.AddDate(0, 0, 7)
	}
	var first, moved uint64
	err = s.conn.QueryRow(ctx, `
		SELECT countIf(a.due_moves = 0 OR ifNull(toDate(a.resolved_at, @zone) <= a.first_due_on, 0)) AS as_promised, toUInt64(count() - as_promised) AS as_moved
		FROM action_items AS a WHERE toString(a.due_on) >= @first AND toString(a.due_on) < @after
		AND a.id IN (SELECT id FROM kpi_evidence WHERE kpi = '`+closureKPI+`' AND included = 1 AND ifNull(hit, 0) = 1)`,
		clickhouse.Named("zone", s.clock.zone.String()), clickhouse.Named("first", from.Format(time.DateOnly)), clickhouse.Named("after", after.Format(time.DateOnly))).Scan(&first, &moved)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read which actions kept their first day: %w", err)
	case float64(first+moved) != *v.K: // a figure that the rows do not bear out is not taken apart
		return nil, nil
	case moved == 0:
		return tell("None of these was done only after its day was moved."), nil
	}
	return tell("Of the %s, %s by the day promised at first; %s only after it was moved.", partOf(*v, "k"), tallyOf("learning/first", int(first)), tallyOf("learning/moved", int(moved))), nil
}

// olderPromises says how many actions of days before the period stood open at its end.
func (s *sheet) olderPromises(ctx context.Context) (prose, error) {
	c, err := s.countPromises(ctx)
	if err != nil {
		return nil, err
	}
	still := "was still open at its end"
	if s.running() {
		still = "is still open"
	}
	if c.Overdue == 0 {
		return tell("No action promised for a day before %s %s.", dated(s.period.Label), still), nil
	}
	if c.Overdue > 1 {
		still = map[bool]string{true: "are still open", false: "were still open at its end"}[s.running()]
	}
	return tell("Besides, %s promised for a day before %s %s.", tallyOf("promise/overdue", int(c.Overdue)), dated(s.period.Label), still), nil
}

// closure fills in how fast promises of the last 12 months were closed, and says
// it in a sentence.
func (s *sheet) closure(ctx context.Context, view *learningView) (prose, error) {
	end := s.end()
	from := end.In(s.clock.zone).AddDate(-1, 0, 0)
	var rows []struct {
		Days  float64 `ch:"days"`
		Ended uint8   `ch:"ended"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT ifNull(action_items.resolved_at < toDateTime64(@end, 3, 'UTC'), 0) AS ended,
		       greatest(dateDiff('millisecond', assumeNotNull(action_items.created_at), if(ended = 1, assumeNotNull(action_items.resolved_at), toDateTime64(@end, 3, 'UTC'))), 0) / 86400000 AS days
		FROM action_items WHERE ifNull(action_items.created_at >= toDateTime64(@from, 3, 'UTC') AND action_items.created_at < toDateTime64(@end, 3, 'UTC'), 0)
		ORDER BY days, ended`, moment("from", from), moment("end", end))
	if err != nil {
		return nil, fmt.Errorf("read how fast actions are closed: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	days, ended := make([]float64, len(rows)), make([]bool, len(rows))
	open := 0
	for i, r := range rows {
		days[i], ended[i] = r.Days, r.Ended == 1
		if !ended[i] {
			open++
		}
	}
	promised := many("learning/promised", len(rows), "action was", "actions were")
	if len(rows) < curveMost {
		return tell("In the year before the end of this %s, %s promised and %s still open: too few for a curve.", s.period.Kind, promised, orNone("learning/open", open)), nil
	}
	c := closingOf(days, ended)
	half := metrics.KaplanMeier(days, ended, 0.95)
	lead := tell("Of the actions promised in the last year, fewer than half are done.")
	chart := curve{ID: "closure", Unit: "% closed", Of: c, Days: min(curveDays, every*int(math.Ceil(max(half.Followed, 1)/every))), Half: math.NaN()}
	if half.Reached {
		lead = tell("Half of the promises of the last year are done after %s.", daysOf("learning/half", time.Duration(math.Round(half.Median))*day))
		chart.Half = half.Median
	}
	view.Caption = capped(tell("%s promised in the last year; %s still open, counted in for as long as they are open. The higher and the sooner, the better.", promised, orNone("learning/open", open)))
	for _, d := range closedAfter {
		part, watched, known := c.at(float64(d))
		row := closedRow{After: tally{Text: counted(d, "day", "days"), What: "learning/after", Raw: fmt.Sprint(d)}, Watched: tallyOf("learning/watched", watched), Part: tally{Text: "not known yet", What: "learning/closed"}}
		if known {
			row.Part = tally{Text: metrics.Percent(part), What: "learning/closed", Raw: fmt.Sprintf("%.4f", part)}
		}
		view.Closed = append(view.Closed, row)
	}
	chart.Alt = "Step line of the part of promised actions that is closed, by days after the promise. " + lead.String()
	d, err := chart.drawing()
	if err != nil {
		return nil, err
	}
	view.Chart = &d
	return lead, nil
}
