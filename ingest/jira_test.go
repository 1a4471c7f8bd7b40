package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

const (
	deskToken = "ATATTsecretOfTheDesk"
	deskUser  = "bot@example.com"
)

var deskNow = time.Date(2024, 10, 25, 9, 0, 0, 0, time.UTC)

// desk is a site beside a Jira.
type desk struct {
	*site
	standIn
	jira    *jiraapi.Site
	api     *jiraapi.Server
	options jiraapi.Options
	lines   string        // more of the config
	ours    time.Duration // how far our clock is ahead of the Jira's
}

func newDesk(t testing.TB, s *site, j *jiraapi.Site, o jiraapi.Options) *desk {
	t.Helper()
	if s == nil {
		s = newSite(t)
	}
	j.Token, j.User = deskToken, deskUser
	d := &desk{site: &site{t, s.dir, s.w, s.now}, jira: j, options: o, standIn: standIn{time: deskNow}, lines: "since: 500d"}
	d.options.Clock = d.theirs
	d.listen(t, func() http.Handler { return d.api })
	j.BaseURL = d.url
	d.api = jiraapi.New(j, d.options)
	t.Setenv("SREKPI_TEST_DESK", deskToken)
	return d
}

func (d *desk) source() *configs.Config {
	d.Helper()
	user := ""
	if d.jira.Cloud {
		user = "user: " + deskUser + ", "
	}
	return d.config(fmt.Sprintf("{name: jira, type: jira, url: %q, %stoken: {env: SREKPI_TEST_DESK}, %s}", d.url, user, d.lines))
}

// sync runs, expects success, and counts requests anew.
func (d *desk) sync(change ...func(*Options)) SourceResult {
	d.Helper()
	r, err := d.try(change...)
	if err != nil {
		d.Fatal(err)
	}
	if r.Err != nil {
		d.Fatal(r.Err)
	}
	return r
}

func (d *desk) try(change ...func(*Options)) (SourceResult, error) {
	d.Helper()
	return d.tryIn(context.Background(), change...)
}

func (d *desk) tryIn(ctx context.Context, change ...func(*Options)) (SourceResult, error) {
	d.Helper()
	d.watch(d.asked)
	o := Options{Now: func() time.Time { return d.theirs().Add(d.ours) }}
	for _, c := range change {
		c(&o)
	}
	r, err := Ingest(ctx, d.w, d.source(), o)
	if r == nil || len(r.Sources) == 0 {
		d.Fatal(err)
	}
	return r.Sources[0], err
}

func withCensus(o *Options) { o.Census = true }

func (d *desk) smallPages() {
	rows, most := pageRows, jiraMost
	pageRows, jiraMost = 30, jiraCloudPage+1
	d.Cleanup(func() { pageRows, jiraMost = rows, most })
}

// change changes the Jira: it is the only way once it is served.
func (d *desk) change(change func(j *jiraapi.Site)) { d.api.Update(change) }

// edit is what a user does to an issue: a field is set, and history tells of it.
func (d *desk) edit(i *jiraapi.Issue, summary string) {
	i.Updated = d.theirs()
	i.Fields["summary"] = summary
	i.Histories = append(i.Histories, jiraapi.History{
		ID: fmt.Sprintf("9%s%d", i.ID, len(i.Histories)), Created: i.Updated,
		Items: []jiraapi.Item{{Field: "summary", FieldID: "summary", ToString: summary}},
	})
}

// shown are the current records of an entity, by id, without the deleted ones.
func (d *desk) shown(entity string) map[string]string {
	d.Helper()
	rows, err := d.w.Query(context.Background(), `
		SELECT id, current.1 FROM (
			SELECT id, argMax((payload, deleted), (ifNull(updated_at, toDateTime64(0, 3)), seq)) AS current
			FROM raw_records WHERE source = 'jira' AND entity = ? GROUP BY id)
		WHERE current.2 = 0`, entity)
	if err != nil {
		d.Fatal(err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var id, payload string
		if err := rows.Scan(&id, &payload); err != nil {
			d.Fatal(err)
		}
		found[id] = payload
	}
	if rows.Err() != nil {
		d.Fatal(rows.Err())
	}
	return found
}

// ask asks the Jira without a network, a fault, a lag or a count.
func (d *desk) ask(method, path string, question any, to any) {
	d.Helper()
	body, err := json.Marshal(question)
	if err != nil {
		d.Fatal(err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+deskToken)
	if d.jira.Cloud {
		r.SetBasicAuth(deskUser, deskToken)
	}
	w := httptest.NewRecorder()
	jiraapi.New(d.jira, jiraapi.Options{Clock: d.theirs}).ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), to); err != nil || w.Code != http.StatusOK {
		d.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
}

// truth is what the Jira shows to a query: its issues, their histories and
// worklogs, by their ids.
func (d *desk) truth(jql string) (issues, histories, worklogs map[string]string) {
	d.Helper()
	issues, histories, worklogs = map[string]string{}, map[string]string{}, map[string]string{}
	for start, token := 0, ""; ; {
		question := map[string]any{"jql": jql, "fields": jiraFields, "maxResults": 100, "startAt": start}
		path := "/rest/api/2/search"
		if d.jira.Cloud {
			path += "/jql"
		}
		if token != "" {
			question["nextPageToken"] = token
		}
		var answer struct {
			Issues        []json.RawMessage
			NextPageToken string
			Total         int
		}
		d.ask(http.MethodPost, path, question, &answer)
		for _, raw := range answer.Issues {
			var i struct{ ID string }
			if err := json.Unmarshal(raw, &i); err != nil {
				d.Fatal(err)
			}
			issues[i.ID] = string(raw)
		}
		start, token = start+len(answer.Issues), answer.NextPageToken
		if token == "" && start >= answer.Total {
			break
		}
	}
	for _, i := range d.jira.Issues {
		if _, shown := issues[i.ID]; shown {
			for _, h := range i.Histories {
				histories[i.ID+"/"+h.ID] = h.Created.UTC().Format(time.DateTime)
			}
		}
	}
	var ids []json.Number
	for _, w := range d.jira.Worklogs {
		if _, shown := issues[w.IssueID]; shown && w.Deleted.IsZero() && !w.Updated.After(d.theirs().Add(-time.Minute)) {
			ids = append(ids, json.Number(w.ID))
		}
	}
	for part := range slices.Chunk(ids, 1000) {
		var answer []json.RawMessage
		d.ask(http.MethodPost, "/rest/api/2/worklog/list", map[string]any{"ids": part}, &answer)
		for _, raw := range answer {
			var w struct{ ID string }
			if err := json.Unmarshal(raw, &w); err != nil {
				d.Fatal(err)
			}
			worklogs[w.ID] = string(raw)
		}
	}
	return issues, histories, worklogs
}

// tells expects the warehouse to hold what the Jira shows.
func (d *desk) tells() {
	d.Helper()
	d.tellsOf("created >= 2000-01-01")
}

func (d *desk) tellsOf(jql string) {
	d.Helper()
	issues, histories, worklogs := d.truth(jql)
	d.same("issue", issues, d.shown("issue"))
	d.same("worklog", worklogs, d.shown("worklog"))
	landed := map[string]string{}
	for id := range d.shown("changelog") {
		if issue, _, _ := strings.Cut(id, "/"); issues[issue] != "" {
			landed[id] = ""
		}
	}
	for id, at := range landed {
		landed[id] = at
	}
	for _, row := range d.rows("SELECT DISTINCT concat(id, ' ', toString(toDateTime(updated_at, 'UTC'))) FROM raw_records WHERE source = 'jira' AND entity = 'changelog'") {
		id, at, _ := strings.Cut(row, " ")
		if _, ok := landed[id]; ok {
			landed[id] = at
		}
	}
	d.same("changelog", histories, landed)
}

func (d *desk) same(entity string, want, got map[string]string) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		if len(diff) > 2000 {
			diff = diff[:2000] + "…"
		}
		d.Errorf("%s: %d records, want %d\n%s", entity, len(got), len(want), diff)
	}
}

// noSecret expects the token to stand in no table.
func (d *desk) noSecret() {
	d.Helper()
	for table, columns := range map[string]string{
		"raw_records": "payload, id", "sync_runs": "message, ''", "positions": "position, stream", "quarantine": "payload, reason",
	} {
		for _, secret := range []string{deskToken, "Ym90QGV4YW1wbGUuY29tOk"} { // the base64 of user and token begins like that
			if n := d.rows("SELECT toString(count()) FROM "+table+" WHERE concat("+columns+") LIKE ?", "%"+secret+"%")[0]; n != "0" {
				d.Errorf("%s rows of %s hold the token", n, table)
			}
		}
	}
}

// sampleDesk has some hundred issues on pages of twenty.
func sampleDesk(t testing.TB, cloud bool, o jiraapi.Options) *desk { return deskAt(t, nil, cloud, o) }

// deskAt is one that takes over a warehouse.
func deskAt(t testing.TB, s *site, cloud bool, o jiraapi.Options) *desk {
	if s != nil {
		s.wipe()
	}
	j := jiraapi.Sample(150, deskNow.Add(-time.Hour))
	j.Cloud, j.Zone = cloud, "Australia/Melbourne"
	if o.SearchPage == 0 {
		o.SearchPage = 20
	}
	return newDesk(t, s, j, o)
}

// dialects runs a test against Cloud and against Data Center.
func dialects(t *testing.T, o jiraapi.Options, test func(d *desk)) {
	dialectsAt(t, newSite(t), o, test)
}

func dialectsAt(t *testing.T, s *site, o jiraapi.Options, test func(d *desk)) {
	for name, cloud := range map[string]bool{"Cloud": true, "DataCenter": false} {
		t.Run(name, func(t *testing.T) {
			d := deskAt(t, s, cloud, o)
			test(d)
			d.noSecret()
		})
	}
}

// wipe empties the warehouse, which is quicker than opening another.
func (s *site) wipe() {
	s.Helper()
	for _, table := range []string{"raw_records", "positions", "sync_runs", "quarantine"} {
		if err := s.w.Exec(context.Background(), "TRUNCATE TABLE "+table); err != nil {
			s.Fatal(err)
		}
	}
}

// on lets front handle the requests to a path, and no other.
func on(path string, front func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		special := front(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, path) {
				special.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// forge changes what the Jira answers.
func forge(change func(question, answer []byte) []byte) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			question, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(question))
			true := httptest.NewRecorder()
			next.ServeHTTP(true, r)
			for _, name := range []string{"Date", "Content-Type"} {
				w.Header().Set(name, true.Header().Get(name))
			}
			w.WriteHeader(true.Code)
			w.Write(change(question, true.Body.Bytes()))
		})
	}
}

const (
	searches   = "/rest/api/2/search"
	changelogs = "/rest/api/3/changelog/bulkfetch"
)

func TestJiraFirstSync(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		got := d.sync()
		d.tells()
		if got.Landed["issue"] != 150 || got.Landed["worklog"] != 150 || got.Landed["field"] == 0 || got.Landed["status"] != 4 {
			d.Errorf("%+v", got)
		}
		if len(got.Warnings) > 0 {
			d.Error(got.Warnings)
		}
		if got.Requests != uint64(d.requests()) {
			d.Errorf("%d requests counted, %d came", got.Requests, d.requests())
		}
		d.want([]string{"2023-06-13 09:00:00 2024-10-25 09:00:00"}, "SELECT concat(toString(toDateTime(covers_from, 'UTC')), ' ', toString(toDateTime(covers_to, 'UTC'))) FROM sync_runs FINAL")
		d.want([]string{"0"}, "SELECT toString(countIf(position(payload, '\"changelog\":{') > 0)) FROM raw_records WHERE entity = 'issue'")
		d.want([]string{"1"}, "SELECT toString(count()) FROM raw_records WHERE entity = 'server' AND id = 'server' AND payload NOT LIKE '%serverTime%'")

		d.pass(24 * time.Hour)
		again := d.sync()
		if n := d.requests(); n > 8 {
			d.Errorf("%d requests for nothing new", n)
		}
		if again.Records != 0 {
			d.Errorf("%+v", again.Landed)
		}
	})
}

func TestJiraIncrements(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.sync()
		for day := range 3 {
			d.pass(24 * time.Hour)
			d.change(func(j *jiraapi.Site) {
				for n := range 5 {
					d.edit(j.Issues[31*day+n], fmt.Sprint("edited on day ", day))
				}
				moved := *j.Issues[day]
				moved.ID, moved.Key = fmt.Sprint(77000+day), fmt.Sprint("OPS-", 9000+day)
				moved.Created, moved.Updated, moved.Histories = d.theirs(), d.theirs(), nil
				j.Issues = append(j.Issues, &moved)
				j.Worklogs[day].Updated, j.Worklogs[day].Seconds = d.theirs(), 60*day
			})
			d.pass(time.Hour)
			got := d.sync()
			d.tells()
			if got.Landed["issue"] != 6 || got.Landed["worklog"] != 1 || d.requests() > 12 {
				d.Errorf("day %d: %d requests, %+v", day, d.requests(), got.Landed)
			}
		}
	})
}

// A moved issue has another key and is the same issue.
func TestJiraMovedKey(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.sync()
		d.pass(time.Hour)
		d.change(func(j *jiraapi.Site) {
			i := j.Issues[10]
			d.edit(i, "moved")
			i.Key = "REL-4711"
		})
		d.sync()
		d.tells()
		d.want([]string{"REL-4711"}, "SELECT JSONExtractString(argMax(payload, seq), 'key') FROM raw_records WHERE entity = 'issue' AND id = ?", d.jira.Issues[10].ID)
	})
}

// The URL may lead below the root of a server.
func TestJiraBelowAPath(t *testing.T) {
	d := sampleDesk(t, false, jiraapi.Options{})
	d.between(func(next http.Handler) http.Handler { return http.StripPrefix("/jira", next) })
	d.url += "/jira"
	d.sync()
	d.tells()
}

func TestJiraSample(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		got := d.sync(func(o *Options) { o.Sample = 30 })
		if n := got.Landed["issue"]; n < 5 || n > 60 {
			d.Errorf("%+v", got.Landed)
		}
		d.want(nil, "SELECT stream FROM positions")
		d.sync()
		d.tells()
	})
}
