package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// promisesView is what was promised after incidents, as it stood at the end of
// the page.
type promisesView struct {
	Groups  []promiseGroup
	Reviews *reviewGroup
	Note    prose
}

type promiseGroup struct {
	Title string
	Rows  []promiseRow
	More  prose
	SQL   string `view:"key"`
}

type promiseRow struct {
	Key   place
	Title string `view:"quote"`
	State word
	Late  tally  // how long overdue; empty: it is not
	Since string `view:"date"` // done after the end of the page
	Owner string `view:"name"`
	Team  string `view:"name"`
	Due   string `view:"date"`
	Moved prose
	From  []place
	More  tally // incidents that are not named
	Again prose // the problem came back since
	Ask   string
}

const (
	promisesShown = 10
	originsShown  = 2
	// An action is offered for dropping when it is overdue for so long and the
	// problem stayed away.
	droppable = 90 * day
)

// promisesUnasked says what makes a ticket a promise.
const promisesUnasked = "promises are tickets that a rule {is: action_item, label: …} under issues: of a Jira source marks; none is marked yet"

// promiseCount counts the actions at the end of the page.
type promiseCount struct {
	Ever    uint64 `ch:"ever"`  // after the end of the page too
	Known   uint64 `ch:"known"` // promised by then
	Due     uint64 `ch:"due"`
	Kept    uint64 `ch:"kept"`
	Late    uint64 `ch:"late"`
	Missed  uint64 `ch:"missed"`
	Ahead   uint64 `ch:"ahead"` // due in the rest of a running period
	Overdue uint64 `ch:"overdue"`
	Unowned uint64 `ch:"unowned"`
	Undated uint64 `ch:"undated"`
	Bare    uint64 `ch:"bare"`
	Coming  uint64 `ch:"coming"`
	Besides uint64 `ch:"besides"`
}

// promiseParts are what the block divides actions into, the most pressing part
// first. No action is in two of them; one that is done since long, or due later,
// is in none.
var promiseParts = []struct{ name, where string }{
	{"due", `due_on >= @first AND due_on < @after`},
	{"overdue", `due_on < @first AND ` + undoneThen},
	{"bare", `(due_on IS NULL OR due_on >= @after AND trimBoth(owner) = '') AND ` + undoneThen},
	{"coming", `due_on >= @after AND due_on < @following AND trimBoth(owner) != '' AND ` + undoneThen},
	{"besides", `resolved_at >= @start AND resolved_at < @end AND ifNull(due_on < @first OR due_on >= @after, 1)`},
}

const (
	undoneThen   = `ifNull(resolved_at >= @end, 1)`
	promisedThen = `ifNull(created_at < @end, 1)`
)

// promiseState is where an action stands at the end of the page. Days are days
// of the reporting zone; those of the period are the ones that begin in it.
var promiseState = func() string {
	var parts strings.Builder
	for _, p := range promiseParts {
		fmt.Fprintf(&parts, "%s, '%s', ", p.where, p.name)
	}
	return `
	WITH facts AS (
		SELECT *, ifNull(resolved_at < @end, 0) AS was_done,
		       ifNull(toString(due_on), '') AS due_text,
		       was_done = 1 AND ifNull(toString(toDate(resolved_at, @zone)) > due_text, 0) AS was_late,
		       multiIf(` + parts.String() + `'') AS part
		FROM action_items
		WHERE ` + promisedThen + `
	)`
}()

// promiseMoments are the days and moments at which the state of an action turns.
func (s *sheet) promiseMoments() [][2]string {
	_, following := s.following()
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000") }
	return [][2]string{{"start", stamp(s.period.StartsAt)}, {"end", stamp(s.end())}, {"first", s.firstDay(s.period.StartsAt)}, {"after", s.firstDay(s.period.EndsAt)},
		{"following", s.firstDay(following)}, {"today", s.end().In(s.clock.zone).Format(time.DateOnly)}, {"zone", s.clock.zone.String()}}
}

func (s *sheet) promiseParams() []any {
	var out []any
	for _, m := range s.promiseMoments() {
		out = append(out, clickhouse.Named(m[0], m[1]))
	}
	return out
}

// promiseCommand lists the actions of a part by the condition that counted them.
func (s *sheet) promiseCommand(where string) string {
	var pairs []string
	for _, m := range s.promiseMoments() {
		pairs = append(pairs, "@"+m[0], "'"+strings.TrimSuffix(m[1], ".000")+"'")
	}
	return `srekpi sql "SELECT key, title, owner, due_on FROM action_items WHERE ` + strings.NewReplacer(pairs...).Replace(where+" AND "+promisedThen) + ` ORDER BY due_on"`
}

// firstDay is the first day that begins at a moment or after it.
func (s *sheet) firstDay(at time.Time) string {
	local := at.In(s.clock.zone)
	if begins := s.midnight(local); begins.Before(local) {
		local = begins.AddDate(0, 0, 1)
	}
	return local.Format(time.DateOnly)
}

// countPromises counts the actions as they stood at the end of the page, once.
func (s *sheet) countPromises(ctx context.Context) (promiseCount, error) {
	if s.promised != nil {
		return *s.promised, nil
	}
	var c promiseCount
	err := s.conn.QueryRow(ctx, promiseState+`
		SELECT (SELECT count() FROM action_items) AS ever, count() AS known, countIf(part = 'due') AS due, countIf(part = 'due' AND was_done = 1 AND was_late = 0) AS kept, countIf(part = 'due' AND was_late = 1) AS late,
		       countIf(part = 'due' AND was_done = 0 AND due_text < @today) AS missed, countIf(part = 'due' AND was_done = 0 AND due_text >= @today) AS ahead,
		       countIf(part = 'overdue') AS overdue, countIf(was_done = 0 AND trimBoth(owner) = '') AS unowned, countIf(was_done = 0 AND due_text = '') AS undated,
		       countIf(part = 'bare') AS bare, countIf(part = 'coming') AS coming, countIf(part = 'besides') AS besides
		FROM facts`, s.promiseParams()...).ScanStruct(&c)
	if err != nil {
		return c, fmt.Errorf("count promises: %w", err)
	}
	s.promised = &c
	return c, nil
}

// promises answers what was promised for the week: due, overdue, done, without owner or day.
func promises(ctx context.Context, s *sheet) (*answer, error) {
	c, err := s.countPromises(ctx)
	if err != nil {
		return nil, err
	}
	reviews, err := s.reviewsDue(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Ever == 0 && reviews == nil:
		return &answer{Unasked: promisesUnasked}, nil
	case c.Known == 0 && reviews == nil:
		return &answer{Quiet: "nothing had been promised by the end of this " + s.period.Kind + "."}, nil
	case c.Due+c.Overdue+c.Bare+c.Coming+c.Besides == 0 && reviews == nil:
		return &answer{Quiet: "no action was due, done or overdue in this " + s.period.Kind + ", and none is due in the next one."}, nil
	}
	view := promisesView{Reviews: reviews}
	if c.Due+c.Overdue+c.Bare+c.Coming+c.Besides > 0 {
		if view.Groups, err = s.promiseGroups(ctx, c); err != nil {
			return nil, err
		}
		view.Note = tell("Days are those that stand in the ticket now, in %s. Dropping is offered where an action is overdue by more than 90 days and its problem has not come back.", plainly(s.clock.zone.String()))
	}
	return &answer{Told: s.promiseLead(c), View: view}, nil
}

// tellsPromises says whether actions are collected at all: where none is known,
// "no fix is promised" would be a guess.
func (s *sheet) tellsPromises(ctx context.Context) (bool, error) {
	c, err := s.countPromises(ctx)
	return c.Ever > 0, err
}

// promiseLead is the sentence that opens the block.
func (s *sheet) promiseLead(c promiseCount) prose {
	if c.Ever == 0 {
		return tell("Actions are not collected: %s.", promisesUnasked)
	}
	if c.Known == 0 {
		return tell("No action had been promised by the end of this %s.", s.period.Kind)
	}
	verb := "were"
	if s.running() {
		verb = "are"
	}
	if c.Due == 1 {
		verb = map[string]string{"were": "was", "are": "is"}[verb]
	}
	out := capped(tell("%s %s due in this %s", many("promise/due", int(c.Due), "action", "actions"), verb, s.period.Kind))
	if c.Due > 0 {
		var parts []prose
		add := func(what string, n uint64, words string) {
			if n > 0 {
				parts = append(parts, tell("%s %s", tallyOf("promise/"+what, int(n)), words))
			}
		}
		add("kept", c.Kept, "done in time")
		add("late", c.Late, "done late")
		add("missed", c.Missed, "not done")
		add("ahead", c.Ahead, "still to come")
		for i, p := range parts {
			out = append(append(out, say(map[bool]string{true: ": ", false: ", "}[i == 0])), p...)
		}
	}
	if c.Overdue > 0 {
		out = append(out, tell("; %s overdue from before", tallyOf("promise/overdue", int(c.Overdue)))...)
	} else {
		out = append(out, say("; none is overdue from before"))
	}
	switch {
	case c.Unowned == 0 && c.Undated == 0:
		return append(out, say(". All open ones have an owner and a day."))
	case c.Unowned == 0:
		return append(out, tell("; %s without a day.", tallyOf("promise/undated", int(c.Undated)))...)
	case c.Undated == 0:
		return append(out, tell("; %s without an owner.", tallyOf("promise/unowned", int(c.Unowned)))...)
	}
	return append(out, tell("; %s without an owner, %s without a day.", tallyOf("promise/unowned", int(c.Unowned)), tallyOf("promise/undated", int(c.Undated)))...)
}

type promiseFact struct {
	action
	Part string `ch:"of_part"`
}

// promiseGroups lists the actions of each part, the most pressing part first.
func (s *sheet) promiseGroups(ctx context.Context, c promiseCount) ([]promiseGroup, error) {
	var facts []promiseFact
	err := s.conn.Select(ctx, &facts, promiseState+`
		SELECT `+actionColumns+`, a.part AS of_part
		FROM facts AS a WHERE a.part != ''
		ORDER BY a.part, a.was_done, a.due_text = '', a.due_text, a.id
		LIMIT @most BY a.part`, append(s.promiseParams(), clickhouse.Named("most", promisesShown))...)
	if err != nil {
		return nil, fmt.Errorf("read promises: %w", err)
	}
	var ids, origins []string
	for _, f := range facts {
		ids = append(ids, f.ID)
		origins = append(origins, f.Incidents[:min(len(f.Incidents), originsShown)]...)
	}
	came, err := s.cameBack(ctx, ids)
	if err != nil {
		return nil, err
	}
	from, err := s.incidentsOf(ctx, origins)
	if err != nil {
		return nil, err
	}
	titles := map[string]string{"due": "Due in this " + s.period.Kind, "overdue": "Overdue from before, the oldest first", "bare": "Without an owner or a day",
		"coming": "Due in the " + s.period.Kind + " after", "besides": "Also done in this " + s.period.Kind}
	all := map[string]uint64{"due": c.Due, "overdue": c.Overdue, "bare": c.Bare, "coming": c.Coming, "besides": c.Besides}
	var out []promiseGroup
	for _, part := range promiseParts {
		g := promiseGroup{Title: titles[part.name]}
		for _, f := range facts {
			if f.Part == part.name {
				g.Rows = append(g.Rows, s.promiseRow(ctx, &f.action, came[f.ID], from))
			}
		}
		if len(g.Rows) == 0 {
			continue
		}
		if more := int(all[part.name]) - len(g.Rows); more > 0 {
			g.More = tell("%s more. All of them:", tallyOf("promise/more", more))
			g.SQL = s.promiseCommand(part.where)
		}
		out = append(out, g)
	}
	return out, nil
}

// cameBack counts, for each fix, the repeats that began since it was promised
// and up to the end of the page.
func (s *sheet) cameBack(ctx context.Context, ids []string) (map[string]int, error) {
	out := map[string]int{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		ID string `ch:"fix_id"`
		N  uint64 `ch:"n"`
	}
	err := s.conn.Select(ctx, &rows, `
		SELECT arrayJoin(arrayFilter(f -> f IN @ids, fixes)) AS fix_id, count() AS n
		FROM repeats AS r WHERE r.at < toDateTime64(@to, 3, 'UTC') AND fix_state != ''
		GROUP BY fix_id`,
		moment("to", s.end()), clickhouse.Named("ids", ids))
	if err != nil {
		return nil, fmt.Errorf("count what came back: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = int(r.N)
	}
	return out, nil
}

func (s *sheet) promiseRow(ctx context.Context, a *action, came int, from map[string]incident) promiseRow {
	end := s.end()
	row := promiseRow{Key: a.place(), Title: clip(a.Title, 120), Owner: clip(a.Owner, 40), Team: clip(a.Team, 40)}
	if row.Team == row.Owner {
		row.Team = ""
	}
	if a.Due != nil {
		row.Due = s.dueDay(*a.Due)
		if a.Moves > 0 && a.First != nil {
			row.Moved = tell("moved %s, first promised for %s", timesOf("promise/moves", int(a.Moves)), dated(s.shortDay(*a.First)))
		}
	}
	row.State = word{Text: "open", Shape: "ring", Tone: "usual"}
	switch done := a.doneBy(end); {
	case done && a.Due != nil && !a.Resolved.Before(s.over(a)):
		row.State = word{Text: "done late", Shape: "disc", Tone: "changed"}
	case done && a.Due != nil && a.Resolved.Before(s.period.StartsAt):
		row.State = word{Text: "done ahead", Shape: "disc", Tone: "better"}
	case done:
		row.State = word{Text: "done", Shape: "disc", Tone: "better"}
	case a.Due != nil && !s.over(a).After(end):
		row.State = word{Text: "overdue", Shape: "diamond", Tone: "worse"}
		row.Late = daysOf("promise/overdue-days", max(day, end.Sub(s.over(a))))
	}
	if a.Resolved != nil && !a.doneBy(end) {
		row.Since = s.dueDay(a.Resolved.In(s.clock.zone))
	}
	for _, id := range a.Incidents[:min(len(a.Incidents), originsShown)] {
		if i, known := from[id]; known {
			row.From = append(row.From, s.place(ctx, i))
		}
	}
	if more := len(a.Incidents) - originsShown; more > 0 {
		row.More = tallyOf("promise/origins", more)
	}
	if came > 0 {
		row.Again = tell("came back %s since", timesOf("promise/came", came))
	}
	row.Ask = s.promiseAsk(a, came)
	return row
}

// promiseAsk is what the meeting decides of one action.
func (s *sheet) promiseAsk(a *action, came int) string {
	end := s.end()
	overdue := a.Due != nil && !s.over(a).After(end)
	switch owner := clean(a.Owner); {
	case a.doneBy(end) || a.Resolved != nil:
		return ""
	case owner == "" && a.Due == nil:
		return "Give it an owner and a day, or drop it."
	case owner == "":
		return "Give it an owner."
	case a.Due == nil:
		return "Give it a day."
	case overdue && came > 0:
		return "Chase: it came back."
	case overdue && end.Sub(s.over(a)) > droppable:
		return "Drop it, or a new day."
	case overdue:
		return "Chase."
	case a.Moves > 1:
		return "Will this day hold?"
	}
	return ""
}
