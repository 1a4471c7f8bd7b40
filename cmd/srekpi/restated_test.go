package main

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const deskConfig = `recurrence: {boilerplate: [BOILERPLATE]}
work: {hours_per_week: HOURS}
sources:
  - name: desk
    type: file
    entity: incident
    path: incidents.csv
    covers: {from: 2025-10-01, to: 2026-04-30}
    fields: {id: id, title: what, services: service, created_at: opened, resolved_at: solved, severity: sev}
  - name: releases
    type: file
    entity: change
    path: changes.csv
    covers: {from: 2025-10-01, to: 2026-04-30}
    fields: {id: id, services: service, started_at: began, ended_at: done, outcome: result}
`

const deskIncidents = `id,what,service,opened,solved,sev
1,Disk array degraded,db,2026-03-03 10:00,2026-03-03 11:00,2
2,Disk array degraded,db,2026-03-11 10:00,2026-03-11 12:00,2
3,Login fails for many,web,2026-03-12 10:00,2026-03-12 14:00,3
`

const deskChanges = `id,service,began,done,result
1,db,2026-03-08 10:00,2026-03-08 11:00,failed
2,db,2026-03-15 10:00,2026-03-15 11:00,successful
`

var (
	restatedSection = regexp.MustCompile(`(?s)<section class="block" id="(restated|restatements)".*?</section>`)
	tableRow        = regexp.MustCompile(`(?s)<tr>(.*?)</tr>`)
	anyTag          = regexp.MustCompile(`<[^>]*>`)
)

// restatedOn reads the rows of what a page says was restated.
func restatedOn(t *testing.T, dir, page string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "public", "weekly", page+".html"))
	if err != nil {
		t.Fatal(err)
	}
	rows := []string{}
	for _, section := range restatedSection.FindAllStringSubmatch(string(text), -1) {
		for _, row := range tableRow.FindAllStringSubmatch(section[0], -1)[1:] {
			cells := strings.ReplaceAll(strings.ReplaceAll(row[1], "</th>", " | "), "</td>", " | ")
			cells = strings.ReplaceAll(html.UnescapeString(anyTag.ReplaceAllString(cells, "")), "\u00a0", " ")
			rows = append(rows, section[1]+": "+strings.TrimSuffix(strings.Join(strings.Fields(cells), " "), " |"))
		}
	}
	return rows
}

// TestRestated issues weeks one by one. A rate that settles is not restated; a
// changed rule and a late record are, once, each with its cause.
func TestRestated(t *testing.T) {
	dir := t.TempDir()
	config := func(boilerplate, hours string) {
		t.Helper()
		write(t, filepath.Join(dir, "srekpi.yml"), strings.NewReplacer("BOILERPLATE", boilerplate, "HOURS", hours).Replace(deskConfig))
	}
	run := func(asOf, issued string) {
		t.Helper()
		out := srekpi(t, dir, 0, "run", "--as-of", asOf)
		if strings.Contains(out, "weekly/"+issued+".html  issued") != (issued != "") {
			t.Errorf("as of %s: want %q issued\n%s", asOf, issued, out)
		}
	}
	says := func(page string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), restatedOn(t, dir, page)); diff != "" {
			t.Errorf("page %s: want (-), got (+)\n%s", page, diff)
		}
	}
	rates := func(want string) {
		t.Helper()
		got := query(t, dir, "srekpi.yml", `SELECT period_start, value, complete FROM published_values WHERE kpi = 'change_failure_rate' AND dim = 'all'
			AND document = 'weekly' AND of_period = '2026-03-02' ORDER BY period_start`)
		if got != want {
			t.Errorf("issued change failure rates of the week from 2 March:\n got %q\nwant %q", got, want)
		}
	}
	config(`"Incident with"`, "38")
	write(t, filepath.Join(dir, "incidents.csv"), deskIncidents)
	write(t, filepath.Join(dir, "changes.csv"), deskChanges)

	// The week's change is younger than 72 hours: its rate is issued as pending.
	run("2026-03-09 06:00", "2026-03-09")
	rates("2026-03-02\t\\N\t0")
	// Four days later, without new data: it has settled.
	run("2026-03-13 06:00", "")
	if got := query(t, dir, "srekpi.yml", "SELECT value, complete FROM kpi_values WHERE kpi = 'change_failure_rate' AND period = 'week' AND period_start = '2026-03-02' AND dim = 'all'"); got != "1\t1" {
		t.Errorf("the rate did not settle: %q", got)
	}
	says("2026-03-09")
	says("2026-03-16")
	// The newest settled rate is what the next issue prints.
	run("2026-03-16 06:00", "2026-03-16")
	says("2026-03-16")
	rates("2026-03-02\t\\N\t0\n2026-03-09\t1\t1")

	// A rule that changes figures of an issued week. One of them says so in two places.
	config(`"Incident with", "disk array"`, "38")
	run("2026-03-23 06:00", "2026-03-23")
	const rule = `recurrence.boilerplate: "disk array" was added`
	byRule := []string{
		"restatements: Repeats within 30 days, the week to 16 March | 50 % of 2 | 0 % of 1 | " + rule,
		"restatements: Repeats within 30 days, service db, the week to 16 March | 100 % of 1 | not known of 0 | " + rule,
		"restatements: Repeats within 90 days, the week to 16 March | 50 % of 2 | 0 % of 1 | " + rule,
		"restatements: Repeats within 90 days, service db, the week to 16 March | 100 % of 1 | not known of 0 | " + rule,
		"restatements: Repeats within 30 days, the week to 9 March | 0 % of 1 | not known of 0 | " + rule,
		"restatements: Repeats within 30 days, service db, the week to 9 March | 0 % of 1 | not known of 0 | " + rule,
		"restatements: Repeats within 90 days, the week to 9 March | 0 % of 1 | not known of 0 | " + rule,
		"restatements: Repeats within 90 days, service db, the week to 9 March | 0 % of 1 | not known of 0 | " + rule,
	}
	says("2026-03-23", byRule...)

	// A setting that no issued figure rests on, and a record that came late.
	config(`"Incident with", "disk array"`, "30")
	write(t, filepath.Join(dir, "incidents.csv"), deskIncidents+"4,Search index stale,web,2026-03-13 10:00,2026-03-13 11:00,3\n")
	run("2026-03-30 06:00", "2026-03-30")
	const late = "late or corrected data"
	says("2026-03-30",
		"restatements: Incidents, the week to 16 March | 2 | 3 | "+late,
		"restatements: Incidents, service web, the week to 16 March | 1 | 2 | "+late,
		"restatements: Repeats within 30 days, the week to 16 March | 0 % of 1 | 0 % of 2 | "+late,
		"restatements: Repeats within 30 days, service web, the week to 16 March | 0 % of 1 | 0 % of 2 | "+late,
		"restatements: Repeats within 90 days, the week to 16 March | 0 % of 1 | 0 % of 2 | "+late,
		"restatements: Repeats within 90 days, service web, the week to 16 March | 0 % of 1 | 0 % of 2 | "+late,
		"restatements: Time to resolve, resolved, the week to 16 March | 2 | 3 | "+late,
		"restatements: Time to resolve, mean, the week to 16 March | 3 h from 2 | 2.3 h from 3 | "+late,
		"restatements: Time to resolve, typical, the week to 16 March | 3 h from 2 | 2 h from 3 | "+late,
		"restatements: Time to resolve, typical, service web, the week to 16 March | 4 h from 1 | 2.5 h from 2 | "+late)
	says("2026-03-23", byRule...)

	run("2026-04-06 06:00", "2026-04-06")
	says("2026-04-06")
	if got := query(t, dir, "srekpi.yml", `SELECT max(rows), uniqExactIf(version, kpi = 'recurrence_rate_30d') FROM (SELECT kpi, version, count() AS rows FROM published_definitions GROUP BY kpi, version, part)`); got != "1\t2" {
		t.Errorf("kept definitions: %s", got)
	}
}
