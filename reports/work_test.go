package reports

import (
	"context"
	"fmt"
	"html"
	"maps"
	"math"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// Hours are counted again from the evidence, which the block does not read: each
// row in its class, in planned where it belongs there, and in all.
const (
	bookedHours = `SELECT arrayJoin(arrayConcat([dims['class'][1], 'all'], if(dims['class'][1] IN ('business_project', 'internal_project', 'planned_change'), ['planned'], []))) AS g,
		ifNull(value, 0) AS h, assumeNotNull(at) AS began FROM kpi_evidence WHERE kpi = 'unplanned_work_ratio' AND included = 1`
	eachClass  = `SELECT arrayJoin(['planned', 'business_project', 'internal_project', 'planned_change', 'unplanned', 'toil', 'unclassified', 'all']) AS g`
	hoursHere  = `SELECT c.g AS g, sumIf(b.h, b.g = c.g AND b.began >= @from AND b.began < @to) AS h FROM (` + eachClass + `) AS c CROSS JOIN (` + bookedHours + `) AS b GROUP BY g`
	kindHere   = `if(dateDiff('day', @from, @to) > 20, 'month', 'week')`
	hoursThen  = `SELECT c.g AS g, p.period_start AS period_start, p.starts_at AS starts_at, sumIf(b.h, b.g = c.g AND b.began >= p.starts_at AND b.began < p.ends_at) AS h FROM (` + eachClass + `) AS c CROSS JOIN (SELECT * FROM periods WHERE period = ` + kindHere + ` AND starts_at <= @from) AS p CROSS JOIN (` + bookedHours + `) AS b GROUP BY g, period_start, starts_at`
	weekHours  = `(SELECT toFloat64(max(value)) FROM settings WHERE name = 'work.hours_per_week')`
	personHere = `(` + weekHours + ` * round(dateDiff('hour', @from, @to) / 24) / 7)`
	wholeThen  = `SELECT v.period_start FROM (SELECT period_start FROM kpi_values WHERE kpi = 'unplanned_work_ratio' AND dim = 'all' AND complete = 1 AND isNotNull(n) AND period = ` + kindHere + `) AS v INNER JOIN (SELECT period_start FROM periods WHERE period = ` + kindHere + ` AND starts_at < @from ORDER BY starts_at DESC LIMIT 12) AS p ON p.period_start = v.period_start`
	doneHere   = `FROM tickets WHERE resolved_at >= @from AND resolved_at < @to AND source IN (SELECT source FROM worklogs)`
	// Recurring toil by what is left of a title without digits.
	choreAgain = `SELECT replaceRegexpAll(lower(title), '[^a-z ]', '') AS said, dims['service'][1] AS place, toFloat64(uniqExact(key)) AS times, sum(ifNull(value, 0)) AS h FROM kpi_evidence
		WHERE kpi = 'unplanned_work_ratio' AND dims['class'] = ['toil'] AND at >= addDays(@from, -84) AND at < @to GROUP BY said, place HAVING times > 1`
)

func init() {
	rows := func(pattern string) func(string) []float64 {
		return func(page string) []float64 {
			return append(counting2(pattern, "work")(page), counting2(pattern, "time")(page)...)
		}
	}
	maps.Copy(recounts, map[string]recount{
		"work/total":    {sql: `SELECT h FROM (` + hoursHere + `) WHERE g = 'all'`},
		"work/hours":    {sql: `SELECT h FROM (` + hoursHere + `)`},
		"work/history":  {sql: `SELECT DISTINCT h FROM (` + hoursThen + `)`},
		"work/typical":  {sql: `SELECT quantileExactInclusive(0.5)(h) FROM (` + hoursThen + `) WHERE period_start IN (` + wholeThen + `) GROUP BY g`},
		"work/whole":    {sql: `SELECT toFloat64(count()) FROM (` + wholeThen + `)`},
		"work/people":   {sql: `SELECT h / ` + personHere + ` FROM (` + hoursHere + `)`},
		"work/person":   {sql: `SELECT ` + personHere},
		"work/week":     {sql: `SELECT ` + weekHours},
		"work/share":    {sql: `SELECT h / (SELECT h FROM (` + hoursHere + `) WHERE g = 'all') FROM (` + hoursHere + `)`},
		"work/lost":     {sql: `SELECT sum(ifNull(value, 0)) FROM kpi_evidence WHERE kpi = 'unplanned_work_ratio' AND reason = 'its ticket is not known' AND at >= @from AND at < @to`},
		"work/ruleless": {sql: `SELECT sum(ifNull(value, 0)) FROM kpi_evidence WHERE kpi = 'unplanned_work_ratio' AND reason = 'no rule of work fits its ticket' AND at >= @from AND at < @to`},
		"work/done":     {sql: `SELECT toFloat64(count()) ` + doneHere},
		"work/unbooked": {sql: `SELECT toFloat64(count()) ` + doneHere + ` AND id NOT IN (SELECT ticket_id FROM worklogs)`},
		"work/periods":  {page: rows(`<tr><th scope="row">`)},
		"chore/toil":    {sql: `SELECT sum(ifNull(value, 0)) FROM kpi_evidence WHERE kpi = 'unplanned_work_ratio' AND dims['class'] = ['toil'] AND at >= addDays(@from, -84) AND at < @to`},
		"chore/all":     {sql: `SELECT sum(h) FROM (` + choreAgain + `)`},
		"chore/groups":  {sql: `SELECT toFloat64(count()) FROM (` + choreAgain + `)`},
		"chore/more":    {sql: `SELECT toFloat64(count()) - 5 FROM (` + choreAgain + `)`},
		"chore/shown":   {page: counting2(`data-tally="chore/times"`, "work")},
		"chore/times":   {sql: `SELECT times FROM (` + choreAgain + `)`},
		"chore/hours":   {sql: `SELECT h FROM (` + choreAgain + `)`},
		"chore/each":    {sql: `SELECT h / times FROM (` + choreAgain + `)`},
		"chore/year":    {sql: `SELECT h / 13 * 52 FROM (` + choreAgain + `)`},
		"chore/people":  {sql: `SELECT h / 13 / ` + weekHours + ` FROM (` + choreAgain + `)`},
	})
}

// ticketRow and worklogRow are the marts of the same names.
type ticketRow struct {
	ID       string     `ch:"id"`
	Source   string     `ch:"source"`
	Key      string     `ch:"key"`
	URL      string     `ch:"url"`
	Title    string     `ch:"title"`
	Role     string     `ch:"role"`
	Services []string   `ch:"services"`
	Teams    []string   `ch:"teams"`
	Points   *float64   `ch:"points"`
	Created  *time.Time `ch:"created_at"`
	Resolved *time.Time `ch:"resolved_at"`
	Class    string     `ch:"work_class"`
}

type worklogRow struct {
	ID        string    `ch:"id"`
	Source    string    `ch:"source"`
	Ticket    string    `ch:"ticket_id"`
	TicketKey string    `ch:"ticket_key"`
	Person    string    `ch:"person"`
	Started   time.Time `ch:"started_at"`
	Hours     float64   `ch:"hours"`
	Services  []string  `ch:"services"`
	Teams     []string  `ch:"teams"`
	Class     string    `ch:"work_class"`
}

// diary is what people did and booked.
type diary struct {
	tickets  []ticketRow
	worklogs []worklogRow
}

// did notes a ticket that was resolved then, with its hours; below 0: none booked.
func (d *diary) did(when time.Time, class, title, service string, hours float64) *ticketRow {
	n := len(d.tickets) + 1
	t := ticketRow{ID: fmt.Sprintf("jira:%d", n), Source: "jira", Key: fmt.Sprintf("ENG-%d", n), URL: fmt.Sprintf("https://jira.example/browse/ENG-%d", n), Title: title, Role: "ticket",
		Services: []string{service}, Teams: []string{"Platform"}, Created: &when, Resolved: &when, Class: class}
	d.tickets = append(d.tickets, t)
	if hours >= 0 {
		d.worklogs = append(d.worklogs, worklogRow{ID: fmt.Sprintf("jira:w%d", n), Source: "jira", Ticket: t.ID, TicketKey: t.Key, Person: "kim", Started: when, Hours: hours,
			Services: t.Services, Teams: t.Teams, Class: class})
	}
	return &d.tickets[len(d.tickets)-1]
}

// lost notes hours on a ticket that is not collected.
func (d *diary) lost(when time.Time, hours float64) {
	d.worklogs = append(d.worklogs, worklogRow{ID: fmt.Sprintf("jira:l%d", len(d.worklogs)), Source: "jira", Ticket: "jira:gone", Person: "kim", Started: when, Hours: hours})
}

// of puts a diary into a company of 38 hours a week.
func (d *diary) of(c company) company {
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		insert(t, conn, "tickets", d.tickets)
		insert(t, conn, "worklogs", d.worklogs)
		if err := conn.Exec(t.Context(), "INSERT INTO settings VALUES ('work.hours_per_week', '38')"); err != nil {
			t.Fatal(err)
		}
	})
	return c
}

// busy is fourteen months of work: the hours differ from week to week, most toil recurs.
func busy() *diary {
	d := &diary{}
	// The week that runs has a few hours.
	d.did(morning.Add(-time.Hour), "unplanned", "Checkout is slow", "checkout-api", 3)
	d.did(morning.Add(-2*time.Hour), "", "Various", "search", 1.5)
	for n := range 60 {
		when := thatWeek.AddDate(0, 0, -7*n)
		d.did(when, "business_project", "Gift cards in the app", "checkout-api", 80+float64(n%7))
		d.did(when.Add(2*time.Hour), "internal_project", "Move to the new cluster", "search", 30.25)
		d.did(when.Add(3*time.Hour), "planned_change", "Release 4.2", "search", 5+float64(n%3))
		d.did(when.Add(4*time.Hour), "unplanned", "Checkout is slow", "checkout-api", 60+float64(n%11))
		d.did(when.Add(5*time.Hour), "", "Various", "search", 12)
		d.did(when.Add(6*time.Hour), "unplanned", "A quick question", "search", -1)
		d.lost(when.Add(7*time.Hour), 4.5)
		for m, job := range []string{"Restart the pods", "Renew the certificate", "Clean the disk", "Rerun the night batch", "Reset the queue", "Rotate the keys", "Unlock the account"} {
			if n%(m+1) == 0 {
				d.did(when.Add(time.Duration(24+m)*time.Hour), "toil", fmt.Sprintf("%s 2026-%d", job, 100+n), "search", 0.5+float64(m)/2)
			}
		}
		d.did(when.Add(40*time.Hour), "toil", "Once only "+strings.Repeat("x", n+3), "search", 1)
	}
	return d
}

// asked is one block's answer and its markup.
func asked(t *testing.T, conn driver.Conn, c company, document, name string, p metrics.Period, block func(context.Context, *sheet) (*answer, error)) (*answer, string) {
	t.Helper()
	s, err := open(t.Context(), conn, options("", c.AsOf), document, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := block(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range offenders(reflect.ValueOf(*a), name, "") {
		t.Error(one)
	}
	if a.View == nil {
		return a, ""
	}
	body, err := set(name, a.View)
	if err != nil {
		t.Fatal(err)
	}
	return a, string(body)
}

func TestHoursAreCountedAgain(t *testing.T) {
	conn := openWarehouse(t)
	c := busy().of(whole(few(3, thatWeek.AddDate(0, -15, 0), nil)))
	fill(t, conn, c)
	for document, section := range map[string]string{metrics.Weekly: "work", metrics.Monthly: "time"} {
		for _, p := range []metrics.Period{periodAt(t, kindOf[document], c.AsOf), runningAt(t, kindOf[document], c.AsOf)} {
			page, made := text(t, conn, options("", c.AsOf), document, p, nil)
			sound(t, document, page)
			says(t, page, []string{"the hatched one on it is not classified and may have been too."})
			if running := p.EndsAt.After(c.AsOf); running != strings.Contains(page, "A paler column, marked below, is not final.") {
				t.Errorf("%s of %s: a column that is not final: %v", document, p.Label, !running)
			}
			part := between(page, `id="`+section+`"`, `</section>`)
			seen := map[string]bool{}
			for _, m := range tallied.FindAllStringSubmatch(part, -1) {
				what, raw := html.UnescapeString(m[2]), html.UnescapeString(m[1])
				if seen[what+raw] || p.EndsAt.After(c.AsOf) && (what == "chore/year" || what == "chore/people") {
					continue // of a running week they are of as many weeks as have passed
				}
				seen[what], seen[what+raw] = true, true
				one, known := recounts[what]
				if !known {
					t.Errorf("%s: nothing counts %s again", document, what)
					continue
				}
				allowed := one.again(t, conn, page, p, c)
				if !has(allowed, raw) {
					t.Errorf("%s of %s: %s is %s on the page, counted again %v", document, p.Label, what, raw, allowed[:min(len(allowed), 12)])
				}
			}
			if running := p.EndsAt.After(c.AsOf); !running && len(seen) < 40 || seen["work/people"] == running {
				t.Errorf("%s of %s: %d tallies, people %v", document, p.Label, len(seen), seen["work/people"])
			}
			printed := false
			for _, one := range made.Printed {
				printed = printed || one.KPI == unplannedHours
			}
			if !printed {
				t.Errorf("%s: the share is not among the printed values", document)
			}
		}
	}
}

// thatMix is one week of 100 hours: 40 unplanned, 10 toil, 30 planned, 20 not classified.
func thatMix() *diary {
	d := &diary{}
	d.did(thatWeek, "business_project", "Gift cards in the app", "checkout-api", 24)
	d.did(thatWeek, "planned_change", "Release 4.2", "search", 6)
	d.did(thatWeek, "unplanned", "Checkout is slow", "checkout-api", 40)
	d.did(thatWeek, "toil", "Restart the pods 17", "search", 7)
	d.did(thatWeek.Add(time.Hour), "toil", "Restart the pods 18 (Tuesday)", "search", 3)
	d.did(thatWeek, "", "Various", "search", 12)
	d.did(thatWeek, "unplanned", "A quick question", "search", -1)
	d.lost(thatWeek, 8)
	return d
}

func TestAWeekSaysWhereItsHoursWent(t *testing.T) {
	conn := openWarehouse(t)
	c := thatMix().of(few(3, morning.AddDate(0, -6, 0), nil))
	fill(t, conn, c)
	a, body := asked(t, conn, c, metrics.Weekly, "work", periodAt(t, metrics.Week, c.AsOf), work)
	if got, want := a.lead().String(), "40–60 % of 100 h were unplanned (about 1.1–1.6 people); 20 h are not classified. Of 7 tickets of any kind done in this week, 1 has no hours booked: that work is missing here."; got != want {
		t.Errorf("%q", got)
	}
	rows := map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)<th scope="row" role="rowheader">(.*?)</th>(.*?)</tr>`).FindAllStringSubmatch(between(body, `<table class="mix`, `</table>`), -1) {
		rows[strings.TrimSpace(plain(m[1]))] = strings.TrimSpace(plain(m[2]))
	}
	// Hours, people, share; of the weeks before nothing is known.
	for class, want := range map[string]string{"Planned": "30 0.8 30–50\u00a0%", "Business project": "24 0.6 24–44\u00a0%", "Internal project": "0 0 0–20\u00a0%", "Planned change": "6 0.2 6–26\u00a0%",
		"Unplanned": "40 1.1 40–60\u00a0%", "Toil": "10 0.3 10–30\u00a0%", "Not classified": "20 0.5 20\u00a0%", "All hours booked": "100 2.6"} {
		if got := strings.ReplaceAll(rows[class], "\u00a0", " "); got != strings.ReplaceAll(want, "\u00a0", " ") {
			t.Errorf("%s: %q, want %q", class, got, want)
		}
	}
	says(t, body, []string{"One person is 38 h a week.", "fits the tickets of 12 h, and the tickets of 8 h are not collected.",
		"1 chore that came at least twice took 10 of the 10 h of toil in 1 week.", "Restart the pods 18 (Tuesday)"}, "not final", "hatched", "Typical", "a year")
	if !strings.Contains(body, `href="https://jira.example/browse/ENG-5"`) {
		t.Error("the newest chore has no link")
	}

	a, body = asked(t, conn, c, metrics.Monthly, "time", runningAt(t, metrics.Month, c.AsOf), whereTimeWent)
	if got, want := a.lead().String(), "40–60 % of 100 h booked so far were unplanned; 20 h are not classified. Planned work took 30–50 %, toil 10–30 %. Of 7 tickets of any kind done in this month so far, 1 has no hours booked: that work is missing here."; got != want {
		t.Errorf("%q", got)
	}
	says(t, body, []string{"Hours so far"}, "People", "One person", "Chores", "Restart")

	a, _ = asked(t, conn, c, metrics.Weekly, "work", runningAt(t, metrics.Week, c.AsOf), work)
	if got := a.calm().String(); got != "nobody booked hours on work of this week so far, and some did before." {
		t.Errorf("%q", got)
	}
}

func TestHoursThatNoRuleClassifies(t *testing.T) {
	conn := openWarehouse(t)
	d := &diary{}
	d.did(thatWeek, "", "Various", "search", 12)
	c := d.of(few(3, morning.AddDate(0, -1, 0), nil))
	fill(t, conn, c)
	a, body := asked(t, conn, c, metrics.Weekly, "work", periodAt(t, metrics.Week, c.AsOf), work)
	if got := a.lead().String(); got != "No rule classifies any of the 12 h: what was planned is not known. Hours are booked on the 1 ticket of any kind done in this week." {
		t.Errorf("%q", got)
	}
	says(t, body, []string{"no rule under work: in srekpi.yml fits the tickets of these 12 h."}, "Typical", "Chores", "NaN")
}

// Without hours the tickets done stand in, by their count, and say that it is no time.
func TestHoursThatNobodyBooks(t *testing.T) {
	d := &diary{}
	for i, class := range []string{"unplanned", "unplanned", "business_project", ""} {
		d.did(thatWeek.Add(time.Duration(i)*time.Hour), class, "Various", "search", -1)
	}
	c := d.of(few(3, morning.AddDate(0, -6, 0), nil))
	for i := range c.More {
		if c.More[i].name == unplannedHours {
			c.More[i].evidence = ""
		}
	}
	conn := openWarehouse(t)
	fill(t, conn, c)
	a, body := asked(t, conn, c, metrics.Weekly, "work", periodAt(t, metrics.Week, c.AsOf), work)
	if got := a.lead().String(); got != "Hours are not booked. By count, 50–75 % of the tickets done in this week were unplanned; 3 are classified, 1 is not. A count says nothing of how long they took." {
		t.Errorf("%q", got)
	}
	says(t, body, []string{"add a source of type jira to srekpi.yml whose people book worklogs"}, "Class of work")
	if a, _ = asked(t, conn, c, metrics.Monthly, "time", periodAt(t, metrics.Month, c.AsOf), whereTimeWent); a.Unasked != workUnasked {
		t.Errorf("a month without tickets done: %+v", a)
	}
	if err := conn.Exec(t.Context(), "TRUNCATE TABLE sources"); err != nil {
		t.Fatal(err)
	}
	if a, _ = asked(t, conn, c, metrics.Weekly, "work", periodAt(t, metrics.Week, c.AsOf), work); a.Unasked != workUnasked {
		t.Errorf("without a source of tickets: %+v", a)
	}
}

func TestHostileChores(t *testing.T) {
	d := &diary{}
	for n, title := range hostile {
		for i := range 2 {
			one := d.did(thatWeek.Add(time.Duration(n*2+i)*time.Minute), "toil", "Restart "+title, clip(title, 300), 1+float64(n))
			one.Key, one.URL = one.Key+title, "javascript:alert(1)"
		}
	}
	conn := openWarehouse(t)
	c := d.of(few(3, morning.AddDate(0, -6, 0), nil))
	fill(t, conn, c)
	_, body := asked(t, conn, c, metrics.Weekly, "work", periodAt(t, metrics.Week, c.AsOf), work)
	if n := strings.Count(body, `data-tally="chore/times"`); n != choresShown {
		t.Errorf("%d chores are shown", n)
	}
	for _, never := range []string{"<script>alert", "<img", "javascript:", "\x00"} {
		if strings.Contains(body, never) {
			t.Errorf("the block holds %q", never)
		}
	}
	if strings.Contains(body, strings.Repeat("a very long title ", 9)) {
		t.Error("a title of 4,000 characters is whole")
	}
}

func TestManyBookingsMakeNoLongBlock(t *testing.T) {
	c := few(3, morning.AddDate(0, -6, 0), nil)
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		for _, query := range []string{
			`INSERT INTO tickets (id, source, key, url, title, role, services, teams, points, created_at, resolved_at, work_class) SELECT concat('jira:', toString(number)), 'jira', concat('ENG-', toString(number)), '', concat('Restart pods of ', lower(hex(intDiv(number, 2) % 26 + 10)), 'job ', toString(number), ' ', char(97 + number % 26, 97 + intDiv(number, 26) % 26, 97 + intDiv(number, 676) % 26)), 'ticket', ['edge'], ['Web'], NULL,
				toDateTime64('2026-06-10 00:00:00', 3, 'UTC'), toDateTime64('2026-06-11 00:00:00', 3, 'UTC'), 'toil' FROM numbers(100000)`,
			`INSERT INTO worklogs SELECT concat('jira:w', toString(number)), 'jira', concat('jira:', toString(number)), concat('ENG-', toString(number)), 'kim', toDateTime64('2026-06-10 00:00:00', 3, 'UTC') + number, 1 + number % 3, ['edge'], ['Web'], 'toil' FROM numbers(100000)`,
		} {
			if err := conn.Exec(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	})
	conn := openWarehouse(t)
	fill(t, conn, c)
	a, body := asked(t, conn, c, metrics.Weekly, "work", periodAt(t, metrics.Week, c.AsOf), work)
	if len(body) > 60_000 || strings.Count(body, `data-tally="chore/times"`) != choresShown || !strings.HasPrefix(a.lead().String(), "0 % of 199,999 h were unplanned. Hours are booked on the 100,000 tickets of any kind done") {
		t.Errorf("%d bytes: %s", len(body), a.lead())
	}
}

func TestPeopleAreToldInTheirSize(t *testing.T) {
	for _, one := range []struct {
		low, high float64
		want      string
	}{{0, 0, "0"}, {0.001, 0.001, "under 0.01"}, {0.02, 0.02, "0.02"}, {0.02, 0.05, "0.02–0.05"}, {0.2, 0.2, "0.2"}, {3.92, 4.41, "3.9–4.4"}, {1, 1, "1"}} {
		if got := peopleText(one.low, one.high); got != one.want {
			t.Errorf("%v to %v: %q, want %q", one.low, one.high, got, one.want)
		}
	}
}

// Few whole periods make nothing typical, and a period that is not whole counts for none.
func TestWhatIsTypicalTakesWholePeriods(t *testing.T) {
	m := mixes{}
	for n := range typicalFrom {
		m.Mix = append(m.Mix, mix{All: float64(n), Known: true, Whole: n > 0})
	}
	m.Mix = append(m.Mix, mix{All: 99, Known: true, Whole: true})
	if x, n := m.typical("all"); !math.IsNaN(x) || n != typicalFrom-1 {
		t.Errorf("%v of %d", x, n)
	}
	m.Mix[0].Whole = true
	if x, n := m.typical("all"); x != 2.5 || n != typicalFrom {
		t.Errorf("%v of %d", x, n)
	}
}
