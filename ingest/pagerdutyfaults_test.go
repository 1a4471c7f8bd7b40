package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// misbehaves puts a plan of faults between the network and the account.
func (d *duty) misbehaves(plan func(int, *http.Request) misbehave.Fault, headers ...http.Header) {
	var faulty http.Handler
	d.between(func(next http.Handler) http.Handler {
		if faulty == nil {
			faulty = misbehave.Handler(next, plan, headers...)
		}
		return faulty
	})
}

// Whatever the network does, a run that ends well has everything.
func TestPagerDutyBadNetwork(t *testing.T) {
	d := sampleDuty(t)
	for seed, faults := range [][]misbehave.Fault{
		{misbehave.TooMany, misbehave.Unavailable503, misbehave.Internal500, misbehave.BadGateway502},
		{misbehave.Reset, misbehave.ResetBody, misbehave.Truncate, misbehave.HTML200},
		{misbehave.Drip, misbehave.Hang},
	} {
		share := 0.4
		if faults[0] == misbehave.Drip {
			network.AttemptTimeout, share = 150*time.Millisecond, 0.15
		}
		d.misbehaves(misbehave.Random(uint64(seed)+1, share, faults...), http.Header{"Ratelimit-Reset": {"7"}})
		first := d.sync(func(o *Options) { o.Full = true })
		d.opens(fmt.Sprint("QNEW", seed), d.theirs().Add(-time.Second))
		d.happens(d.incident("triggered", 0), pagerdutyapi.LogEntry{Type: "resolve"})
		d.pass(time.Hour)
		d.sync()
		d.tells()
		if first.Retries < 3 {
			t.Errorf("%v: %d retries", faults, first.Retries)
		}
	}
}

// A small quota: the run waits for each minute to pass as the headers say, and
// does not ask in between. The page fetched ahead may be refused beside the one
// that is waited for.
func TestPagerDutyQuota(t *testing.T) {
	d := newDuty(t, pagerdutyapi.Sample(300, dutyNow), pagerdutyapi.Options{PerMinute: 7})
	got := d.sync()
	d.tells()
	if n := int(got.Requests); got.Retries == 0 || int(got.Retries) > 2*(n/7+1) {
		t.Errorf("%d retries in %d requests", got.Retries, n)
	}
}

// A server that pays no heed to the offset would be read for ever.
func TestPagerDutyRepeatedPage(t *testing.T) {
	d := sampleDuty(t)
	d.between(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); r.URL.Path == "/log_entries" && q.Get("offset") != "" {
				q.Del("offset")
				r.URL.RawQuery = q.Encode()
			}
			next.ServeHTTP(w, r)
		})
	})
	got, _ := d.try()
	if got.Err == nil || got.Err.Error() != "ingest pd: GET /log_entries: the server repeats a page instead of sending the next; run it again later: it goes on where it stopped" {
		t.Fatal(got.Err)
	}
	d.between(nil)
	d.sync()
	d.tells()
}

func TestPagerDutySameRecordTwice(t *testing.T) {
	d := sampleDuty(t)
	d.between(rewrite("/log_entries", func(_ *http.Request, body []byte) []byte {
		l, err := cut(body, "log_entries")
		if err != nil || len(l.records) < 2 {
			return body
		}
		first := l.records[0].raw
		return bytes.Replace(body, first, append(append(bytes.Clone(first), ','), first...), 1)
	}))
	d.sync()
	d.tells()
}

// A run that fails in the middle of an increment moves no watermark, and the
// next one has what that should have brought.
func TestPagerDutyWatermarkAfterFailure(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	for i, broken := range []string{"/log_entries", "/incidents/", "/change_events"} {
		d.pass(2 * time.Hour)
		d.opens(fmt.Sprint("QFIRST", i), d.theirs().Add(-time.Hour))
		d.happens(d.incident("resolved", 3+i), pagerdutyapi.LogEntry{Type: "annotate"})
		d.pass(time.Minute)
		d.between(instead(broken, http.StatusBadRequest, `{"error":{"message":"Arguments Caused Error","code":2002,"errors":["odd"]}}`))
		got, _ := d.try()
		if got.Err == nil || !strings.Contains(got.Err.Error(), "400 Bad Request: Arguments Caused Error: odd (code 2002)") {
			t.Fatal(got.Err)
		}
		d.want([]string{"failed"}, "SELECT status FROM sync_runs FINAL ORDER BY run_id DESC LIMIT 1")
		d.between(nil)
		d.pass(72 * time.Hour)
		d.sync()
		d.tells()
	}
}

// A run that is cancelled goes on where it stopped.
func TestPagerDutyCancelled(t *testing.T) {
	for _, at := range []int{9, 29} {
		t.Run(fmt.Sprint("request ", at), func(t *testing.T) {
			d := sampleDuty(t)
			d.smallPages()
			d.opens("QOPEN", d.reach.AddDate(0, -2, 0))
			ctx, cancel := context.WithCancel(context.Background())
			d.watch(func(n int, _ *http.Request) {
				if n == at {
					cancel()
				}
			})
			r, err := Ingest(ctx, d.w, d.source(), Options{Now: d.clock})
			if !errors.Is(err, context.Canceled) || r.Sources[0].Err == nil {
				t.Fatal(err)
			}
			before := d.requests()
			d.want([]string{"interrupted"}, "SELECT status FROM sync_runs FINAL")
			d.asked = nil
			d.pass(3 * time.Hour)
			d.opens("QNEW", d.theirs().Add(-2*time.Hour))
			d.happens(d.incident("triggered", 0), pagerdutyapi.LogEntry{Type: "resolve"})
			d.pass(time.Second)
			got := d.sync()
			d.tells()
			if after := d.requests(); before+after > 58 {
				t.Errorf("%d requests, then %d: %v", before, after, got.Landed)
			}
		})
	}
}

// So does one that is cancelled while it fetches what has changed.
func TestPagerDutyCancelledAmongChanges(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	d.pass(time.Hour)
	changed := d.account.Incidents[20:60]
	for _, in := range changed {
		d.happens(in, pagerdutyapi.LogEntry{Type: "annotate"})
	}
	d.pass(time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	fetched := 0
	d.watch(func(_ int, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/incidents/") {
			if fetched++; fetched == 20 {
				cancel()
			}
		}
	})
	if _, err := Ingest(ctx, d.w, d.source(), Options{Now: d.clock}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d.sync()
	d.tells()
	if fetched > len(changed)+5 {
		t.Errorf("%d incidents were fetched where %d have changed", fetched, len(changed))
	}
}

// The warehouse dies at an insert; the next run leaves nothing out.
func TestPagerDutyDeath(t *testing.T) {
	for _, step := range []dying{{table: "raw_records", left: 9}, {table: "positions", left: 15}} {
		t.Run(fmt.Sprint(step.table, step.left), func(t *testing.T) {
			d := sampleDuty(t)
			d.smallPages()
			alive := d.w.Conn
			step.Conn = alive
			d.w.Conn = &step
			if _, err := d.try(); !errors.Is(err, errDead) {
				t.Fatal(err)
			}
			d.w.Conn = alive
			d.pass(time.Minute)
			d.sync()
			d.tells()
		})
	}
}
