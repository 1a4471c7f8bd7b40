package ingest

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// An incident is given to a service or team that the config leaves out, and ends
// there: its end must arrive.
func TestPagerDutyIncidentLeavesTheScope(t *testing.T) {
	for _, by := range []string{"services: [PSV0001]", "teams: [PTE0001]"} {
		t.Run(by[:5], func(t *testing.T) {
			d := sampleDuty(t)
			d.lines += ", " + by
			leaves := d.opens("QLEAVES", d.theirs().AddDate(0, 0, -3))
			late := d.opens("QLATE", d.theirs().AddDate(0, 0, -3))
			d.sync()
			d.pass(time.Hour)
			d.api.Update(func(a *pagerdutyapi.Account) {
				for _, in := range []*pagerdutyapi.Incident{leaves, late} {
					in.Service, in.Teams = a.Services[11], a.Teams[3:]
				}
			})
			d.happens(leaves, pagerdutyapi.LogEntry{Type: "resolve", Channel: "website"})
			d.pass(time.Minute)
			// One ends after the lists were read.
			ends := false
			d.watch(func(_ int, r *http.Request) {
				if r.URL.Path == "/incidents/QLATE" && !ends {
					ends = true
					d.pass(time.Minute)
					d.happens(late, pagerdutyapi.LogEntry{Type: "resolve", Channel: "website"})
				}
			})
			d.sync()
			d.watch(nil)
			if !ends {
				t.Fatal("QLATE was not asked for")
			}
			for _, id := range []string{"QLEAVES", "QLATE"} {
				d.want([]string{"1"}, "SELECT toString(uniqExact(id)) FROM raw_records WHERE entity = 'log_entry' AND payload LIKE '%resolve_log_entry%' AND JSONExtractString(payload, 'incident', 'id') = ?", id)
				d.want([]string{"resolved"}, "SELECT JSONExtractString(argMax(payload, seq), 'status') FROM raw_records WHERE entity = 'incident' AND id = ?", id)
			}

			// A note from over there is one of ours, where the list shows it.
			if strings.HasPrefix(by, "services") {
				d.pass(time.Hour)
				d.happens(leaves, pagerdutyapi.LogEntry{Type: "annotate", Note: "from over there", Channel: "note"})
				d.pass(time.Minute)
				d.between(func(next http.Handler) http.Handler { // the incident's own list is not needed
					return instead("/incidents/QLEAVES/log_entries", 404, `{}`)(rewrite("/log_entries", func(_ *http.Request, body []byte) []byte {
						return bytes.ReplaceAll(body, []byte(`"contexts":[]`), []byte(`"contexts":[],"service":{"id":"PSV0012"}`))
					})(next))
				})
				d.sync()
				d.want([]string{"1"}, "SELECT toString(uniqExact(id)) FROM raw_records WHERE entity = 'log_entry' AND payload LIKE '%from over there%'")
			}
		})
	}
}

// A log entry without a service says of an incident that never landed only its
// id: the incident tells whose it is.
func TestPagerDutyEntryWithoutService(t *testing.T) {
	d := sampleDuty(t)
	d.lines += ", services: [PSV0001]"
	moved := d.opens("QMOVED", d.reach.AddDate(0, -1, 0))
	other := d.opens("QOTHER", d.reach.AddDate(0, -1, 0))
	d.api.Update(func(a *pagerdutyapi.Account) {
		moved.Service, other.Service = a.Services[11], a.Services[11]
	})
	d.sync()
	d.pass(time.Hour)
	d.api.Update(func(a *pagerdutyapi.Account) { moved.Service = a.Services[0] })
	for _, in := range []*pagerdutyapi.Incident{moved, other} {
		d.happens(in, pagerdutyapi.LogEntry{Type: "resolve", Channel: "website"})
		d.happens(in, pagerdutyapi.LogEntry{Type: "annotate", Channel: "note"})
	}
	d.pass(time.Minute)
	asked := 0
	d.watch(func(_ int, r *http.Request) {
		if r.URL.Path == "/incidents/QOTHER" {
			asked++
		}
	})
	d.sync()
	d.want([]string{"QMOVED 3"}, `
		SELECT concat(JSONExtractString(payload, 'incident', 'id') AS incident, ' ', toString(uniqExact(id))) FROM raw_records
		WHERE entity = 'log_entry' AND incident IN ('QMOVED', 'QOTHER') GROUP BY incident`)
	d.want([]string{"QMOVED resolved"}, "SELECT concat(id, ' ', JSONExtractString(argMax(payload, seq), 'status')) FROM raw_records WHERE entity = 'incident' AND id IN ('QMOVED', 'QOTHER') GROUP BY id")
	if asked != 1 {
		t.Errorf("QOTHER was asked for %d times", asked)
	}
}

// Another account, behind another URL, is read anew.
func TestPagerDutyAnotherAccount(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	d.pass(time.Hour)
	d.url = strings.Replace(d.url, "127.0.0.1", "localhost", 1)
	got := d.sync()
	if got.Landed["incident"] < 300 || got.Landed["change_event"] != 75 || len(got.Warnings) != 1 {
		t.Errorf("%+v", got)
	}
	if want := "pd: what is asked for changed since the last run: records that it leaves out now stay until `srekpi ingest --census`"; !slices.Contains(got.Warnings, want) {
		t.Error(got.Warnings)
	}
	if again := d.sync(); len(again.Warnings) > 0 {
		t.Error(again.Warnings)
	}
}

// A change event is dated by its sender and may come days later.
func TestPagerDutyLateChangeEvents(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	d.pass(time.Hour)
	d.api.Update(func(a *pagerdutyapi.Account) {
		a.ChangeEvents = append(a.ChangeEvents, pagerdutyapi.ChangeEvent{ID: "CLATE", At: d.theirs().AddDate(0, 0, -6), Summary: "late", Services: a.Services[:1]})
	})
	if got := d.sync(); got.Landed["change_event"] != 1 {
		t.Errorf("%+v", got.Landed)
	}
	d.tells()
	if got := d.sync(); got.Landed["change_event"] != 0 {
		t.Errorf("it landed again: %+v", got.Landed)
	}
}
