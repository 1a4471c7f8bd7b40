package jiraapi_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// long has an issue with 150 history entries, an hour apart, and one with a single
// entry in their midst.
func long(cloud bool) *jiraapi.Site {
	site := small(cloud)
	entry := func(id int, at time.Time) jiraapi.History {
		return jiraapi.History{ID: fmt.Sprint(id), Author: jiraapi.User{AccountID: "a1", Name: "Ann"}, Created: at,
			Items: []jiraapi.Item{{Field: "status", FieldID: "status", From: "1", FromString: "Open"}, {Field: "Severity", FieldID: "customfield_10042"}}}
	}
	for i := range 150 {
		site.Issues[0].Histories = append(site.Issues[0].Histories, entry(1000+i, noon.Add(time.Duration(i-200)*time.Hour)))
	}
	site.Issues[1].Histories = []jiraapi.History{entry(5000, noon.Add(-60*time.Hour))}
	return site
}

func TestExpandedChangelog(t *testing.T) {
	for _, c := range []struct {
		cloud         bool
		path          string
		n             int
		first, latest string
	}{
		{true, "search", 40, "1149", "1110"},
		{true, "issue", 100, "1149", "1050"},
		{false, "search", 150, "1000", "1149"},
		{false, "issue", 150, "1000", "1149"},
	} {
		j := serve(t, long(c.cloud), jiraapi.Options{})
		var log any
		if c.path == "issue" {
			log = j.get("/rest/api/2/issue/OPS-1?expand=changelog").at("changelog")
		} else {
			log = j.search("key = OPS-1", "expand=changelog").at("issues", 0, "changelog")
		}
		got := answer{json: log.(map[string]any)}
		ids := got.each("histories", "id")
		if len(ids) != c.n || ids[0] != c.first || ids[len(ids)-1] != c.latest || got.json["total"] != 150.0 {
			t.Errorf("cloud %v, %s: %d entries from %s to %s, total %v", c.cloud, c.path, len(ids), ids[0], ids[len(ids)-1], got.json["total"])
		}
		if id := got.at("histories", 0, "items", 0, "fieldId"); (id == "status") != c.cloud {
			t.Errorf("cloud %v: fieldId %v", c.cloud, id)
		}
	}
}

func TestIssueChangelog(t *testing.T) {
	j := serve(t, long(true), jiraapi.Options{})
	first := j.get("/rest/api/3/issue/OPS-1/changelog?maxResults=1000")
	last := j.get("/rest/api/3/issue/OPS-1/changelog?startAt=100")
	if n := len(first.each("values", "id")); n != 100 || first.json["maxResults"] != 100.0 || first.json["isLast"] != false || first.json["total"] != 150.0 {
		t.Errorf("first page: %d, %v %v", n, first.json["maxResults"], first.json["isLast"])
	}
	if ids := last.each("values", "id"); len(ids) != 50 || ids[0] != "1100" || last.json["isLast"] != true {
		t.Errorf("last page: %v %v", ids, last.json["isLast"])
	}
	if at := first.at("values", 0, "created"); at != "2026-09-28T00:00:00.000-0400" {
		t.Errorf("created %v", at)
	}
	if item := first.at("values", 0, "items", 0).(map[string]any); item["toString"] != nil || item["fromString"] != "Open" {
		t.Errorf("empty texts are null: %v", item)
	}
}

func TestBulkChangelog(t *testing.T) {
	site := long(true)
	site.Issues[2].Hidden = true
	j := serve(t, site, jiraapi.Options{})
	ask := func(more string) answer {
		return j.post("/rest/api/3/changelog/bulkfetch", `{"issueIdsOrKeys":["OPS-1","10002","10003","777"]`+more+`}`)
	}
	all := ask("")
	if ids := all.each("issueChangeLogs", "issueId"); fmt.Sprint(ids) != "[10001 10002]" || all.json["nextPageToken"] != nil {
		t.Errorf("issues %v, token %v", ids, all.json["nextPageToken"])
	}
	if at := all.at("issueChangeLogs", 0, "changeHistories", 0, "created"); at != float64(noon.Add(-200*time.Hour).UnixMilli()) {
		t.Errorf("created is %v, want milliseconds", at)
	}
	// a page is a number of entries of all issues, oldest first
	seen, token, sizes := map[string]int{}, "", ""
	for {
		page := ask(`,"maxResults":60` + token)
		for i, issue := range page.each("issueChangeLogs", "issueId") {
			n := len(page.at("issueChangeLogs", i, "changeHistories").([]any))
			seen[issue] += n
			sizes += fmt.Sprintf("%s:%d ", issue, n)
		}
		next, ok := page.json["nextPageToken"].(string)
		if !ok {
			break
		}
		token = `,"nextPageToken":"` + next + `"`
	}
	if sizes != "10001:60 10001:60 10001:30 10002:1 " || seen["10001"] != 150 {
		t.Errorf("pages %s", sizes)
	}
	if got := ask(`,"fieldIds":["status"]` + token); got.status != 400 {
		t.Errorf("the token of another request: %d", got.status)
	}
	if got := ask(`,"fieldIds":["customfield_10042"]`); strings.Contains(got.text, `"field":"status"`) || !strings.Contains(got.text, `"fieldtype":"custom"`) {
		t.Errorf("only Severity was asked for: %.300s", got.text)
	}
}

func TestWorklogFeeds(t *testing.T) {
	site := small(false)
	for i := range 1500 {
		at := noon.Add(time.Duration(i-1500) * time.Second)
		w := &jiraapi.Worklog{ID: fmt.Sprint(i + 1), IssueID: "10001", Created: at, Updated: at, Started: at, Seconds: 60}
		if i == 3 || i == 1499 {
			w.Deleted = at
		}
		site.Worklogs = append(site.Worklogs, w)
	}
	site.Issues[1].Hidden = true
	site.Worklogs[4].IssueID = "10002"
	j := serve(t, site, jiraapi.Options{})

	ms := func(i int) int64 { return noon.Add(time.Duration(i-1500) * time.Second).UnixMilli() }
	first := j.get("/rest/api/2/worklog/updated?since=0")
	if n := len(first.json["values"].([]any)); n != 1000 || first.json["lastPage"] != false || first.json["until"] != float64(ms(1001)) {
		t.Errorf("first page: %d, last %v, until %v", n, first.json["lastPage"], first.json["until"])
	}
	path := strings.TrimPrefix(first.json["nextPage"].(string), "https://jira.example.com")
	second := j.get(path)
	if got := second.at("values", 0, "worklogId"); got != 1002.0 {
		t.Errorf("the second page begins with %v, want the last one of the first page again", got)
	}
	// 1440 seconds of the 1500 are more than a minute ago
	if n := len(second.json["values"].([]any)); n != 440 || second.json["lastPage"] != true || second.json["until"] != float64(ms(1440)) {
		t.Errorf("second page: %d, until %v", n, second.json["until"])
	}
	if got := j.get("/rest/api/2/worklog/deleted?since=0"); fmt.Sprint(got.json["values"]) != fmt.Sprintf("[map[properties:[] updatedTime:%v worklogId:4]]", float64(ms(3))) {
		t.Errorf("deleted: %s", got.text)
	}
	if got := j.post("/rest/api/2/worklog/list", `{"ids":[1,4,5,9999]}`).text; strings.Count(got, `"id":`) != 1 || !strings.Contains(got, `"issueId":"10001"`) {
		t.Errorf("list gives what is there and may be seen: %s", got)
	}
	if got := j.get("/rest/api/2/issue/10001/worklog?maxResults=10"); len(got.each("worklogs", "id")) != 1497 {
		t.Errorf("Data Center knows no pages of worklogs: %d", len(got.each("worklogs", "id")))
	}
}

// An automation shows by the type of its account, on Cloud.
func TestChangelogOfAnApp(t *testing.T) {
	site := long(true)
	site.Issues[0].Histories[1].Author = jiraapi.User{AccountID: "557058:x", Name: "Automation for Jira", App: true}
	j := serve(t, site, jiraapi.Options{})
	log := j.get("/rest/api/3/issue/OPS-1/changelog")
	if person, app := log.at("values", 0, "author", "accountType"), log.at("values", 1, "author", "accountType"); person != "atlassian" || app != "app" {
		t.Errorf("a person is %v, an app %v", person, app)
	}
}
