package simulate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// trackerSite is the tracker's public address, and trackerZone the zone of the
// account that reads it.
const (
	trackerSite = "https://jira.larkspur.example"
	trackerZone = "Australia/Melbourne"
)

// trackerURL is where people open an issue.
func trackerURL(key string) string { return trackerSite + "/browse/" + key }

// Statuses of the tracker's workflows. Parked is what the yearly clean-up of
// tickets leaves behind: closed on a day, and never resolved.
var (
	toDo       = jiraapi.Status{ID: "10000", Name: "To Do", Category: "new"}
	inProgress = jiraapi.Status{ID: "3", Name: "In Progress", Category: "indeterminate"}
	inReview   = jiraapi.Status{ID: "10001", Name: "In Review", Category: "indeterminate"}
	reopened   = jiraapi.Status{ID: "4", Name: "Reopened", Category: "new"}
	resolved   = jiraapi.Status{ID: "5", Name: "Resolved", Category: "done"}
	closed     = jiraapi.Status{ID: "6", Name: "Closed", Category: "done"}
	done       = jiraapi.Status{ID: "10002", Name: "Done", Category: "done"}
	parked     = jiraapi.Status{ID: "10003", Name: "Parked", Category: "indeterminate"}
	scheduled  = jiraapi.Status{ID: "10010", Name: "Scheduled", Category: "new"}
	implement  = jiraapi.Status{ID: "10011", Name: "Implement", Category: "indeterminate"}
	review     = jiraapi.Status{ID: "10012", Name: "Review", Category: "indeterminate"}
	canceled   = jiraapi.Status{ID: "10013", Name: "Canceled", Category: "done"}
)

// Types of the tracker's custom fields.
const (
	selectField = "com.atlassian.jira.plugin.system.customfieldtypes:select"
	textField   = "com.atlassian.jira.plugin.system.customfieldtypes:textfield"
	urlField    = "com.atlassian.jira.plugin.system.customfieldtypes:url"
	timeField   = "com.atlassian.jira.plugin.system.customfieldtypes:datetime"
	numberField = "com.atlassian.jira.plugin.system.customfieldtypes:float"
	sprintField = "com.pyxis.greenhopper.jira:gh-sprint"
)

// customFields by the kinds of issue that have them: i incident, c change, t ticket.
var customFields = []struct{ name, custom, kind, of string }{
	{"Story Points", numberField, "number", "t"}, {"Sprint", sprintField, "array", "t"}, {"Team", selectField, "option", "ict"},
	{"Severity", selectField, "option", "i"}, {"Customer impact", selectField, "option", "i"}, {"Affected environment", selectField, "option", "ic"},
	{"Impact start", timeField, "datetime", "i"}, {"Impact end", timeField, "datetime", "i"}, {"Escalated on", timeField, "datetime", "i"},
	{"Closed on", timeField, "datetime", "ic"}, {"Root cause", selectField, "option", "i"}, {"Resolution notes", textField, "string", "i"}, {"Fix owner", selectField, "option", "i"},
	{"Detected by", selectField, "option", "i"}, {"Caused by change", textField, "string", "i"},
	{"Problem record", textField, "string", "i"}, {"Merged into", textField, "string", "i"}, {"Pager incident", urlField, "string", "i"},
	{"Change kind", selectField, "option", "c"}, {"Change type", selectField, "option", "c"}, {"Risk", selectField, "option", "c"},
	{"Outcome", selectField, "option", "c"}, {"Planned start", timeField, "datetime", "c"}, {"Planned end", timeField, "datetime", "c"},
	{"Actual start", timeField, "datetime", "c"}, {"Actual end", timeField, "datetime", "c"}, {"Hotfix of", textField, "string", "c"},
}

// Jira is the tracker's view of the history.
func (w *World) Jira() *jiraapi.Site {
	t := w.newTracker()
	for _, i := range w.Incidents {
		if i.Held.Tracker {
			t.incident(i)
		}
	}
	for _, c := range w.Changes {
		if !c.OnSheet() {
			t.change(c)
		}
	}
	for _, k := range w.Tickets {
		t.ticket(k)
	}
	for _, p := range w.Problems {
		t.problem(p)
	}
	for _, p := range w.PostMortems {
		t.postMortem(p)
	}
	for _, a := range w.Actions {
		t.action(a)
	}
	t.finish()
	return t.site
}

// tracker is a site in the making.
type tracker struct {
	world  *World
	site   *jiraapi.Site
	people map[string]jiraapi.User
	fields map[string]string // id by name
	cards  map[string]*card  // by key
	links  []link
}

// link is one of the tracker's: from says outward of to.
type link struct{ kind, from, to string }

var linkTypes = map[string]struct{ id, inward, outward string }{
	"Problem/Incident": {"10100", "is caused by", "causes"},
	"Relates":          {"10101", "relates to", "relates to"},
}

// automation is what moves issues when no person does.
var automation = jiraapi.User{AccountID: "557058:automation", Name: "Automation for Jira", App: true}

func (w *World) newTracker() *tracker {
	t := &tracker{
		world: w, people: map[string]jiraapi.User{}, fields: map[string]string{}, cards: map[string]*card{},
		site: &jiraapi.Site{
			Cloud: true, BaseURL: trackerSite, Zone: trackerZone, User: JiraUser, Token: JiraToken,
			Statuses: []jiraapi.Status{toDo, inProgress, inReview, reopened, resolved, closed, done, parked, scheduled, implement, review, canceled},
		},
	}
	for n, f := range customFields {
		id := fmt.Sprintf("customfield_%d", 10016+4*n)
		t.fields[f.name] = id
		t.site.Fields = append(t.site.Fields, jiraapi.Field{ID: id, Name: f.name, Custom: f.custom, Type: f.kind})
	}
	for n, p := range w.People {
		t.people[p.Handle] = jiraapi.User{AccountID: fmt.Sprintf("712020:%08x", 0x5f3c0000+n*7919), Name: p.Name(), Email: p.Email(), Zone: p.Zone}
	}
	return t
}

// user is a person by handle, or the automation.
func (t *tracker) user(handle string) jiraapi.User {
	if u, ok := t.people[handle]; ok {
		return u
	}
	return automation
}

// finish orders issues, gives ids, and adds links and worklogs.
func (t *tracker) finish() {
	all := slices.SortedFunc(maps.Values(t.cards), func(a, b *card) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Key, b.Key))
	})
	for n, c := range all {
		c.ID = strconv.Itoa(10001 + n)
	}
	linked := map[string][]any{}
	for n, l := range t.links {
		from, to := t.cards[l.from], t.cards[l.to]
		if from == nil || to == nil {
			continue
		}
		k := linkTypes[l.kind]
		end := func(of *card, direction string, other *card) {
			linked[of.Key] = append(linked[of.Key], map[string]any{
				"id":      strconv.Itoa(30001 + n),
				"type":    map[string]any{"id": k.id, "name": l.kind, "inward": k.inward, "outward": k.outward},
				direction: map[string]any{"id": other.ID, "key": other.Key, "fields": map[string]any{"summary": other.Fields["summary"], "issuetype": other.Fields["issuetype"]}},
			})
		}
		end(from, "outwardIssue", to)
		end(to, "inwardIssue", from)
	}
	for n, b := range t.world.Bookings {
		c := t.cards[b.Key]
		end := b.Started.Add(time.Duration(b.Seconds) * time.Second)
		log := &jiraapi.Worklog{
			ID: strconv.Itoa(40001 + n), IssueID: c.ID, Author: t.user(b.Person), Created: end, Updated: end, Started: b.Started, Seconds: b.Seconds, Deleted: b.Deleted,
		}
		t.site.Worklogs = append(t.site.Worklogs, log)
		c.seen(end)
		c.seen(b.Deleted)
	}
	histories, comments := 50001, 70001
	for _, c := range all {
		slices.SortStableFunc(c.Histories, func(a, b jiraapi.History) int { return a.Created.Compare(b.Created) })
		for n := range c.Histories {
			c.Histories[n].ID = strconv.Itoa(histories)
			histories++
		}
		slices.SortStableFunc(c.comments, func(a, b jiraapi.Comment) int { return a.Created.Compare(b.Created) })
		for n := range c.comments {
			c.comments[n].ID = strconv.Itoa(comments)
			comments++
		}
		c.Fields["status"], c.Fields["comment"], c.Updated = c.status, c.comments, c.latest
		c.Fields["issuelinks"] = linked[c.Key]
		if linked[c.Key] == nil {
			c.Fields["issuelinks"] = []any{}
		}
		t.site.Issues = append(t.site.Issues, c.Issue)
	}
}
