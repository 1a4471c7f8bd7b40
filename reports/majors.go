package reports

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// majorsView lists the major incidents of the month and how long the pauses
// between them were: rare events are told by their distance, not by their number.
type majorsView struct {
	Rows    []majorRow
	Chart   *drawing
	Caption prose
	Pauses  []pauseRow
	Note    string
	More    prose // majors that are not named
	Impact  prose // on customers, of all incidents of the month
	Reading prose // of the days between them
}

type majorRow struct {
	Key      place
	Severity uint8  `view:"structure"`
	Title    string `view:"quote"`
	Where    string `view:"name"`
	Why      string `view:"quote"`
	Fix      string `view:"name"`
	Change   place
	Review   prose  // its post-mortem; nothing: none is collected
	URL      string `view:"key"` // the ticket, where a blank is filled in
	When     string `view:"date"`
	Lasted   tally
	Open     bool
	Since    string `view:"date"` // resolved after the end of the page

	incident incident
}

type pauseRow struct {
	Key   place
	When  string `view:"date"`
	Days  tally
	First bool // nothing before it
}

// majorsNamed is how many of a month's majors stand in its table.
const majorsNamed = 8

// majorsShown is how many pauses the chart reaches back.
const majorsShown = 25

func majors(ctx context.Context, s *sheet) (*answer, error) {
	if !s.delivers("incident") {
		return &answer{Unasked: "add a source with entity: incident to srekpi.yml"}, nil
	}
	end := s.end()
	rows, err := s.majorsUntil(ctx, end)
	if err != nil {
		return nil, err
	}
	began, err := s.incidents(ctx, countedIncident+isMajor+` AND i.created_at >= toDateTime64(@from, 3, 'UTC') AND i.created_at < toDateTime64(@to, 3, 'UTC')`, moment("from", s.period.StartsAt), moment("to", end))
	if err != nil {
		return nil, err
	}
	impact, err := s.impact(ctx)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return &answer{Calm: follow(tell("none has been recorded since the data begin."), impact)}, nil
	}
	view := majorsView{Impact: impact}
	var at []time.Time
	for _, i := range rows {
		at = append(at, i.Created)
	}
	for _, i := range began {
		key := place{Text: i.name(), URL: link(i.URL)}
		if key.URL == "" {
			key.URL = s.row(ctx, "incident_count", i.ID)
		}
		row := majorRow{Key: key, URL: link(i.URL), Severity: i.Severity, Title: clip(i.Title, 140),
			Where: clip(strings.Join(i.Services, ", "), 80), Why: clip(i.Cause, 120), Fix: clip(i.FixOwner, 80), When: s.dayAndYear(i.Created),
			Lasted: lastingOf("incident/lasted", i.lasted(end)), Open: i.Resolved == nil, incident: i}
		if i.ResolvedSince != nil {
			row.Since = s.dayAndYear(*i.ResolvedSince)
		}
		view.Rows = append(view.Rows, row)
	}
	since := end.Sub(at[len(at)-1])
	when, soFar := "At its end", s.soFar()
	if s.running() {
		when = "By now"
	}
	lead := capped(tell("%s in %s%s. ", many("majors/began", len(view.Rows), "major incident", "major incidents"), dated(s.period.Label), soFar))
	as := func(r majorRow) card { return card{Severity: r.Severity, took: r.incident.lasted(end)} }
	sort.SliceStable(view.Rows, func(i, j int) bool { return worse(as(view.Rows[i]), as(view.Rows[j])) })
	if more := len(view.Rows) - majorsNamed; more > 0 {
		view.Rows = view.Rows[:majorsNamed]
		view.More = tell("The %s worst; %s more stand in %s.", tallyOf("majors/shown", majorsNamed), tallyOf("majors/more", more), place{Text: "the evidence of the incidents", URL: "#evidence-incident_count"})
	}
	if err := s.afterMajors(ctx, view.Rows); err != nil {
		return nil, err
	}
	if len(view.Rows) == 0 {
		lead = tell("None in %s%s. ", dated(s.period.Label), soFar)
	}
	if since < day {
		lead = append(lead, say(when+", the last one was less than a day ago."))
	} else {
		lead = append(lead, tell(when+", %s since the last one.", many("majors/since", int(since/day), "day", "days"))...)
	}
	if err := s.pauses(ctx, &view, rows, at, since); err != nil {
		return nil, err
	}
	return &answer{Told: follow(lead, view.Reading), View: view}, nil
}

// isMajor is the rule of what a major incident is, see incidentColumns.
const isMajor = `ifNull(i.major, has(@major, i.severity)) = 1`

// majorsUntil lists those of all years by name and time.
func (s *sheet) majorsUntil(ctx context.Context, end time.Time) ([]incident, error) {
	var rows []incident
	err := s.conn.Select(ctx, &rows, `SELECT id, key, url, assumeNotNull(i.created_at) AS created_at FROM incidents AS i
		WHERE i.created_at IS NOT NULL AND `+countedIncident+isMajor+` AND i.created_at < toDateTime64(@to, 3, 'UTC') ORDER BY i.created_at, i.id`,
		moment("to", end), clickhouse.Named("major", severities(s.options.Major)))
	if err != nil {
		return nil, fmt.Errorf("read when major incidents began: %w", err)
	}
	return rows, nil
}

// afterMajors fills in the change that caused each, and its post-mortem.
func (s *sheet) afterMajors(ctx context.Context, rows []majorRow) error {
	var of []incident
	for _, r := range rows {
		of = append(of, r.incident)
	}
	causes, err := s.causesOf(ctx, of)
	if err != nil {
		return err
	}
	reviews, collected, err := s.reviewsAfter(ctx, of)
	if err != nil {
		return err
	}
	for n := range rows {
		id := rows[n].incident.ID
		if rows[n].Change = causes[id]; collected {
			rows[n].Review = s.reviewOf(reviews[id])
		}
	}
	return nil
}

// pauses charts the days from each major incident to the next.
func (s *sheet) pauses(ctx context.Context, view *majorsView, rows []incident, at []time.Time, since time.Duration) error {
	days := metrics.DaysBetween(at)
	limits := metrics.XmR(days[:min(len(days), longestBaseline)], metrics.Rare)
	signals := limits.Signals(days)
	outside := map[int]bool{}
	for _, signal := range signals {
		if signal.Rule == metrics.Outside {
			outside[signal.To] = true
		}
	}
	chart := line{ID: "majors", Unit: "days without one", Mid: math.NaN(), Low: math.NaN(), High: math.NaN(), Top: math.NaN()}
	if limits.OK {
		band := limits.Shown(0, math.Inf(1))
		chart.Mid, chart.Low, chart.High = limits.Centre, band.Low, band.High
	}
	first := max(0, len(days)-majorsShown)
	for n := len(days) - 1; n >= first; n-- {
		i := rows[n+1]
		view.Pauses = append(view.Pauses, pauseRow{Key: place{Text: i.name(), URL: link(i.URL)}, When: s.clock.day(i.Created), Days: tally{Text: metrics.Number(days[n]), What: "majors/pause", Raw: fmt.Sprintf("%.3f", days[n])}})
	}
	for n := first; n < len(days); n++ {
		i := rows[n+1]
		chart.Points = append(chart.Points, point{Label: s.clock.zoned(i.Created, "2 Jan 06"), Value: days[n], Signal: outside[n],
			Tip: i.name() + "\n" + s.clock.day(i.Created) + ": " + metrics.Number(days[n]) + " days after the one before"})
	}
	if len(chart.Points) < 3 {
		view.Note = "A chart of the days between them appears from the fourth on."
		return nil
	}
	top := since.Hours() / 24
	for _, d := range days[first:] {
		top = max(top, d)
	}
	chart.Top = nice(1.05 * top)
	chart.High = min(chart.High, chart.Top)
	chart.Points = append(chart.Points, point{Label: "still", Value: since.Hours() / 24, Running: true, Tip: "so far: " + metrics.Number(since.Hours()/24) + " days since the last one"})
	view.Caption = tell("Days between major incidents. Higher is better: each point is the days without one before it; the hollow one is still running.")
	switch standing := metrics.Standing(signals, len(days)-1); {
	case !limits.OK:
		view.Reading = tell("A normal range of the days between them takes 12 pauses; there are %s.", tallyOf("majors/pauses", len(days)))
	case standing != nil:
		view.Reading = tell("The days between them: typically %s; the last pause: %s.", typicalPause(limits), signalOf(*standing))
	default:
		view.Reading = tell("The days between them: typically %s, and the last pause lies in the normal range.", typicalPause(limits))
	}
	chart.Alt = "Line of the days between major incidents. " + view.Reading.String()
	d, err := chart.drawing()
	if err != nil {
		return err
	}
	view.Chart = &d
	return nil
}

func typicalPause(limits metrics.Limits) tally {
	return tally{Text: metrics.Number(limits.Centre), What: "majors/typical", Raw: raw(&limits.Centre)}
}
