package ingest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

func census(o *Options) { o.Census = true }

func (d *duty) remove(ids ...string) (removed []*pagerdutyapi.Incident) {
	d.api.Update(func(a *pagerdutyapi.Account) {
		a.Incidents = slices.DeleteFunc(slices.Clone(a.Incidents), func(in *pagerdutyapi.Incident) bool {
			if slices.Contains(ids, in.ID) {
				removed = append(removed, in)
				return true
			}
			return false
		})
	})
	return removed
}

func (d *duty) gone() []string {
	d.Helper()
	return d.rows(`
		SELECT concat(id, ' ', current.1) FROM (
			SELECT id, argMax((payload, deleted), (ifNull(updated_at, toDateTime64(0, 3)), seq)) AS current
			FROM raw_records WHERE entity = 'incident' GROUP BY id ORDER BY id)
		WHERE current.2 = 1`)
}

func TestPagerDutyCensus(t *testing.T) {
	d := sampleDuty(t)
	old := d.opens("QOLDOPEN", d.reach.AddDate(0, -1, 0))
	d.sync()
	victims := []string{d.account.Incidents[7].ID, d.account.Incidents[200].ID, old.ID}
	removed := d.remove(victims...)

	// Without a census nothing is said to be gone.
	d.pass(time.Hour)
	got := d.sync()
	if gone := d.gone(); len(gone) > 0 {
		t.Error(gone)
	}
	if len(got.Warnings) != 1 || got.Warnings[0] != "pd: incidents are not found any more: QOLDOPEN; ingest --census takes out what is gone" {
		t.Error(got.Warnings)
	}
	got = d.sync(census)
	want := []string{}
	for _, id := range victims {
		want = append(want, id+` {"deleted":"gone or hidden"}`)
	}
	slices.Sort(want)
	if gone := d.gone(); !slices.Equal(gone, want) || len(got.Warnings) != 0 {
		t.Error(gone, got.Warnings)
	}
	if again := d.sync(census); again.Landed["incident"] > 10 || len(again.Warnings) > 0 {
		t.Errorf("%+v", again)
	}
	d.api.Update(func(a *pagerdutyapi.Account) { a.Incidents = append(a.Incidents, removed...) })
	d.pass(time.Hour)
	d.sync(census)
	if gone := d.gone(); len(gone) > 0 {
		t.Error("they are shown again", gone)
	}
	d.tells()
}

// A sweep that is cut short says of nothing that it is gone.
func TestPagerDutyCensusCutShort(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	d.remove(d.account.Incidents[7].ID)
	lists := 0
	d.between(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/incidents" && r.URL.Query().Get("date_range") == "" {
				if lists++; lists > 3 {
					instead("/", 400, `{}`)(next).ServeHTTP(w, r)
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	})
	d.pass(time.Minute)
	if got, _ := d.try(census); got.Err == nil {
		t.Fatal("the census came to its end")
	}
	if gone := d.gone(); len(gone) > 0 {
		t.Error(gone)
	}
	d.between(nil)
	d.sync(census)
	if gone := d.gone(); len(gone) != 1 {
		t.Error(gone)
	}
}

// An incident that every list came too late for is found by the census, with its
// past.
func TestPagerDutyCensusFindsWhatWasHidden(t *testing.T) {
	d := sampleDuty(t)
	hidden := d.remove(d.account.Incidents[40].ID)
	d.sync()
	d.api.Update(func(a *pagerdutyapi.Account) { a.Incidents = append(a.Incidents, hidden...) })
	d.pass(time.Hour)
	d.sync()
	if slices.ContainsFunc(d.shown("incident"), func(p string) bool { return strings.Contains(p, hidden[0].ID+`","type":"incident"`) }) {
		t.Fatal("it came without a census")
	}
	d.sync(census)
	d.tells()
}
