package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

const (
	madeOf  = ` FROM incidents AS i INNER JOIN `
	began   = `least(i.created_at, ifNull(i.impact_started_at, i.created_at))`
	openOf  = `SELECT *, dateDiff('second', created_at, @to) / 86400 AS age, multiIf(age < 2, 0, age < 7, 1, age < 28, 2, age < 91, 3, 4) AS band FROM tickets WHERE role IN ('ticket', 'problem') AND created_at < @to AND ifNull(resolved_at >= @to, 1) AND (isNotNull(resolved_at) OR status_category != 'done')`
	lastOf  = `SELECT ticket_id, arraySort((x, p) -> p, groupArray(to_value), groupArray(position))[-1] AS word, max(at) AS moved FROM ticket_transitions WHERE field = 'status' AND at < @to GROUP BY ticket_id`
	onHold  = `lower(word) IN (SELECT value FROM settings WHERE name = 'incidents.on_hold')`
	handsOf = `SELECT ticket_id, count() - countIf(position = first_one AND from_value = '') AS hops FROM (SELECT *, min(position) OVER (PARTITION BY ticket_id) AS first_one FROM ticket_transitions WHERE field = 'assignee' AND at < @to AND to_value != '') GROUP BY ticket_id`
)

func tasks(condition string) recount {
	return recount{sql: `SELECT toFloat64(countIf(band = wanted AND ` + condition + `)) FROM (SELECT arrayJoin(range(5)) AS wanted) AS w CROSS JOIN (` + openOf + `) AS o GROUP BY wanted
		UNION ALL SELECT 0 WHERE (SELECT count() FROM (` + openOf + `)) = 0`}
}

func init() {
	maps.Copy(recounts, map[string]recount{
		"card/acknowledged": {sql: `SELECT round(dateDiff('millisecond', created_at, acknowledged_at) / 1000) FROM incidents WHERE acknowledged_at < @to`},
		"card/mitigated":    {sql: `SELECT round(dateDiff('millisecond', ifNull(impact_started_at, created_at), mitigated_at) / 1000) FROM incidents WHERE mitigated_at < @to`},
		"card/after":        {sql: `SELECT toFloat64(dateDiff('second', ` + began + `, e.at))` + madeOf + `incident_events AS e ON e.incident_id = i.id UNION ALL SELECT toFloat64(dateDiff('second', ` + began + `, t.at))` + madeOf + `ticket_transitions AS t ON t.ticket_id = i.id`},
		"card/lag":          {sql: `SELECT toFloat64(dateDiff('second', c.ended_at, ` + began + `))` + madeOf + `change_incident_links AS l ON l.incident_id = i.id INNER JOIN changes AS c ON c.id = l.change_id`},
		"card/changes": {sql: `SELECT toFloat64(uniqExact(l.change_id) - 5)` + madeOf + `change_incident_links AS l ON l.incident_id = i.id INNER JOIN changes AS c ON c.id = l.change_id
			WHERE l.grade != 'suspected' OR c.ended_at >= ` + began + ` - INTERVAL 1 DAY AND c.started_at <= ` + began + ` GROUP BY l.incident_id`},
		"card/promised":       {sql: `SELECT toFloat64(count() - 5) FROM (SELECT arrayJoin(incident_ids) AS id FROM action_items WHERE ifNull(created_at < @to, 1)) GROUP BY id`},
		"card/promised-since": {sql: `SELECT toFloat64(countIf(created_at >= @to)) FROM (SELECT arrayJoin(incident_ids) AS id, created_at FROM action_items) GROUP BY id`},
		"cards/told":          {page: counting2(`<article class="card full"`, "incidents")},
		"cards/untold":        {sql: `SELECT toFloat64(count() - 20) FROM (` + beganThen + `) WHERE major = 1`},
		"impact/ended": {sql: `SELECT toFloat64(count()) FROM (SELECT *, coalesce(mitigated_at, resolved_at, closed_at, created_at) AS ended, coalesce(impact_started_at, started_at) AS began FROM incidents)
			WHERE exercise = 0 AND merged_into = '' AND flap_of = '' AND ended >= @from AND ended < @to AND (ifNull(customer_impact, 0) = 0 OR isNotNull(coalesce(mitigated_at, resolved_at)) AND ended >= began)`},
		"impact/share": {sql: `SELECT countIf(reason LIKE 'not stated%') / countIf(included = 1 OR reason LIKE 'not stated%' OR reason LIKE 'no customer%') FROM kpi_evidence WHERE kpi = 'impact_hours' AND at >= @from AND at < @to`},
		"majors/shown": {page: counting2(`data-label="Post-mortem"`, "majors")},
		"majors/more":  {sql: `SELECT toFloat64(count() - 8) FROM (` + beganThen + `) WHERE major = 1`},
	})
	derived["card/steps"] = "what the card leaves out: TestStepsOfACard"
}

// happened is a row of incident_events, moved one of ticket_transitions.
type happened struct {
	Incident string    `ch:"incident_id"`
	Source   string    `ch:"source"`
	At       time.Time `ch:"at"`
	Kind     string    `ch:"kind"`
	Actor    string    `ch:"actor"`
	Detail   string    `ch:"detail"`
}

type moved struct {
	Ticket   string    `ch:"ticket_id"`
	Source   string    `ch:"source"`
	Position uint32    `ch:"position"`
	At       time.Time `ch:"at"`
	Field    string    `ch:"field"`
	From     string    `ch:"from_value"`
	To       string    `ch:"to_value"`
}

// outage is a week with so many major incidents, of which the first has a story.
func outage(majors int) company {
	c := few(majors+2, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		if i >= majors {
			return
		}
		row.Severity, row.Major = 2, 1
		if i > 0 {
			return
		}
		at := func(after time.Duration) *time.Time { return ptr(row.Created.Add(after)) }
		row.Severity, row.Title, row.Teams = 1, "Checkout is down", []string{"Payments L2"}
		row.CustomerImpact, row.DetectedBy, row.CausedByChange = ptr(uint8(1)), "", "CHG-7"
		row.Impact, row.Acknowledged, row.Mitigated = at(-5*time.Minute), at(4*time.Minute), at(55*time.Minute)
		row.Attributes = map[string]string{}
	})
	one, start := c.Incidents[0].ID, thatWeek
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	for n, x := range []struct {
		key, grade, basis, outcome string
		ended                      int
	}{
		{"CHG-7", "explicit", "the incident's caused_by_change", "rolled_back", -25}, {"CHG-8", "mentioned", "a note of the incident", "successful", -2000},
		{"CHG-9", "suspected", "same service within 4 h", "successful", -185}, {"CHG-1", "suspected", "same service within 72 h", "successful", -1800},
		{"CHG-2", "suspected", "same service within 4 h", "successful", -3}, {"CHG-3", "suspected", "same service within 24 h", "successful", -300},
		{"CHG-4", "suspected", "same service within 24 h", "successful", -400}, {"CHG-5", "suspected", "same service within 24 h", "successful", -500},
	} {
		id := "change-export:" + x.key
		c.Changes = append(c.Changes, changeRow{ID: id, Source: "change-export", Key: x.key, URL: "https://desk.example.com/change/" + x.key, Title: "Release " + x.key, Services: []string{"reporting-db"}, Environment: "production",
			Started: ptr(at(x.ended - 4)), Ended: ptr(at(x.ended)), Created: ptr(at(x.ended)), Status: "done", Outcome: x.outcome, OutcomeRecorded: 1, Attributes: map[string]string{}})
		c.Links = append(c.Links, linkRow{x.key, one, x.grade, x.basis, ptr(int64(-60 * x.ended))})
		c.Links[n].Change = id
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		t.Helper()
		insert(t, conn, "incident_events", []happened{
			{one, "pager", at(0), "created", "auto", ""}, {one, "pager", at(0), "assigned", "auto", "Assigned to A. Kay through the API."}, {one, "pager", at(0), "notified", "A. Kay", ""},
			{one, "desk", at(-5), "impact_started", "", ""}, {one, "pager", at(4), "acknowledged", "A. Kay", ""}, {one, "desk", at(9), "acknowledged", "B. Lo", ""},
			{one, "desk", at(9), "assigned", "B. Lo", "– → B. Lo"}, {one, "pager", at(20), "escalated", "A. Kay", "Escalated to C. Moe by A. Kay."}, {one, "desk", at(25), "assigned", "B. Lo", "B. Lo → C. Moe"},
			{one, "desk", at(30), "note", "C. Moe", `</script><script>alert(1)</script>`}, {one, "desk", at(31), "note", "auto", "a robot wrote this"},
			{one, "desk", at(55), "mitigated", "", ""}, {one, "pager", at(60), "resolved", "", ""}, {one, "desk", at(70), "reopened", "", ""}, {one, "pager", at(88), "resolved", "", ""}, {one, "desk", at(90), "resolved", "", ""},
		})
		insert(t, conn, "ticket_transitions", []moved{{one, "desk", 1, at(12), "priority", "High", "Highest"}})
		for _, query := range []string{
			`INSERT INTO settings VALUES ('sources.service-desk.incident.detected_by', 'Who saw it'), ('sources.service-desk.incident.attributes.resolution_notes', 'Fix notes')`,
			`INSERT INTO action_items (id, key, url, title, owner, due_on, incident_ids) VALUES ('a:1', 'ACT-1', 'https://desk.example.com/ACT-1', 'Limit the retries', 'C. Moe', '2026-07-01', ['` + one + `']), ('a:2', 'ACT-2', '', 'Test the failover', '', NULL, ['` + one + `']), ('a:3', 'ACT-3', '', 'Page sooner', 'A. Kay', '2026-06-12', ['` + one + `'])`,
			`INSERT INTO postmortems (id, key, url, owner, incident_ids) VALUES ('p:1', 'PIR-1', 'https://desk.example.com/PIR-1', 'C. Moe', ['` + one + `'])`,
		} {
			if err := conn.Exec(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	})
	return c
}

// recounted counts again those tallies of a page that a test is about.
func recounted(t *testing.T, conn driver.Conn, c company, page string, p metrics.Period, of ...string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range tallied.FindAllStringSubmatch(page, -1) {
		what, raw := m[2], m[1]
		if one, listed := recounts[what]; listed && slices.Contains(of, what) && !seen[what+raw] {
			seen[what], seen[what+raw] = true, true
			allowed := one.again(t, conn, page, p, c)
			if !has(allowed, raw) {
				t.Errorf("%s is %s on the page, counted again %v", what, raw, allowed[:min(len(allowed), 12)])
			}
		}
	}
	for _, what := range of {
		if !seen[what] {
			t.Errorf("the page tells no %s", what)
		}
	}
}

func TestAMajorIncidentIsToldInFull(t *testing.T) {
	c := outage(23)
	conn := openWarehouse(t)
	fill(t, conn, c)
	p := periodAt(t, metrics.Week, c.AsOf)
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, nil)
	sound(t, "weekly", page)
	kept(t, "outage", page)
	one := between(page, `id="`+anchor("i", c.Incidents[0].ID)+`"`, "</article>")
	says(t, one, []string{
		"What customers affected · blank: fill Who saw it",
		"When impact from Tue 9 Jun 08:55; raised 09:00; acknowledged after 4 min; mitigated after 1 h; resolved after 1.5 h, 10:30",
		"Where reporting-db", "Who Payments L2; handed over from B. Lo to C. Moe", "Why caused by change CHG-7", "How blank: fill Fix notes",
		"Tue 9 Jun 08:55 start impact began", "09:00 +5 min raised", "09:04 +9 min acknowledged", "09:12 +17 min priority changed from High to Highest", "09:20 +25 min escalated to C. Moe",
		"09:30 +35 min note: </script><script>alert(1)</script>", "10:00 +1.1 h resolved 10:10 +1.3 h reopened 10:30 +1.6 h resolved",
		"CHG-7 Release CHG-7, rolled back, ended 20 min before: named by the ticket.", "CHG-8 Release CHG-8, ended 33 h before: mentioned in a note.", "CHG-9 Release CHG-9, ended 3 h before: same service, no proof.",
		"CHG-2 Release CHG-2, under way when it began: same service, no proof.", "2 more", "Post-mortem: PIR-1: not done, with C. Moe.", "ACT-1 Limit the retries: open, with C. Moe, due Wed 1 Jul", "ACT-2 Test the failover: open, with nobody, no day promised", "ACT-3 Page sooner: open, with A. Kay, was due Fri 12 Jun",
	}, "10:28", "robot", "CHG-1 ", "Assigned to", "undefined")
	for _, link := range []string{`href="https://desk.example.com/change/CHG-7"`, `href="https://desk.example.com/PIR-1"`, `<a href="https://desk.example.com/browse/OPS-1">fill <bdi>Who saw it</bdi></a>`} {
		if !strings.Contains(one, link) {
			t.Errorf("no %s on the card", link)
		}
	}
	if strings.Contains(one, "<script>alert") {
		t.Error("the note of a ticket became markup")
	}
	says(t, page, []string{"The 20 worst major incidents are told in full; 3 more have a short card or stand in the evidence."})
	if full := strings.Count(page, `<article class="card full"`); full != 20 {
		t.Errorf("%d full cards", full)
	}
	two := between(page, `id="`+anchor("i", c.Incidents[1].ID)+`"`, "</article>")
	says(t, two, []string{"not stated whether customers were affected; noticed by monitoring · blank: fill customer impact", "never acknowledged", "blank: fill impact start · blank: fill impact end", "blank: fill cause",
		"Its source tells no steps.", "No change on its services in the 24 h before.", "Post-mortem: none yet.", "No action is promised."})
	says(t, between(page, `id="exceptions"`, "</section>"), []string{"Major incident OPS-1 Checkout is down in reporting-db took 1.5 h. Change CHG-7 caused it. Not recorded: who fixes it."})
	recounted(t, conn, c, page, p, "card/acknowledged", "card/mitigated", "card/after", "card/lag", "card/changes", "cards/told", "cards/untold", "cards/blanks")
	month := runningAt(t, metrics.Month, c.AsOf)
	page, _ = text(t, conn, options("", c.AsOf), metrics.Monthly, month, nil)
	says(t, between(page, `id="majors"`, "</section>"), []string{"Checkout is down", "caused by CHG-7", "PIR-1: not done, with C. Moe", "none yet", "The 8 worst; 15 more stand in the evidence of the incidents.",
		"Of 24 more it is not stated whether customers were affected. That is 96 % of the 25 that ended in this month, so the hours are a lower bound."})
	recounted(t, conn, c, page, month, "majors/shown", "majors/more", "impact/share", "impact/ended")
}

// A flood buries nothing and bursts no page.
func TestTwoThousandMajorIncidents(t *testing.T) {
	weekly, _, _ := pagesOfWeek(t, outage(2000))
	says(t, weekly, []string{"2,002 incidents began in this week", "The 20 worst major incidents are told in full; 1,980 more have a short card or stand in the evidence.", "1,902 more, of no higher severity, in the evidence."})
	if cards, full := strings.Count(weekly, `<article class="card`), strings.Count(weekly, `<article class="card full"`); cards != cardsShown || full != storiesTold {
		t.Errorf("%d cards, %d of them full", cards, full)
	}
}

// What is not collected is said, and is not "none".
func TestAStoryOfWhatIsNotCollected(t *testing.T) {
	c := few(1, morning.AddDate(0, -6, 0), func(_ int, row *incidentRow) { row.Major, row.Severity = 1, 1 })
	c.Sources[0].Entity = "incident"
	c.Sources[1].Entity, c.Sources[1].Type = "ticket, action_item, postmortem", "jira" // it could tell, and no rule says which tickets do
	weekly, monthly, _ := pagesOfWeek(t, c)
	says(t, between(weekly, `id="incidents"`, "</section>"), []string{"Changes are not collected.", "Actions and post-mortems are not collected."}, "No change on its services", "none yet", "No action is promised")
	says(t, between(monthly, `id="majors"`, "</section>"), nil, "none yet")
}

func TestStepsOfACard(t *testing.T) {
	var all []happening
	add := func(minute int, kind, source, detail string) {
		all = append(all, happening{Incident: "i", Source: source, At: thatWeek.Add(time.Duration(minute) * time.Minute), Kind: kind, Detail: detail})
	}
	add(0, "created", "a", "")
	for n := range 20 {
		add(1+n, "note", "a", fmt.Sprintf("note %d", n))
	}
	add(30, "resolved", "a", "")
	add(31, "resolved", "b", "")
	all = append(all, happening{Incident: "i", Kind: "escalated", Source: "a", At: thatWeek.Add(32 * time.Minute)})
	resolved := thatWeek.Add(30 * time.Minute)
	got := condensed(all, &resolved)
	if len(got) != 23 {
		t.Errorf("%d steps", len(got))
	}
	kinds := ""
	for _, e := range weightiest(got) {
		kinds += e.Kind[:1]
	}
	if kinds != "cnnnnnnnnnre" { // the first notes fill what the rest leaves
		t.Errorf("%q", kinds)
	}
	for _, e := range got {
		if e.Kind == "resolved" && !e.At.Equal(resolved) {
			t.Errorf("resolved at %s", e.At)
		}
	}
}

// The rule by which a page chooses incidents is that of the KPI that counts them.
func TestIncidentsThatCountAreThoseOfTheKPI(t *testing.T) {
	c := few(8, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		switch i {
		case 1:
			row.Exercise = 1
		case 2:
			row.MergedInto = "pd:1"
		case 3:
			row.FlapOf = "pd:1"
		}
	})
	conn := openWarehouse(t)
	fill(t, conn, c)
	var rows []struct {
		Rule string `ch:"rule"`
		KPI  string `ch:"kpi"`
		N    uint64 `ch:"n"`
	}
	if err := conn.Select(t.Context(), &rows, `SELECT arrayStringConcat(arraySort((SELECT groupArray(i.id) FROM incidents AS i WHERE `+countedIncident+`1)), ' ') AS rule,
		arrayStringConcat(arraySort((SELECT groupArray(id) FROM kpi_evidence WHERE kpi = 'incident_count' AND included = 1)), ' ') AS kpi, (SELECT count() FROM incidents) AS n`); err != nil {
		t.Fatal(err)
	}
	if got := rows[0]; got.Rule != got.KPI || len(strings.Fields(got.KPI)) != int(got.N)-3 {
		t.Errorf("the pages count %q, the KPI %q, of %d", got.Rule, got.KPI, got.N)
	}
}
