package reports

import (
	"context"
	"fmt"
	"math"
	"time"

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
	Since    string `view:"date"`
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
	coverage, err := s.rateOf(ctx, reviewKPI, "of those required were done in time")
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
	rate, err := s.rateOf(ctx, closureKPI, "of those due were done by their day")
	if err != nil {
		return nil, err
	}
	if rate != nil {
		view.Rates = append(view.Rates, tell("Actions: %s", rate))
	}
	if len(lead)+len(view.Reviews)+len(view.Rates) == 0 && view.Chart == nil && half == nil {
		return &answer{Unasked: reviewsUnasked + "; actions by {is: action_item, label: …} in the same place"}, nil
	}
	return &answer{Told: follow(lead, half), View: view}, nil
}

// rateOf tells a rate that settles late: that of the newest settled month, named,
// and how many outcomes of this one are still to come; nil where there is none.
func (s *sheet) rateOf(ctx context.Context, kpi, words string) (prose, error) {
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
		out = tell("%s %s in %s (%s of %s).", figureOf(r.KPI.Kind, *v), words, dated(r.Points[r.Shown].Name), partOf(*v, "k"), partOf(*v, "n"))
		if s.running() && r.current() {
			out = tell("%s %s so far in %s (%s of %s).", figureOf(r.KPI.Kind, *v), words, dated(r.Points[r.Shown].Name), partOf(*v, "k"), partOf(*v, "n"))
		}
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
	view.More = capped(tell("%s of this %s %s a post-mortem: %s done, %s begun, %s not started.", many("learning/required", len(rows), "incident", "incidents"), s.period.Kind,
		map[bool]string{true: "requires", false: "require"}[len(rows) == 1], tallyOf("learning/done", done), tallyOf("learning/begun", begun), tallyOf("learning/none", none)))
	if len(rows) > learnedShown {
		view.More = follow(view.More, tell("The %s due first are listed.", tallyOf("learning/shown", learnedShown)))
		rows = rows[:learnedShown]
	}
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	from, err := s.origins(ctx, ids)
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
		row.State = s.reviewState(r)
		if r.Done != nil && !r.doneBy(s.end()) {
			row.Since = s.dueDay(r.Done.In(s.clock.zone))
		}
		view.Reviews = append(view.Reviews, row)
	}
	return nil
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
