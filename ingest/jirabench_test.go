package ingest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/jiraapi"
)

// A first sync of 20,000 issues must ask hardly more than the vendor's largest
// pages make necessary, and keep up with a loop that asks for the same pages and
// throws them away. An increment with nothing new costs a handful of requests.
func BenchmarkJira(b *testing.B) {
	const issues = 20_000
	for _, cloud := range []bool{true, false} {
		b.Run(map[bool]string{true: "Cloud", false: "DataCenter"}[cloud], func(b *testing.B) {
			j := jiraapi.Sample(issues, deskNow.Add(-time.Hour))
			j.Cloud = cloud
			d := newDesk(b, nil, j, jiraapi.Options{})
			var asked []func() *http.Request
			var took time.Duration
			runs := 0
			for b.Loop() {
				d.wipe()
				if runs++; runs == 1 {
					d.watch(func(_ int, r *http.Request) { asked = append(asked, again(r, d.url)) })
				} else {
					d.watch(nil)
				}
				began := time.Now()
				got := d.sync()
				took += time.Since(began)
				if got.Landed["issue"] != issues || got.Landed["worklog"] != issues {
					b.Fatalf("%+v", got.Landed)
				}
				needed := jiraNeeded(cloud, issues, len(j.Worklogs))
				ratio := float64(got.Requests) / float64(needed)
				b.ReportMetric(ratio, "requests/needed")
				if ratio > 1.05 {
					b.Errorf("%d requests, %d are needed", got.Requests, needed)
				}
			}
			d.watch(nil)
			began := time.Now()
			for range runs {
				fetchAll(b, asked)
			}
			b.ReportMetric(time.Since(began).Seconds()/took.Seconds(), "of-bare-loop")
			b.ReportMetric(float64(issues*runs)/took.Seconds(), "issues/s")
			d.pass(24 * time.Hour)
			if got := d.sync(); got.Requests > 20 || got.Records > 0 {
				b.Errorf("%d requests for nothing new, %+v", got.Requests, got.Landed)
			} else {
				b.ReportMetric(float64(got.Requests), "requests/increment")
			}
			b.ReportMetric(0, "ns/op")
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

// again makes a request of which a server has been asked.
func again(r *http.Request, server string) func() *http.Request {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return func() *http.Request {
		copied, err := http.NewRequest(r.Method, server+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			panic(err)
		}
		copied.Header = r.Header.Clone()
		copied.Header.Del("Accept-Encoding")
		return copied
	}
}

// fetchAll is the bare loop.
func fetchAll(b *testing.B, requests []func() *http.Request) {
	for _, request := range requests {
		r := request()
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(fmt.Sprint(r.URL, resp.Status, err))
		}
	}
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
