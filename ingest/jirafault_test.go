package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
)

// Whatever the network and the server do, what lands is what an undisturbed run
// lands.
func TestJiraBadDays(t *testing.T) {
	wait := http.Header{"Retry-After": {"30"}}
	s := newSite(t)
	for name, plan := range map[string]func(int, *http.Request) misbehave.Fault{
		"Storm":   misbehave.Random(1, 0.6, misbehave.TooMany, misbehave.Unavailable503),
		"Server":  misbehave.Random(2, 0.5, misbehave.Internal500, misbehave.BadGateway502),
		"Network": misbehave.Random(3, 0.5, misbehave.Reset, misbehave.ResetBody, misbehave.Truncate),
		"Login":   misbehave.Random(4, 0.3, misbehave.HTML200),
	} {
		t.Run(name, func(t *testing.T) {
			dialectsAt(t, s, jiraapi.Options{}, func(d *desk) {
				d.between(func(next http.Handler) http.Handler { return misbehave.Handler(next, plan, wait) })
				got := d.sync()
				d.tells()
				// The transport itself asks again where a connection is reset that it had kept.
				if got.Retries == 0 || got.Requests > uint64(d.requests()) {
					d.Errorf("%d requests, %d retries; %d came", got.Requests, got.Retries, d.requests())
				}
			})
		})
	}
}

// The limit of requests is the vendor's: it is waited for, and little is asked
// in vain.
func TestJiraRateLimit(t *testing.T) {
	dialects(t, jiraapi.Options{PerMinute: 5}, func(d *desk) {
		got := d.sync()
		d.pass(5 * time.Minute)
		d.tells()
		if got.Retries == 0 || got.Retries > got.Requests/2 {
			d.Errorf("%d requests, %d retries", got.Requests, got.Retries)
		}
	})
}

// One line says what is wrong and what to do.
func TestJiraRefusals(t *testing.T) {
	s := newSite(t)
	answer := func(status int, kind, body string) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			})
		}
	}
	for _, c := range []struct {
		name  string
		cloud bool
		token string
		lines string
		front func(http.Handler) http.Handler
		want  string
	}{
		{"wrong token", true, "ATATTexpired", "", nil,
			"ingest jira: Jira refuses the token (401: Client must be authenticated to access this resource): it is wrong or has expired; user must be the account's email and the token one that this account made; make a new one"},
		{"wrong personal token", false, "ATATTexpired", "", nil,
			"ingest jira: Jira refuses the token (401: Client must be authenticated to access this resource): it is wrong or has expired; make a new personal access token, or set user: where this is Jira Cloud"},
		{"the token in the answer", true, "", "", on("/rest/api/2/myself", answer(401, "text/plain", "no such token: "+deskToken+" in "+base64.StdEncoding.EncodeToString([]byte(deskUser+":"+deskToken)))),
			"ingest jira: Jira refuses the token (401: no such token: *** in ***): it is wrong or has expired; user must be the account's email and the token one that this account made; make a new one"},
		{"no rights", true, "", "", on(searches, answer(403, "application/json", `{"errorMessages":["You do not have access."],"errors":{}}`)),
			"ingest jira: Jira forbids POST /rest/api/2/search/jql (403: You do not have access): the token's account lacks the right; give it Browse permission in the projects"},
		{"another server", true, "", "", answer(404, "text/plain", "not found"),
			"ingest jira: no Jira answers at URL; check url in the config: it ends where /rest/api begins"},
		{"a login page", true, "", "", answer(200, "text/html", "<title>Log in</title>"),
			"ingest jira: HOST: a web page instead of data after 4 attempts; url in the config leads to a login or a proxy, not to the API"},
		{"something else", true, "", "", answer(200, "text/plain", "OK"),
			"ingest jira: /rest/api/2/serverInfo is answered with something else than Jira's data; url in the config leads to a login, a proxy or another server (jsontext: invalid character 'O' at start of value)"},
		{"no project", true, "", ", projects: [OPS, SECRET]", nil,
			"ingest jira: Jira does not show project SECRET (400: The value 'SECRET' does not exist for the field 'project'); give the user Browse permission in project SECRET or take it out of projects"},
		{"no project in Data Center", false, "", ", projects: [SECRET]", nil,
			"ingest jira: Jira does not show project SECRET (400: The value 'SECRET' does not exist for the field 'project'); give the user Browse permission in project SECRET or take it out of projects"},
		{"wrong jql", true, "", ", jql: 'labels ='", nil,
			"ingest jira: Jira does not accept the query (400: Error in the JQL Query: Expecting either a value, list or function but got ')'. (line 1, character 10)); correct jql in the config"},
		{"no jql", true, "", "", on(searches, answer(400, "application/json", `{"errorMessages":["Odd."],"errors":{}}`)),
			"ingest jira: Jira does not accept the query (400: Odd); the config has no jql, so srekpi itself wrote it: look whether projects and url in the config are right, and update srekpi"},
		{"wrong rule", true, "", ", issues: [{is: change, type: [Change]}, {is: problem, jql: 'kind = Problem'}]", nil,
			"ingest jira: Jira does not accept the query of issues[1] (400: Field 'kind' does not exist or you do not have permission to view it.); correct its jql in the config"},
		{"removed endpoint", true, "", "", on(searches, answer(410, "application/json", `{"errorMessages":["The requested API has been removed."],"errors":{}}`)),
			"ingest jira: POST /rest/api/2/search/jql: 410 Gone: The requested API has been removed; the vendor has removed this endpoint: update srekpi"},
		{"no end of the storm", true, "", "", on(searches, answer(429, "text/plain", "")),
			"ingest jira: POST /rest/api/2/search/jql: 429 Too Many Requests; the rate limit lasts longer than the retries: run it again later: it goes on where it stopped"},
		{"no end of trouble", false, "", "", on(searches, answer(503, "text/html", "<h1>Down</h1>")),
			"ingest jira: POST /rest/api/2/search: 503 Service Unavailable; the server has trouble: run it again later: it goes on where it stopped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deskAt(t, s, c.cloud, jiraapi.Options{})
			d.lines += c.lines
			d.between(c.front)
			if c.token != "" {
				os.Setenv("SREKPI_TEST_DESK", c.token)
			}
			got, err := d.try()
			if err != nil || got.Err == nil {
				t.Fatal(err, got.Err)
			}
			text := strings.ReplaceAll(got.Err.Error(), d.url, "URL")
			text = strings.ReplaceAll(text, strings.TrimPrefix(d.url, "http://"), "HOST")
			if diff := cmp.Diff(c.want, text); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(text, "ATATT") || strings.Contains(text, "\n") {
				t.Error(text)
			}
			d.noSecret()
		})
	}
}

// A server that repeats a page token would be asked for ever.
func TestJiraRepeatedToken(t *testing.T) {
	s := newSite(t)
	for name, nth := range map[string]int{"LastOne": 4, "EarlierOne": 2} {
		t.Run(name, func(t *testing.T) {
			d := deskAt(t, s, true, jiraapi.Options{})
			var tokens []string
			d.between(on(searches, forge(func(_, answer []byte) []byte {
				var a struct{ NextPageToken string }
				if json.Unmarshal(answer, &a) != nil {
					return answer
				}
				if tokens = append(tokens, a.NextPageToken); len(tokens) == 5 {
					return bytes.Replace(answer, []byte(a.NextPageToken), []byte(tokens[nth-1]), 1)
				}
				return answer
			})))
			got, err := d.try()
			if err != nil || got.Err == nil || !strings.Contains(got.Err.Error(), "repeats a page token") || d.requests() > 20 {
				t.Fatalf("%d requests: %v %v", d.requests(), err, got.Err)
			}
			d.want([]string{"0"}, `SELECT toString(count()) FROM positions FINAL WHERE position LIKE '%"mark"%'`)
			d.between(nil)
			d.sync()
			d.tells()
		})
	}
}

// A Data Center that sends the same page whatever it is asked for.
func TestJiraRepeatedPage(t *testing.T) {
	s := newSite(t)
	for name, path := range map[string]string{"Issues": searches, "Worklogs": "/rest/api/2/worklog/updated"} {
		t.Run(name, func(t *testing.T) {
			d := deskAt(t, s, false, jiraapi.Options{SearchPage: 100}) // two pages
			var first []byte
			d.between(on(path, forge(func(_, answer []byte) []byte {
				if first == nil {
					first = bytes.Replace(answer, []byte(`"lastPage":true`), []byte(`"lastPage":false`), 1)
				}
				return first
			})))
			got, err := d.try()
			if err != nil || got.Err == nil || !strings.Contains(got.Err.Error(), "repeats a page") {
				t.Fatal(err, got.Err)
			}
			d.between(nil)
			d.sync()
			d.tells()
		})
	}
}

// Only the token says whether there is another page.
func TestJiraIsLast(t *testing.T) {
	s := newSite(t)
	for _, says := range []jiraapi.IsLast{jiraapi.IsLastOmitted, jiraapi.IsLastFalse} {
		d := deskAt(t, s, true, jiraapi.Options{IsLast: says})
		d.sync()
		d.tells()
	}
}

// The same issue on two pages lands as one.
func TestJiraIssueOnTwoPages(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	var before json.RawMessage
	twice := 0
	d.between(on(searches, forge(func(_, answer []byte) []byte {
		var page struct{ Issues []json.RawMessage }
		if json.Unmarshal(answer, &page) != nil || len(page.Issues) == 0 {
			return answer
		}
		if before != nil {
			twice++
			answer = bytes.Replace(answer, []byte(`"issues":[`), slices.Concat([]byte(`"issues":[`), before, []byte(",")), 1)
		}
		before = page.Issues[len(page.Issues)/2]
		return answer
	})))
	d.sync()
	d.tells()
	if twice < 5 {
		t.Errorf("%d issues came twice", twice)
	}
}

// Odd records do not harm the others.
func TestJiraOddRecords(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.change(func(j *jiraapi.Site) {
			j.Issues[3].Fields["assignee"], j.Issues[3].Fields["status"], j.Issues[3].Fields["components"] = nil, nil, nil
			j.Issues[3].Touch()
			j.Issues[4].Touch()
			j.Issues[4].Fields["summary"] = "\u2028 \x00 \"quoted\" \\ changelog: {}"
		})
		d.between(on(searches, forge(func(_, answer []byte) []byte {
			for old, odd := range map[string]string{
				`"id":"10005"`: `"no":"10005"`, // no id
				`"issues":[`:   `"issues":[null,`,
				`"updated":"` + d.jira.Issues[6].Updated.In(mustZone(d.jira.Zone)).Format("2006-01-02T15:04:05.000-0700"): `"updated":"yesterday`,
			} {
				if old != `"issues":[` || bytes.Contains(answer, []byte(`"id":"10000"`)) {
					answer = bytes.ReplaceAll(answer, []byte(old), []byte(odd))
				}
			}
			return answer
		})))
		got := d.sync()
		want, _, _ := d.truth("created >= 2000-01-01")
		delete(want, "10005")
		have := d.shown("issue")
		if have["10006"] == "" {
			d.Error("an issue whose time cannot be read is lost")
		}
		delete(want, "10006")
		delete(have, "10006")
		d.same("issue", want, have)
		d.want([]string{"issue the record has no id {", "issue the record has no id n"},
			"SELECT DISTINCT concat(entity, ' ', reason, ' ', substring(payload, 1, 1)) AS t FROM quarantine WHERE source = 'jira' AND entity = 'issue' ORDER BY t DESC")
		if got.NewlyQuarantined == 0 {
			d.Errorf("%+v", got)
		}
		d.want([]string{"1"}, "SELECT toString(count()) FROM raw_records WHERE entity = 'issue' AND id = '10006' AND updated_at IS NULL")

		// Once it is mended it is there.
		d.between(nil)
		d.pass(time.Hour)
		d.change(func(j *jiraapi.Site) { d.edit(j.Issues[5], "mended"); d.edit(j.Issues[6], "mended") })
		if again := d.sync(); again.NewlyQuarantined > 0 {
			d.Errorf("%+v", again)
		}
		d.tells()
	})
}

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// No answer of a search may pass for an empty one.
func TestJiraAnswersWithoutIssues(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		for _, body := range []string{`{}`, `[]`, `{"issues":null,"total":0}`, `{"issues":{"total":0}}`, `null`} {
			d.between(on(searches, forge(func(_, _ []byte) []byte { return []byte(body) })))
			got, err := d.try()
			if err != nil || got.Err == nil || !strings.Contains(got.Err.Error(), "it has no list of issues") {
				d.Errorf("%s: %v %v", body, err, got.Err)
			}
		}
		d.between(nil)
		d.sync()
		d.tells()
	})
}

// What is cut from a record leaves every other byte as it was.
func TestWithout(t *testing.T) {
	for text, want := range map[string]string{
		`{"changelog":1}`:                            `{}`,
		`{"changelog":{"a":[1]},"b":2}`:              `{"b":2}`,
		`{ "a" : 1 , "changelog" : {} , "b" : "," }`: `{ "a" : 1  , "b" : "," }`,
		`{"a":"\u00e9{,","changelog":null}`:          `{"a":"\u00e9{,"}`,
		"{\n\"changelog\": [ ],\n\"a\": 1e2}":        "{\n\"a\": 1e2}",
	} {
		i, err := readJira([]byte(text)).issue()
		if err != nil || string(i.raw) != want {
			t.Errorf("%s: %s %v, want %s", text, i.raw, err, want)
		}
		if !json.Valid(i.raw) {
			t.Errorf("%s is no JSON", i.raw)
		}
	}
}

func TestJiraTime(t *testing.T) {
	for text, want := range map[string]string{
		"2024-03-31T03:30:00.123+0200": "2024-03-31 01:30:00.123", "2024-03-31T03:30:00Z": "2024-03-31 03:30:00",
		"1711848600123": "2024-03-31 01:30:00.123", "1711848600": "2024-03-31 01:30:00",
		"": "0001-01-01 00:00:00", "soon": "0001-01-01 00:00:00", "-5": "0001-01-01 00:00:00", "9999-12-31T00:00:00.000+0000": "0001-01-01 00:00:00",
	} {
		if got := jiraTime(text).Format("2006-01-02 15:04:05.999"); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// A page token that Jira does not accept any more is not the fault of a query.
func TestJiraTokenRefused(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.lines += ", jql: 'created > 2000-01-01'"
	d.between(on(searches, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			question, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(question))
			if bytes.Contains(question, []byte("nextPageToken")) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(w, `{"errorMessages":["The token is invalid."],"errors":{}}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}))
	got, _ := d.try()
	if got.Err == nil || got.Err.Error() != "ingest jira: the search's page token is not accepted any more; run it again" {
		t.Error(got.Err)
	}
	d.between(nil)
	d.sync()
	d.tells()
}
