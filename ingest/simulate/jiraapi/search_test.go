package jiraapi_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

func TestJQL(t *testing.T) {
	// 10001 OPS-1 Incident, 10002 REL-1 Change secret, 10003 OPS-2 Bug customer, 10004 OPS-3 Incident secret,
	// created at 8, 9, 10 and 11 o'clock UTC, which is 4, 5, 6 and 7 for the account, updated half a minute later
	for jql, want := range map[string]string{
		`project = OPS`:                         "1 3 4",
		`project = "ops TEAM"`:                  "1 3 4",
		`project in (OPS, REL)`:                 "1 2 3 4",
		`project != OPS`:                        "2",
		`type = Incident AND labels = secret`:   "4",
		`type = Incident OR labels = secret`:    "1 2 4",
		`issuetype in (Bug, "Change")`:          "2 3",
		`NOT labels = secret`:                   "1 3",
		`labels != secret`:                      "3", // leaves out those without labels, as Jira does
		`labels is empty or labels != secret`:   "1 3",
		`labels not in (secret, customer)`:      "",
		`project = OPS and not (type=Bug)`:      "1 4",
		`type=Bug or type=Change and labels=x`:  "3",
		`(type=Bug or type=Change) and id=3`:    "",
		`id in (10001, 10003)`:                  "1 3",
		`key = ops-3`:                           "4",
		`id > 10001`:                            "3 4", // by key number inside the project of 10001
		`id <= 10003`:                           "1 3",
		`key < OPS-3`:                           "1 3",
		`status = Closed`:                       "2 4",
		`status = 1`:                            "1 3",
		`statusCategory = Done`:                 "2 4",
		`statusCategory != "To Do"`:             "2 4",
		`Severity = "sev 1"`:                    "1",
		`cf[10042] = "SEV 2"`:                   "3",
		`updated >= "2026-10-06 05:00"`:         "2 3 4",
		`updated >= '2026/10/06 05:01'`:         "3 4",
		`updated > "2026-10-06 06:00"`:          "3 4",
		`updated < "2026-10-06 06:00"`:          "1 2",
		`created <= "2026-10-06 06:00"`:         "1 2 3",
		`created >= 2026-10-06`:                 "1 2 3 4",
		`updated >= 1791280830000`:              "3 4",
		`updated >= 1791280830001`:              "4",
		`updated >= -2h`:                        "3 4",
		`created >= -3d and created < "-1h 1m"`: "1 2 3",
	} {
		for _, cloud := range []bool{true, false} {
			j := serve(t, small(cloud), jiraapi.Options{})
			if strings.Contains(jql, "id=3") && !cloud {
				continue // refused there
			}
			got := j.search(jql+" order by created", "fields=id")
			var ids []string
			for _, id := range got.each("issues", "id") {
				ids = append(ids, strings.TrimPrefix(id, "1000"))
			}
			if strings.Join(ids, " ") != want || got.status != 200 {
				t.Errorf("%s: %v, want %s (%d %.200s)", jql, ids, want, got.status, got.text)
			}
		}
	}
}

func TestJQLThatIsRefused(t *testing.T) {
	for jql, says := range map[string]string{
		`updated >= "2026-10-06 05:00:00"`: "Date value '2026-10-06 05:00:00' for field 'updated' is invalid. Valid formats include",
		`updated >= "1791280830000"`:       "is invalid. Valid formats include",
		`updated >= "2026-10-06T05:00"`:    "is invalid",
		`project`:                          "Expecting operator before the end of the query.",
		`project = OPS AND`:                "Expecting a field name before the end",
		`project = OPS type = Bug`:         "Expecting either 'OR' or 'AND' but got 'type'. (line 1, character 15)",
		`(project = OPS`:                   "Expecting ')'",
		`project = "OPS`:                   "The quoted string 'OPS' has not been completed.",
		`project = OPS and summary ~ x`:    "Error in the JQL Query: this Jira does not know the operator '~'",
		`updated >= startOfDay()`:          "Error in the JQL Query: this Jira does not know the function 'startOfDay'",
		`status = Nowhere`:                 "The value 'Nowhere' does not exist for the field 'status'.",
		`Sevrity = x`:                      "Field 'Sevrity' does not exist or you do not have permission to view it.",
		`project = OPS order by rank`:      "Not able to sort using field 'rank'.",
		`project = and`:                    "surround 'and' in quotation marks",
		`labels > x`:                       "The operator '>' is not supported by the 'labels' field.",
		`project = SECRET`:                 "The value 'SECRET' does not exist", // its only issue is hidden
	} {
		site := small(true)
		site.Issues = append(site.Issues, &jiraapi.Issue{ID: "99", Key: "SECRET-1", Hidden: true})
		got := serve(t, site, jiraapi.Options{}).search(jql)
		if message, _ := got.at("errorMessages", 0).(string); got.status != 400 || !strings.Contains(message, says) {
			t.Errorf("%s: %d %s, want %q", jql, got.status, got.text, says)
		}
	}
	j := serve(t, small(false), jiraapi.Options{})
	for jql, says := range map[string]string{
		"id in (10001, 777)": "A value with ID '777' does not exist for the field 'id'.",
		"key = OPS-77":       "An issue with key 'OPS-77' does not exist for field 'key'.",
	} {
		if got := j.search(jql); got.status != 400 || !strings.Contains(got.text, says) {
			t.Errorf("Data Center, %s: %d %s", jql, got.status, got.text)
		}
	}
	if got := j.search(""); got.status != 200 || got.json["total"] != 4.0 {
		t.Errorf("Data Center allows a search for everything: %s", got.text)
	}
}

func TestSample(t *testing.T) {
	site := jiraapi.Sample(500, noon)
	histories := 0
	for _, i := range site.Issues {
		histories += len(i.Histories)
		if i.Updated.After(noon) {
			t.Errorf("%s was updated after the end", i.Key)
		}
	}
	if len(site.Issues) != 500 || len(site.Worklogs) != 500 || histories < 1800 || histories > 2200 {
		t.Errorf("%d issues, %d worklogs, %d histories", len(site.Issues), len(site.Worklogs), histories)
	}
	page := func() string {
		return serve(t, jiraapi.Sample(500, noon), jiraapi.Options{}).search("created > 0 order by id", "fields=*all", "expand=changelog").text
	}
	if page() != page() {
		t.Error("two samples differ")
	}
}

func TestZonesOfJQL(t *testing.T) {
	site := small(true)
	site.Zone = "Europe/Berlin"
	for i, at := range []string{"2026-10-25T00:15:00Z", "2026-10-25T01:15:00Z", "2026-03-29T01:15:00Z", "2026-03-29T00:15:00Z"} {
		site.Issues[i].Updated, _ = time.Parse(time.RFC3339, at)
	}
	j := serve(t, site, jiraapi.Options{})
	for jql, want := range map[string]int{
		`updated >= "2026-10-25 02:00"`: 2, // comes twice: the first one counts
		`updated >= "2026-10-25 03:00"`: 0,
		`updated >= "2026-03-29 02:00"`: 3, // does not exist: 03:00
		`updated >= "2026-03-29 02:30"`: 2,
		`updated >= "2026-03-29 01:00"`: 4,
	} {
		if got := j.search(jql).each("issues", "id"); len(got) != want {
			t.Errorf("%s: %v, want %d", jql, got, want)
		}
	}
}

func TestCloudSearchPages(t *testing.T) {
	j := serve(t, jiraapi.Sample(6000, noon), jiraapi.Options{})
	for _, c := range []struct {
		parameters string
		size       int
	}{
		{"", 50}, {"maxResults=5000", 5000}, {"maxResults=6000&fields=id,key", 5000}, {"maxResults=5000&fields=summary", 100},
		{"maxResults=5000&expand=changelog", 100}, {"maxResults=7&fields=*all,-worklog", 7},
	} {
		got := j.search("created > 0", c.parameters)
		if n := len(got.each("issues", "id")); n != c.size {
			t.Errorf("%s: %d issues, want %d", c.parameters, n, c.size)
		}
		if _, ok := got.json["total"]; ok {
			t.Errorf("%s: has a total", c.parameters)
		}
	}
	if got := j.search("created > 0 order by created", "maxResults=1").text; !strings.HasPrefix(got, `{"issues":[{"id":"10000"}],"nextPageToken":"`) {
		t.Errorf("an issue without fields: %s", got)
	}
}

func TestCloudSearchTokens(t *testing.T) {
	j := serve(t, small(true), jiraapi.Options{SearchPage: 2})
	jql := "created > 0 order by updated"
	first := j.search(jql, "fields=key")
	token, _ := first.json["nextPageToken"].(string)
	next := "fields=key&nextPageToken=" + url.QueryEscape(token)
	// the cursor stands behind the last issue, whatever happens before and after
	j.Update(func(s *jiraapi.Site) { s.Issues[0].Updated = noon })
	second := j.search(jql, next)
	if got := append(first.each("issues", "key"), second.each("issues", "key")...); fmt.Sprint(got) != "[OPS-1 REL-1 OPS-2 OPS-3]" {
		t.Errorf("pages %v", got)
	}
	if first.json["isLast"] != false || second.json["isLast"] != false || second.json["nextPageToken"] == nil {
		t.Errorf("OPS-1 moved to the end, so the second page is not the last: %s", second.text)
	}
	if got := j.search("created > 1 order by updated", next); got.status != 400 {
		t.Errorf("the token of another query: %d", got.status)
	}
	j.now = j.now.Add(8 * 24 * time.Hour)
	if got := j.search(jql, next); got.status != 400 {
		t.Errorf("a token of eight days: %d", got.status)
	}
	for mode, want := range map[jiraapi.IsLast]any{jiraapi.IsLastTrue: true, jiraapi.IsLastFalse: false, jiraapi.IsLastOmitted: nil} {
		j := serve(t, small(true), jiraapi.Options{IsLast: mode})
		if got := j.search("created > 0").json; got["isLast"] != want || got["nextPageToken"] != nil {
			t.Errorf("isLast %v: %v", mode, got)
		}
	}
}

func TestDataCenterSearch(t *testing.T) {
	site := jiraapi.Sample(1200, noon)
	site.Cloud = false
	j := serve(t, site, jiraapi.Options{})
	for _, c := range []struct {
		parameters   string
		size, echoed int
	}{
		{"", 50, 50}, {"maxResults=5000", 1000, 1000}, {"maxResults=0", 0, 0}, {"maxResults=-1", 1000, 1000},
		{"startAt=1150&maxResults=100", 50, 100}, {"startAt=5000", 0, 50},
	} {
		got := j.search("order by key", c.parameters)
		if n := len(got.each("issues", "id")); n != c.size || got.json["maxResults"] != float64(c.echoed) || got.json["total"] != 1200.0 {
			t.Errorf("%s: %d issues, maxResults %v, total %v", c.parameters, n, got.json["maxResults"], got.json["total"])
		}
	}
	got := j.post("/rest/api/2/search", `{"jql":"project = OPS order by key","fields":["assignee"],"expand":["changelog"],"maxResults":1}`)
	if name := got.at("issues", 0, "fields", "assignee", "name"); name == nil || got.at("issues", 0, "fields", "assignee", "accountId") != nil {
		t.Errorf("people have names and no account ids there: %s", got.text)
	}
	if got.at("issues", 0, "changelog", "histories", 0, "id") == nil {
		t.Errorf("no changelog: %s", got.text)
	}
}

func TestFieldsOfASearch(t *testing.T) {
	site := small(true)
	issue := site.Issues[0]
	issue.Fields["description"] = "broken"
	var comments []jiraapi.Comment
	for i := range 25 {
		comments = append(comments, jiraapi.Comment{ID: fmt.Sprint(i), Body: "hm", Created: noon})
		site.Worklogs = append(site.Worklogs, &jiraapi.Worklog{ID: fmt.Sprint(100 + i), IssueID: issue.ID, Created: noon.Add(time.Duration(-i) * time.Hour), Seconds: 12000})
	}
	issue.Fields["comment"] = comments
	j := serve(t, site, jiraapi.Options{})
	for fields, want := range map[string][]string{
		"summary":                  {"summary"},
		"summary,nonsense":         {"summary"},
		"*navigable,-labels":       {"created", "customfield_10042", "description", "issuetype", "project", "status", "summary", "updated"},
		"-labels,-description":     {"created", "customfield_10042", "issuetype", "project", "status", "summary", "updated"},
		"*all,-worklog,-project":   {"comment", "created", "customfield_10042", "description", "issuetype", "labels", "status", "summary", "updated"},
		"updated&fields=worklog":   {"updated", "worklog"},
		"comment,customfield_1004": {"comment"},
	} {
		got := j.search("key = OPS-1", "fields="+fields)
		var names []string
		object, _ := got.at("issues", 0, "fields").(map[string]any)
		for name := range object {
			names = append(names, name)
		}
		slices.Sort(names)
		if !slices.Equal(names, want) {
			t.Errorf("fields=%s: %v, want %v", fields, names, want)
		}
	}
	got := j.search("key = OPS-1", "fields=comment,worklog")
	for field, list := range map[string]string{"comment": "comments", "worklog": "worklogs"} {
		inside, _ := got.at("issues", 0, "fields", field, list).([]any)
		if len(inside) != 20 || got.at("issues", 0, "fields", field, "total") != 25.0 {
			t.Errorf("%s: %d of %v", field, len(inside), got.at("issues", 0, "fields", field, "total"))
		}
	}
	if logs := j.get("/rest/api/2/issue/OPS-1/worklog?startAt=5"); len(logs.each("worklogs", "id")) != 20 || logs.at("worklogs", 0, "timeSpent") != "3h 20m" || logs.at("worklogs", 0, "id") != "119" {
		t.Errorf("worklogs: %s", logs.text)
	}
	if all := j.get("/rest/api/2/issue/OPS-1/comment?maxResults=1000"); len(all.each("comments", "id")) != 25 || all.json["maxResults"] != 100.0 {
		t.Errorf("comments: %s", all.text)
	}
	rich := j.get("/rest/api/3/search/jql?fields=description&jql=key=OPS-1").at("issues", 0, "fields", "description", "content", 0, "content", 0, "text")
	if rich != "broken" {
		t.Errorf("version 3 sends the description as a document: %v", rich)
	}
}
