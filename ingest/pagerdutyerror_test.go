package ingest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate/misbehave"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// Each failure is one line: what was asked, what the vendor said, what to do.
func TestPagerDutyMessages(t *testing.T) {
	d := newDuty(t, pagerdutyapi.Sample(20, dutyNow), pagerdutyapi.Options{})
	body := func(message string, code int) string {
		return fmt.Sprintf(`{"error":{"message":%q,"code":%d}}`, message, code)
	}
	for _, x := range []struct {
		front func(http.Handler) http.Handler
		want  string
	}{
		{instead("/", 401, body("Invalid token "+dutyToken, 2006)), "ingest pd: GET /services: 401 Unauthorized: Invalid token *** (code 2006); the credential is wrong or has expired: make a new one, and put it where token in the config says"},
		{instead("/incidents", 403, body("Access Denied", 2010)), "ingest pd: GET /incidents: 403 Forbidden: Access Denied (code 2010); the credential lacks rights: give it read access, or ask who administers the source"},
		{instead("/log_entries", 403, body("Access Denied", 2010)), "ingest pd: GET /log_entries: 403 Forbidden: Access Denied (code 2010); the credential lacks rights: give it read access, or ask who administers the source"},
		{instead("/incidents", 404, body("Not Found", 2100)), "ingest pd: GET /incidents: 404 Not Found: Not Found (code 2100); wrong url in the config, or nothing that this credential may see"},
		{instead("/incidents", 410, `{"error":["a","list"]}`), "ingest pd: GET /incidents: 410 Gone: none: a, list; the vendor has removed this endpoint: update srekpi"},
		{instead("/log_entries", 400, `no JSON`), "ingest pd: GET /log_entries: 400 Bad Request"},
		{instead("/incidents", 503, ``), "ingest pd: GET /incidents: 503 Service Unavailable; the server has trouble: run it again later: it goes on where it stopped"},
		{instead("/incidents", 200, `{"incidents":[{"id":"Q1"},]}`), "ingest pd: GET /incidents: its answer is not the JSON that it should be"},
		{instead("/incidents", 200, `[1,2]`), "ingest pd: GET /incidents: its answer is not the JSON that it should be: it is no object; check url in the config, or run it again later"},
		{instead("/incidents", 200, `{"log_entries":[]}`), "ingest pd: GET /incidents: its answer has no list of incidents; check url in the config"},
		{func(next http.Handler) http.Handler {
			return misbehave.Handler(next, misbehave.Always(misbehave.HTML200))
		}, "ingest pd: 127.0.0.1"},
	} {
		d.between(x.front)
		got, err := d.try(func(o *Options) { o.Full = true })
		if err != nil || got.Err == nil {
			t.Fatal(x.want, err)
		}
		text := got.Err.Error()
		if !strings.HasPrefix(text, x.want) || strings.Contains(text, "\n") || strings.Contains(text, dutyToken) {
			t.Errorf("got  %s\nwant %s", text, x.want)
		}
	}
	d.want([]string{"0"}, "SELECT toString(count()) FROM sync_runs WHERE message LIKE '%Secret%'")
}

// What reports can do without is a warning that names the right.
func TestPagerDutyWithoutSomeRights(t *testing.T) {
	d := newDuty(t, pagerdutyapi.Sample(60, dutyNow), pagerdutyapi.Options{
		Forbidden: []string{"/services", "/priorities", "/users", "/analytics", "/oncalls", "/change_events"},
	})
	d.lines += ", analytics: true"
	got := d.sync()
	if len(got.Warnings) != 6 {
		t.Error(strings.Join(got.Warnings, "\n"))
	}
	for _, w := range got.Warnings {
		if !strings.HasPrefix(w, "pd: ") || !strings.Contains(w, " are left out, read access to them is missing: ") || !strings.Contains(w, "403 Forbidden: Access Denied (code 2010)") || strings.Contains(w, "\n") {
			t.Error(w)
		}
	}
	d.want([]string{"60"}, "SELECT toString(uniqExact(id)) FROM raw_records WHERE entity = 'incident'")
	// What the key may read covers the reach all the same.
	d.want([]string{"2025-02-24 09:00:00"}, "SELECT toString(toDateTime(covers_from, 'UTC')) FROM sync_runs FINAL")
}

// The account takes no external_references: incidents come without.
func TestPagerDutyWithoutExternalReferences(t *testing.T) {
	d := newDuty(t, pagerdutyapi.Sample(20, dutyNow), pagerdutyapi.Options{})
	d.between(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.RawQuery, "external_references") {
				instead("/", 400, `{"error":{"message":"Invalid Input Provided","code":2001}}`)(next).ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	d.sync()
	d.want([]string{"20 0"}, "SELECT concat(toString(count()), ' ', toString(countIf(payload LIKE '%external_references%'))) FROM (SELECT id, any(payload) AS payload FROM raw_records WHERE entity = 'incident' GROUP BY id)")
}

// The token goes to the account's host and to no other; without one nothing is asked.
func TestPagerDutyToken(t *testing.T) {
	d := newDuty(t, pagerdutyapi.Sample(5, dutyNow), pagerdutyapi.Options{})
	var leaked string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked += r.Header.Get("Authorization") }))
	defer other.Close()
	d.between(func(http.Handler) http.Handler { return http.RedirectHandler(other.URL, http.StatusFound) })
	if got, _ := d.try(); got.Err == nil || leaked != "" {
		t.Errorf("%v, the other host got %q", got.Err, leaked)
	}

	t.Setenv("SREKPI_TEST_DUTY", "")
	got, _ := d.try()
	if got.Err == nil || !strings.HasPrefix(got.Err.Error(), "ingest pd: the environment variable SREKPI_TEST_DUTY is empty") || d.requests() > 0 {
		t.Error(got.Err)
	}
}
