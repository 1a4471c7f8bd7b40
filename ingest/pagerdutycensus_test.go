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

// A key that has lost a right shows as little as an account that was cleared.
func TestPagerDutyCensusBrake(t *testing.T) {
	d := sampleDuty(t)
	d.sync()
	var most []string
	for _, in := range d.account.Incidents[:200] {
		most = append(most, in.ID)
	}
	d.remove(most...)
	d.pass(time.Hour)
	got, _ := d.try(census)
	if got.Err == nil || !strings.HasSuffix(got.Err.Error(), "200 of 300 incidents are not shown any more; if that is right, run ingest --census --full") || got.Gone > 0 {
		t.Errorf("%v %+v", got.Err, got)
	}
	if gone := d.gone(); len(gone) > 0 {
		t.Errorf("%d are gone", len(gone))
	}
	d.want([]string{"0"}, "SELECT toString(count()) FROM positions WHERE stream = 'census'")
	got = d.sync(census, func(o *Options) { o.Full = true })
	if gone := d.gone(); len(gone) != 200 || got.Gone != 200 || got.Landed["incident"] > 110 {
		t.Errorf("%d are gone: %+v", len(gone), got)
	}
	// One that has few and shows none.
	var rest []string
	for _, in := range d.account.Incidents {
		rest = append(rest, in.ID)
	}
	d.remove(rest[:90]...)
	d.sync(census, func(o *Options) { o.Full = true })
	d.remove(rest[90:]...)
	if got, _ := d.try(census); got.Err == nil || !strings.Contains(got.Err.Error(), "10 of 10 incidents are not shown") {
		t.Error(got.Err)
	}
}

// A census comes by itself when the first sync, and then the last census, is long
// ago.
func TestPagerDutyCensusAfterAWeek(t *testing.T) {
	d := sampleDuty(t)
	weekly := func(o *Options) { o.CensusAfter = 7 * 24 * time.Hour }
	d.sync(weekly)
	for _, days := range []int{3, 3, 3, 6, 2} { // 3, 6, 9: swept; 6, 8: swept
		d.remove(d.account.Incidents[0].ID)
		d.pass(time.Duration(days) * 24 * time.Hour)
		d.sync(weekly)
	}
	d.want([]string{"2026-04-09 3", "2026-04-17 2"}, `
		SELECT concat(toString(toDate(covers_to)), ' ', toString(n)) FROM sync_runs AS s FINAL
		INNER JOIN (SELECT run_id, countIf(deleted = 1 AND entity = 'incident') AS n FROM raw_records GROUP BY run_id) AS r ON r.run_id = s.run_id
		WHERE n > 0 ORDER BY covers_to`)
	d.remove(d.account.Incidents[0].ID)
	d.pass(8 * 24 * time.Hour)
	if got := d.sync(); got.Gone > 0 {
		t.Error("it was not asked for")
	}
	if got := d.sync(weekly); got.Gone == 0 {
		t.Error("the last census was a week ago")
	}
}
