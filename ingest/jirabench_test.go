package ingest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// A first sync of 20,000 issues.
func BenchmarkJira(b *testing.B) {
	for _, kind := range []string{"jiracloud", "jiraserver"} {
		b.Run(kind, func(b *testing.B) {
			b.Run("FirstSync", func(b *testing.B) { benchFirstSync(b, kind, 20_000) })
			b.Run("Memory", func(b *testing.B) { benchMemory(b, kind, 20_000) })
			b.Run("Memory10", func(b *testing.B) { benchMemory(b, kind, 200_000) })
		})
	}
}

// jiraNeeded is each endpoint's records by its largest page.
func jiraNeeded(cloud bool, issues, worklogs int) int {
	pages := func(n, size int) int { return (n + size - 1) / size }
	n := 4 + 2*pages(worklogs, 1000) + 1 // serverInfo, myself, field, status; ids and worklogs; deleted ones
	if cloud {
		return n + pages(issues, 100) + pages(issues, 1000)
	}
	return n + pages(issues, 1000)
}

// What it takes to find records in a page of Cloud.
func BenchmarkJiraPage(b *testing.B) {
	j := jiraapi.Sample(100, deskNow)
	api := jiraapi.New(j, jiraapi.Options{Clock: func() time.Time { return deskNow }})
	r := httptest.NewRequest(http.MethodGet, "/rest/api/2/search/jql?fields=*all&maxResults=100&jql=created+%3E%3D+2000-01-01", nil)
	r.SetBasicAuth(j.User, j.Token)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	body := w.Body.Bytes()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		t := readJira(body)
		if _, _, err := t.object(func(name []byte) error {
			if string(name) != `"issues"` {
				return nil
			}
			_, err := t.array(func() error {
				i, err := t.issue()
				if i.id != "" {
					n++
				}
				return err
			})
			return err
		}); err != nil || n != 100 {
			b.Fatal(n, err)
		}
	}
}
