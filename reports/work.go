package reports

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

const (
	unplannedHours   = "unplanned_work_ratio"
	unplannedTickets = "unplanned_work_ratio_count"
)

// workKinds are the rows of the table in its order. Those of planned work are
// its parts; the empty class is of hours that no rule classifies.
var workKinds = []struct {
	class, title string
	part         bool
}{
	{"planned", "Planned", false},
	{"business_project", "Business project", true},
	{"internal_project", "Internal project", true},
	{"planned_change", "Planned change", true},
	{"unplanned", "Unplanned", false},
	{"toil", "Toil", false},
	{"", "Not classified", false},
}

// piles are the slices of the picture from the axis up. What is not classified
// lies on what was unplanned: the two together are the range of the share.
var piles = []struct {
	class, name, ink string
	texture          *texture
}{
	{"unplanned", "unplanned", "work-unplanned", nil},
	{"", "not classified", "work-unknown", hatched("work-hatch")},
	{"toil", "toil", "work-toil", dotted("work-dots")},
	{"planned", "planned", "work-planned", nil},
}

// effort is what the block asks beside the hours: what a person is, and how many
// of the tickets done have no hours.
type effort struct {
	Done     uint64  `ch:"done"`
	Unbooked uint64  `ch:"unbooked"`
	Week     float64 `ch:"week_hours"` // of one person
}

// resolvedThere are the tickets that were done in a span of time.
const resolvedThere = `ifNull(t.resolved_at >= toDateTime64(@from, 3, 'UTC') AND t.resolved_at < toDateTime64(@to, 3, 'UTC'), 0)`

// effortOf measures the coverage by the rule of data health, as it stood at the
// end of the page: tickets done in the period, of the sources where people book,
// without any hours by then.
func (s *sheet) effortOf(ctx context.Context) (effort, error) {
	var e effort
	err := s.conn.QueryRow(ctx, `
		SELECT count() AS done, countIf(w.of_ticket IS NULL) AS unbooked,
		       assumeNotNull((SELECT ifNull(toFloat64OrNull(max(value)), 40.) FROM settings WHERE name = 'work.hours_per_week')) AS week_hours
		FROM tickets AS t
		LEFT JOIN (SELECT DISTINCT toNullable(ticket_id) AS of_ticket FROM worklogs WHERE worklogs.started_at < toDateTime64(@to, 3, 'UTC')
			AND ticket_id IN (SELECT t.id FROM tickets AS t WHERE `+resolvedThere+`)) AS w ON w.of_ticket = t.id
		WHERE `+resolvedThere+` AND t.source IN (SELECT source FROM worklogs WHERE worklogs.started_at < toDateTime64(@to, 3, 'UTC'))`,
		moment("from", s.period.StartsAt), moment("to", s.end())).Scan(&e.Done, &e.Unbooked, &e.Week)
	if err != nil {
		return e, fmt.Errorf("read what tickets have hours: %w", err)
	}
	return e, nil
}

// weeksOf is how many working weeks a period has, by its days.
func (s *sheet) weeksOf() float64 {
	return s.period.Next().Start.Sub(s.period.Start).Hours() / 24 / 7
}

// workView is one period's hours by class, the periods before it, and what recurs.
type workView struct {
	ID      string `view:"key"`
	Caption prose
	Chart   *drawing
	Hours   string // the heading of the hours
	Share   string
	Before  prose // the heading of the typical hours; empty: too few periods
	People  bool  // of a whole period only
	Rows    []workRow
	History workHistory
	Notes   []prose
	Chores  *choresView
}

type workRow struct {
	Class                  string // of the swatch; empty: none
	Title                  string
	Part, Sum              bool
	Hours                  prose
	Typical, People, Share prose
}

// workHistory is the table of the picture.
type workHistory struct {
	Summary prose
	Column  string // what the first column names
	Rows    []workPeriod
	Open    bool // some row is not final
}

type workPeriod struct {
	Label string `view:"date"`
	Cells []prose
	Open  bool
}

const workUnasked = "hours are not booked: add a source of type jira to srekpi.yml whose people book worklogs; what is planned, unplanned or toil say the rules under work"

// work answers where the hours went: planned, unplanned, toil, unclassified.
func work(ctx context.Context, s *sheet) (*answer, error) {
	return s.workBlock(ctx, "work", mixed, true)
}

// whereTimeWent is the same for the month, in people.
func whereTimeWent(ctx context.Context, s *sheet) (*answer, error) {
	return s.workBlock(ctx, "time", 12, false)
}

func (s *sheet) workBlock(ctx context.Context, id string, columns int, chores bool) (*answer, error) {
	r, err := s.readingOf(ctx, unplannedHours)
	if err != nil {
		return nil, err
	}
	if r == nil || len(r.Points) == 0 || !s.delivers("worklog") {
		return s.withoutHours(ctx)
	}
	m, err := s.workMixes(ctx, r)
	if err != nil {
		return nil, err
	}
	now := m.now()
	v := m.Points[len(m.Points)-1].Value
	switch {
	case !m.any():
		return s.withoutHours(ctx)
	case !s.reaches("worklog"):
		return &answer{Quiet: "not known: no source of worklogs reaches into this " + s.period.Kind + "."}, nil
	case now.All <= 0 || v == nil:
		return &answer{Quiet: "nobody booked hours on work of this " + s.period.Kind + s.asCollected() + ", and some did before."}, nil
	}
	e, err := s.effortOf(ctx)
	if err != nil {
		return nil, err
	}
	s.print(*v, metrics.Interval{}, metrics.Headline(r.KPI, r.Now))
	view := workView{ID: id, Hours: "Hours", Share: "Share", People: now.Whole}
	if !now.Whole {
		view.Hours = "Hours" + s.asCollected()
	}
	s.workRows(&view, r.KPI, m, *v, e)
	if err := s.workPicture(&view, m, min(columns, len(m.Mix))); err != nil {
		return nil, err
	}
	view.Notes = s.workNotes(now, *v, e)
	if chores {
		if view.Chores, err = s.chores(ctx, m, e); err != nil {
			return nil, err
		}
	}
	return &answer{Told: s.workLead(r.KPI, now, *v, e, !chores), View: view}, nil
}

// asCollected marks what is not over, or not collected to its end.
func (s *sheet) asCollected() string {
	return or(s.soFar(), " as far as collected")
}

// workLead is the sentence: how much was unplanned, of what, by how many people,
// and what is not told.
func (s *sheet) workLead(k metrics.KPI, now mix, v metrics.Value, e effort, whole bool) prose {
	low, high := now.Hours["unplanned"], now.Hours["unplanned"]+now.Hours[""]
	var lead prose
	if now.Hours[""] >= now.All {
		lead = tell("No rule classifies any of the %s h%s: what was planned is not known.", hoursIn("work/total", now.All), booked(s, now))
		return follow(lead, s.coverage(e))
	}
	lead = tell("%s of %s h%s %s unplanned", figureOf(k.Kind, v), hoursIn("work/total", now.All), booked(s, now), "were")
	if now.Whole && high > 0 {
		lead = append(lead, tell(" (%s)", s.people(low, high, e))...)
	}
	if now.Hours[""] > 0 {
		lead = append(lead, tell("; %s h are not classified", partOf(v, "unknown"))...)
	}
	lead = append(lead, say("."))
	if whole {
		for i, class := range []string{"planned", "toil"} {
			lead = append(lead, tell("%s %s", [2]string{" Planned work took", ", toil"}[i], shareBetween(now, class))...)
			if now.Whole && now.Hours[class]+now.Hours[""] > 0 {
				lead = append(lead, tell(" (%s)", s.people(now.Hours[class], now.Hours[class]+now.Hours[""], e))...)
			}
		}
		lead = append(lead, say("."))
	}
	return follow(lead, s.coverage(e))
}

func booked(s *sheet, now mix) string {
	if now.Whole {
		return ""
	}
	return " booked" + s.asCollected()
}

// people is hours as full-time people of the period, between what is known and
// what may be.
func (s *sheet) people(low, high float64, e effort) prose {
	a, b := low/(e.Week*s.weeksOf()), high/(e.Week*s.weeksOf())
	t := tally{Text: peopleText(a, b), What: "work/people", Raw: fmt.Sprintf("%.4f", a)}
	if t.Text == "1" {
		return tell("about %s person", t)
	}
	return tell("about %s people", t)
}

// peopleText keeps two figures of small parts: a chore costs a fiftieth of a person.
func peopleText(low, high float64) string {
	switch {
	case high > 0 && high < 0.005:
		return "under 0.01"
	case high < 0.095:
		a, b := strings.TrimSuffix(fmt.Sprintf("%.2f", low), ".00"), strings.TrimSuffix(fmt.Sprintf("%.2f", high), ".00")
		if a == b {
			return b
		}
		return a + "–" + b
	}
	return metrics.Range(low, high)
}

// coverage says what is in none of the hours.
func (s *sheet) coverage(e effort) prose {
	if e.Done == 0 {
		return nil
	}
	done := many("work/done", int(e.Done), "ticket of any kind", "tickets of any kind")
	if e.Unbooked == 0 {
		return tell("Hours are booked on the %s done in this %s%s.", done, s.period.Kind, s.soFar())
	}
	if e.Unbooked == e.Done {
		return tell("None is booked on the %s done in this %s%s: that work is missing here.", done, s.period.Kind, s.soFar())
	}
	return tell("Of %s done in this %s%s, %s %s no hours booked: that work is missing here.", done, s.period.Kind, s.soFar(),
		tallyOf("work/unbooked", int(e.Unbooked)), hasHave(int(e.Unbooked)))
}

// shareBetween is a class's share without and with what no rule classifies.
func shareBetween(now mix, class string) tally {
	low, high := now.of(class)/now.All, (now.of(class)+now.Hours[""])/now.All
	t := tally{Text: metrics.Percent(low), What: "work/share", Raw: fmt.Sprintf("%.4f", low)}
	if high > low {
		t.Text = metrics.PercentRange(metrics.Interval{Low: low, High: high, OK: true})
	}
	return t
}

func hoursIn(what string, hours float64) tally {
	return tally{Text: metrics.Number(hours), What: what, Raw: fmt.Sprintf("%.3f", hours)}
}

func (s *sheet) workRows(view *workView, k metrics.KPI, m mixes, v metrics.Value, e effort) {
	now := m.now()
	// Whole periods are compared with whole ones, and hours with hours only.
	if _, n := m.typical("all"); n >= typicalFrom {
		view.Before = tell("Typical of %s %ss before", tallyOf("work/whole", n), s.period.Kind)
	}
	add := func(class, title string, part, sum bool) {
		row := workRow{Class: class, Title: title, Part: part, Sum: sum, Hours: prose{counting(hoursIn("work/hours", now.of(class)))}}
		switch class {
		case "":
			row.Class, row.Hours = "unknown", prose{showing(partOf(v, "unknown"))}
			row.Share = prose{counting(tally{Text: metrics.Percent(now.Hours[""] / now.All), What: "work/share", Raw: fmt.Sprintf("%.4f", now.Hours[""]/now.All)})}
		case "all":
			row.Class = ""
		case "unplanned":
			row.Hours, row.Share = prose{showing(partOf(v, "k"))}, prose{showing(figureOf(k.Kind, v))}
		default:
			row.Share = prose{counting(shareBetween(now, class))}
		}
		if part {
			row.Class = ""
		}
		if len(view.Before) > 0 {
			typical, _ := m.typical(class)
			row.Typical = prose{counting(hoursIn("work/typical", typical))}
		}
		if view.People {
			p := now.of(class) / (e.Week * s.weeksOf())
			row.People = prose{counting(tally{Text: peopleText(p, p), What: "work/people", Raw: fmt.Sprintf("%.4f", p)})}
		}
		view.Rows = append(view.Rows, row)
	}
	for _, kind := range workKinds {
		add(kind.class, kind.title, kind.part, false)
	}
	add("all", "All hours booked", false, true)
}

// workPicture draws the last periods and lists the same numbers, newest first.
func (s *sheet) workPicture(view *workView, m mixes, columns int) error {
	if columns < 2 {
		return nil // the table says as much
	}
	first := len(m.Mix) - columns
	k := stack{ID: view.ID, Unit: "hours booked"}
	for _, p := range piles {
		one := slice{Name: p.name, Ink: p.ink, Texture: p.texture}
		sum := 0.0
		for _, x := range m.Mix[first:] {
			hours := x.Hours[p.class]
			if sum += hours; !x.Known {
				hours = math.NaN()
			}
			one.Values = append(one.Values, hours)
		}
		if sum > 0 {
			k.Slices = append(k.Slices, one)
		}
	}
	for i := first; i < len(m.Mix); i++ {
		x, c := m.Mix[i], upright{Label: m.Points[i].Label}
		row := workPeriod{Label: m.Points[i].Label, Open: x.Known && !x.Whole}
		tip := []string{m.Points[i].Name}
		if row.Open {
			c.State, view.History.Open = "in part", true
			if i == len(m.Mix)-1 && s.running() {
				c.State = "so far"
			}
			tip[0] += ", " + c.State
		}
		for j := len(piles) - 1; j >= 0; j-- {
			tip = append(tip, piles[j].name+" "+metrics.Number(x.Hours[piles[j].class])+" h")
		}
		for _, class := range []string{"planned", "unplanned", "toil", "", "all"} {
			if x.Known {
				row.Cells = append(row.Cells, prose{counting(hoursIn("work/history", x.of(class)))})
			} else {
				row.Cells = append(row.Cells, prose{say("–")})
			}
		}
		if !x.Known {
			tip = []string{m.Points[i].Name, metrics.NotCollected}
		}
		c.Tip = strings.Join(tip, "\n")
		k.Columns = append(k.Columns, c)
		view.History.Rows = append(view.History.Rows, row)
	}
	slices.Reverse(view.History.Rows)
	span := tell("the last %s", many("work/periods", columns, s.period.Kind, s.period.Kind+"s"))
	view.History.Summary, view.History.Column = tell("Hours by class in %s", span), "Week to"
	if s.period.Kind == metrics.Month {
		view.History.Column = "Month"
	}
	view.Caption = tell("Hours booked by %s, %s. The lowest slice was unplanned", s.period.Kind, span)
	if slices.ContainsFunc(k.Slices, func(one slice) bool { return one.Name == "not classified" }) {
		view.Caption = append(view.Caption, say("; the hatched one on it is not classified and may have been too"))
	}
	view.Caption = append(view.Caption, say("."))
	if view.History.Open {
		view.Caption = append(view.Caption, say(" A paler column, marked below, is not final."))
	}
	k.Alt = "Stacked columns: " + view.History.Summary.String() + ", unplanned lowest, then not classified, toil and planned."
	d, err := k.drawing()
	if err != nil {
		return err
	}
	view.Chart = &d
	return nil
}

// workNotes say how to read the numbers and what would make them surer.
func (s *sheet) workNotes(now mix, v metrics.Value, e effort) []prose {
	var out []prose
	if now.Whole {
		one := tell("One person is %s h a week", hoursIn("work/week", e.Week))
		if s.period.Kind == metrics.Month {
			one = append(one, tell(", %s h in this month", hoursIn("work/person", e.Week*s.weeksOf()))...)
		}
		out = append(out, append(one, say(".")))
	}
	if now.Hours[""] <= 0 {
		return out
	}
	out = append(out, alone("A range is the share without and with the hours that are not classified: they may belong to any class."))
	why := tell("Not classified: ")
	ruleless := now.Hours[""] - now.Lost
	switch {
	case now.Lost <= 0:
		why = append(why, tell("no rule under work: in srekpi.yml fits the tickets of these %s h.", partOf(v, "unknown"))...)
	case ruleless <= 0:
		why = append(why, tell("the tickets of these %s h are not collected.", partOf(v, "unknown"))...)
	default:
		why = append(why, tell("no rule under work: in srekpi.yml fits the tickets of %s h, and the tickets of %s h are not collected.", hoursIn("work/ruleless", ruleless), hoursIn("work/lost", now.Lost))...)
	}
	return append(out, why)
}

// alone is a sentence without a number.
func alone(text string) prose { return prose{say(text)} }

// withoutHours falls back on the tickets done, which say nothing of hours.
func (s *sheet) withoutHours(ctx context.Context) (*answer, error) {
	r, err := s.readingOf(ctx, unplannedTickets)
	if err != nil {
		return nil, err
	}
	if r == nil || len(r.Points) == 0 || !s.delivers("ticket") {
		return &answer{Unasked: workUnasked}, nil
	}
	v := r.Points[len(r.Points)-1].Value
	if v == nil || of(v.N)+v.Unknown <= 0 {
		return &answer{Unasked: workUnasked}, nil
	}
	s.print(*v, metrics.Interval{}, metrics.Headline(r.KPI, r.Now))
	lead := tell("Hours are not booked. By count, %s of the tickets done in this %s%s were unplanned; %s %s classified", figureOf(r.KPI.Kind, *v), s.period.Kind, s.soFar(), partOf(*v, "n"), isAre(int(of(v.N))))
	if v.Unknown > 0 {
		lead = append(lead, tell(", %s %s not", partOf(*v, "unknown"), isAre(int(v.Unknown)))...)
	}
	return &answer{Told: append(lead, say(". A count says nothing of how long they took.")), View: workView{Notes: []prose{alone(capital(workUnasked) + ".")}}}, nil
}
