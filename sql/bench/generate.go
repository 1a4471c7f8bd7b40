package main

import (
	"bufio"
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed data
var data embed.FS

// asOf is the moment of every build: some hours after the last record.
const asOf = "2026-10-05T06:00:00Z"

// sizes say how much is generated. A company of a tenth of the size has a tenth
// of the services too, so that the load of each service stays what it is.
type sizes struct{ incidents, services, teams int }

func sizesOf(scale float64) sizes {
	return sizes{int(1_000_000 * scale), max(3, int(300*scale)), max(2, int(60*scale))}
}

func (s sizes) text(name string) string {
	raw, err := data.ReadFile("data/" + name)
	if err != nil {
		panic(err) // embedded
	}
	return strings.NewReplacer("{incidents}", fmt.Sprint(s.incidents), "{services}", fmt.Sprint(s.services), "{teams}", fmt.Sprint(s.teams)).Replace(string(raw))
}

var placeholder = regexp.MustCompile(`(?s)⟨(.*?)⟩`)

// payload is an expression that fills a record's template.
func (s sizes) payload(name string) string {
	text := strings.TrimSpace(s.text(name))
	var parts []string
	literal := func(t string) {
		if t != "" {
			parts = append(parts, "'"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(t)+"'")
		}
	}
	at := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		literal(text[at:m[0]])
		parts = append(parts, text[m[2]:m[3]])
		at = m[1]
	}
	literal(text[at:])
	return "concat(" + strings.Join(parts, ", ") + ")"
}

// landing is a set of raw records to make.
type landing struct {
	source, entity, id, updatedAt, payload string
	from                                   string // rows with what the expressions name, and number
}

const (
	pager   = "pager"
	tickets = "tickets"
)

// landings are all raw records of the APIs. more restricts them to what an
// increment changes, or is 1.
func (s sizes) landings(more string) []landing {
	incident := s.text("incident.sql")
	updated := "if(is_open = 1, created_at + toIntervalSecond(ack_after), resolved_at + toIntervalSecond(30)) AS updated_at"
	incidents := fmt.Sprintf("SELECT *, %s FROM (SELECT number, number AS n, %s FROM numbers(%d) WHERE %s)", updated, incident, s.incidents, more)
	entries := fmt.Sprintf("SELECT *, %s FROM (SELECT number, number AS e, intDiv(number, 10) AS n, number %% 10 AS place, %s FROM numbers(%d) WHERE %s)",
		s.text("log_entry.sql"), incident, 10*s.incidents, more)
	issues := func(each int, rest string) string {
		return fmt.Sprintf("SELECT *, %s FROM (SELECT number, intDiv(number, %d) AS t, number %% %d AS place, intDiv(t, 2) AS n, %s FROM numbers(%d) WHERE %s AND %s)",
			s.text("ticket.sql"), each, each, incident, each*2*s.incidents, more, rest)
	}
	changelog := "SELECT *, multiIf(place = 0, begun_at, place = 1, begun_at + toIntervalSecond(1), done_at - toIntervalSecond((4 - place) * 300)) AS told_at FROM (" +
		issues(5, "1") + ") WHERE if(place < 2, begun_at < toDateTime64('2026-10-05 00:00:00', 0, 'UTC'), undone = 0 AND (place = 2 OR again = 1))"
	return []landing{
		{pager, "incident", "id", "updated_at", s.payload("pagerduty_incident.json"), incidents},
		{pager, "log_entry", "entry_id", "at", s.payload("pagerduty_log_entry.json"), entries},
		{tickets, "issue", "ticket_id", "if(undone = 1, opened_at, done_at)", s.payload("jira_issue.json"), issues(1, "1")},
		{tickets, "changelog", "concat(ticket_id, '/', toString(500000 + t * 5 + place))", "told_at", s.payload("jira_changelog.json"), changelog},
		{tickets, "worklog", "toString(900000 + t)", "begun_at", s.payload("jira_worklog.json"), issues(1, "number % 4 = 0")},
	}
}

// references are the records that do not grow with the incidents.
func (s sizes) references() []landing {
	people := fmt.Sprintf("SELECT number, n, user_name AS name FROM (SELECT number, number AS n, %s AS user_name FROM numbers(%d))", s.nameOf("number"), 10*s.teams)
	shifts := fmt.Sprintf("SELECT *, %s AS user_name FROM (SELECT number, number %% %d AS team_no, intDiv(number, %d) %% 2 + 1 AS level, intDiv(number, %d) AS week, "+
		"concat('Team ', leftPad(toString(team_no), 2, '0')) AS team, team_no * 10 + (week + level * 3) %% 10 AS user_no, "+
		"toDateTime64('2023-10-02 08:00:00', 0, 'UTC') + toIntervalDay(week * 7) AS starts_at FROM numbers(%d))", s.nameOf("user_no"), s.teams, s.teams, 2*s.teams, 2*s.teams*158)
	return []landing{
		{pager, "user", "concat('PU', leftPad(toString(n), 6, '0'))", "NULL", s.payload("pagerduty_user.json"), people},
		{pager, "oncall", "concat(toString(team_no), '/', toString(level), '/', toString(week))", "NULL", s.payload("pagerduty_oncall.json"), shifts},
	}
}

// nameOf is the name of a person by number, as the facts of an incident make it.
func (s sizes) nameOf(number string) string {
	for line := range strings.Lines(s.text("incident.sql")) {
		if expr, ok := strings.CutSuffix(strings.TrimSpace(line), " AS user_name,"); ok {
			return strings.ReplaceAll(expr, "user_no", number)
		}
	}
	panic("incident.sql makes no user_name")
}

// land makes the records of one ingest run. place keeps the order of landing
// of one entity from that of another.
func (l landing) land(ctx context.Context, conn driver.Conn, run, place int, changed bool) error {
	updated, payload := l.updatedAt, l.payload
	if changed { // a newer version of the same record
		updated = "toDateTime64('2026-10-05 00:00:00', 3, 'UTC')"
	}
	return conn.Exec(ctx, fmt.Sprintf("INSERT INTO raw_records (source, entity, id, updated_at, fetched_at, run_id, seq, payload, deleted) "+
		"SELECT '%s', '%s', %s, %s, toDateTime64('2026-10-05 00:00:00', 3, 'UTC'), %d, bitShiftLeft(toUInt64(%d), 32) + %d * 134217728 + number, %s, 0 FROM (%s)",
		l.source, l.entity, l.id, updated, run, run, place, payload, l.from))
}

// generate lands everything that the APIs have.
func (s sizes) generate(ctx context.Context, conn driver.Conn) error {
	for i, l := range append(s.landings("1"), s.references()...) {
		started := time.Now()
		if err := l.land(ctx, conn, 1, i, false); err != nil {
			return fmt.Errorf("generate %s of %s: %w", l.entity, l.source, err)
		}
		fmt.Fprintf(os.Stderr, "  made %s of %s in %.0f s\n", l.entity, l.source, time.Since(started).Seconds())
	}
	if err := s.site(ctx, conn); err != nil {
		return err
	}
	return s.recordRun(ctx, conn, 1)
}

// increment lands a run of 1,000 records: new versions, and new steps.
func (s sizes) increment(ctx context.Context, conn driver.Conn) error {
	shares := []int{200, 500, 150, 150, 0}
	for i, l := range s.landings("number >= {from}") {
		if shares[i] == 0 {
			continue
		}
		l.from = s.last(l, shares[i])
		if err := l.land(ctx, conn, 3, i, true); err != nil {
			return fmt.Errorf("generate the increment's %s: %w", l.entity, err)
		}
	}
	return s.recordRun(ctx, conn, 3)
}

// last restricts a landing to so many of its rows, spread over the last tenth.
func (s sizes) last(l landing, rows int) string {
	whole := map[string]int{"incident": 1, "log_entry": 10, "issue": 2, "changelog": 10}[l.entity] * s.incidents
	// Four in ten places of the changelog are filled by nobody.
	return "SELECT * FROM (" + strings.ReplaceAll(l.from, "{from}", fmt.Sprint(whole-whole/10)+fmt.Sprintf(" AND number %% %d < 3", max(3, whole/10/rows))) + fmt.Sprintf(") LIMIT %d", rows)
}

// site lands what Jira tells of itself.
func (s sizes) site(ctx context.Context, conn driver.Conn) error {
	lines := bufio.NewScanner(bytes.NewReader([]byte(s.text("site.jsonl"))))
	for n := 0; lines.Scan(); n++ {
		var r struct {
			Entity, ID string
			Payload    json.RawMessage
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		err := conn.Exec(ctx, "INSERT INTO raw_records (source, entity, id, fetched_at, run_id, seq, payload, deleted) SELECT ?, ?, ?, toDateTime64('2026-10-05 00:00:00', 3, 'UTC'), 1, bitShiftLeft(toUInt64(1), 32) + 4000000000 + ?, ?, 0",
			tickets, r.Entity, r.ID, n, string(r.Payload))
		if err != nil {
			return err
		}
	}
	return lines.Err()
}

func (s sizes) recordRun(ctx context.Context, conn driver.Conn, run int) error {
	for _, source := range []string{pager, tickets} {
		const at = "toDateTime64('2026-10-05 00:00:00', 3, 'UTC')"
		err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO sync_runs (run_id, source, entity, started_at, ended_at, status, records, version, covers_from, covers_to) "+
			"SELECT %d, '%s', '', %s, %s, 'complete', count(), 2, toDateTime64('2023-10-02 00:00:00', 3, 'UTC'), %s FROM raw_records WHERE source = '%s' AND run_id = %d", run, source, at, at, at, source, run))
		if err != nil {
			return fmt.Errorf("record the run of %s: %w", source, err)
		}
	}
	return nil
}

// files writes the config and the CSV that ingest reads.
func (s sizes) files(ctx context.Context, conn driver.Conn, dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "srekpi.yml"), []byte(s.text("srekpi.yml")), 0o644); err != nil {
		return err
	}
	query := strings.ReplaceAll(s.text("changes.sql"), "FROM facts", fmt.Sprintf("FROM (SELECT number AS n, %s FROM numbers(%d))", s.text("incident.sql"), s.incidents))
	if err := conn.Exec(ctx, fmt.Sprintf("INSERT INTO FUNCTION file('%s', 'CSVWithNames') %s SETTINGS engine_file_truncate_on_insert = 1", filepath.Join(dir, "changes.csv"), query)); err != nil {
		return fmt.Errorf("write changes.csv: %w", err)
	}
	return nil
}
