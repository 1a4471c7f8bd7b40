package simulate

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// What the ledger counts without looking at the tools is what they hold.
func TestLedgerCountsWhatTheToolsHold(t *testing.T) {
	w := New(Seed, AsOf)
	site, account := w.Jira(), w.PagerDuty()
	l := w.Ledger(time.UTC)
	n := l.Tools
	count := map[string]int{}
	for _, i := range site.Issues {
		kind := i.Fields["issuetype"].(map[string]any)["name"].(string)
		labels := i.Fields["labels"].([]string)
		switch {
		case slices.Contains(labels, "staging"):
			kind = "ticket"
		case slices.Contains(labels, "postmortem-action"):
			kind = "action"
			due := i.Fields["duedate"].(string)
			final := inTracker(site, i).final
			if due < w.To.Format(time.DateOnly) {
				count["due"]++
				if !final.IsZero() && final.Format(time.DateOnly) <= due {
					count["kept"]++
				}
			}
		case strings.HasPrefix(i.Key, "INC-"):
			kind = "incident"
		case strings.HasPrefix(i.Key, "CHG-"):
			kind = "change"
			if i.Updated.Before(w.From) {
				kind = "change of before"
			}
		case kind != "Problem" && kind != "Post-mortem":
			kind = "ticket"
		}
		count[kind]++
	}
	var hours, want float64
	for _, b := range site.Worklogs {
		if b.Deleted.IsZero() {
			count["worklog"]++
			hours += float64(b.Seconds) / 3600
		}
	}
	for _, h := range n.Hours {
		want += h
	}
	type call struct{ incident, person string }
	calls := map[call]int{}
	for _, p := range account.Incidents {
		if strings.HasSuffix(p.Service.Name, stagingSuffix) {
			continue
		}
		count["paged"]++
		for _, e := range p.Entries {
			if e.Type == "notify" {
				calls[call{p.ID, e.User.ID}]++
				count["notified"]++
			}
		}
	}
	notified := 0
	for _, p := range n.Pages {
		notified += len(p.At)
	}
	type shift struct {
		schedule, user string
		start          time.Time
	}
	shifts := map[shift]bool{}
	for _, o := range account.Oncalls {
		if o.Schedule != nil {
			shifts[shift{o.Schedule.ID, o.User.ID, o.Start}] = true
		}
	}
	for what, c := range map[string][2]int{
		"tickets": {n.Tickets, count["ticket"]}, "actions": {n.Actions, count["action"]}, "actions due": {n.ActionsDue, count["due"]},
		"actions kept": {n.ActionsKept, count["kept"]}, "post-mortems": {n.PostMortems, count["Post-mortem"]}, "problems": {n.Problems, count["Problem"]},
		"incidents in the tracker": {n.OnlyTracker + n.Both, count["incident"]}, "changes": {l.Changes, count["change"]},
		"incidents in the pager": {n.OnlyPager + n.Both, count["paged"]}, "worklogs": {n.Bookings, count["worklog"]}, "tenths of hours": {int(10*want + .5), int(10*hours + .5)},
		"pages": {len(n.Pages), len(calls)}, "messages": {notified, count["notified"]}, "shifts": {n.Shifts, len(shifts)},
		"change events": {n.ChangeEvents, len(account.ChangeEvents)}, "incidents": {l.Incidents, n.OnlyPager + n.OnlyTracker + n.Both + n.Staging},
	} {
		if c[0] != c[1] || c[0] == 0 {
			t.Errorf("%s: the ledger says %d, the tools hold %d", what, c[0], c[1])
		}
	}
	t.Logf("%+v", count)
	t.Log("hours", n.Hours, "links", len(n.Links), "pages", len(n.Pages), "shifts", n.Shifts)
}

// Links in the tools, by either record, are the ledger's.
func TestLinksStandInTheTools(t *testing.T) {
	w := New(Seed, AsOf)
	site, account := w.Jira(), w.PagerDuty()
	found := map[Link]bool{}
	mention := func(text, incident string) {
		for _, key := range changeKey.FindAllString(text, -1) {
			found[Link{key, incident, Mentioned}] = true
		}
	}
	for _, i := range site.Issues {
		if !strings.HasPrefix(i.Key, "INC-") {
			continue
		}
		if by, ok := i.Fields[fieldID(site, "Caused by change")].(string); ok {
			found[Link{by, i.Key, Explicit}] = true
		}
		for _, l := range i.Fields["issuelinks"].([]any) {
			link := l.(map[string]any)
			other, in := link["inwardIssue"].(map[string]any)
			if in && link["type"].(map[string]any)["name"] == "Problem/Incident" && strings.HasPrefix(other["key"].(string), "CHG-") {
				found[Link{other["key"].(string), i.Key, Explicit}] = true
			}
		}
		mention(i.Fields["summary"].(string), i.Key)
		for _, c := range i.Fields["comment"].([]jiraapi.Comment) {
			mention(c.Body, i.Key)
		}
	}
	for _, p := range account.Incidents {
		mention(p.Title, "INC-"+strconv.Itoa(p.Number))
		for _, e := range p.Entries {
			mention(e.Note, "INC-"+strconv.Itoa(p.Number))
		}
	}
	want := w.Ledger(time.UTC).Tools.Links
	grades := map[string]int{}
	for _, l := range want {
		if !found[l] {
			t.Errorf("%+v stands in no tool", l)
		}
		delete(found, l)
		grades[l.Grade]++
	}
	if len(found) > 0 || grades[Explicit] < 15 || grades[Mentioned] < 15 {
		t.Errorf("not in the ledger: %v; of each grade: %v", found, grades)
	}
	t.Log(grades)
}

// What the pipeline told the pager is in the tracker too, and each says when it
// was done.
func TestChangeEventsAreOfChanges(t *testing.T) {
	w := New(Seed, AsOf)
	site, account := w.Jira(), w.PagerDuty()
	byURL := map[string]*jiraapi.Issue{}
	for _, i := range site.Issues {
		byURL[site.BaseURL+"/browse/"+i.Key] = i
	}
	seen := map[string]bool{}
	for _, e := range account.ChangeEvents {
		if len(e.Links) != 1 || byURL[e.Links[0].URL] == nil || seen[e.Links[0].URL] || seen[e.ID] {
			t.Fatalf("%+v", e)
		}
		seen[e.ID], seen[e.Links[0].URL] = true, true
		i := byURL[e.Links[0].URL]
		if ended := i.Fields[fieldID(site, "Actual end")]; ended != e.At || i.Fields["summary"] != e.Summary {
			t.Errorf("%s ended at %v, its event is of %v", i.Key, ended, e.At)
		}
	}
	if len(seen) < 2*100 {
		t.Errorf("only %d change events", len(seen)/2)
	}
}
