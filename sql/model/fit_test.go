package model

import (
	"context"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/go-cmp/cmp"
)

// fitOver is what check says of these rows of a build.
func fitOver(t *testing.T, config string, rows ...string) string {
	t.Helper()
	conn := database(t)
	for _, table := range []string{"incidents", "changes", "tickets", "worklogs", "targets"} {
		mustExec(t, conn, "CREATE TABLE "+table+" ENGINE = Memory AS SELECT * FROM srekpi."+table+" WHERE 0")
	}
	cfg := ruled(t, config)
	for _, in := range ConfigInputs(cfg, nil) {
		if in.Name == "targets" {
			landTargets(t, conn, in)
		}
	}
	for _, row := range rows {
		mustExec(t, conn, "INSERT INTO "+row)
	}
	f, err := FitOf(context.Background(), conn, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	f.Write(&out, cfg)
	return out.String()
}

func landTargets(t *testing.T, conn driver.Conn, in Input) {
	t.Helper()
	rows, err := in.Rows(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := conn.PrepareBatch(context.Background(), "INSERT INTO targets")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := batch.Append(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.Split(strings.TrimPrefix(want, "\n"), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("want (-), got (+)\n%s", diff)
	}
}

// Work that no rule fits, by kind, by number and by hours.
func TestFitOfTheRulesOfWork(t *testing.T) {
	rows := []string{
		`tickets (id, source, project, type, work_class, work_rule) VALUES
			('jira:1', 'jira', 'OPS', 'Bug', '', 0), ('jira:2', 'jira', 'OPS', 'Bug', '', 0), ('jira:3', 'jira', 'PAY', 'Bug', '', 0), ('jira:4', 'jira', 'OPS', 'Task: odd', '', 0),
			('jira:5', 'jira', 'OPS', 'Story', 'business_project', 1), ('jira:6', 'jira', 'OPS', 'Spike', '', 0)`,
		`worklogs (id, ticket_id, ticket_key, hours, work_class) VALUES
			('jira:a', 'jira:1', 'OPS-1', 1.5, ''), ('jira:b', 'jira:1', 'OPS-1', 2, ''), ('jira:c', 'jira:3', 'PAY-1', 5, ''), ('jira:d', 'jira:5', 'OPS-5', 20, 'business_project'),
			('jira:e', 'jira:6', 'OPS-6', 0.5, ''), ('jira:f', 'jira:99', '', 7.25, '')`,
	}
	wantText(t, fitOver(t, "work: {rules: [{is: business_project, type: Story}, {is: toil, label: tiol}, {is: unplanned, role: incident}]}", rows...), `
work     6 tickets, 29.0 h booked on them: business_project 20.0 h (69 %), unclassified 9.0 h (31 %)
         7.2 h are booked on tickets that were not read and stay unclassified; ask for their projects too
         rules 2 and 3 of work.rules fit nothing of what was read; look for a misspelt type, label or project
         no rule of work fits 5 tickets with 9.0 h. Put a kind of work (business_project, internal_project, planned_change, toil, unplanned) in the place of the question marks, project: [KEY] where they differ, and add the lines to work.rules:
           - {is: ?, source: [jira], type: [Bug]}   # 3 tickets, 8.5 h: PAY 1 with 5.0 h, OPS 2 with 3.5 h
           - {is: ?, source: [jira], type: [Spike]}   # 1 ticket, 0.5 h: OPS 1 with 0.5 h
           - {is: ?, source: [jira], type: ["Task: odd"]}   # 1 ticket, 0.0 h: OPS 1 with 0.0 h
`)
	// Without rules of one's own the default ones are to be taken over. No hours: by tickets.
	got := fitOver(t, "", rows[0])
	for _, line := range []string{
		"work     6 tickets, 0.0 h booked on them: unclassified 5 (83 %), business_project 1 (17 %)\n",
		"           # the default rules, which yours replace: keep those that are right\n           - {is: toil, label: [toil, chore, routine]}\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("not %q but\n%s", line, got)
		}
	}
	if strings.Contains(got, "nothing of what was read") {
		t.Errorf("it complains of default rules:\n%s", got)
	}
	// All is classed, and nothing is there at all.
	wantText(t, fitOver(t, "work: {rules: [{is: toil}]}", "tickets (id, work_class, work_rule) VALUES ('jira:1', 'toil', 1)"), `
work     1 ticket, 0.0 h booked on them: toil 1 (100 %)
`)
	wantText(t, fitOver(t, "targets: [{resolve: 1h}]\nteams: [{name: a}]"), "")
}

// Blanks, targets, twins and comparisons of incidents.
func TestFitOfIncidents(t *testing.T) {
	wantText(t, fitOver(t, `
services: [{name: checkout, aliases: [Pay API]}, {name: web}]
targets: [{severity: [1], acknowledge: 15m}, {service: [PAY api], resolve: 4h}, {severity: [5], resolve: 9d}]
`,
		`incidents (id, source, key, created_at, severity, services, teams, cause, title_key, customer_impact, alert_key, exercise, merged_into, flap_of, repeats, problem_key) VALUES
			('jira:1', 'jira', 'INC-1', '2026-10-01 10:00:00', 1, ['web'], ['a'], '', '', 1, '', 0, '', '', [], ''),
			('jira:2', 'jira', 'INC-2', '2026-10-01 12:00:00', 3, ['checkout'], ['a'], 'disk', '', 0, '', 0, '', '', [], ''),
			('jira:3', 'jira', 'INC-3', '2026-10-02 10:00:00', 3, ['web'], [], '', 'disk full', NULL, '', 0, '', '', ['jira:6'], ''),
			('jira:4', 'jira', 'INC-4', '2026-10-02 11:00:00', 0, [], [], '', 'disk full', NULL, '', 0, '', '', [], ''),
			('jira:5', 'jira', 'INC-5', '2026-10-02 12:00:00', 2, [], ['a'], 'disk', '', 1, '', 0, '', '', [], ''),
			('jira:6', 'jira', 'INC-6', '2026-10-02 13:00:00', 4, ['web'], ['a'], '', '', 1, '', 0, '', '', [], ''),
			('jira:7', 'jira', 'INC-7', '2026-10-02 14:00:00', 4, ['web'], ['a'], '', '', 1, '', 1, '', '', [], ''),
			('jira:8', 'jira', 'INC-8', '2026-10-02 14:00:00', 4, ['web'], ['a'], '', '', 1, '', 0, 'jira:6', '', [], ''),
			('pd:1', 'pd', '1', '2026-10-01 10:29:59', 1, ['web', 'checkout'], ['a'], 'x', '', 1, 'k', 0, '', '', [], ''),
			('pd:2', 'pd', '2', '2026-10-01 11:30:00', 1, ['checkout'], ['a'], 'x', '', 1, 'k', 0, '', '', [], ''),
			('pd:3', 'pd', '3', '2026-10-01 12:01:00', 1, ['checkout'], ['a'], 'x', '', 1, 'k', 0, '', '', [], ''),
			('pd:4', 'pd', '4', '2026-10-02 14:00:00', 1, ['web'], ['a'], 'x', '', 1, 'k', 0, '', '', [], ''),
			('pd:5', 'pd', '5', '2026-10-02 13:30:01', 1, ['web'], ['a'], 'x', '', 1, 'k', 0, '', '', [], '')`), `
records  11 incidents; severity unknown: 1 (9 %), no service: 2 (18 %), no team: 2 (18 %), no cause: 4 (36 %), customer impact not stated: 2 (18 %); map the field, or see that it is filled in
repeats  3 incidents (27 %) cannot be compared with earlier ones:
         2: title says nothing; map alert_key, cause or problem_key, or have titles say what broke
         1: no service is stated, so its title cannot be compared; map services
targets  4 incidents (36 %) without a target: severity 2: 1 (9 %), severity 3: 1 (9 %), severity 4: 1 (9 %), severity unknown: 1 (9 %); add one that fits, if they are to have one
         target 3 is for no incident of what was read
twins    2 pairs of two sources on one service began within 30 minutes and are left apart, so they count twice if they are the same:
         checkout: INC-2 of jira and 3 of pd
         web: INC-1 of jira and 1 of pd
         map same_as to the field in which one names the other; nothing is joined by guess
`)
	wantText(t, fitOver(t, "targets: [{resolve: 1h}]", "incidents (id, source, created_at, severity, services, teams, cause, customer_impact) VALUES ('pd:1', 'pd', '2026-10-01 10:00:00', 1, ['a'], ['b'], 'c', 1)"), `
records  1 incident
targets  every incident has one
`)
}

// Names that no list of the config has, as lines to paste.
func TestFitOfNames(t *testing.T) {
	rows := []string{
		`incidents (id, source, services, teams) VALUES ('jira:1', 'jira', ['checkout', 'CHEKOUT'], ['Ops', 'core']), ('pd:1', 'pd', ['CHEKOUT', 'Pay API'], [''])`,
		`changes (id, source, services, teams) VALUES ('jira:2', 'jira', ['say "hi"'], ['Team Core'])`,
		`tickets (id, source, role, services, teams) VALUES ('jira:1', 'jira', 'incident', ['CHEKOUT'], []), ('jira:3', 'jira', 'ticket', ['say "hi"', 'search'], ['Storefront'])`,
	}
	got := fitOver(t, `
services: [{name: Checkout, aliases: [pay api], team: Storefront}]
teams: [{name: Core, aliases: [team core]}]
`, rows...)
	wantText(t, got[strings.Index(got, "names    "):], `
names    services of the records that the config does not list; add them, or add the name to the aliases of the one that it means:
           services:
             - {name: "CHEKOUT", team: ?}   # like Checkout? then aliases: ["CHEKOUT"] there; 2 records of jira, pd
             - {name: "say \"hi\"", team: ?}   # 2 records of jira
             - {name: "search", team: ?}   # 1 record of jira
names    teams of the records that the config does not list; add them, or add the name to the aliases of the one that it means:
           teams:
             - {name: "Ops"}   # 1 record of jira
`)
	// Many: the most frequent, and how many more.
	got = fitOver(t, "services: [{name: a, aliases: [pay-api]}]", "incidents (id, source, services) SELECT concat('jira:', toString(number)), 'jira', if(number < 2, ['pay-apis'], [concat('service-no-', toString(number))]) FROM numbers(30)")
	for _, part := range []string{`"pay-apis", team: ?}   # like a? then aliases: ["pay-apis"] there; 2 records`, "\n             # and 9 rarer ones\n"} {
		if !strings.Contains(got, part) || strings.Count(got, "service-no-") != 19 {
			t.Errorf("not %q but\n%s", part, got)
		}
	}
	if got := fitOver(t, "", rows...); strings.Contains(got, "names    ") {
		t.Errorf("nothing is listed, and still it says\n%s", got)
	}
}
