package main

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// three sources, of which one is a file that always succeeds.
const three = `sources:
  - {name: jira, type: jira, url: JIRA_URL, user: srekpi@larkspur.example, token: {file: jira.token}, since: 2026-09-20}
  - {name: pagerduty, type: pagerduty, url: PAGERDUTY_URL, token: {file: pagerduty.token}, since: 2026-09-20}
  - {name: sheet, type: file, entity: change, path: sheet.csv, fields: {id: id, ended_at: at}}
`

// trial writes a config and what it needs into a new folder.
func (c *tools) trial(t *testing.T, config string) string {
	t.Helper()
	dir := t.TempDir()
	if err := simulate.WriteTokens(dir); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "sheet.csv"), "id,at\n1,2026-10-01 10:00\n")
	write(t, filepath.Join(dir, "srekpi.yml"), strings.NewReplacer("JIRA_URL", c.jiraURL, "PAGERDUTY_URL", c.pagerdutyURL).Replace(config))
	return dir
}

// refusing is a PagerDuty whose key may not read some of it.
func (c *tools) refusing(paths ...string) http.Handler {
	clock := func() time.Time { return *c.clock.Load() }
	return pagerdutyapi.New(world().PagerDuty(), pagerdutyapi.Options{Clock: clock, PerMinute: -1, Forbidden: paths})
}

// TestFailuresInWords holds the one line that each failure has on standard
// error, and the exit code.
func TestFailuresInWords(t *testing.T) {
	t.Parallel()
	c := serve(t, simulate.AsOf.AddDate(0, 0, -10), simulate.AsOf, pagerdutyapi.Options{})
	answer := func(status int, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	at := func(path string, h, otherwise http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, path) {
				h.ServeHTTP(w, r)
				return
			}
			otherwise.ServeHTTP(w, r)
		})
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	vacant := "http://" + free.Addr().String()
	free.Close()
	login := misbehave.Handler(nil, misbehave.Always(misbehave.HTML200))
	authority := ""
	secure := func(h http.Handler) string {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
		s.StartTLS()
		t.Cleanup(s.Close)
		authority = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
		return s.URL
	}
	secure(c.jira) // so that authority is known

	without := func(source string) []string { // the config without one of three
		from := strings.Index(three, "  - {name: "+source)
		to := from + strings.Index(three[from:], "\n") + 1
		return []string{three[from:to], ""}
	}
	const (
		jiraFailed  = "srekpi: done, but 1 source failed: jira"
		pagerFailed = "srekpi: done, but 1 source failed: pagerduty"
		bothFailed  = "srekpi: done, but 2 sources failed: jira, pagerduty"
	)
	for _, x := range []struct {
		name  string
		edit  []string          // pairs: what is in the config, and what stands there instead
		files map[string]string // written over what is there
		code  int
		want  []string // all that is said but for what each source landed
	}{
		{"wrong token of Jira", nil, map[string]string{"jira.token": "nonsense"}, exitPartial, []string{
			"  failed: ingest jira: Jira refuses the token (401: Client must be authenticated to access this resource): it is wrong or has expired; user must be the account's email and the token one that this account made; make a new one",
			jiraFailed}},
		{"wrong tokens and no file", without("sheet"), map[string]string{"jira.token": "nonsense", "pagerduty.token": "nonsense"}, exitFailed, []string{
			"  failed: ingest jira: Jira refuses the token (401: Client must be authenticated to access this resource): it is wrong or has expired; user must be the account's email and the token one that this account made; make a new one",
			"  failed: ingest pagerduty: GET /services: 401 Unauthorized: Invalid token (code 2006); the credential is wrong or has expired: make a new one, and put it where token in the config says",
			"srekpi: no source succeeded: jira, pagerduty; why is said above"}},
		{"no user", []string{"user: srekpi@larkspur.example, ", ""}, nil, exitPartial, []string{
			"  failed: ingest jira: Jira refuses the token (401: Client must be authenticated to access this resource): it is wrong or has expired; make a new personal access token, or set user: where this is Jira Cloud",
			jiraFailed}},
		{"no token file", []string{"jira.token", "secrets/jira.token"}, nil, exitPartial, []string{
			"  failed: ingest jira: there is no token file DIR/secrets/jira.token; put the token there, readable by this user only",
			jiraFailed}},
		{"empty token file", nil, map[string]string{"pagerduty.token": "\n"}, exitPartial, []string{
			"  failed: ingest pagerduty: the token file DIR/pagerduty.token is empty; put the token there",
			pagerFailed}},
		{"empty variable", []string{"token: {file: pagerduty.token}", "token: {env: SREKPI_TEST_TOKEN}"}, nil, exitPartial, []string{
			"  failed: ingest pagerduty: the environment variable SREKPI_TEST_TOKEN is empty; set it to the token, or name a file with token: {file: …}",
			pagerFailed}},
		{"token of two lines", nil, map[string]string{"pagerduty.token": simulate.PagerDutyToken + "\ntwo"}, exitPartial, []string{
			"  failed: ingest pagerduty: HOST: the credential has a character that no header can hold; look for a line end or a space in the token",
			pagerFailed}},
		{"no right to read incidents", []string{"PAGERDUTY_URL", listen(t, c.refusing("/incidents"))}, nil, exitPartial, []string{
			"  failed: ingest pagerduty: GET /incidents: 403 Forbidden: Access Denied (code 2010); the credential lacks rights: give it read access, or ask who administers the source",
			pagerFailed}},
		{"no right to read change events", []string{"PAGERDUTY_URL", listen(t, c.refusing("/change_events"))}, nil, exitDone, []string{
			"  warning: pagerduty: change events are left out, read access to them is missing: GET /change_events: 403 Forbidden: Access Denied (code 2010); the credential lacks rights: give it read access, or ask who administers the source"}},
		{"no right to search", []string{"JIRA_URL", listen(t, at("/rest/api/2/search", answer(403, `{"errorMessages":["You do not have permission."]}`), c.jira))}, nil, exitPartial, []string{
			"  failed: ingest jira: Jira forbids POST /rest/api/2/search/jql (403: You do not have permission): the token's account lacks the right; give it Browse permission in the projects",
			jiraFailed}},
		{"wrong path of Jira", []string{"JIRA_URL", c.jiraURL + "/tracker"}, nil, exitPartial, []string{
			"  failed: ingest jira: no Jira answers at http://HOST/tracker; check url in the config: it ends where /rest/api begins",
			jiraFailed}},
		{"wrong path of PagerDuty", []string{"PAGERDUTY_URL", c.pagerdutyURL + "/v2"}, nil, exitPartial, []string{
			"  failed: ingest pagerduty: no PagerDuty answers at http://HOST/v2 (404 Not Found); check url in the config: https://api.pagerduty.com, in Europe https://api.eu.pagerduty.com",
			pagerFailed}},
		{"web pages", []string{"JIRA_URL", listen(t, login), "PAGERDUTY_URL", listen(t, login)}, nil, exitPartial, []string{
			"  failed: ingest jira: HOST: a web page instead of data after 4 attempts; url in the config leads to a login or a proxy, not to the API",
			"  failed: ingest pagerduty: HOST: a web page instead of data after 4 attempts; url in the config leads to a login or a proxy, not to the API",
			bothFailed}},
		{"other services", []string{"JIRA_URL", listen(t, answer(200, `["pong"]`)), "PAGERDUTY_URL", listen(t, answer(200, `{"pong":true}`))}, nil, exitPartial, []string{
			"  failed: ingest jira: /rest/api/2/serverInfo is answered with something else than Jira's data; url in the config leads to a login, a proxy or another server",
			"  failed: ingest pagerduty: GET /services: its answer has no list of services; check url in the config",
			bothFailed}},
		{"removed endpoints", []string{
			"JIRA_URL", listen(t, at("/rest/api/2/search", answer(410, `{"errorMessages":["The requested API has been removed."]}`), c.jira)),
			"PAGERDUTY_URL", listen(t, at("/log_entries", answer(410, ``), c.pagerduty)),
		}, nil, exitPartial, []string{
			"  failed: ingest jira: POST /rest/api/2/search/jql: 410 Gone: The requested API has been removed; the vendor has removed this endpoint: update srekpi",
			"  failed: ingest pagerduty: GET /log_entries: 410 Gone; the vendor has removed this endpoint: update srekpi",
			bothFailed}},
		{"nobody listens", []string{"JIRA_URL", vacant}, nil, exitPartial, []string{
			"  failed: ingest jira: HOST: it refuses the connection after 7 attempts; check url in the config, and that the server runs",
			jiraFailed}},
		{"no such host", []string{"JIRA_URL", "https://jira.larkspur.invalid"}, nil, exitPartial, []string{
			"  failed: ingest jira: jira.larkspur.invalid: no such host; check url in the config and the network",
			jiraFailed}},
		{"https where http is spoken", []string{"JIRA_URL", strings.Replace(c.jiraURL, "http:", "https:", 1)}, nil, exitPartial, []string{
			"  failed: ingest jira: HOST: it does not speak TLS; check the scheme and port of url in the config",
			jiraFailed}},
		{"unknown authority", []string{"JIRA_URL", secure(c.jira), "PAGERDUTY_URL", secure(c.pagerduty)}, nil, exitPartial, []string{
			"  failed: ingest jira: HOST: its certificate is signed by an unknown authority; set network.ca_file in the config to the authority's PEM file",
			"  failed: ingest pagerduty: HOST: its certificate is signed by an unknown authority; set network.ca_file in the config to the authority's PEM file",
			bothFailed}},
		{"its authority is named", []string{"JIRA_URL", secure(c.jira), "PAGERDUTY_URL", secure(c.pagerduty), "sources:", "network: {ca_file: ca.pem}\nsources:"},
			map[string]string{"ca.pem": authority}, exitDone, nil},
		{"no file of the authority", append(without("pagerduty"), "sources:", "network: {ca_file: ca.pem}\nsources:"), nil, exitPartial, []string{
			"  failed: ingest jira: network.ca_file: there is no file DIR/ca.pem; put the authority's PEM file there",
			jiraFailed}},
		{"unknown project", []string{"user:", "projects: [INC, OPS], user:"}, nil, exitPartial, []string{
			"  failed: ingest jira: Jira does not show project OPS (400: The value 'OPS' does not exist for the field 'project'); give the user Browse permission in project OPS or take it out of projects",
			jiraFailed}},
		{"bad query", []string{"user:", "jql: 'labels in', user:"}, nil, exitPartial, []string{
			"  failed: ingest jira: Jira does not accept the query (400: Error in the JQL Query: Expecting '(' but got ')'. (line 1, character 11)); correct jql in the config",
			jiraFailed}},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			dir := c.trial(t, strings.NewReplacer(x.edit...).Replace(three))
			for name, text := range x.files {
				write(t, filepath.Join(dir, name), text)
			}
			code, log := logged(t, dir, "ingest")
			if code != x.code {
				t.Errorf("exit code %d, want %d", code, x.code)
			}
			var got []string
			for line := range strings.Lines(hosts.ReplaceAllString(strings.ReplaceAll(log, dir, "DIR"), "HOST")) {
				if !strings.HasPrefix(line, "ingest  ") {
					got = append(got, strings.TrimSuffix(line, "\n"))
				}
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Error(diff)
			}
			// The same is kept of the runs that failed, and of no other.
			kept := srekpi(t, dir, 0, "sql", "--format", "TSVRaw", "SELECT message FROM sync_runs FINAL WHERE status = 'failed' ORDER BY source")
			said := ""
			for line := range strings.Lines(log) {
				if text, ok := strings.CutPrefix(line, "  failed: "); ok {
					said += text
				}
			}
			if kept != said {
				t.Errorf("sync_runs keeps\n%s of\n%s", kept, said)
			}
		})
	}
}

var hosts = regexp.MustCompile(`127\.0\.0\.1:\d+`)
