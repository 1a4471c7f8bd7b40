package jiraapi_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

var noon = time.Date(2026, 10, 6, 12, 0, 0, 0, time.UTC)

// jira is a served site with a clock that a test turns.
type jira struct {
	testing.TB
	*jiraapi.Server
	site *jiraapi.Site
	http *httptest.Server
	now  time.Time
}

type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func serve(t testing.TB, site *jiraapi.Site, o jiraapi.Options) *jira {
	j := &jira{TB: t, site: site, now: noon}
	if site.BaseURL == "" {
		site.BaseURL = "https://jira.example.com"
	}
	site.User, site.Token = "bot@example.com", "secret"
	o.Clock = func() time.Time { return j.now }
	j.Server = jiraapi.New(site, o)
	j.http = httptest.NewServer(j.Server)
	t.Cleanup(j.http.Close)
	return j
}

func (j *jira) do(method, path, body string, authorize func(*http.Request)) answer {
	j.Helper()
	r, err := http.NewRequest(method, j.http.URL+path, strings.NewReader(body))
	if err != nil {
		j.Fatal(err)
	}
	authorize(r)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		j.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		j.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(raw)}
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") && strings.HasPrefix(a.text, "{") {
		if err := json.Unmarshal(raw, &a.json); err != nil {
			j.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
	return a
}

func (j *jira) sign(r *http.Request) {
	if j.site.Cloud {
		r.SetBasicAuth("bot@example.com", "secret")
	} else {
		r.Header.Set("Authorization", "Bearer secret")
	}
}

func (j *jira) get(path string) answer        { j.Helper(); return j.do("GET", path, "", j.sign) }
func (j *jira) post(path, body string) answer { j.Helper(); return j.do("POST", path, body, j.sign) }

func (j *jira) search(jql string, parameters ...string) answer {
	j.Helper()
	path := "/rest/api/2/search?"
	if j.site.Cloud {
		path = "/rest/api/2/search/jql?"
	}
	return j.get(path + strings.Join(append(parameters, "jql="+url.QueryEscape(jql)), "&"))
}

// each gives one member of each object in a list.
func (a answer) each(list, member string) []string {
	var all []string
	objects, _ := a.json[list].([]any)
	for _, o := range objects {
		text, _ := o.(map[string]any)[member].(string)
		all = append(all, text)
	}
	return all
}

// at goes down through objects and lists.
func (a answer) at(path ...any) any {
	var v any = a.json
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			l, _ := v.([]any)
			if step >= len(l) {
				return nil
			}
			v = l[step]
		}
	}
	return v
}

// small is a site with an issue for each project, type and label that the tests
// ask for; their ids are 10001 and on, their keys count in each project.
func small(cloud bool) *jiraapi.Site {
	site := &jiraapi.Site{
		Cloud: cloud, Zone: "America/New_York",
		Fields:   []jiraapi.Field{{ID: "customfield_10042", Name: "Severity", Type: "option"}},
		Statuses: []jiraapi.Status{{ID: "1", Name: "Open", Category: "new"}, {ID: "6", Name: "Closed", Category: "done"}},
	}
	for i, row := range []struct{ key, kind, label, severity string }{
		{"OPS-1", "Incident", "", "SEV 1"}, {"REL-1", "Change", "secret", ""}, {"OPS-2", "Bug", "customer", "SEV 2"}, {"OPS-3", "Incident", "secret", ""},
	} {
		at := noon.Add(time.Duration(i-4) * time.Hour)
		issue := &jiraapi.Issue{ID: strconv.Itoa(10001 + i), Key: row.key, Created: at, Updated: at.Add(30 * time.Second), Fields: map[string]any{
			"issuetype": map[string]any{"name": row.kind}, "status": site.Statuses[i%2], "summary": row.key,
			"project": map[string]any{"key": row.key[:3], "name": row.key[:3] + " team"}, "labels": []string{},
		}}
		if row.label != "" {
			issue.Fields["labels"] = []string{row.label}
		}
		if row.severity != "" {
			issue.Fields["customfield_10042"] = map[string]any{"value": row.severity}
		}
		site.Issues = append(site.Issues, issue)
	}
	return site
}

func TestWhatIsRefused(t *testing.T) {
	many := func(n int, open, shut string) string {
		return open + strings.TrimSuffix(strings.Repeat(`"10001",`, n), ",") + shut
	}
	bulk := "/rest/api/3/changelog/bulkfetch"
	for _, c := range []struct {
		cloud        bool
		method, path string
		body         string
		status       int
		says         string
	}{
		{true, "GET", "/rest/api/2/search?jql=project=OPS", "", 410, "/rest/api/3/search/jql"},
		{true, "POST", "/rest/api/3/search", "{}", 410, "CHANGE-2046"},
		{false, "GET", "/rest/api/2/search/jql?jql=project=OPS", "", 404, "null for uri"},
		{false, "POST", bulk, "{}", 404, "null for uri"},
		{false, "GET", "/rest/api/2/issue/OPS-1/changelog", "", 404, "null for uri"},
		{true, "GET", "/rest/api/2/search/jql?jql=order+by+updated", "", 400, "Unbounded JQL queries are not allowed here."},
		{true, "POST", "/rest/api/2/search/jql", `{"jql":"project=OPS","expand":["changelog"]}`, 400, "Invalid request payload"},
		{true, "GET", "/rest/api/2/search/jql?jql=project=OPS&nextPageToken=made+up", "", 400, "next page token is invalid"},
		{true, "GET", "/rest/api/2/search/jql?jql=project=NOPE", "", 400, "The value 'NOPE' does not exist for the field 'project'."},
		{true, "POST", bulk, `{"issueIdsOrKeys":[]}`, 400, "At least one"},
		{true, "POST", bulk, many(1001, `{"issueIdsOrKeys":[`, `]}`), 400, "a maximum of 1,000 issues"},
		{true, "POST", bulk, `{"issueIdsOrKeys":["10001"],"maxResults":10001}`, 400, "maxResults"},
		{true, "POST", "/rest/api/3/worklog/list", `{"ids":[` + strings.TrimSuffix(strings.Repeat("1,", 1001), ",") + `]}`, 400, "1000"},
		{true, "GET", "/rest/api/2/issue/OPS-99", "", 404, `{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}`},
		{true, "GET", "/elsewhere", "", 404, ""},
	} {
		j := serve(t, small(c.cloud), jiraapi.Options{})
		got := j.do(c.method, c.path, c.body, j.sign)
		if got.status != c.status || !strings.Contains(got.text, c.says) {
			t.Errorf("%s %s: %d %s; want %d with %q", c.method, c.path, got.status, got.text, c.status, c.says)
		}
	}
}

func TestAuthentication(t *testing.T) {
	for _, c := range []struct {
		name   string
		cloud  bool
		sign   func(*http.Request)
		status int
	}{
		{"cloud, email and token", true, func(r *http.Request) { r.SetBasicAuth("bot@example.com", "secret") }, 200},
		{"cloud, wrong token", true, func(r *http.Request) { r.SetBasicAuth("bot@example.com", "Secret") }, 401},
		{"cloud, token as bearer", true, func(r *http.Request) { r.Header.Set("Authorization", "Bearer secret") }, 401},
		{"data center, personal token", false, func(r *http.Request) { r.Header.Set("Authorization", "Bearer secret") }, 200},
		{"data center, as in the cloud", false, func(r *http.Request) { r.SetBasicAuth("bot@example.com", "secret") }, 401},
		{"nothing", false, func(*http.Request) {}, 401},
	} {
		j := serve(t, small(c.cloud), jiraapi.Options{})
		got := j.do("GET", "/rest/api/2/myself", "", c.sign)
		if got.status != c.status || c.status == 401 && !strings.Contains(got.text, "Client must be authenticated to access this resource.") {
			t.Errorf("%s: %d %s", c.name, got.status, got.text)
		}
		if date := got.header.Get("Date"); date != "Tue, 06 Oct 2026 12:00:00 GMT" {
			t.Errorf("%s: Date is %q, not the server's clock", c.name, date)
		}
	}
}

func TestRateLimit(t *testing.T) {
	for _, cloud := range []bool{true, false} {
		j := serve(t, small(cloud), jiraapi.Options{PerMinute: 2})
		j.get("/rest/api/2/status")
		j.now = j.now.Add(10 * time.Second)
		j.get("/rest/api/2/status")
		got := j.get("/rest/api/2/status")
		h := got.header
		if got.status != 429 || h.Get("Retry-After") != "50" || h.Get("X-RateLimit-Limit") != "2" || h.Get("X-RateLimit-Remaining") != "0" {
			t.Errorf("third request: %d %v", got.status, h)
		}
		if cloud && (h.Get("X-RateLimit-Reset") != "2026-10-06T12:01Z" || h.Get("RateLimit-Reason") != "jira-quota-based") {
			t.Errorf("Cloud's headers: %v", h)
		}
		j.now = j.now.Add(50 * time.Second)
		if got := j.get("/rest/api/2/status"); got.status != 200 {
			t.Errorf("a minute later: %d", got.status)
		}
		if n := j.Requests()["GET /rest/api/2/status"]; n != 4 {
			t.Errorf("%d requests counted, want 4", n)
		}
	}
}

func TestReferences(t *testing.T) {
	for _, c := range []struct {
		cloud      bool
		deployment string
	}{{true, "Cloud"}, {false, "Server"}} {
		j := serve(t, small(c.cloud), jiraapi.Options{})
		if zone := j.get("/rest/api/2/myself").json["timeZone"]; zone != "America/New_York" {
			t.Errorf("timeZone %v", zone)
		}
		info := j.get("/rest/api/2/serverInfo").json
		if info["deploymentType"] != c.deployment || info["serverTime"] != "2026-10-06T08:00:00.000-0400" || info["baseUrl"] != "https://jira.example.com" {
			t.Errorf("serverInfo %v", info)
		}
		if text := j.get("/rest/api/2/status").text; !strings.Contains(text, `"statusCategory":{"self":"https://jira.example.com/rest/api/2/statuscategory/3","id":3,"key":"done"`) {
			t.Errorf("status %s", text)
		}
		if text := j.get("/rest/api/2/field").text; !strings.Contains(text, `"name":"Severity","custom":true`) {
			t.Errorf("field %s", text)
		}
	}
}

func TestIssues(t *testing.T) {
	site := small(false)
	site.Issues[1].Hidden = true
	site.Issues[2].Histories = []jiraapi.History{{ID: "1", Created: noon, Items: []jiraapi.Item{{Field: "Key", From: "5", FromString: "OLD-7", To: "6", ToString: "OPS-2"}}}}
	j := serve(t, site, jiraapi.Options{})
	for path, want := range map[string]int{"OPS-1": 200, "10001": 200, "REL-1": 404, "10002": 404, "OLD-7": 200, "OPS-2": 200} {
		if got := j.get("/rest/api/2/issue/" + path); got.status != want {
			t.Errorf("%s: %d, want %d", path, got.status, want)
		}
	}
	if got := j.get("/rest/api/2/issue/OPS-1?fields=updated").at("fields", "updated"); got != "2026-10-06T04:00:30.000-0400" {
		t.Errorf("updated %v, want the account's zone", got)
	}
	if found := j.search("order by key").each("issues", "key"); !slices.Equal(found, []string{"OPS-1", "OPS-2", "OPS-3"}) {
		t.Errorf("a search finds %v, want all but the hidden one", found)
	}
	if got := j.search("key = OLD-7"); got.status != 200 || len(got.each("issues", "key")) != 0 {
		t.Errorf("a search finds an issue by its old key: %s", got.text)
	}
	j.Update(func(s *jiraapi.Site) { s.Issues[0].Key = "NEW-1" })
	if got := j.get("/rest/api/2/issue/OPS-1"); got.json["key"] != "NEW-1" {
		t.Errorf("by the key before a move: %s", got.text)
	}
}

func TestUpdate(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*jiraapi.Issue)
		want   string
	}{
		{"a later version", func(i *jiraapi.Issue) { i.Updated = noon }, "new"},
		{"a silent change is not seen", func(*jiraapi.Issue) {}, "OPS-1"},
		{"a silent change, touched", (*jiraapi.Issue).Touch, "new"},
	} {
		j := serve(t, small(true), jiraapi.Options{})
		j.search("project = OPS", "fields=summary")
		j.Update(func(s *jiraapi.Site) { s.Issues[0].Fields["summary"] = "new"; c.change(s.Issues[0]) })
		if got := j.search("key = OPS-1", "fields=summary").at("issues", 0, "fields", "summary"); got != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
	j := serve(t, small(true), jiraapi.Options{})
	j.Update(func(s *jiraapi.Site) { s.Issues = slices.Delete(s.Issues, 0, 1) })
	if got := j.search("project = OPS order by key", "fields=key").each("issues", "key"); !slices.Equal(got, []string{"OPS-2", "OPS-3"}) {
		t.Errorf("after deleting OPS-1: %v", got)
	}
}

func TestLag(t *testing.T) {
	j := serve(t, small(true), jiraapi.Options{Lag: 10 * time.Second})
	status := func() any { return j.search("key = OPS-1", "fields=summary").at("issues", 0, "fields", "summary") }
	change := func(to string) {
		j.Update(func(s *jiraapi.Site) { s.Issues[0].Updated = j.now; s.Issues[0].Fields["summary"] = to })
	}
	change("second")
	if got := status(); got != "OPS-1" {
		t.Errorf("at once the search shows %v, want the version before", got)
	}
	if got := j.get("/rest/api/2/issue/OPS-1").at("fields", "summary"); got != "second" {
		t.Errorf("the issue itself shows %v", got)
	}
	if found := j.search(`updated >= "2026-10-06 08:00"`).each("issues", "id"); len(found) != 0 {
		t.Errorf("the new time is in the index already: %v", found)
	}
	j.now = j.now.Add(5 * time.Second)
	change("third") // before the second one was ever found
	if got := status(); got != "OPS-1" {
		t.Errorf("after another change: %v", got)
	}
	j.now = j.now.Add(10 * time.Second)
	if got := status(); got != "third" {
		t.Errorf("when the lag is over: %v", got)
	}
}
