package simulate

import (
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// Nothing in the tools lies behind the end, or before its own beginning; status,
// resolution and due date are what the history of the issue ends with.
func TestToolsHangTogether(t *testing.T) {
	w := New(Seed, AsOf)
	site, account := w.Jira(), w.PagerDuty()
	ids, old := map[string]bool{}, []string{}
	for _, i := range site.Issues {
		if ids[i.ID] || ids[i.Key] {
			t.Errorf("%s %s is not the only one", i.ID, i.Key)
		}
		ids[i.ID], ids[i.Key] = true, true
		planned := strings.HasPrefix(i.Key, "CHG-") // weeks ahead, so before the history began
		if i.Created.Before(w.From) && !planned || i.Updated.After(w.To) || i.Updated.Before(i.Created) {
			t.Errorf("%s: created %v, updated %v", i.Key, i.Created, i.Updated)
		}
		at := i.Created
		status, resolution := "", ""
		for _, h := range i.Histories {
			if h.Created.Before(at) {
				t.Errorf("%s: %v comes after %v", i.Key, h.Created, at)
			}
			at = h.Created
			for _, item := range h.Items {
				switch item.Field {
				case "Key":
					old = append(old, item.FromString)
					if item.ToString != i.Key {
						t.Errorf("%s became %s", i.Key, item.ToString)
					}
				case "status":
					if status != "" && item.FromString != status {
						t.Errorf("%s moves from %s, and was %s", i.Key, item.FromString, status)
					}
					status = item.ToString
				case "resolution":
					if item.FromString != resolution {
						t.Errorf("%s: resolution from %q, and was %q", i.Key, item.FromString, resolution)
					}
					resolution = item.ToString
				}
			}
		}
		if now := i.Fields["status"].(jiraapi.Status).Name; status != "" && now != status {
			t.Errorf("%s is %s, its history says %s", i.Key, now, status)
		}
		said := ""
		if r, ok := i.Fields["resolution"].(map[string]any); ok {
			said = r["name"].(string)
		}
		if said != resolution || (i.Fields["resolutiondate"] == nil) != (said == "") {
			t.Errorf("%s: resolution %q, its history says %q", i.Key, said, resolution)
		}
	}
	for _, key := range old {
		if ids[key] {
			t.Errorf("%s was moved away, and is another one too", key)
		}
	}
	if len(old) < 3 {
		t.Errorf("%d issues were moved", len(old))
	}
	for _, l := range site.Worklogs {
		if !ids[l.IssueID] || l.Seconds <= 0 || l.Updated.After(w.To) || l.Started.Before(w.From) {
			t.Errorf("worklog %+v", *l)
		}
	}
	seen := map[string]bool{}
	for _, p := range account.Incidents {
		for _, e := range p.Entries {
			if seen[e.ID] || e.At.After(w.To) || e.At.Before(p.Created) || e.At.After(p.Updated) || e.Agent.ID == "" {
				t.Errorf("%s: %+v", p.ID, e)
			}
			seen[e.ID] = true
		}
		if len(p.Entries) == 0 || p.Entries[0].Type != "trigger" || seen[p.ID] {
			t.Errorf("%s begins with %+v", p.ID, p.Entries)
		}
		seen[p.ID] = true
	}
}
