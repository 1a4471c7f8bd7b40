package ingest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// What the vendor computes comes a day late: it is asked for that far back.
func TestPagerDutyAnalytics(t *testing.T) {
	a := pagerdutyapi.Sample(1200, dutyNow)
	d := newDuty(t, a, pagerdutyapi.Options{AnalyticsLag: 24 * time.Hour})
	d.lines += ", analytics: true"
	first := d.sync()
	if n := first.Landed["analytics"]; n < 1190 || n >= 1200 {
		t.Errorf("%d incidents", n)
	}
	d.opens("QNEW", d.theirs().Add(-time.Minute))
	late := d.incident("resolved", 5)
	d.happens(late, pagerdutyapi.LogEntry{Type: "annotate"})
	var asked string
	d.watch(func(_ int, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			r.Body, asked = io.NopCloser(bytes.NewReader(body)), string(body)
		}
	})
	for range 4 {
		d.pass(11 * time.Hour)
		d.sync()
	}
	d.want([]string{"1201 1"}, "SELECT concat(toString(uniqExact(id)), ' ', toString(uniqExactIf(id, id = 'QNEW'))) FROM raw_records WHERE entity = 'analytics'")
	d.want([]string{"2"}, "SELECT toString(least(count(), 2)) FROM raw_records WHERE entity = 'analytics' AND id = ?", late.ID)
	if n := d.api.Requests()["POST /analytics/raw/incidents"]; n != 2+4 {
		t.Errorf("%d requests", n)
	}
	if want := `"updated_after":"` + pagerdutyTime(d.theirs().Add(-11*time.Hour-24*time.Hour-overlap)); !strings.Contains(asked, want) {
		t.Errorf("it asked %s, want %s", asked, want)
	}
}

// A sample sees something of each list and moves no position.
func TestPagerDutySample(t *testing.T) {
	d := sampleDuty(t)
	d.lines += ", analytics: true"
	got := d.sync(func(o *Options) { o.Sample = 20 })
	for _, entity := range []string{"incident", "log_entry", "change_event", "oncall", "analytics", "service"} {
		if n := got.Landed[entity]; n == 0 || n > 300 {
			t.Errorf("%d of %s", n, entity)
		}
	}
	if d.requests() > 20 {
		t.Errorf("%d requests", d.requests())
	}
	d.want(nil, "SELECT stream FROM positions")
	d.sync()
	d.tells()
}
