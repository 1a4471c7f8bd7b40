package reports

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

// known keeps of a moment what had happened by then.
func known(t *time.Time, at time.Time) *time.Time {
	if t == nil || !t.Before(at) {
		return nil
	}
	return t
}

// troubled is what is known at a moment of a company whose story goes on after
// the week that ended on 16 June.
func troubled(asOf time.Time) company {
	from := morning.AddDate(0, -6, 0)
	c := few(0, from, nil)
	c.AsOf, c.More = asOf, nil
	for i := range c.Sources {
		c.Sources[i].To = &asOf
	}
	late, later := "06-16 09:30", "07-02 11:00"
	add := func(n int, created, resolved string, shape func(*incidentRow)) string {
		row := incidentOf(n, *when(created), "Pool of node "+string(rune('a'+n))+" exhausted")
		row.Services, row.Teams, row.Severity, row.Status = []string{"checkout-api"}, []string{"Payments"}, 3, "open"
		row.Service, row.Team = row.Services[0], row.Teams[0]
		row.Resolved = when(resolved)
		row.Acknowledged, row.CustomerImpact = ptr(row.Created.Add(5*time.Minute)), ptr(uint8(0))
		if shape != nil {
			shape(&row)
		}
		row.Acknowledged, row.Mitigated, row.Resolved, row.FirstReopened = known(row.Acknowledged, asOf), known(row.Mitigated, asOf), known(row.Resolved, asOf), known(row.FirstReopened, asOf)
		if row.FirstReopened == nil {
			row.Reopened = ptr(uint32(0))
		}
		if row.FirstResolved = row.Resolved; row.Resolved != nil {
			row.Status, row.Attributes = "resolved", map[string]string{"resolution_notes": "Raised the limit of " + row.Key}
		}
		if row.Created.Before(asOf) {
			c.Incidents = append(c.Incidents, row)
		}
		return row.ID
	}
	grave := func(row *incidentRow) { row.Severity, row.Major = 1, 1 }
	big := add(1, "06-15 09:00", late, func(row *incidentRow) {
		grave(row)
		row.Impact, row.Mitigated = ptr(row.Created.Add(-time.Minute)), when(late)
	})
	mid := add(2, "06-12 14:00", "06-12 16:00", func(row *incidentRow) {
		grave(row)
		row.Reopened, row.FirstReopened = ptr(uint32(1)), when("06-20")
	})
	long := add(3, "06-10 08:00", later, grave) // the longest of all, as known later
	add(4, "06-14 23:00", late, nil)
	add(5, "06-15 23:30", late, func(row *incidentRow) { row.Acknowledged = when(late) })
	add(6, "06-11 10:00", "06-11 12:00", nil)
	add(7, "05-01 10:00", late, nil)    // over four weeks old at the end
	add(8, "04-28 10:00", later, nil)   // the same
	add(9, "06-17 10:00", later, grave) // began after it
	reviewed := add(10, "05-20 10:00", "05-20 15:00", grave)
	unreviewed := add(11, "05-21 10:00", "05-21 15:00", grave)
	add(12, "05-30 10:00", "06-02 15:00", grave) // open at the end of May

	for _, x := range []struct {
		key, grade, created, started, ended, outcome string
	}{
		{"CHG-1", "mentioned", "06-15", "06-15 08:00", "06-15 08:40", "successful"},
		{"CHG-2", "explicit", "06-08", "06-08 20:00", late, "rolled_back"}, // under way at the end
		{"CHG-3", "mentioned", "06-17", "06-17", "06-17 13:00", "failed"},  // made afterwards, to mend it
	} {
		row := changeRow{ID: "change-export:" + x.key, Source: "change-export", Key: x.key, Title: "Release " + x.key, Services: []string{"checkout-api"}, Environment: "production", Status: "done", Outcome: x.outcome, OutcomeRecorded: 1,
			Created: when(x.created), Started: when(x.started), Ended: known(when(x.ended), asOf), Attributes: map[string]string{}}
		if row.Ended == nil {
			row.Status, row.Outcome, row.OutcomeRecorded = "started", "", 0
		}
		if row.Started.Before(asOf) {
			c.Changes = append(c.Changes, row)
			c.Links = append(c.Links, linkRow{row.ID, big, x.grade, "a note of the incident", nil})
		}
	}
	for _, x := range []struct{ key, created string }{{"CHG-8", "06-14"}, {"CHG-9", "06-16 10:00"}} { // planned, before the end and after it
		row := changeRow{ID: "change-export:" + x.key, Source: "change-export", Key: x.key, Title: "Release " + x.key, Services: []string{"search"}, Environment: "production", Status: "planned",
			Created: when(x.created), PlannedStart: when("06-18 10:00"), PlannedEnd: when("06-18 11:00"), Attributes: map[string]string{}}
		if row.Created.Before(asOf) {
			c.Changes = append(c.Changes, row)
		}
	}
	var actions []actionRow
	for _, a := range []actionRow{
		promise(1, "06-15 10:00", "06-25", "", func(a *actionRow) { a.Incidents = []string{big} }),
		promise(2, "06-12 18:00", "06-14", "06-20", func(a *actionRow) { a.Incidents = []string{mid} }), // done later
		promise(3, "06-18", "06-20", "", func(a *actionRow) { a.Incidents = []string{mid} }),            // promised later
		promise(5, "06-18", "07-20", "", func(a *actionRow) { a.Incidents = []string{long} }),           // the first one of it
		promise(4, "06-10 10:00", "06-20", "06-13", func(a *actionRow) { a.Incidents = []string{big} }),
	} {
		if a.Resolved = known(a.Resolved, asOf); a.Created.Before(asOf) {
			actions = append(actions, a)
		}
	}
	var reviews []postmortemRow
	for _, p := range []postmortemRow{
		{ID: "pm1", Key: "PIR-1", Incidents: []string{mid}, Created: when("06-13"), Resolved: when("06-19")},
		{ID: "pm2", Key: "PIR-2", Incidents: []string{big}, Created: when("06-17"), Resolved: when("06-18")}, // begun later
		{ID: "pm3", Key: "PIR-3", Incidents: []string{reviewed}, Created: when("05-23"), Resolved: when("05-26")},
		{ID: "pm4", Key: "PIR-4", Incidents: []string{unreviewed}, Created: when("06-24"), Resolved: when("06-26")},
		{ID: "pm5", Key: "PIR-5", Incidents: []string{mid}, Created: when("06-14"), Resolved: when("06-17")}, // done before the one begun before it
	} {
		if p.Resolved = known(p.Resolved, asOf); p.Created.Before(asOf) {
			reviews = append(reviews, p)
		}
	}
	var steps []happened
	for _, e := range []happened{
		{big, "pager", *when("06-15 09:00"), "created", "", ""}, {big, "pager", *when("06-15 09:20"), "escalated", "", "Escalated to C. Moe by A. Kay."},
		{big, "pager", *when("06-16 08:00"), "note", "C. Moe", "the vendor answered"}, {big, "pager", *when(late), "resolved", "", ""},
	} {
		if e.At.Before(asOf) {
			steps = append(steps, e)
		}
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		t.Helper()
		insert(t, conn, "action_items", actions)
		insert(t, conn, "postmortems", reviews)
		insert(t, conn, "incident_events", steps)
		working(t, conn)
		type booked struct {
			ID     string    `ch:"id"`
			Source string    `ch:"source"`
			Ticket string    `ch:"ticket_id"`
			Person string    `ch:"person"`
			At     time.Time `ch:"started_at"`
			Hours  float64   `ch:"hours"`
			Class  string    `ch:"work_class"`
		}
		var hours []booked
		for _, h := range []booked{
			{"w1", "jira", "jira:1", "P", *when("06-11 12:00"), 8, "planned"}, {"w2", "jira", "jira:2", "P", *when("06-17 12:00"), 8, "planned"}, // booked afterwards
		} {
			if h.At.Before(asOf) {
				hours = append(hours, h)
			}
		}
		insert(t, conn, "worklogs", hours)
		if err := conn.Exec(t.Context(), `INSERT INTO tickets (id, source, key, title, role, created_at, resolved_at, status, status_category, work_class)
			SELECT concat('jira:', toString(number)), 'jira', concat('T-', toString(number)), 'A task', 'ticket', toDateTime64('2026-06-01 00:00:00', 3, 'UTC'), toDateTime64('2026-06-11 05:00:00', 3, 'UTC'), 'Done', 'done', 'planned' FROM numbers(1, 3)`); err != nil {
			t.Fatal(err)
		}
	})
	c.Sources = append(c.Sources, source{Name: "jira", Type: "jira", Entity: "ticket, worklog, action_item, postmortem", From: &from, To: &asOf, Records: 9, Staged: 9})
	return c
}

// sinceMarks are what an old page says of the time after it, in its markup and
// in its text.
var (
	sinceMarks = regexp.MustCompile(`(?s)<td role="cell"[^>]* class="ask">.*?</td>| ?<small[^>]*>(resolved|done|begun) since, .*?</small>`)
	noneThen   = regexp.MustCompile(`No action by the end of this \w+; \d+ promised since\.`)
	sinceSaid  = regexp.MustCompile(`; done since, \w+ \d+ \w+| \(resolved since, [^)]*\)| Of these, \d+ (has|have) been resolved since\.|, of which \d+ (has|have) been resolved since|\d+ more promised since\.| Of \d+ only the status of [^.]* is known\.| Actions: .*`)
)

// withoutSince is the text of a block, but for that.
func withoutSince(block string) string {
	text := noneThen.ReplaceAllString(plain(sinceMarks.ReplaceAllString(block, "")), "No action is promised.")
	text = sinceSaid.ReplaceAllString(text, "")
	for _, x := range [][2]string{{"was open at the end, after", "is still open after"}, {"open at the end", "still open"}, {"stood open at its end", "are still open"}, {"What kept it open so long?", "Close it, hand it over, or give it a date?"}} {
		text = strings.ReplaceAll(text, x[0], x[1])
	}
	return strings.Join(strings.Fields(text), " ")
}

// A page says the same of its period a month later, but for what it marks as
// known since. Its figures may be restated, which the page says too.
func TestAnOldPageTellsNothingOfTheTimeAfterIt(t *testing.T) {
	week, may := periodAt(t, metrics.Week, morning), periodAt(t, metrics.Month, morning)
	after := week.EndsAt.AddDate(0, 0, 30)
	made := map[string]string{}
	for asOf, of := range map[time.Time][]metrics.Period{week.EndsAt: {week}, may.EndsAt: {may}, after: {week, may}} {
		t.Run(asOf.Format(time.DateOnly), func(t *testing.T) {
			conn := openWarehouse(t)
			c := troubled(asOf)
			fill(t, conn, c)
			for _, p := range of {
				name := map[string]string{metrics.Week: metrics.Weekly, metrics.Month: metrics.Monthly}[p.Kind]
				page, _ := text(t, conn, options("", asOf), name, p, nil)
				sound(t, name, page)
				kept(t, fmt.Sprint(name, "-", asOf.Equal(after)), page)
				recounted(t, conn, c, page, p, map[string][]string{metrics.Weekly: {"incident/lasted", "incidents/open", "finding/lasted", "promise/open"}, metrics.Monthly: {"incident/lasted"}}[name]...)
				made[fmt.Sprint(p.Kind, asOf.Equal(after))] = page
			}
		})
	}
	for kind, blocks := range map[string][]string{
		metrics.Week:  {"exceptions", "promises", "incidents", "work", "ageing", "coming"},
		metrics.Month: {"majors", "learning", "decisions"},
	} {
		then, now := made[kind+"false"], made[kind+"true"]
		for _, id := range blocks {
			a, b := withoutSince(section2(then, id)), withoutSince(section2(now, id))
			if a != b {
				t.Errorf("%s, %s\nthen %s\nnow  %s", kind, id, differ(a, b), differ(b, a))
			}
		}
		rows := func(page string) string { // where a row ended later, it was open
			article := between(page, `id="evidence-time_to_resolve"`, "</article>")
			return plain(between(article[max(0, strings.LastIndex(article, "Still open at the end")):], "<tbody", "</table>"))
		}
		if a, b := rows(then), rows(now); a != b || !strings.Contains(a, ", still open") {
			t.Errorf("%s, evidence\nthen %s\nnow  %s", kind, differ(a, b), differ(b, a))
		}
	}
	says(t, section2(made[metrics.Week+"true"], "incidents"), []string{
		"6 incidents began in this week; 4 stood open at its end, of which 4 have been resolved since.",
		"OPS-3 major open at the end after 5.7 d resolved since, Thu 2 Jul 11:00", "acknowledged after 5 min; not mitigated yet; open at the end",
		"Post-mortem: PIR-1: not done, with nobody, due Fri 26 Jun; done since, Fri 19 Jun.", "FIX-2 Raise the limit: open for 3 days, with A. Marlow, was due Sun 14 Jun; done since, Sat 20 Jun", "1 more promised since.",
		"No action by the end of this week; 1 promised since.", "Release CHG-2: named by the ticket.",
	}, "06-16 09:30")
}

// differ is the part of a text from a little before it differs from another.
func differ(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[max(0, n-60):min(len(a), n+160)]
}
