package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

const dutyToken = "u+SecretKeyOfDuty"

// duty is a site beside a PagerDuty account.
type duty struct {
	*site
	standIn
	account *pagerdutyapi.Account
	api     *pagerdutyapi.Server
	options pagerdutyapi.Options
	lines   string    // more of the config
	reach   time.Time // of the first sync
}

var dutyNow = time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)

func newDuty(t testing.TB, a *pagerdutyapi.Account, o pagerdutyapi.Options) *duty {
	t.Helper()
	a.Token = dutyToken
	d := &duty{site: newSite(t), account: a, options: o, standIn: standIn{time: dutyNow}, reach: dutyNow.AddDate(0, 0, -400), lines: `since: "2025-02-24T09:00:00Z"`}
	d.options.Clock = d.theirs
	if o.PerMinute == 0 {
		d.options.PerMinute = -1
	}
	d.api = pagerdutyapi.New(a, d.options)
	d.listen(t, func() http.Handler { return d.api })
	t.Setenv("SREKPI_TEST_DUTY", dutyToken)
	return d
}

func (d *duty) source() *configs.Config {
	d.Helper()
	return d.config(fmt.Sprintf("{name: pd, type: pagerduty, url: %q, token: {env: SREKPI_TEST_DUTY}, %s}", d.url, d.lines))
}

// sync runs, expects success, and counts requests anew.
func (d *duty) sync(change ...func(*Options)) SourceResult {
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

func (d *duty) try(change ...func(*Options)) (SourceResult, error) {
	d.Helper()
	d.watch(d.asked)
	o := Options{Now: d.clock}
	for _, c := range change {
		c(&o)
	}
	r, err := Ingest(context.Background(), d.w, d.source(), o)
	if r == nil || len(r.Sources) == 0 {
		d.Fatal(err)
	}
	return r.Sources[0], err
}

// smallPages makes the warehouse's pages small, so that positions move often.
func (d *duty) smallPages() {
	usual := pageRows
	pageRows = 50
	d.Cleanup(func() { pageRows = usual })
}

// shown is what the warehouse shows of an entity: its current records.
func (d *duty) shown(entity string) []string {
	d.Helper()
	return d.rows(`
		SELECT current.1 FROM (
			SELECT id, argMax((payload, deleted), (ifNull(updated_at, toDateTime64(0, 3)), seq)) AS current
			FROM raw_records WHERE source = 'pd' AND entity = ? GROUP BY id ORDER BY id)
		WHERE current.2 = 0`, entity)
}

// tells expects the warehouse to show what the account holds.
func (d *duty) tells() {
	d.Helper()
	o := d.oracle()
	var incidents, entries []string
	for _, in := range d.account.Incidents {
		if d.relevant(in) {
			incidents = append(incidents, o.one("/incidents/"+in.ID+"?time_zone=UTC&include[]=external_references", "incident"))
			entries = append(entries, o.all("/incidents/"+in.ID+"/log_entries?time_zone=UTC&include[]=channels", "log_entries")...)
		}
	}
	d.same("incident", incidents)
	d.same("log_entry", entries)
	d.same("change_event", o.all("/change_events?since="+pagerdutyTime(d.reach), "change_events"))
	for _, list := range pagerdutyLists {
		d.same(list.entity, o.all("/"+list.name+"?", list.name))
	}
}

// relevant: it was created since the reach, or something happened to it, or it is open.
func (d *duty) relevant(in *pagerdutyapi.Incident) bool {
	return !in.Created.Before(d.reach) || in.Status != "resolved" ||
		slices.ContainsFunc(in.Entries, func(e pagerdutyapi.LogEntry) bool { return !e.At.Before(d.reach) })
}

func (d *duty) same(entity string, want []string) {
	d.Helper()
	got := d.shown(entity)
	slices.Sort(got)
	want = slices.Clone(want)
	slices.Sort(want)
	if len(got) != len(want) {
		d.Errorf("%s: %d records, want %d", entity, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			d.Errorf("%s: %s", entity, cmp.Diff(want[i], got[i]))
			return
		}
	}
}

// oracle asks the account without a network, a fault or a count.
type oracle struct {
	testing.TB
	s *pagerdutyapi.Server
}

func (d *duty) oracle() oracle {
	return oracle{d.TB, pagerdutyapi.New(d.account, pagerdutyapi.Options{Clock: d.theirs, PerMinute: -1})}
}

func (o oracle) get(path string) map[string]json.RawMessage {
	o.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Token token="+dutyToken)
	w := httptest.NewRecorder()
	o.s.ServeHTTP(w, r)
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		o.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return answer
}

func (o oracle) one(path, name string) string { return string(o.get(path)[name]) }

func (o oracle) all(path, name string) []string {
	o.Helper()
	var all []string
	for more := true; more; {
		answer := o.get(fmt.Sprintf("%s&limit=100&offset=%d", path, len(all)))
		var page []json.RawMessage
		if err := json.Unmarshal(answer[name], &page); err != nil {
			o.Fatal(err)
		}
		for _, raw := range page {
			all = append(all, string(raw))
		}
		more = string(answer["more"]) == "true"
	}
	return all
}

// sampleDuty has some hundred incidents in an account whose zone is far away.
func sampleDuty(t testing.TB) *duty {
	a := pagerdutyapi.Sample(300, dutyNow)
	a.Zone = "Australia/Melbourne"
	return newDuty(t, a, pagerdutyapi.Options{})
}

// rewrite changes the bodies of answers to requests for a path.
func rewrite(path string, change func(r *http.Request, body []byte) []byte) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != path {
				next.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			for k, v := range rec.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(rec.Code)
			_, _ = w.Write(change(r, rec.Body.Bytes()))
		})
	}
}

// instead answers requests for a path with an error.
func instead(path string, status int, body string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, path) {
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Date", dutyNow.Format(http.TimeFormat))
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
}

func TestPagerDutyFirstSync(t *testing.T) {
	d := sampleDuty(t)
	// Odd records land as they are: what to make of them is for staging.
	d.api.Update(func(a *pagerdutyapi.Account) {
		in := a.Incidents[250]
		in.Priority, in.Policy = nil, pagerdutyapi.Named{}
		in.Entries = append(in.Entries,
			pagerdutyapi.LogEntry{ID: "RODD1", Type: "teleport", At: in.Created.Add(time.Minute)},
			pagerdutyapi.LogEntry{ID: "RODD2", Type: "annotate", At: in.Created.Add(time.Hour), Agent: ada, Channel: ""})
	})
	got := d.sync()
	d.tells()
	for _, text := range []string{`"type":"teleport_log_entry"`, `"channel":{"type":null}`, `"channel":{"type":"note","summary":"Looks like the last release`} {
		if !slices.ContainsFunc(d.shown("log_entry"), func(p string) bool { return strings.Contains(p, text) }) {
			t.Errorf("no entry has %s", text)
		}
	}
	if got.Landed["incident"] < 300 || got.Landed["log_entry"] < 1200 || got.Landed["change_event"] != 75 || got.Landed["oncall"] == 0 {
		t.Errorf("%+v", got)
	}
	if len(got.Warnings) > 0 {
		t.Error(got.Warnings)
	}
	if got.Requests != uint64(d.requests()) {
		t.Errorf("%d requests counted, %d came", got.Requests, d.requests())
	}
	d.want([]string{"2025-02-24 09:00:00 2026-03-31 09:00:00"}, "SELECT concat(toString(toDateTime(covers_from, 'UTC')), ' ', toString(toDateTime(covers_to, 'UTC'))) FROM sync_runs FINAL")

	// Nothing new: a handful of requests, and nothing of what is settled again.
	d.pass(24 * time.Hour)
	again := d.sync()
	d.tells()
	if n := d.requests(); n > 20 {
		t.Errorf("%d requests for nothing new", n)
	}
	if again.Landed["log_entry"] > 30 || again.Landed["change_event"] > 2 || again.Landed["service"] > 0 {
		t.Errorf("%+v", again.Landed)
	}
	d.want([]string{"0 0"}, "SELECT concat(toString((SELECT count() FROM raw_records WHERE payload LIKE '%SecretKey%')), ' ', toString((SELECT count() FROM sync_runs WHERE message LIKE '%SecretKey%')))")
}
