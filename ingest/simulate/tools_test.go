package simulate

import (
	"encoding/json"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

func TestSameSeedSameTools(t *testing.T) {
	one, two := New(Seed, AsOf), New(Seed, AsOf)
	if !reflect.DeepEqual(one, two) {
		t.Error("the history differs between two runs")
	}
	first, err := json.Marshal([]any{one.Jira(), one.PagerDuty()})
	if err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal([]any{two.Jira(), two.PagerDuty()})
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Error("the tools differ between two runs")
	}
}

// lives is what a tool's own steps tell of an incident.
type lives struct {
	created, acknowledged, first, final time.Time
	reopened                            []time.Time
}

// inTracker reads an issue's changelog as the definitions say: the resolution
// field decides, the first move into a doing status is the acknowledgement.
func inTracker(site *jiraapi.Site, i *jiraapi.Issue) lives {
	categories := map[string]string{}
	for _, s := range site.Statuses {
		categories[s.ID] = s.Category
	}
	l := lives{created: i.Created}
	for _, h := range i.Histories {
		for _, item := range h.Items {
			switch {
			case item.Field == "resolution" && item.To != "":
				l.final = h.Created
				if l.first.IsZero() {
					l.first = h.Created
				}
			case item.Field == "resolution":
				l.final, l.reopened = time.Time{}, append(l.reopened, h.Created)
			case item.Field == "status" && categories[item.To] == "indeterminate" && l.acknowledged.IsZero() && item.To != parked.ID:
				l.acknowledged = h.Created
			}
		}
	}
	return l
}

func inPager(i *pagerdutyapi.Incident) lives {
	var l lives
	for _, e := range i.Entries {
		switch {
		case e.Type == "trigger":
			l.created = e.At
		case e.Type == "acknowledge" && e.Agent.Type == "user_reference" && l.acknowledged.IsZero():
			l.acknowledged = e.At
		case e.Type == "resolve":
			l.first, l.final = e.At, e.At
		}
	}
	return l
}

// Read as the definitions say, the two tools tell the history: the pager the
// start and the acknowledgement, the tracker the resolution where it has one.
func TestToolsTellTheHistory(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2} {
		w := New(seed, AsOf)
		site, account := w.Jira(), w.PagerDuty()
		issues := map[string]*jiraapi.Issue{}
		for _, i := range site.Issues {
			if issues[i.Key] != nil {
				t.Fatalf("%s is there twice", i.Key)
			}
			issues[i.Key] = i
		}
		pages := map[string]*pagerdutyapi.Incident{}
		ids := map[string]string{} // of the pager: key
		for _, p := range account.Incidents {
			key := "INC-" + strconv.Itoa(p.Number)
			pages[key], ids[p.ID] = p, key
		}
		apart := 0
		for _, i := range w.Incidents {
			issue, page := issues[i.Key], pages[i.Key]
			if (issue != nil) != i.Held.Tracker || (page != nil) != i.Held.Pager || issue == nil && page == nil {
				t.Fatalf("%s: in the tracker %v, in the pager %v, held %+v", i.Key, issue != nil, page != nil, i.Held)
			}
			var got lives
			if issue != nil {
				got = inTracker(site, issue)
			}
			if page != nil {
				paged := inPager(page)
				if issue == nil {
					got = paged
				} else {
					if !got.final.Equal(paged.final) {
						apart++
					}
					if !i.Resolved.IsZero() && paged.final.After(i.FirstResolved) && i.Story != StoryNegative && i.MergedInto == "" {
						t.Errorf("%s: the page ends after the ticket", i.Key)
					}
					if got.final.IsZero() && !paged.final.IsZero() {
						t.Errorf("%s: open as a ticket and resolved as a page", i.Key)
					}
				}
				got.created, got.acknowledged = paged.created, paged.acknowledged
			}
			want := lives{created: i.Created, acknowledged: i.Acknowledged, first: i.FirstResolved, final: i.Resolved}
			if i.MergedInto != "" {
				want.first, want.final = i.Closed, i.Closed
			}
			for _, r := range i.Reopenings {
				want.reopened = append(want.reopened, r.At)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s (%s) %+v:\n got %v\nwant %v", i.Key, i.Story, i.Held, got, want)
			}
			if i.Held.Both() {
				refers := len(page.External) == 1 && page.External[0].URL == trackerURL(i.Key)
				referred := issue.Fields[fieldID(site, "Pager incident")] == account.Site+"/incidents/"+page.ID
				if refers != i.Held.PagerNames || referred != i.Held.TrackerNames || !refers && !referred {
					t.Errorf("%s: the page refers %v, the ticket refers %v, held %+v", i.Key, refers, referred, i.Held)
				}
			}
			if page != nil && page.MergedInto != "" && ids[page.MergedInto] != i.MergedInto {
				t.Errorf("%s was merged into %s, not %s", i.Key, ids[page.MergedInto], i.MergedInto)
			}
			if page != nil && page.Entries[len(page.Entries)-1].Target != page.MergedInto {
				t.Errorf("%s: merged into %q, and its last step into %q", i.Key, page.MergedInto, page.Entries[len(page.Entries)-1].Target)
			}
			if i.AlertKey != "" && page != nil && page.Key != i.AlertKey {
				t.Errorf("%s: incident key %q", i.Key, page.Key)
			}
		}
		if apart < 30 {
			t.Errorf("seed %d: only %d incidents are resolved at other times in the two tools", seed, apart)
		}
		n := w.Ledger(time.UTC).Tools
		if n.OnlyPager < 40 || n.OnlyTracker < 100 || n.Both < 100 {
			t.Errorf("seed %d: %d only paged, %d only written down, %d both", seed, n.OnlyPager, n.OnlyTracker, n.Both)
		}
		t.Logf("seed %d: %d issues, %d worklogs, %d pages, only pager %d, only tracker %d, both %d", seed, len(site.Issues), len(site.Worklogs), len(account.Incidents), n.OnlyPager, n.OnlyTracker, n.Both)
	}
}

func fieldID(site *jiraapi.Site, name string) string {
	for _, f := range site.Fields {
		if f.Name == name {
			return f.ID
		}
	}
	return ""
}
