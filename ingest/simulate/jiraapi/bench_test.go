package jiraapi_test

import (
	"net/url"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// BenchmarkSearch reads 20,000 issues page by page, as a first sync does.
func BenchmarkSearch(b *testing.B) {
	j := serve(b, jiraapi.Sample(20000, noon), jiraapi.Options{})
	for b.Loop() {
		token, pages := "", 0
		for {
			page := j.search("created > 0 order by created", "maxResults=100", "fields=*all,-worklog", token)
			pages++
			next, ok := page.json["nextPageToken"].(string)
			if !ok {
				break
			}
			token = "nextPageToken=" + url.QueryEscape(next)
		}
		if pages != 200 {
			b.Fatalf("%d pages", pages)
		}
	}
}
