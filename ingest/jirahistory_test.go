package ingest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// long gives an issue a history of 250 entries and 130 comments.
func long(d *desk, i *jiraapi.Issue) {
	var comments []jiraapi.Comment
	for n := range 250 {
		at := i.Created.Add(time.Duration(n) * time.Minute)
		i.Histories = append(i.Histories, jiraapi.History{
			ID: fmt.Sprintf("8%s%03d", i.ID, n), Created: at,
			Items: []jiraapi.Item{{Field: "labels", FieldID: "labels", ToString: fmt.Sprint(n)}},
		})
		if n < 130 {
			comments = append(comments, jiraapi.Comment{ID: fmt.Sprintf("6%s%03d", i.ID, n), Body: fmt.Sprint("comment ", n), Created: at})
		}
	}
	i.Fields["comment"] = comments
	i.Updated = d.theirs()
}

// Searches show the newest histories only, and 20 comments. All of them land.
func TestJiraLongIssue(t *testing.T) {
	dialects(t, jiraapi.Options{}, func(d *desk) {
		d.change(func(j *jiraapi.Site) { long(d, j.Issues[7]); long(d, j.Issues[90]) })
		got := d.sync()
		d.tells()
		embedded := 130
		if d.jira.Cloud {
			embedded = 20
		}
		if n := len(d.shown("comment")); n != 2*(130-embedded) || len(got.Warnings) > 0 {
			d.Errorf("%d comments landed besides those in their issues; %v", n, got.Warnings)
		}
	})
}

// One request gives ten thousand histories; there are more.
func TestJiraManyHistories(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.change(func(j *jiraapi.Site) {
		for n := range 45 {
			long(d, j.Issues[n])
		}
	})
	d.sync()
	d.tells()
	if n := d.api.Requests()["POST "+changelogs]; n != 2 {
		t.Errorf("%d requests for histories", n)
	}
}

// The bulk endpoint too must come to an end.
func TestJiraRepeatedHistoryToken(t *testing.T) {
	d := sampleDesk(t, true, jiraapi.Options{})
	d.between(on(changelogs, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"issueChangeLogs":[],"nextPageToken":"again"}`)
		})
	}))
	got, err := d.try()
	if err != nil || got.Err == nil || !strings.Contains(got.Err.Error(), "repeats a page token of changelogs") {
		t.Fatal(err, got.Err)
	}
	d.between(nil)
	d.sync()
	d.tells()
}

// A Data Center that cuts its changelogs, and has no endpoint for the rest, is
// told of. One that has the endpoint is asked.
func TestJiraCutChangelog(t *testing.T) {
	s := newSite(t)
	for _, paged := range []bool{false, true} {
		t.Run(fmt.Sprint("paged ", paged), func(t *testing.T) {
			d := deskAt(t, s, false, jiraapi.Options{})
			d.change(func(j *jiraapi.Site) { long(d, j.Issues[7]) })
			issue := d.jira.Issues[7]
			cut := forge(func(_, answer []byte) []byte { return cutHistories(t, answer) })
			d.between(func(next http.Handler) http.Handler {
				cutting := on(searches, cut)(next)
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if paged && r.URL.Path == "/rest/api/2/issue/"+issue.ID+"/changelog" {
						pageHistories(w, r, issue)
						return
					}
					cutting.ServeHTTP(w, r)
				})
			})
			got := d.sync()
			landed := d.rows("SELECT toString(count(DISTINCT id)) FROM raw_records WHERE entity = 'changelog' AND id LIKE ?", issue.ID+"/%")[0]
			switch {
			case paged && (landed != fmt.Sprint(len(issue.Histories)) || len(got.Warnings) > 0):
				t.Errorf("%s of %d histories; %v", landed, len(issue.Histories), got.Warnings)
			case !paged && (len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "the whole changelog of 1 issues (such as the one with id "+issue.ID+")")):
				t.Errorf("%s of %d histories; %v", landed, len(issue.Histories), got.Warnings)
			}
		})
	}
}

// cutHistories leaves 100 histories of each issue, and the total.
func cutHistories(t *testing.T, answer []byte) []byte {
	var page map[string]any
	if err := json.Unmarshal(answer, &page); err != nil {
		t.Error(err)
	}
	for _, i := range page["issues"].([]any) {
		log, ok := i.(map[string]any)["changelog"].(map[string]any)
		if !ok {
			continue
		}
		if all := log["histories"].([]any); len(all) > 100 {
			log["histories"] = all[len(all)-100:]
		}
	}
	short, _ := json.Marshal(page)
	return short
}

func pageHistories(w http.ResponseWriter, r *http.Request, issue *jiraapi.Issue) {
	var start int
	fmt.Sscan(r.URL.Query().Get("startAt"), &start)
	values := []map[string]any{}
	for _, h := range issue.Histories[min(start, len(issue.Histories)):min(start+100, len(issue.Histories))] {
		values = append(values, map[string]any{"id": h.ID, "created": h.Created.Format("2006-01-02T15:04:05.000-0700"), "items": []any{}})
	}
	json.NewEncoder(w).Encode(map[string]any{"startAt": start, "total": len(issue.Histories), "values": values})
}
