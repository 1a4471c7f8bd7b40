package ingest

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// A first sync of 20,000 incidents. What it must ask for is the records by the
// page; what it takes is held against a bare loop that fetches the same pages
// and does nothing with them.
func BenchmarkPagerDutyFirstSync(b *testing.B) {
	a := pagerdutyapi.Sample(20_000, dutyNow)
	d := newDuty(b, a, pagerdutyapi.Options{})
	entries, open := 0, 0
	for _, in := range a.Incidents {
		entries += len(in.Entries)
		if in.Status != "resolved" {
			open++
		}
	}
	pages := func(n int) int { return max(1, (n+pagerdutyLimit-1)/pagerdutyLimit) }
	oncallWindows := 6 // 407 days of at most 88
	needed := pages(len(a.Incidents)) + pages(entries) + pages(len(a.ChangeEvents)) + pages(open) + len(pagerdutyLists) + oncallWindows
	var asked []string
	d.watch(func(_ int, r *http.Request) { asked = append(asked, r.URL.RequestURI()) })
	var took time.Duration
	records := uint64(0)
	b.Run("srekpi", func(b *testing.B) {
		for b.Loop() {
			asked = nil
			began := time.Now()
			got := d.sync(func(o *Options) { o.Full = true })
			took, records = time.Since(began), got.Records
		}
		ratio := float64(len(asked)) / float64(needed)
		b.ReportMetric(float64(records)/took.Seconds(), "records/s")
		b.ReportMetric(float64(len(asked)), "requests")
		b.ReportMetric(ratio, "requests/needed")
		if ratio > 1.05 {
			b.Errorf("%d requests where %d are needed", len(asked), needed)
		}
	})
	same := asked
	d.watch(nil)
	b.Run("bare", func(b *testing.B) {
		var bare time.Duration
		for b.Loop() {
			began := time.Now()
			for _, uri := range same {
				r, err := http.NewRequest(http.MethodGet, d.url+uri, nil)
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Authorization", "Token token="+dutyToken)
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
					b.Fatal(uri, resp.Status, err)
				}
				resp.Body.Close()
			}
			bare = time.Since(began)
		}
		b.ReportMetric(float64(records)/bare.Seconds(), "records/s")
		b.ReportMetric(bare.Seconds()/took.Seconds(), "throughput-of-bare")
	})
	b.Run("nothing new", func(b *testing.B) {
		for b.Loop() {
			d.sync()
		}
		b.ReportMetric(float64(d.requests()), "requests")
		if d.requests() > 20 {
			b.Errorf("%d requests", d.requests())
		}
	})
}
