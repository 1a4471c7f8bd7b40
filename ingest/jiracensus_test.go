package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
)

// An issue that is deleted or hidden changes nothing that a search shows. The
// census finds it, and finds it again when it is back.
func TestJiraCensus(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.lines += ", projects: [OPS, REL]"
		const scope = "project in (OPS, REL)"
		d.sync()
		d.tellsOf(scope)
		var ours []*jiraapi.Issue
		for _, i := range d.jira.Issues {
			if !strings.HasPrefix(i.Key, "WEB") {
				ours = append(ours, i)
			}
		}
		d.pass(time.Hour)
		d.change(func(j *jiraapi.Site) {
			for n, i := range ours[:12] {
				i.Hidden = n > 4
			}
			for n, i := range j.Issues { // deleted
				if i == ours[2] {
					j.Issues = append(j.Issues[:n:n], j.Issues[n+1:]...)
					break
				}
			}
			ours[0].Key = "WEB-900" // into a project that the config leaves out
			ours[0].Fields["project"] = map[string]any{"id": "10002", "key": "WEB", "name": "WEB"}
			ours[0].Updated = d.theirs()
		})
		before := len(d.shown("issue"))
		d.sync()
		if n := len(d.shown("issue")); n != before {
			d.Errorf("%d issues without a census, want %d", n, before)
		}
		d.sync(withCensus)
		d.tellsOf(scope)
		d.want([]string{`9 {"deleted":"gone or hidden"} 9`},
			"SELECT concat(toString(count()), ' ', payload, ' ', toString(countIf(updated_at IS NOT NULL))) FROM raw_records WHERE entity = 'issue' AND deleted = 1 GROUP BY payload")
		if again := d.sync(withCensus); again.Records > 0 {
			d.Errorf("a second census lands %+v", again.Landed)
		}

		// They are back, one with work that was booked while it was hidden.
		d.pass(time.Hour)
		d.change(func(j *jiraapi.Site) {
			for _, i := range ours[:12] {
				i.Hidden = false
			}
			ours[0].Key, ours[0].Fields["project"] = "OPS-1", map[string]any{"id": "10000", "key": "OPS", "name": "OPS"}
		})
		d.pass(time.Hour)
		d.sync(withCensus)
		d.pass(time.Minute)
		d.tellsOf(scope)
	})
}

// Data Center refuses a list of ids of which one is gone by the time it is asked.
func TestJiraCensusOfWhatVanishes(t *testing.T) {
	d := sampleDesk(t, false, jiraapi.Options{})
	hide := func(hidden bool, issues ...int) {
		d.change(func(j *jiraapi.Site) {
			for _, n := range issues {
				j.Issues[n].Hidden = hidden
			}
		})
	}
	hide(true, 3, 4, 5, 6, 7)
	d.sync()
	d.pass(time.Hour)
	hide(false, 3, 4, 5, 6, 7)
	asked := 0
	d.between(on(searches, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			question, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(question))
			if bytes.Contains(question, []byte("id in (")) {
				if asked++; asked == 1 {
					hide(true, 5)
				}
			}
			next.ServeHTTP(w, r)
		})
	}))
	d.sync(withCensus)
	d.tells()
	if asked < 3 {
		t.Errorf("the ids were asked for %d times", asked)
	}
}

// A sweep that does not come to its end says nothing about what is gone.
func TestJiraCensusCutShort(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.sync()
		before := d.shown("issue")
		asked := 0
		d.between(on(searches, func(next http.Handler) http.Handler {
			return misbehave.Handler(next, func(int, *http.Request) misbehave.Fault {
				if asked++; asked > 4 { // in the midst of the sweep
					return misbehave.Internal500
				}
				return misbehave.None
			})
		}))
		got, err := d.try(withCensus)
		if err != nil || got.Err == nil {
			d.Fatal(err, got.Err)
		}
		d.same("issue", before, d.shown("issue"))
	})
}

// Issues leave while the census pages: those behind them must not be missed.
func TestJiraCensusWhileIssuesLeave(t *testing.T) {
	d := sampleDesk(t, false, jiraapi.Options{})
	d.sync()
	d.pass(time.Hour)
	pages := 0
	d.watch(func(_ int, r *http.Request) {
		if r.URL.Path != searches {
			return
		}
		if pages++; pages == 4 || pages == 6 {
			d.change(func(j *jiraapi.Site) {
				for n := range 30 {
					j.Issues[pages*10+n-30].Hidden = true
				}
			})
		}
	})
	d.sync(withCensus)
	want, _, _ := d.truth("created >= 2000-01-01")
	got := d.shown("issue")
	for id := range want {
		if got[id] == "" {
			t.Fatalf("issue %s is taken for gone", id)
		}
	}
}

// Work on an issue that comes into view later was booked before.
func TestJiraWorklogsOfJoiningIssues(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.lines += ", projects: [OPS]"
		d.sync()
		d.tellsOf("project = OPS")
		d.pass(24 * time.Hour)
		d.change(func(j *jiraapi.Site) {
			for n, i := range j.Issues[:9] {
				if strings.HasPrefix(i.Key, "WEB") {
					i.Key, i.Updated = fmt.Sprint("OPS-", 700+n), d.theirs()
					i.Fields["project"] = map[string]any{"id": "10000", "key": "OPS", "name": "OPS"}
				}
			}
		})
		d.pass(time.Hour)
		d.sync()
		d.tellsOf("project = OPS")
		d.pass(time.Hour)
		if got := d.sync(); got.Records > 0 {
			d.Errorf("%+v", got.Landed)
		}
	})
}

func TestJiraWorklogsDeleted(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.sync()
		d.pass(time.Hour)
		d.change(func(j *jiraapi.Site) {
			for n := range 4 {
				j.Worklogs[30*n].Deleted = d.theirs()
			}
		})
		d.pass(30 * time.Second) // the feeds are a minute late
		if got := d.sync(); got.Landed["worklog"] > 0 {
			d.Errorf("%+v", got.Landed)
		}
		d.pass(5 * time.Minute)
		if got := d.sync(); got.Gone != 4 || got.Records > 0 {
			d.Errorf("%+v", got.Landed)
		}
		d.tells()
		d.want([]string{`{"deleted":"deleted"}`}, "SELECT DISTINCT payload FROM raw_records WHERE deleted = 1")
		d.pass(time.Minute)
		if got := d.sync(); got.Records > 0 {
			d.Errorf("%+v", got.Landed)
		}
	})
}

// More worklogs than one page of the feed, some of the same millisecond.
func TestJiraManyWorklogs(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.change(func(j *jiraapi.Site) {
		for n := range 2600 {
			w := *j.Worklogs[n%100]
			w.ID = fmt.Sprint(600000 + n)
			w.Updated = deskNow.Add(-30*24*time.Hour + time.Duration(n/40)*time.Second)
			j.Worklogs = append(j.Worklogs, &w)
		}
	})
	got := d.sync()
	d.tells()
	if got.Landed["worklog"] != 2750 {
		t.Errorf("%+v", got.Landed)
	}
	if n := d.api.Requests()["POST /rest/api/2/worklog/list"]; n != 3 {
		t.Errorf("%d requests for worklogs", n)
	}
}

// An old version, or one without time tracking, has no worklogs.
func TestJiraWithoutWorklogs(t *testing.T) {
	d := sampleDesk(t, false, jiraapi.Options{})
	d.between(on("/rest/api/2/worklog", func(http.Handler) http.Handler { return http.NotFoundHandler() }))
	got := d.sync()
	if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "time spent is left out") || len(d.shown("issue")) != 150 {
		t.Errorf("%+v", got)
	}
	d.between(nil)
	d.pass(time.Hour)
	d.sync()
	d.tells()
}

// Which issues a rule in JQL fits is asked in each run and lands when it differs.
func TestJiraRules(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.lines += `, issues: [{is: incident, type: [Incident]}, {is: problem, jql: "labels = toil OR priority = Low"}]`
		matches := func() (ids []string) {
			d.Helper()
			var m struct {
				Rule   int
				Issues []string
			}
			if err := json.Unmarshal([]byte(d.shown("rule_match")["labels = toil OR priority = Low"]), &m); err != nil || m.Rule != 1 {
				d.Fatal(err, m)
			}
			return m.Issues
		}
		check := func() {
			d.Helper()
			want, _, _ := d.truth("labels = toil OR priority = Low")
			got := matches()
			if len(got) != len(want) || len(got) == 0 {
				d.Errorf("%d matches, want %d", len(got), len(want))
			}
			for _, id := range got {
				if want[id] == "" {
					d.Errorf("%s does not fit", id)
				}
			}
		}
		if got := d.sync(); got.Landed["rule_match"] != 1 {
			d.Errorf("%+v", got.Landed)
		}
		check()
		d.pass(time.Hour)
		if got := d.sync(); got.Records > 0 {
			d.Errorf("%+v", got.Landed)
		}
		d.change(func(j *jiraapi.Site) {
			j.Issues[0].Fields["labels"], j.Issues[1].Fields["labels"] = []string{"toil"}, []string{"toil", "customer"}
			j.Issues[0].Touch()
			j.Issues[1].Touch()
		})
		d.sync()
		check()
	})
}

// A token that has lost a right sees as little as a Jira that was cleared. All
// else of the source is read nevertheless.
func TestJiraCensusBrake(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.sync()
		d.change(func(j *jiraapi.Site) {
			for _, i := range j.Issues[:100] {
				i.Hidden = true
			}
			j.Worklogs[149].Updated = d.theirs()
		})
		d.pass(time.Hour)
		got, err := d.try(withCensus)
		if err != nil || got.Err == nil || !strings.HasSuffix(got.Err.Error(), "100 of 150 issues are not shown any more; if that is right, run ingest --census --full") {
			d.Fatal(err, got.Err)
		}
		if n := len(d.shown("issue")); n != 150 || got.Gone > 0 {
			d.Errorf("%d issues: %+v", n, got)
		}
		if got.Landed["worklog"] != 1 {
			d.Errorf("%+v", got.Landed)
		}
		d.want([]string{"0"}, "SELECT toString(count()) FROM positions WHERE stream = 'census'")
		got = d.sync(withCensus, func(o *Options) { o.Full = true })
		if n := len(d.shown("issue")); n != 50 || got.Gone < 100 {
			d.Errorf("%d issues: %+v", n, got)
		}
		d.tells()
	})
}

// A census comes by itself when the first sync, and then the last census, is long
// ago.
func TestJiraCensusAfterAWeek(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	weekly := func(o *Options) { o.CensusAfter = 7 * 24 * time.Hour }
	d.sync(weekly)
	var gone []bool
	for n, days := range []int{3, 3, 3, 6, 2} { // 3, 6, 9: swept; 6, 8: swept
		d.change(func(j *jiraapi.Site) { j.Issues[n].Hidden = true })
		d.pass(time.Duration(days) * 24 * time.Hour)
		gone = append(gone, d.sync(weekly).Gone > 0)
	}
	if diff := cmp.Diff([]bool{false, false, true, false, true}, gone); diff != "" {
		t.Error(diff)
	}
}

// What the config leaves out now stays until a census, and it is said.
func TestJiraNarrowed(t *testing.T) {
	d := sampleDesk(t, false, jiraapi.Options{})
	if got := d.sync(); len(got.Warnings) > 0 {
		t.Error(got.Warnings)
	}
	d.lines += ", projects: [OPS, REL]"
	d.pass(time.Hour)
	got := d.sync()
	if want := "jira: what is asked for changed since the last run: records that it leaves out now stay until `srekpi ingest --census`"; len(got.Warnings) != 1 || got.Warnings[0] != want {
		t.Error(got.Warnings)
	}
	d.lines += ", jql: 'labels = toil'"
	if got, _ := d.try(withCensus); len(got.Warnings) > 0 {
		t.Error(got.Warnings)
	}
}
