package main

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// TestOptionsOfIngest goes through what can be asked of ingest, up to the marts.
func TestOptionsOfIngest(t *testing.T) {
	t.Parallel()
	c := serve(t, simulate.AsOf.AddDate(0, 0, -60), simulate.AsOf, pagerdutyapi.Options{})
	dir := c.trial(t, three)
	// ask is one figure of what was published last.
	ask := func(sql string) string { t.Helper(); return query(t, dir, "srekpi.yml", sql) }
	transform := func() { t.Helper(); srekpi(t, dir, exitDone, "transform", "--as-of", asOf) }

	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"--source", "jra"}, "srekpi: --source jra: srekpi.yml has no source of this name; it has jira, pagerduty, sheet\n"},
		{[]string{"--source", "jira,jra"}, "srekpi: --source jra: srekpi.yml has no source of this name; it has jira, pagerduty, sheet\n"},
		{[]string{"--since", "yesterday"}, "srekpi: --since \"yesterday\" is neither a number of days nor a past date; write 400d, or 2025-01-31\n"},
	} {
		if code, log := logged(t, dir, append([]string{"ingest"}, x.args...)...); code != exitUsage || log != x.want {
			t.Errorf("%v: exit code %d: %s", x.args, code, log)
		}
	}
	if n := c.asked(); n != 0 {
		t.Errorf("%d requests for a mistake of usage", n)
	}

	// One source alone.
	srekpi(t, dir, exitDone, "ingest", "--source", "jira")
	if got := ask("SELECT arrayStringConcat(arraySort(groupUniqArray(source)), ' ') FROM sync_runs"); got != "jira" || len(c.pagerduty.Requests()) > 0 {
		t.Errorf("--source jira touched %s, and PagerDuty with %v", got, c.pagerduty.Requests())
	}

	// What a run of an API keeps of itself: two of its requests are sent again,
	// and one of its records has no id.
	c.pagerduty.Update(func(a *pagerdutyapi.Account) {
		a.ChangeEvents = append(a.ChangeEvents, pagerdutyapi.ChangeEvent{At: simulate.AsOf.Add(-time.Hour), Summary: "nameless"})
	})
	c.atPagerDuty.put(misbehave.Handler(c.pagerduty, misbehave.First(misbehave.TooMany, misbehave.None, misbehave.Unavailable503), http.Header{"Retry-After": {"1"}}))
	srekpi(t, dir, exitPartial, "ingest", "--source", "pagerduty")
	c.atPagerDuty.put(nil)
	answered := 0
	for _, n := range c.pagerduty.Requests() {
		answered += n
	}
	landed := ask("SELECT count() FROM raw_records WHERE source = 'pagerduty'")
	want := fmt.Sprintf("complete\t%d\t2\t1\t%s\t1\t1\t2026-09-20 00:00:00.000\t%s", answered+2, landed, simulate.AsOf.Format("2006-01-02 15:04:05.000"))
	if got := ask("SELECT status, requests, retries, bytes > 100000, records, quarantined, isNotNull(ended_at), covers_from, covers_to FROM sync_runs FINAL WHERE source = 'pagerduty'"); got != want {
		t.Errorf("sync_runs: %s\nwant       %s", got, want)
	}
	if got := ask("SELECT entity, reason, position(payload, 'nameless') > 0 FROM quarantine"); got != "change_event\tthe record has no id\t1" {
		t.Errorf("quarantine: %s", got)
	}

	// --full asks for all of it again, and changes nothing.
	asked := func(args ...string) int {
		t.Helper()
		from := c.asked()
		srekpi(t, dir, exitDone, append([]string{"ingest"}, args...)...)
		return c.asked() - from
	}
	current := published(t, dir, raw)["current raw payloads"]
	again, full := asked("--source", "pagerduty"), asked("--source", "pagerduty", "--full")
	if again > 20 || full != answered {
		t.Errorf("%d requests, then %d with nothing new and %d with --full", answered, again, full)
	}
	if now := published(t, dir, raw)["current raw payloads"]; !slices.Equal(now, current) {
		t.Errorf("--full: %d records, before %d", len(now), len(current))
	}

	// An issue with hours and an incident are hidden, and shown again.
	var issue *jiraapi.Issue
	var incident *pagerdutyapi.Incident
	c.jira.Update(func(s *jiraapi.Site) {
		for _, w := range s.Worklogs {
			for _, i := range s.Issues {
				if issue == nil && i.ID == w.IssueID && w.Deleted.IsZero() && i.Created.After(simulate.AsOf.AddDate(0, 0, -10)) {
					issue = i
				}
			}
		}
	})
	c.pagerduty.Update(func(a *pagerdutyapi.Account) {
		for _, i := range a.Incidents {
			if i.Status == "resolved" && i.Created.After(simulate.AsOf.AddDate(0, 0, -10)) {
				incident = i
			}
		}
	})
	if issue == nil || incident == nil {
		t.Fatal("the company has nothing to hide")
	}
	shown := fmt.Sprintf(`SELECT
		(SELECT count() FROM tickets WHERE key = '%s'), (SELECT count() > 0 FROM worklogs WHERE ticket_id = 'jira:%s'),
		(SELECT count() FROM incident_sources WHERE source = 'pagerduty' AND record_id = '%s'), (SELECT count() > 0 FROM incident_events WHERE incident_id = 'pagerduty:%[3]s')`,
		issue.Key, issue.ID, incident.ID)
	const tally = "SELECT (SELECT count() FROM tickets) + (SELECT count() FROM incidents) + (SELECT count() FROM worklogs) + (SELECT count() FROM incident_events) + (SELECT count() FROM pages)"
	srekpi(t, dir, exitDone, "ingest", "--source", "sheet")
	transform()
	before := ask(tally)
	if got := ask(shown); got != "1\t1\t1\t1" {
		t.Fatalf("before: %s", got)
	}
	hide := func(hidden bool) {
		c.jira.Update(func(*jiraapi.Site) { issue.Hidden = hidden })
		c.pagerduty.Update(func(a *pagerdutyapi.Account) {
			a.Incidents = slices.DeleteFunc(a.Incidents, func(i *pagerdutyapi.Incident) bool { return i == incident })
			if !hidden {
				a.Incidents = append(a.Incidents, incident)
			}
		})
	}
	hide(true)
	srekpi(t, dir, exitDone, "ingest", "--census")
	transform()
	if got := ask(shown); got != "0\t0\t0\t0" {
		t.Errorf("hidden: %s", got)
	}
	hide(false)
	srekpi(t, dir, exitDone, "ingest", "--census")
	// Reaching further back brings what is older, and loses nothing.
	const oldest = "SELECT toDate(min(updated_at)) FROM raw_records WHERE source = 'jira' AND entity = 'issue'"
	if got := ask(oldest); got < "2026-09-20" {
		t.Errorf("an issue of %s is there before --since asks for it", got)
	}
	srekpi(t, dir, exitDone, "ingest", "--since", "2026-09-10")
	if got := ask(oldest); got < "2026-09-10" || got > "2026-09-12" {
		t.Errorf("the oldest issue is of %s", got)
	}
	if got := ask("SELECT DISTINCT toDate(covers_from) FROM sync_runs FINAL WHERE covers_from IS NOT NULL AND run_id = (SELECT max(run_id) FROM sync_runs)"); got != "2026-09-10" {
		t.Errorf("the last run covers from %s", got)
	}
	transform()
	if got := ask(shown); got != "1\t1\t1\t1" {
		t.Errorf("shown again: %s", got)
	}
	if after := ask(tally); len(after) < len(before) || len(after) == len(before) && after <= before {
		t.Errorf("%s rows in the marts, before --since %s", after, before)
	}
}
