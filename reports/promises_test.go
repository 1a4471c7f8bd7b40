package reports

import (
	"fmt"
	"html"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/sql"
)

// promiseZone is the reporting zone of the tests; a page of a week speaks of @to.
const (
	onDay     = `toString(due_on)`
	doneDay   = `toString(toDate(resolved_at, 'Australia/Melbourne'))`
	toDay     = `toString(toDate(@to, 'Australia/Melbourne'))`
	fromDay   = `toString(toDate(@from, 'Australia/Melbourne'))`
	openAtEnd = `ifNull(resolved_at >= @to, 1)`
	promisedQ = `FROM action_items WHERE ifNull(created_at < @to, 1) AND `
	lateSpan  = `SELECT toFloat64(greatest(dateDiff('day', assumeNotNull(due_on), toDate(@to, 'Australia/Melbourne')) - 1, 1)) FROM action_items WHERE isNotNull(due_on)`
)

func countPromised(where string) recount {
	return recount{sql: `SELECT toFloat64(count()) ` + promisedQ + where}
}

func init() {
	martsMade = append(martsMade, "known_issues")
	due := onDay + ` >= ` + fromDay + ` AND ` + onDay + ` < ` + toDay
	maps.Copy(recounts, map[string]recount{
		"promise/due":     countPromised(due),
		"promise/kept":    countPromised(due + ` AND resolved_at < @to AND ` + doneDay + ` <= ` + onDay),
		"promise/late":    countPromised(due + ` AND resolved_at < @to AND ` + doneDay + ` > ` + onDay),
		"promise/missed":  countPromised(due + ` AND ` + openAtEnd),
		"promise/overdue": countPromised(onDay + ` < ` + fromDay + ` AND ` + openAtEnd),
		"promise/unowned": countPromised(`trimBoth(owner) = '' AND ` + openAtEnd),
		"promise/undated": countPromised(`isNull(due_on) AND ` + openAtEnd),
		"promise/moves":   {sql: `SELECT toFloat64(due_moves) FROM action_items`},
		"promise/came": {sql: `SELECT toFloat64(count()) FROM (SELECT incident_id, fixes FROM (SELECT * FROM recurrences ORDER BY incident_id, rung, gap_days, earlier_id, name) WHERE gap_days <= 90 LIMIT 1 BY incident_id) AS r
			ARRAY JOIN fixes AS fix INNER JOIN incidents AS i ON i.id = r.incident_id WHERE i.created_at < @to GROUP BY fix`},
		"promise/overdue-days": {sql: lateSpan},
		"promise/open":         {sql: `SELECT toFloat64(intDiv(dateDiff('second', assumeNotNull(created_at), @to), 86400)) FROM action_items WHERE isNotNull(created_at)`},
		"promise/grave": {sql: `SELECT toFloat64(uniqExact(id)) FROM (SELECT id, arrayJoin(incident_ids) AS one FROM (SELECT * ` + promisedQ + openAtEnd + ` AND ` + onDay + ` < ` + toDay + `)) AS a
			INNER JOIN incidents AS i ON i.id = a.one WHERE i.major = 1`},
		"promise/more": {sql: `SELECT toFloat64(count()) - 10 ` + promisedQ + onDay + ` < ` + fromDay + ` AND ` + openAtEnd},
		"review/older": {sql: `SELECT toFloat64(countIf(settles_at <= @to - INTERVAL 90 DAY)) FROM kpi_evidence WHERE kpi = 'postmortem_coverage' AND included = 1
			AND id NOT IN (SELECT arrayJoin(incident_ids) FROM postmortems WHERE resolved_at < @to)`},
		"learning/required": {sql: requiredHere("1")},
		"learning/done":     {sql: requiredHere(`has((SELECT groupUniqArrayArray(incident_ids) FROM postmortems WHERE resolved_at < @to), e.id)`)},
		"learning/begun":    {sql: requiredHere(`has((SELECT groupUniqArrayArray(incident_ids) FROM postmortems WHERE created_at < @to), e.id) AND NOT has((SELECT groupUniqArrayArray(incident_ids) FROM postmortems WHERE resolved_at < @to), e.id)`)},
		"learning/none":     {sql: requiredHere(`NOT has((SELECT groupUniqArrayArray(incident_ids) FROM postmortems WHERE created_at < @to), e.id)`)},
		"learning/promised": {sql: `SELECT toFloat64(count()) FROM action_items WHERE created_at < @to AND created_at >= addMonths(@to, -12)`},
		"learning/open":     {sql: `SELECT toFloat64(count()) FROM action_items WHERE created_at < @to AND created_at >= addMonths(@to, -12) AND ` + openAtEnd},
		"learning/watched":  {sql: `SELECT toFloat64(countIf(t >= nth)) FROM (` + spansOfYear + `) AS s CROSS JOIN (SELECT arrayJoin([7, 14, 30, 60, 90]) AS nth) AS n GROUP BY nth`},
		"learning/closed": {sql: `SELECT 1 - exp(sum(if(t <= nth AND d > 0, log(1 - d / r), 0))) FROM (
			SELECT t, sum(ended) AS d, (SELECT count() FROM (` + spansOfYear + `)) - sum(count()) OVER (ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) + count() AS r FROM (` + spansOfYear + `) GROUP BY t
			) AS s CROSS JOIN (SELECT arrayJoin([7, 14, 30, 60, 90]) AS nth) AS n GROUP BY nth`},
		"learning/after": {sql: `SELECT toFloat64(arrayJoin([7, 14, 30, 60, 90]))`},
	})
	maps.Copy(derived, map[string]string{
		"repeat/fixes": "what a row leaves out", "promise/origins": "", "review/more": "what the list leaves out",
		"learning/half": "the median of metrics.KaplanMeier", "learning/shown": "",
	})
}

// spansOfYear are the days for which each promise of twelve months was watched.
const spansOfYear = `SELECT dateDiff('millisecond', assumeNotNull(created_at), if(ifNull(resolved_at < @to, 0), assumeNotNull(resolved_at), @to)) / 86400000 AS t, ifNull(resolved_at < @to, 0) AS ended
	FROM action_items WHERE created_at < @to AND created_at >= addMonths(@to, -12)`

// requiredHere counts the incidents of the period that require a post-mortem.
func requiredHere(where string) string {
	return `SELECT toFloat64(countIf(` + where + `)) FROM kpi_evidence AS e INNER JOIN incidents AS i ON i.id = e.id
		WHERE e.kpi = 'postmortem_coverage' AND (e.included = 1 OR e.reason = 'not resolved yet') AND i.created_at >= @from AND i.created_at < @to`
}

type actionRow struct {
	ID        string     `ch:"id"`
	Key       string     `ch:"key"`
	URL       string     `ch:"url"`
	Title     string     `ch:"title"`
	Owner     string     `ch:"owner"`
	Team      string     `ch:"team"`
	Incidents []string   `ch:"incident_ids"`
	Created   *time.Time `ch:"created_at"`
	First     *time.Time `ch:"first_due_on"`
	Due       *time.Time `ch:"due_on"`
	Moves     uint32     `ch:"due_moves"`
	Resolved  *time.Time `ch:"resolved_at"`
}

type postmortemRow struct {
	ID        string     `ch:"id"`
	Key       string     `ch:"key"`
	URL       string     `ch:"url"`
	Incidents []string   `ch:"incident_ids"`
	Created   *time.Time `ch:"created_at"`
	Resolved  *time.Time `ch:"resolved_at"`
}

// promise is an action opened on a day of 2026 in the reporting zone.
func promise(n int, created, due, resolved string, shape func(*actionRow)) actionRow {
	key := fmt.Sprintf("FIX-%d", n)
	row := actionRow{ID: "service-desk:" + key, Key: key, URL: "https://desk.example.com/browse/" + key, Title: "Raise the limit", Owner: "A. Marlow", Team: "Payments"}
	row.Created, row.Resolved = when(created), when(resolved)
	if due != "" {
		row.Due = ptr(dayOf(due))
		row.First = row.Due
	}
	if shape != nil {
		shape(&row)
	}
	return row
}

func dayOf(text string) time.Time {
	at, err := time.Parse(time.DateOnly, "2026-"+text)
	if err != nil {
		panic(err)
	}
	return at
}

func when(text string) *time.Time {
	if text == "" {
		return nil
	}
	if len(text) == 5 {
		text += " 12:00"
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", "2026-"+text, melbourne)
	if err != nil {
		panic(err)
	}
	return &at
}

// working fills a calendar of working days, Monday to Friday, and makes the
// evidence of the two KPIs that read it.
func working(t *testing.T, conn driver.Conn) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"join_use_nulls": 1}))
	run := func(query string) {
		t.Helper()
		if err := conn.Exec(ctx, query); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
	}
	run(`INSERT INTO settings VALUES ('postmortems.required', '1')`)
	run(calendarTable)
	run(`INSERT INTO calendar (calendar, day, starts_at, ends_at, workday) SELECT 'business', day, toDateTime64(toDateTime(day, 'Australia/Melbourne'), 3, 'UTC'), toDateTime64(toDateTime(day + 1, 'Australia/Melbourne'), 3, 'UTC'),
		toUInt32(sum(toDayOfWeek(day) < 6) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) FROM (SELECT toDate('2025-01-01') + number AS day FROM numbers(900))`)
	for _, file := range []string{"postmortem_coverage", "action_closure_rate"} {
		text, err := fs.ReadFile(sql.Models(), "kpis/"+file+".sql")
		if err != nil {
			t.Fatal(err)
		}
		run("INSERT INTO kpi_evidence " + strings.ReplaceAll(string(text), "{as_of:DateTime64(3, 'UTC')}", "toDateTime64('"+morning.UTC().Format("2006-01-02 15:04:05")+"', 3, 'UTC')"))
	}
}

// promising is a company that promises: an alert that keeps coming back, a major
// incident and its post-mortem, and actions in every state at the end of the week.
func promising() company {
	c := few(0, morning.AddDate(0, -8, 0), nil)
	add := func(n int, created string, hours int, shape func(*incidentRow)) string {
		row := incidentOf(n, *when(created), "Pool of node-"+fmt.Sprint(n)+" exhausted")
		row.Services, row.Teams, row.Severity = []string{"checkout-api"}, []string{"Payments"}, 3
		if shape != nil {
			shape(&row)
		}
		settle(&row, time.Duration(hours)*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, row)
		return row.ID
	}
	alert := func(row *incidentRow) { row.AlertKey = "pool/exhausted" }
	first := add(1, "04-01", 4, alert)
	add(2, "04-20", 5, alert)
	add(3, "06-10", 6, alert)
	add(4, "06-16 02:00", 1, alert) // after the end of the page
	grave := func(row *incidentRow) { row.Severity, row.Major = 1, 1 }
	written := add(5, "05-04", 3, grave)
	missing := add(6, "05-20", 3, grave)
	late := add(7, "05-22", 3, grave)
	ancient := add(8, "01-12", 3, grave)
	fresh := add(9, "06-11", 3, grave)

	actions := []actionRow{
		promise(1, "05-10", "06-10", "06-09", nil),
		promise(2, "05-10", "06-10", "06-12", nil),
		promise(3, "05-10", "06-12", "", func(a *actionRow) { a.Incidents = []string{missing} }),
		promise(4, "05-10", "06-15", "06-16 07:00", nil),
		promise(5, "04-02", "05-01", "", func(a *actionRow) {
			a.Incidents, a.First, a.Moves = []string{first}, ptr(dayOf("04-03")), 2
		}),
		promise(6, "01-02", "01-20", "", nil),
		promise(7, "05-10", "", "", func(a *actionRow) { a.Owner, a.Team = "", "" }),
		promise(8, "05-10", "", "", nil),
		promise(9, "05-10", "07-20", "", func(a *actionRow) { a.Owner = " " }),
		promise(10, "05-10", "06-18", "", func(a *actionRow) { a.Moves, a.First = 3, ptr(dayOf("05-18")) }),
		promise(11, "05-10", "06-30", "06-11", nil),
		promise(12, "06-16 06:00", "06-10", "", nil),
		promise(13, "05-10", "05-20", "06-16 07:00", nil),
		promise(14, "05-10", "06-01", "06-10", nil),
		promise(15, "05-10", "06-30", "", nil),
		promise(16, "04-10", "05-10", "05-20", nil),
	}
	reviews := []postmortemRow{
		{ID: "pm1", Key: "PIR-1", URL: "https://desk.example.com/browse/PIR-1", Incidents: []string{written}, Created: when("05-05"), Resolved: when("05-12")},
		{ID: "pm2", Key: "PIR-2", URL: "https://desk.example.com/browse/PIR-2", Incidents: []string{late}, Created: when("05-25"), Resolved: when("06-16 06:00")},
		{ID: "pm3", Key: "PIR-3", Incidents: []string{fresh}, Created: when("06-12")},
	}
	_ = ancient
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "action_items", actions)
		insert(t, conn, "postmortems", reviews)
		working(t, conn)
	})
	return c
}

// section2 is a block of a page.
func section2(page, id string) string { return between(page, `id="`+id+`"`, `</section>`) }

// One warehouse carries all pages of the company that promises.
func TestWhatWasPromisedAndWhatCameOfIt(t *testing.T) {
	c := promising()
	conn := openWarehouse(t)
	fill(t, conn, c)
	weekly, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, periodAt(t, metrics.Week, c.AsOf), nil)
	running, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, runningAt(t, metrics.Week, c.AsOf), nil)
	monthly, _ := text(t, conn, options("", c.AsOf), metrics.Monthly, periodAt(t, metrics.Month, c.AsOf), nil)
	for name, page := range map[string]string{"weekly": weekly, "running": running, "monthly": monthly} {
		sound(t, name, page)
	}

	t.Run("as they stood at the end of the week", func(t *testing.T) {
		block := section2(weekly, "promises")
		says(t, block, []string{
			"4 actions were due in this week: 1 done in time, 1 done late, 2 not done; 3 overdue from before; 2 without an owner, 2 without a day.",
			"FIX-2 Raise the limit", "Fri 12 Jun overdue 3 days", "done since, Tue 16 Jun",
			"moved twice, first promised for 3 Apr", "OPS-1 came back twice since Chase: it came back.",
			"Give it an owner and a day, or drop it.", "Give it a day.", "Give it an owner.", "Drop it, or a new day.", "Will this day hold?",
			"OPS-7", "PIR-2", "Fri 5 Jun not done done since, Tue 16 Jun", "OPS-6", "1 was due more than 90 days before and never done.",
		}, "FIX-12 ", "FIX-15 ", "FIX-16 ", "PIR-1 ", "PIR-3 ", "OPS-5 ")
		inOrder(t, block, "Due in this week", "FIX-3", "FIX-4", "FIX-1", "FIX-2", "Overdue from before", "FIX-6", "FIX-5", "FIX-13", "Without an owner or a day", "FIX-9", "FIX-7", "FIX-8",
			"Due in the week after", "FIX-10", "Also done in this week", "FIX-14", "FIX-11", "Post-mortems not done in time", "OPS-6", "OPS-7")
		says(t, section2(weekly, "exceptions"), []string{"1 action promised after major incidents is overdue: FIX-3 Raise the limit, for 3 days, with A. Marlow."})
	})
	t.Run("while the week runs", func(t *testing.T) {
		// It began on 16 June, and 8 h of it are known.
		says(t, section2(running, "promises"), []string{"1 action is due in this week: 1 still to come; 4 overdue from before", "FIX-12 ", "Also done in this week", "FIX-13"}, "done since")
	})
	t.Run("a repeat is tied to its fix", func(t *testing.T) {
		says(t, section2(weekly, "repeats"), []string{
			"1 incident of this week belongs to 1 problem that came back within 90 days; 1 did so after a fix was promised.",
			"It cost 15 hours in 90 days.", "latest: Pool of node-3 exhausted same alert key",
			"FIX-5 Raise the limit: open for 74 days, with A. Marlow, was due Fri 1 May", "Came back twice while FIX-5 was open", "OPS-3, OPS-2, OPS-1",
		}, "OPS-4")
		says(t, section2(weekly, "exceptions"), []string{"checkout-api: the same alert 3 times in 90 days, 15 h open in all; the latest is OPS-3 Pool of node-3 exhausted. The fix FIX-5 is open for 74 days, with A. Marlow, was due Fri 1 May; the problem came back twice while it was open."})
	})
	t.Run("what the month learned", func(t *testing.T) {
		says(t, section2(monthly, "learning"), []string{
			"Of the actions promised in the last year, fewer than half are done.",
			"3 incidents that began in this month require a post-mortem, whenever it is due. At its end: 1 done, 1 begun and not done, 1 not begun.",
			"OPS-5 Pool of node-5 exhausted done PIR-1", "OPS-6 Pool of node-6 exhausted none yet", "OPS-7 Pool of node-7 exhausted not done PIR-2 done since, Tue 16 Jun",
			"Actions: ", "of those due in May 2026 were done by their day", "7 days",
		}, "OPS-9", "OPS-8")
	})
	t.Run("each tally is counted again", func(t *testing.T) {
		promisesAgain(t, conn, c, metrics.Weekly, weekly, 20)
		promisesAgain(t, conn, c, metrics.Monthly, monthly, 12)
	})
	t.Run("two renders are the same bytes", func(t *testing.T) {
		if again, _ := text(t, conn, options("", c.AsOf), metrics.Monthly, periodAt(t, metrics.Month, c.AsOf), nil); again != monthly {
			t.Error("they differ")
		}
	})
}

// inOrder holds that a block names these one after the other.
func inOrder(t *testing.T, block string, names ...string) {
	t.Helper()
	at, shown := 0, plain(block)
	for _, name := range names {
		next := strings.Index(shown[at:], name)
		if next < 0 {
			t.Fatalf("%s is not where it should be, after:\n%s", name, shown[:at])
		}
		at += next
	}
}

// promisesAgain counts the tallies of these blocks again.
func promisesAgain(t *testing.T, conn driver.Conn, c company, name, page string, least int) {
	t.Helper()
	p := periodAt(t, kindOf[name], c.AsOf)
	groups := components(t, conn, p)
	seen := map[string]bool{}
	for _, m := range tallied.FindAllStringSubmatch(page, -1) {
		what, raw := html.UnescapeString(m[2]), html.UnescapeString(m[1])
		var allowed []float64
		one, listed := recounts[what]
		area, rest, _ := strings.Cut(what, "/")
		switch {
		case seen[what+raw] || raw == "" || !slices.Contains([]string{"promise", "review", "learning", "repeat"}, area):
			continue
		case listed:
			allowed = one.again(t, conn, page, p, c)
		case area == "repeat":
			allowed = groups[rest]
		}
		seen[what+raw] = true
		if _, rule := derived[what]; !rule && !has(allowed, raw) {
			t.Errorf("%s: %s is %s on the page, counted again %v", name, what, raw, allowed)
		}
	}
	if len(seen) < least {
		t.Errorf("%s: only %d tallies: %v", name, len(seen), seen)
	}
}

func TestNumbersOfPromisesAreFiguresOrTallies(t *testing.T) {
	c := promising()
	for i, text := range hostile {
		row := incidentOf(100+i, *when("06-12"), text)
		row.Services, row.Teams, row.AlertKey, row.Severity, row.URL = []string{clip(text, 30)}, []string{text}, text, 1, "javascript:alert(1)"
		row.Major = 1
		settle(&row, 3*time.Hour, c.AsOf)
		before := row
		before.ID, before.Key, before.Created = row.ID+"-b", row.Key+"-b", row.Created.AddDate(0, 0, -20)
		settle(&before, 3*time.Hour, c.AsOf)
		c.Incidents = append(c.Incidents, before, row)
		c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
			insert(t, conn, "action_items", []actionRow{promise(200+i, "05-25", "06-12", "", func(a *actionRow) {
				a.Title, a.Owner, a.Team, a.Key, a.URL, a.Incidents = text, text, text, text, "javascript:alert(1)", []string{row.ID, before.ID, "service-desk:OPS-1"}
			})})
		})
	}
	conn := openWarehouse(t)
	fill(t, conn, c)
	for name, kind := range kindOf {
		d, err := documentOf(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []metrics.Period{periodAt(t, kind, c.AsOf), runningAt(t, kind, c.AsOf)} {
			s, err := open(t.Context(), conn, options("", c.AsOf), name, p, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range d.blocks {
				if !slices.Contains([]string{"promises", "repeats", "tax", "learning", "exceptions", "decisions"}, b.name) {
					continue
				}
				a, err := b.answer(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range offenders(reflect.ValueOf(*a), b.name, "") {
					t.Error(name, one)
				}
			}
			page, _ := text(t, conn, options("", c.AsOf), name, p, nil)
			sound(t, name, page)
			if strings.Contains(page, "<script>alert(1)") || strings.Contains(page, `href="javascript:`) {
				t.Error("hostile text runs")
			}
		}
	}
}

func TestWithoutPromisesAPageSaysWhatToConfigure(t *testing.T) {
	weekly, monthly, _ := pagesOfWeek(t, few(3, morning.AddDate(0, -6, 0), nil))
	says(t, weekly, []string{"Promises: promises are tickets that a rule {is: action_item, label: …}"}, "No fix is promised", "no fix promised")
	_ = monthly
}

// Of ten thousand overdue actions a page shows ten.
func TestManyPromises(t *testing.T) {
	c := promising()
	var many []actionRow
	for n := range 10_000 {
		many = append(many, promise(1000+n, "03-01", "04-01", "", nil))
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) { insert(t, conn, "action_items", many) })
	weekly, _, _ := pagesOfWeek(t, c)
	block := section2(weekly, "promises")
	says(t, block, []string{"10,003 overdue from before", "9,993 more. All of them:", `srekpi sql "SELECT key, title, owner, due_on FROM action_items WHERE due_on < '2026-06-09'`})
	if len(block) > 60_000 {
		t.Errorf("%d bytes", len(block))
	}
}

var printedCommand = regexp.MustCompile(`<p class="note">(?:<[^>]*>)*([0-9,]+)(?:<[^>]*>)* more\. All of them:</p>\s*<code class="sql">srekpi sql &#34;(.*?)&#34;</code>`)

// Each printed command lists the rows that were counted, no more and no fewer.
func TestTheCommandsOfPromisesListWhatWasCounted(t *testing.T) {
	c := promising()
	var many []actionRow
	n := 1000
	add := func(times int, created, due, resolved string, shape func(*actionRow)) {
		for range times {
			n++
			many = append(many, promise(n, created, due, resolved, shape))
		}
	}
	alone := func(a *actionRow) { a.Owner = " " }
	add(11, "05-10", "06-11", "", nil)           // due, not done
	add(2, "05-10", "06-11", "", alone)          // due too
	add(3, "05-10", "06-11", "06-10", nil)       // due, done in the week
	add(4, "06-16 05:00", "06-11", "", nil)      // promised after the week
	add(11, "05-10", "06-02", "", nil)           // overdue
	add(2, "05-10", "06-02", "", alone)          // overdue too
	add(3, "05-10", "06-02", "06-04", nil)       // done before the week
	add(12, "05-10", "", "", nil)                // without a day
	add(13, "05-10", "07-30", "", alone)         // without an owner
	add(2, "05-10", "", "06-16 05:00", alone)    // done after the week
	add(14, "05-10", "06-18", "", nil)           // due in the week after
	add(3, "05-10", "06-18", "", alone)          // without an owner
	add(2, "06-16 05:00", "06-18", "", nil)      // promised after the week
	add(12, "05-10", "06-25", "06-12", nil)      // also done
	add(11, "05-10", "", "06-12", nil)           // also done
	add(2, "05-10", "06-02", "06-16 05:00", nil) // done in the week after
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) { insert(t, conn, "action_items", many) })
	conn := openWarehouse(t)
	fill(t, conn, c)
	for _, x := range []struct {
		p     metrics.Period
		parts int
	}{{periodAt(t, metrics.Week, c.AsOf), 5}, {runningAt(t, metrics.Week, c.AsOf), 3}} {
		page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, x.p, nil)
		found := printedCommand.FindAllStringSubmatch(section2(page, "promises"), -1)
		if len(found) != x.parts {
			t.Errorf("%s: %d commands, want %d", x.p.Label, len(found), x.parts)
		}
		for _, m := range found {
			more, err := strconv.Atoi(strings.ReplaceAll(m[1], ",", ""))
			if err != nil {
				t.Fatal(err)
			}
			command := html.UnescapeString(m[2])
			if strings.ContainsAny(command, `"@$`+"`") {
				t.Errorf("no shell takes %s", command)
			}
			if got := floats(t, conn, `SELECT toFloat64(count()) FROM (`+command+`)`, x.p, c); int(got[0]) != more+promisesShown {
				t.Errorf("%s: %v rows where %d were counted:\n%s", x.p.Label, got[0], more+promisesShown, command)
			}
		}
	}
}
