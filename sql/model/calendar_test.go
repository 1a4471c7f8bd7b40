package model

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
)

// ruled loads a config with these rules and one source of each kind.
func ruled(t *testing.T, text string) *configs.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "srekpi.yml")
	text += `
sources:
  - {name: sheet, type: file, entity: incident, path: x.csv, covers: {from: 2026-10-01, to: 2026-10-31}, fields: {id: n, created_at: c, severity: {from: s, map: {bad: 1}}}}
  - {name: jira, type: jira, url: "https://a.example", token: {env: A}, issues: [{is: incident, type: Outage}, {is: change, jql: x = 1}]}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := configs.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func moment(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return at
}

// days writes rows of a calendar in its own clock: the day, when it starts, opens
// and closes, the holiday, the number of the working day, business hours before.
func days(k *configs.Calendar, rows [][]any) []string {
	var out []string
	for _, r := range rows {
		clock := func(n int) string { return r[n].(time.Time).In(k.Location).Format("15:04 -07") }
		line := fmt.Sprintf("%s starts %s, %s to %s, day %d, %.1f h before", r[1].(time.Time).Format("Mon 2006-01-02"), clock(2), clock(4), clock(5), r[7], r[8].(float64)/3600)
		if r[6] != "" {
			line += ", " + r[6].(string)
		}
		out = append(out, line)
	}
	return out
}

func TestCalendarDays(t *testing.T) {
	for what, x := range map[string]struct {
		calendar string
		from, to string // UTC
		want     []string
	}{
		"a week with a holiday": {"{name: business, holidays: [{date: 2026-12-25, name: Christmas}]}", "2026-12-24 05:00", "2026-12-29 00:00", []string{
			"Thu 2026-12-24 starts 00:00 +00, 08:00 +00 to 18:00 +00, day 1, 0.0 h before",
			"Fri 2026-12-25 starts 00:00 +00, 08:00 +00 to 08:00 +00, day 1, 10.0 h before, Christmas",
			"Sat 2026-12-26 starts 00:00 +00, 08:00 +00 to 08:00 +00, day 1, 10.0 h before",
			"Sun 2026-12-27 starts 00:00 +00, 08:00 +00 to 08:00 +00, day 1, 10.0 h before",
			"Mon 2026-12-28 starts 00:00 +00, 08:00 +00 to 18:00 +00, day 2, 10.0 h before",
		}},
		"Berlin sets its clocks back": {"{name: business, zone: Europe/Berlin}", "2026-10-23 10:00", "2026-10-26 12:00", []string{
			"Fri 2026-10-23 starts 00:00 +02, 08:00 +02 to 18:00 +02, day 1, 0.0 h before",
			"Sat 2026-10-24 starts 00:00 +02, 08:00 +02 to 08:00 +02, day 1, 10.0 h before",
			"Sun 2026-10-25 starts 00:00 +02, 08:00 +01 to 08:00 +01, day 1, 10.0 h before",
			"Mon 2026-10-26 starts 00:00 +01, 08:00 +01 to 18:00 +01, day 2, 10.0 h before",
		}},
		// The calendar's days begin in its zone: 13:30 UTC is the next day already.
		"Melbourne sets its clocks on": {"{name: business, zone: Australia/Melbourne, days: [saturday, sunday, monday], hours: 00:00-24:00}", "2026-10-02 14:30", "2026-10-05 12:00", []string{
			"Sat 2026-10-03 starts 00:00 +10, 00:00 +10 to 00:00 +10, day 1, 0.0 h before",
			"Sun 2026-10-04 starts 00:00 +10, 00:00 +10 to 00:00 +11, day 2, 24.0 h before",
			"Mon 2026-10-05 starts 00:00 +11, 00:00 +11 to 00:00 +11, day 3, 47.0 h before",
		}},
		"an hour of business is leapt over": {"{name: business, zone: Europe/Berlin, days: [sunday], hours: 02:30-04:00}", "2026-03-29 00:00", "2026-03-29 12:00", []string{
			"Sun 2026-03-29 starts 00:00 +01, 03:00 +02 to 04:00 +02, day 1, 0.0 h before",
		}},
		"a midnight that does not exist": {"{name: business, zone: America/Sao_Paulo, days: [saturday, sunday, monday], hours: 00:00-24:00}", "2018-11-03 12:00", "2018-11-05 12:00", []string{
			"Sat 2018-11-03 starts 00:00 -03, 00:00 -03 to 01:00 -02, day 1, 0.0 h before",
			"Sun 2018-11-04 starts 01:00 -02, 01:00 -02 to 00:00 -02, day 2, 24.0 h before",
			"Mon 2018-11-05 starts 00:00 -02, 00:00 -02 to 00:00 -02, day 3, 47.0 h before",
		}},
		"nor does this one, east of Greenwich": {"{name: business, zone: Asia/Beirut, days: [sunday], hours: 00:00-24:00}", "2022-03-27 10:00", "2022-03-28 10:00", []string{
			"Sun 2022-03-27 starts 01:00 +03, 01:00 +03 to 00:00 +03, day 1, 0.0 h before",
			"Mon 2022-03-28 starts 00:00 +03, 00:00 +03 to 00:00 +03, day 1, 23.0 h before",
		}},
		"a midnight that comes twice": {"{name: business, zone: Asia/Amman, days: [friday], hours: 00:00-24:00}", "2021-10-28 10:00", "2021-10-29 10:00", []string{
			"Thu 2021-10-28 starts 00:00 +03, 00:00 +03 to 00:00 +03, day 0, 0.0 h before",
			"Fri 2021-10-29 starts 00:00 +03, 00:00 +03 to 00:00 +02, day 1, 0.0 h before",
		}},
		"a day that the zone left out": {"{name: business, zone: Pacific/Apia}", "2011-12-29 12:00", "2011-12-30 20:00", []string{
			"Thu 2011-12-29 starts 00:00 -10, 08:00 -10 to 18:00 -10, day 1, 0.0 h before",
			"Fri 2011-12-30 starts 00:00 +14, 00:00 +14 to 00:00 +14, day 1, 10.0 h before",
			"Sat 2011-12-31 starts 00:00 +14, 08:00 +14 to 08:00 +14, day 1, 10.0 h before",
		}},
	} {
		cfg := ruled(t, "calendars: ["+x.calendar+"]")
		k := cfg.Calendar(configs.Business)
		rows := calendarRows(k, moment(x.from), moment(x.to))
		if diff := cmp.Diff(x.want, days(k, rows)); diff != "" {
			t.Errorf("%s: want (-), got (+)\n%s", what, diff)
		}
	}
}

// Over 40 years in many zones the days have no gap, their dates follow each
// other, and the sums add up.
func TestCalendarIsWhole(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Asia/Amman", "Asia/Tehran", "Atlantic/Azores", "Pacific/Apia", "Africa/Casablanca"} {
		k := ruled(t, "calendars: [{name: business, zone: "+zone+"}]").Calendar(configs.Business)
		rows := calendarRows(k, moment("1990-01-01 00:00"), moment("2030-01-01 00:00"))
		open, workdays := 0.0, uint32(0)
		for i, r := range rows {
			day, start, end, opens, closes := r[1].(time.Time), r[2].(time.Time), r[3].(time.Time), r[4].(time.Time), r[5].(time.Time)
			if r[8].(float64) != open {
				t.Fatalf("%s %v: %v s before, want %v", zone, day, r[8], open)
			}
			if closes.After(opens) {
				workdays++
				if at := opens.In(k.Location).Format("Mon 15:04"); at != day.Format("Mon")+" 08:00" || closes.In(k.Location).Format("2006-01-02 15:04") != day.Format(time.DateOnly)+" 18:00" {
					t.Fatalf("%s %v opens %s and closes %v", zone, day, at, closes)
				}
			}
			if r[7].(uint32) != workdays || opens.Before(start) || closes.After(end) && start.Before(end) {
				t.Fatalf("%s: %v", zone, r)
			}
			open += closes.Sub(opens).Seconds()
			if i == 0 {
				continue
			}
			before := rows[i-1]
			if !start.Equal(before[3].(time.Time)) || !day.Equal(before[1].(time.Time).AddDate(0, 0, 1)) {
				t.Fatalf("%s: %v follows %v", zone, r, before)
			}
			if start.Before(end) && (start.In(k.Location).Format(time.DateOnly) != day.Format(time.DateOnly) || start.Add(-time.Second).In(k.Location).Format(time.DateOnly) >= day.Format(time.DateOnly)) {
				t.Fatalf("%s: %v does not start with its date", zone, r)
			}
		}
	}
}

func TestWindowTurns(t *testing.T) {
	const from, to = "2026-10-21 12:00", "2026-10-29 00:00" // Wednesday; in between Berlin sets its clocks back
	for what, x := range map[string]struct {
		window string
		want   []string
	}{
		"within a week":         {"{from: monday 18:00, to: thursday 08:00}", []string{"Mon 19 18:00 +02 to Thu 22 08:00 +02", "Mon 26 18:00 +01 to Thu 29 08:00 +01"}},
		"over the week's end":   {"{from: thursday 08:00, to: monday 18:00}", []string{"Thu 15 08:00 +02 to Mon 19 18:00 +02", "Thu 22 08:00 +02 to Mon 26 18:00 +01"}},
		"over midnight":         {"{from: saturday 22:00, to: sunday 04:30}", []string{"Sat 17 22:00 +02 to Sun 18 04:30 +02", "Sat 24 22:00 +02 to Sun 25 04:30 +01"}},
		"within a day":          {"{from: wednesday 08:00, to: wednesday 18:00}", []string{"Wed 14 08:00 +02 to Wed 14 18:00 +02", "Wed 21 08:00 +02 to Wed 21 18:00 +02", "Wed 28 08:00 +01 to Wed 28 18:00 +01"}},
		"all but a part of one": {"{from: wednesday 18:00, to: wednesday 08:00}", []string{"Wed 14 18:00 +02 to Wed 21 08:00 +02", "Wed 21 18:00 +02 to Wed 28 08:00 +01", "Wed 28 18:00 +01 to Wed 04 08:00 +01"}},
		"all week":              {"{from: monday 00:00, to: monday 00:00}", []string{"Mon 19 00:00 +02 to Mon 26 00:00 +01", "Mon 26 00:00 +01 to Mon 02 00:00 +01"}},
	} {
		cfg := ruled(t, "timezone: Europe/Berlin\nchanges: {cab: ["+strings.Replace(x.window, "{", "{name: w, ", 1)+"]}")
		var got []string
		for _, r := range windowRows(cfg.Changes.CAB[0], cfg.Location(), moment(from), moment(to)) {
			clock := func(n int) string { return r[n].(time.Time).In(cfg.Location()).Format("Mon 02 15:04 -07") }
			got = append(got, clock(1)+" to "+clock(2))
		}
		if diff := cmp.Diff(x.want, got); diff != "" {
			t.Errorf("%s: want (-), got (+)\n%s", what, diff)
		}
	}
	// A window that begins in the hour that São Paulo leaps over begins at the leap,
	// and stands on the right day.
	cfg := ruled(t, "timezone: America/Sao_Paulo\nchanges: {cab: [{name: w, from: sunday 00:30, to: sunday 06:00}]}")
	r := windowRows(cfg.Changes.CAB[0], cfg.Location(), moment("2018-11-10 00:00"), moment("2018-11-11 00:00"))[0]
	if from := r[1].(time.Time).In(cfg.Location()).Format(time.RFC3339); from != "2018-11-04T01:00:00-02:00" {
		t.Errorf("begins %s", from)
	}
}

// What the config says stands in the build as tables, each in its type.
func TestRulesLandAsTables(t *testing.T) {
	cfg := ruled(t, `
timezone: Europe/Berlin
incidents: {major: [1], detected_by_users: [Customer, Kunde], on_hold: [Parked, Wartet]}
changes: {observed_for: 1h30m, cab: [{name: night, from: saturday 22:00, to: sunday 04:30}]}
services:
  - {name: checkout, aliases: [Checkout-SVC, Pay API], team: team pay, l3_team: Core, calendar: support}
  - {name: search}
teams: [{name: Payments, aliases: [Team Pay], tier: L2}, {name: Core, tier: L3}]
causes: [{name: capacity, aliases: [Disk full]}]
calendars: [{name: support, zone: Asia/Kolkata, holidays: [{date: 2026-10-02, name: Gandhi Jayanti}]}]
targets:
  - {severity: [1, 2], service: [PAY API, other], acknowledge: 15m, clock: calendar}
  - {resolve: 2d}
work: {hours_per_week: 38, rules: [{is: unplanned, role: incident}, {is: toil, source: jira, label: [Toil, chore], type: Task, project: OPS, created_after_sprint_start: true}]}
`)
	ctx, conn := context.Background(), database(t, schemaTables...)
	inputs := append(ConfigInputs(cfg, nil), CatalogueInput(shared.models), periods(nil))
	if _, err := Build(ctx, conn, shared.models, BuildOptions{AsOf: asOf, Inputs: inputs, Now: clock}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string][]string{
		"SELECT * FROM aliases WHERE kind != 'team' ORDER BY kind, alias": {
			"cause | capacity | capacity", "cause | disk full | capacity",
			"service | checkout | checkout", "service | checkout-svc | checkout", "service | pay api | checkout", "service | search | search"},
		"SELECT alias, name FROM aliases WHERE kind = 'team' ORDER BY alias":              {"core | Core", "payments | Payments", "team pay | Payments"},
		"SELECT * FROM teams ORDER BY team":                                               {"Core | L3", "Payments | L2"},
		"SELECT service, team, l2_team, l3_team, calendar FROM services ORDER BY service": {"checkout | Payments |  | Core | support", "search |  |  |  | business"},
		"SELECT * FROM targets ORDER BY rank": {
			"1 | [1,2] | ['checkout','other'] | 900 | NULL | calendar", "2 | [] | [] | NULL | 172800 | 24x7"},
		"SELECT * FROM rules ORDER BY set, rank": {
			"issues | ['jira'] | 1 | incident | [] | [] | ['Outage'] | [] | 0 | ", "issues | ['jira'] | 2 | change | [] | [] | [] | [] | 0 | x = 1",
			"work | [] | 1 | unplanned | ['incident'] | [] | [] | [] | 0 | ", "work | ['jira'] | 2 | toil | [] | ['OPS'] | ['Task'] | ['Toil','chore'] | 1 | "},
		"SELECT * FROM value_maps WHERE source = 'sheet'": {"sheet | incident | severity | bad | 1"},
		"SELECT name, value FROM settings WHERE name IN ('incidents.major', 'changes.observed_for', 'changes.issues_fail', 'incidents.reopened_within', 'postmortems.required', 'work.hours_per_week', 'incidents.detected_by_users', 'incidents.on_hold') OR name LIKE 'calendars.%' OR name LIKE 'sources.sheet.%' ORDER BY name, value": {
			"calendars.business | monday,tuesday,wednesday,thursday,friday 08:00-18:00 Europe/Berlin",
			"calendars.support | monday,tuesday,wednesday,thursday,friday 08:00-18:00 Asia/Kolkata; holidays 2026-10-02",
			"changes.issues_fail | 0", "changes.observed_for | 5400", "incidents.detected_by_users | customer", "incidents.detected_by_users | kunde",
			"incidents.major | 1", "incidents.on_hold | parked", "incidents.on_hold | wartet", "incidents.reopened_within | 1209600", "postmortems.required | ",
			"sources.sheet.incident.created_at | c", "sources.sheet.incident.id | n", "sources.sheet.incident.severity | s", "work.hours_per_week | 38"},
		"SELECT calendar, min(day), max(day), countIf(holiday != '') FROM calendar GROUP BY calendar ORDER BY calendar": {
			"business | 2025-08-27 | 2027-12-06 | 0", "support | 2025-08-27 | 2027-12-06 | 1"},
		"SELECT name, min(starts_at), count(), max(ends_at) FROM cab_windows GROUP BY name": {"night | 2026-09-26 20:00:00.000 | 11 | 2026-12-06 03:30:00.000"},
		// Business time between two moments, as models measure it: from Friday 16:00
		// to Monday 09:00 over the night in which the clocks go back, 3 hours.
		`SELECT (b.open_before + least(greatest(dateDiff('second', b.opens_at, b.t), 0), dateDiff('second', b.opens_at, b.closes_at)))
			- (a.open_before + least(greatest(dateDiff('second', a.opens_at, a.t), 0), dateDiff('second', a.opens_at, a.closes_at)))
		FROM (SELECT * FROM (SELECT 'business' AS calendar, toDateTime64('2026-10-23 14:00:00', 3, 'UTC') AS t) AS x ASOF JOIN calendar AS k ON k.calendar = x.calendar AND k.starts_at <= x.t) AS a
		CROSS JOIN (SELECT * FROM (SELECT 'business' AS calendar, toDateTime64('2026-10-26 08:00:00', 3, 'UTC') AS t) AS x ASOF JOIN calendar AS k ON k.calendar = x.calendar AND k.starts_at <= x.t) AS b`: {"10800"},
	} {
		if diff := cmp.Diff(want, lines(t, conn, query)); diff != "" {
			t.Errorf("%s\n%s", query, diff)
		}
	}
}

// A source that is said to be complete since forever does not break a build.
func TestCalendarOfALongHistory(t *testing.T) {
	cfg := ruled(t, "timezone: America/Sao_Paulo")
	cfg.Sources[0].Covers.Start = time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC)
	ctx, conn := context.Background(), database(t, schemaTables...)
	inputs := append(ConfigInputs(cfg, nil), CatalogueInput(shared.models), periods(nil))
	if _, err := Build(ctx, conn, shared.models, BuildOptions{AsOf: asOf, Inputs: inputs, Now: clock}); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, conn, "SELECT min(day) FROM calendar"); got[0] != "1970-01-02" {
		t.Errorf("the first day is %s", got[0])
	}
}
