package reports

import (
	"maps"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
)

func init() {
	maps.Copy(recounts, map[string]recount{
		"ageing/tickets":     tasks("1"),
		"ageing/nobodys":     tasks("assignee = ''"),
		"ageing/tasks":       {sql: `SELECT toFloat64(count()) FROM (` + openOf + `)`},
		"ageing/tasks-shown": {page: counting2(`data-tally="ticket/age"`, "ageing")},
		"ageing/resolved":    {sql: `SELECT a + b FROM (SELECT toFloat64(countIf(isNotNull(resolved_at))) AS a FROM (` + openThen + `)) AS x CROSS JOIN (SELECT toFloat64(countIf(isNotNull(resolved_at))) AS b FROM (` + openOf + `)) AS y`},
		"ticket/age":         {sql: `SELECT toFloat64(dateDiff('second', created_at, @to)) FROM (` + openOf + `)`},
		"ageing/held":        {sql: `SELECT toFloat64(count()) FROM (` + openThen + `) AS o INNER JOIN (` + lastOf + `) AS l ON l.ticket_id = o.id WHERE ` + onHold},
		"ageing/held-tasks":  {sql: `SELECT toFloat64(count()) FROM (` + openOf + `) AS o INNER JOIN (` + lastOf + `) AS l ON l.ticket_id = o.id WHERE ` + onHold},
		"ageing/held-for":    {sql: `SELECT toFloat64(dateDiff('second', moved, @to)) FROM (` + lastOf + `) WHERE ` + onHold},
		"ageing/hops":        {sql: `SELECT toFloat64(hops) FROM (` + handsOf + `) UNION ALL SELECT 0. UNION ALL SELECT toFloat64(ifNull(reassignment_count, 0)) FROM incidents`},
		"ageing/untold":      {sql: `SELECT toFloat64(countIf(source NOT IN (SELECT source FROM ticket_transitions))) FROM (SELECT source FROM (` + openThen + `) UNION ALL SELECT source FROM (` + openOf + `))`},
		"ageing/waits":       {sql: `SELECT toFloat64(count()) FROM kpi_evidence WHERE kpi = 'time_to_escalate' AND included = 1 AND at < @to AND id IN (SELECT id FROM (` + openThen + `)) AND id NOT IN (SELECT incident_id FROM incident_events WHERE kind = 'working')`},
		"ageing/wait":        {sql: `SELECT toFloat64(dateDiff('second', at, @to)) FROM kpi_evidence WHERE kpi = 'time_to_escalate' AND included = 1 AND at < @to`},
	})
	derived["ageing/hops-typical"] = "the middle of the hops: TestWhatOpenWorkWaitsFor"
	derived["ageing/more-waits"] = "what the list leaves out"
}

func TestWhatOpenWorkWaitsFor(t *testing.T) {
	end := periodAt(t, metrics.Week, morning).EndsAt
	ago := func(d time.Duration) time.Time { return end.Add(-d) }
	c := few(5, morning.AddDate(0, -6, 0), func(i int, row *incidentRow) {
		row.Created = ago(time.Duration(i+1) * 40 * time.Hour)
		row.Started, row.Resolved, row.FirstResolved, row.Status, row.SourceStatus = row.Created, nil, nil, "open", "Open"
	})
	for i := range c.More {
		if c.More[i].name == "time_to_escalate" { // three reached L3, one of them was answered
			c.More[i].evidence = `SELECT ` + asIs + `, from_at, from_at + toIntervalHour(2) AS at, toNullable(7200.) AS value, ` + noHit + ` AS hit, ` + tailOf + `, toUInt8(1) AS included, '' AS reason` + ofResolve + ` AND key IN ('OPS-1', 'OPS-2', 'OPS-3')`
		}
	}
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		t.Helper()
		id := func(n int) string { return c.Incidents[n].ID }
		insert(t, conn, "ticket_transitions", []moved{
			{id(4), "service-desk", 1, ago(190 * time.Hour), "status", "Open", "PARKED"}, {id(4), "service-desk", 2, ago(-5 * time.Hour), "status", "PARKED", "Open"}, // after the end: it was parked then
			{id(3), "service-desk", 1, ago(100 * time.Hour), "status", "Open", "Parked"}, {id(3), "service-desk", 2, ago(90 * time.Hour), "status", "Parked", "In progress"},
			{id(2), "service-desk", 1, ago(99 * time.Hour), "assignee", "", "A"}, {id(2), "service-desk", 2, ago(98 * time.Hour), "assignee", "A", "B"}, {id(2), "service-desk", 3, ago(97 * time.Hour), "assignee", "B", "C"}, {id(2), "service-desk", 4, ago(-1 * time.Hour), "assignee", "C", "D"},
			{"jira:1", "jira", 1, ago(200 * time.Hour), "status", "To do", "Waiting for vendor"},
			{"jira:7", "jira", 1, ago(19 * time.Hour), "status", "To do", "Parked"}, {"jira:7", "jira", 2, ago(18 * time.Hour), "assignee", "A", "B"}, {"jira:7", "jira", 3, ago(17 * time.Hour), "assignee", "B", "C"},
			{"jira:7", "jira", 4, ago(-2 * time.Hour), "status", "Parked", "Doing"}, {"jira:7", "jira", 5, ago(-2 * time.Hour), "assignee", "C", "D"},
		})
		insert(t, conn, "incident_events", []happened{
			{id(0), "service-desk", ago(38 * time.Hour), "escalated", "", ""}, {id(0), "service-desk", ago(38 * time.Hour), "assigned", "", "Assigned to L3."}, // no answer
			{id(1), "service-desk", ago(70 * time.Hour), "working", "", ""}, {id(2), "service-desk", ago(-2 * time.Hour), "acknowledged", "", ""},
		})
		day := func(d time.Duration) string { return ago(d).UTC().Format("2006-01-02 15:04:05") }
		for _, query := range []string{
			`INSERT INTO settings SELECT 'incidents.on_hold', arrayJoin(['parked', 'waiting for vendor'])`,
			`INSERT INTO tickets (id, source, key, url, title, role, created_at, resolved_at, status, status_category, assignee, teams, status_since, reassignment_count, moved_at) VALUES
				('jira:1', 'jira', 'PRB-1', 'https://desk.example.com/PRB-1', 'Problem: the old one', 'problem', '` + day(900*time.Hour) + `', NULL, 'Waiting for vendor', 'doing', 'A', ['Core'], '` + day(200*time.Hour) + `', 0, '` + day(200*time.Hour) + `'),
				('jira:2', 'jira', 'T-2', '', 'A task', 'ticket', '` + day(30*time.Hour) + `', '` + day(-9*time.Hour) + `', 'Done', 'done', '', [], NULL, 0, NULL),
				('jira:3', 'jira', 'T-3', '', 'Resolved before', 'ticket', '` + day(30*time.Hour) + `', '` + day(9*time.Hour) + `', 'Done', 'done', '', [], NULL, 0, NULL),
				('jira:4', 'jira', 'T-4', '', 'Closed without a time', 'ticket', '` + day(30*time.Hour) + `', NULL, 'Done', 'done', '', [], NULL, 0, NULL),
				('jira:5', 'jira', 'T-5', '', 'A change of another block', 'change', '` + day(30*time.Hour) + `', NULL, 'To do', 'todo', '', [], NULL, 0, NULL),
				('jira:6', 'jira', 'T-6', '', 'Came later', 'ticket', '` + day(-1*time.Hour) + `', NULL, 'To do', 'todo', '', [], NULL, 0, NULL),
				('jira:7', 'jira', 'T-7', '', 'On hold then', 'ticket', '` + day(20*time.Hour) + `', NULL, 'Doing', 'doing', 'D', [], '` + day(-2*time.Hour) + `', 3, '` + day(-2*time.Hour) + `')`,
			`INSERT INTO escalations (incident_id, answered_at) VALUES ('` + id(0) + `', NULL), ('` + id(1) + `', '` + day(70*time.Hour) + `'), ('` + id(2) + `', '` + day(-2*time.Hour) + `')`,
		} {
			if err := conn.Exec(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
	})
	conn := openWarehouse(t)
	fill(t, conn, c)
	p := periodAt(t, metrics.Week, c.AsOf)
	page, _ := text(t, conn, options("", c.AsOf), metrics.Weekly, p, nil)
	sound(t, "weekly", page)
	kept(t, "ageing", page)
	block := between(page, `id="ageing"`, "</section>")
	says(t, block, []string{"5 incidents and 3 tickets were open on Tue 16 Jun 2026 00:00. Of these, 1 has been resolved since.",
		"1 incident and 2 tickets, the longest for 8.3 d; the clock runs on.", "Handed over", "typically never, at most 2 times.", "OPS-3 Disk almost full on reporting database: 2 times", "T-7 On hold then: 2 times",
		"2 open incidents reached L3, and no source tells a step since.", "OPS-3 Disk almost full on reporting database: for 4.9 d", "PRB-1 Problem: the old one", "for 7.9 d"},
		"Resolved before", "Closed without a time", "A change of another block", "Came later", "In progress", "4 more")
	recounted(t, conn, c, page, p, "ageing/tickets", "ageing/nobodys", "ageing/tasks", "ageing/resolved", "ticket/age", "ageing/held", "ageing/held-tasks", "ageing/held-for", "ageing/hops", "ageing/waits", "ageing/wait")
}

func TestAgeingWithoutTickets(t *testing.T) {
	c := few(2, morning.AddDate(0, -6, 0), func(_ int, row *incidentRow) { row.Resolved, row.Status, row.SourceStatus = nil, "open", "On hold" })
	c.Sources[0].Entity = "incident"
	c.With = append(c.With, func(t *testing.T, conn driver.Conn) {
		if err := conn.Exec(t.Context(), `INSERT INTO settings VALUES ('incidents.on_hold', 'on hold')`); err != nil {
			t.Fatal(err)
		}
	})
	weekly, _, _ := pagesOfWeek(t, c)
	says(t, between(weekly, `id="ageing"`, "</section>"), []string{"2 incidents were open on", "2 incidents; the clock runs on. Of 2 only the status of Tue 16 Jun 2026 08:30 is known.",
		"not known: no source tells who had an open one before.", "not collected: add a source of type jira, or one with entity: ticket, to srekpi.yml."}, "Nobody has it", "0 tickets")
}
