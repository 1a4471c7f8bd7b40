package ingest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// incident finds the nth incident of a status, the oldest first.
func (d *duty) incident(status string, n int) *pagerdutyapi.Incident {
	d.Helper()
	for _, in := range d.account.Incidents {
		if in.Status == status {
			if n == 0 {
				return in
			}
			n--
		}
	}
	d.Fatalf("the account has not so many %s incidents", status)
	return nil
}

var ada = pagerdutyapi.Agent{ID: "PUS0001", Type: "user_reference", Name: "Ada"}

// happens adds a log entry to an incident now, and gives it the status that follows.
func (d *duty) happens(in *pagerdutyapi.Incident, e pagerdutyapi.LogEntry) {
	e.ID, e.At = fmt.Sprintf("RNEW%s%d", in.ID, len(in.Entries)), d.theirs()
	if e.Agent.ID == "" {
		e.Agent = ada
	}
	d.api.Update(func(*pagerdutyapi.Account) {
		in.Entries, in.Updated = append(in.Entries, e), e.At
		switch e.Type {
		case "acknowledge":
			in.Status = "acknowledged"
		case "resolve":
			in.Status, in.MergedInto = "resolved", e.Target
		}
	})
}

// opens adds an incident that is created at a time.
func (d *duty) opens(id string, at time.Time) *pagerdutyapi.Incident {
	in := &pagerdutyapi.Incident{
		ID: id, Number: 100_000 + len(d.account.Incidents), Title: "New: " + id, Status: "triggered", Urgency: "high",
		Service: d.account.Services[0], Teams: d.account.Teams[:1], Created: at, Updated: at,
		Entries: []pagerdutyapi.LogEntry{{ID: "R" + id, Type: "trigger", At: at, Channel: "api"}},
	}
	d.api.Update(func(a *pagerdutyapi.Account) { a.Incidents = append(a.Incidents, in) })
	return in
}

// since and until of /incidents are about creation. What happens to an old
// incident must arrive all the same.
func TestPagerDutyOldIncidentsChange(t *testing.T) {
	d := sampleDuty(t)
	long := d.opens("QLONG", dutyNow.AddDate(0, -3, 0))
	raised := d.opens("QRAISED", dutyNow.AddDate(0, -5, 0))
	twin := d.opens("QTWIN", dutyNow.AddDate(0, 0, -40))
	d.sync()
	d.tells()

	d.pass(25 * time.Hour)
	d.happens(d.incident("resolved", 0), pagerdutyapi.LogEntry{Type: "annotate", Note: "Root cause: CHG0000007", Channel: "note"})
	d.happens(long, pagerdutyapi.LogEntry{Type: "acknowledge", Channel: "website"})
	d.happens(long, pagerdutyapi.LogEntry{Type: "resolve", Channel: "website"})
	d.happens(twin, pagerdutyapi.LogEntry{Type: "resolve", Channel: "website", Target: long.ID})
	d.api.Update(func(a *pagerdutyapi.Account) { raised.Priority = &a.Priorities[0] })
	d.opens("QNEW", d.theirs().Add(-time.Hour))
	d.pass(time.Minute)
	got := d.sync()
	d.tells()
	for id, text := range map[string]string{
		"QLONG": `"acknowledgements":[]`, "QTWIN": `"resolve_reason":{"type":"merge_resolve_reason","incident":{"id":"QLONG"`, "QRAISED": `"priority":{"id":"PPR0001"`, /* of which no log entry tells */
	} {
		if !slices.ContainsFunc(d.shown("incident"), func(p string) bool { return strings.Contains(p, id) && strings.Contains(p, text) }) {
			t.Errorf("%s shows no %s", id, text)
		}
	}
	// What the incident forgets its log entries keep.
	if !slices.ContainsFunc(d.shown("log_entry"), func(p string) bool {
		return strings.Contains(p, "QLONG") && strings.Contains(p, "acknowledge_log_entry")
	}) {
		t.Error("the acknowledgement is lost")
	}
	if n := d.requests(); n > 20 {
		t.Errorf("%d requests for a handful of changes: %v", n, d.api.Requests())
	}
	if got.Landed["log_entry"] > 40 {
		t.Errorf("%+v", got.Landed)
	}
}

// An open incident is in each answer, and lands again only where it has changed.
func TestPagerDutyOpenIncidentThatIsTheSame(t *testing.T) {
	d := sampleDuty(t)
	long := d.opens("QLONG", dutyNow.AddDate(0, -3, 0))
	const versions = "SELECT toString(count()) FROM raw_records WHERE entity = 'incident' AND id = 'QLONG'"
	d.sync()
	d.want([]string{"2"}, versions) // of both lists
	d.pass(25 * time.Hour)
	d.sync()
	d.want([]string{"2"}, versions)
	// Its priority leaves no log entry and no later version.
	d.api.Update(func(a *pagerdutyapi.Account) { long.Priority = &a.Priorities[0] })
	d.pass(25 * time.Hour)
	d.sync()
	d.want([]string{"3"}, versions)
	d.tells()
}

// Incidents that are older than the reach come with their whole past when they
// are open, or something happened to them since.
func TestPagerDutyIncidentsFromBeforeTheReach(t *testing.T) {
	d := sampleDuty(t)
	before := d.reach.AddDate(0, -8, 0)
	d.opens("QOPEN", before)
	for _, id := range []string{"QSTRADDLES", "QFORGOTTEN"} {
		in := d.opens(id, before)
		end := d.reach.AddDate(0, 1, 0)
		if id == "QFORGOTTEN" {
			end = before.Add(time.Hour)
		}
		d.api.Update(func(*pagerdutyapi.Account) {
			in.Entries = append(in.Entries,
				pagerdutyapi.LogEntry{ID: "A" + id, Type: "acknowledge", At: before.Add(time.Minute), Agent: ada},
				pagerdutyapi.LogEntry{ID: "B" + id, Type: "resolve", At: end, Agent: ada})
			in.Status, in.Updated = "resolved", end
		})
	}
	d.sync()
	d.tells()
	if strings.Contains(strings.Join(d.shown("incident"), ""), "QFORGOTTEN") {
		t.Error("what was over before the reach came")
	}
	// A note today brings the forgotten one.
	for _, in := range d.account.Incidents {
		if in.ID == "QFORGOTTEN" {
			d.happens(in, pagerdutyapi.LogEntry{Type: "annotate", Channel: "note"})
		}
	}
	d.pass(time.Hour)
	d.sync()
	d.tells()
}

// No list can be paged beyond 10,000 records, in whatever window they are.
func TestPagerDutyMoreThanCanBePaged(t *testing.T) {
	a := &pagerdutyapi.Account{
		Services: []pagerdutyapi.Named{{ID: "PS1", Name: "checkout"}}, Teams: []pagerdutyapi.Named{{ID: "PT1", Name: "Payments"}},
	}
	day := dutyNow.AddDate(0, 0, -20)
	for i := range 12_000 {
		at := dutyNow.Add(-time.Duration(12_000-i) * 15 * time.Minute) // within 125 days
		in := &pagerdutyapi.Incident{ID: fmt.Sprintf("Q%05d", i), Number: i + 1, Title: "t", Service: a.Services[0], Status: "resolved", Created: at, Updated: at}
		if i < 21 {
			for k := range 500 {
				in.Entries = append(in.Entries, pagerdutyapi.LogEntry{
					ID: fmt.Sprintf("R%05d-%03d", i, k), Type: "annotate", At: day.Add(time.Duration(k*21+i) * 8 * time.Second), Agent: ada,
				})
			}
		}
		a.Incidents = append(a.Incidents, in)
	}
	d := newDuty(t, a, pagerdutyapi.Options{})
	d.sync()
	d.want([]string{"incident 12000", "log_entry 10500"}, "SELECT concat(entity, ' ', toString(uniqExact(id))) FROM raw_records WHERE entity IN ('incident', 'log_entry') GROUP BY entity ORDER BY entity")
	if most := 120 + 105 + 45; d.requests() > most {
		t.Errorf("%d requests, want at most %d", d.requests(), most)
	}
}

// A second is the shortest window; more than a list shows of one is an error
// that says so, and nothing is passed over in silence.
func TestPagerDutyMoreThanCanBePagedInASecond(t *testing.T) {
	a := &pagerdutyapi.Account{}
	in := &pagerdutyapi.Incident{ID: "Q1", Number: 1, Status: "resolved", Created: dutyNow.Add(-time.Hour)}
	for k := range 10_001 {
		in.Entries = append(in.Entries, pagerdutyapi.LogEntry{ID: fmt.Sprintf("R%05d", k), Type: "annotate", At: dutyNow.Add(-time.Hour)})
	}
	a.Incidents = append(a.Incidents, in)
	d := newDuty(t, a, pagerdutyapi.Options{})
	got, _ := d.try()
	if got.Err == nil || !strings.Contains(got.Err.Error(), "GET /log_entries: it holds more than 10000 records of the one second at 2026-03-31T08:00:00Z") {
		t.Error(got.Err)
	}
}

func TestPagerDutyRecordWithoutID(t *testing.T) {
	d := sampleDuty(t)
	victim := d.account.Incidents[100].ID
	d.between(rewrite("/incidents", func(_ *http.Request, body []byte) []byte {
		return bytes.ReplaceAll(body, []byte(`{"id":"`+victim+`"`), []byte(`{"id":null`))
	}))
	got := d.sync()
	if got.Quarantined != 1 || got.NewlyQuarantined != 1 || got.Landed["incident"] < 299 {
		t.Errorf("%+v", got)
	}
	d.want([]string{"pd incident  the record has no id"}, "SELECT concat(source, ' ', entity, ' ', id, ' ', reason) FROM quarantine")
	again := d.sync(func(o *Options) { o.Full = true })
	if again.Quarantined != 1 || again.NewlyQuarantined != 0 {
		t.Errorf("%+v", again)
	}
	d.between(nil)
	d.sync(func(o *Options) { o.Full = true })
	d.tells()
}

// Records change, open and close while they are paged.
func TestPagerDutyChangesWhileItIsRead(t *testing.T) {
	d := sampleDuty(t)
	for i := range 150 {
		d.opens(fmt.Sprintf("QOLD%03d", i), d.reach.Add(-time.Duration(i+1)*24*time.Hour))
	}
	d.watch(func(n int, r *http.Request) {
		d.pass(time.Second)
		d.opens(fmt.Sprintf("QWHILE%d", n), d.theirs())
		open := d.incident("triggered", n%3)
		d.happens(open, pagerdutyapi.LogEntry{Type: "acknowledge", Channel: "website"})
		d.happens(open, pagerdutyapi.LogEntry{Type: "resolve", Channel: "website"})
	})
	d.sync()
	d.watch(nil)
	d.pass(time.Minute)
	d.sync()
	d.tells()
}

// The list of open incidents grows shorter while it is read, which moves those on
// the next page to this one.
func TestPagerDutyOpenListShrinks(t *testing.T) {
	d := sampleDuty(t)
	for i := range 150 {
		d.opens(fmt.Sprintf("QOLD%03d", i), d.reach.Add(-time.Duration(300-i)*24*time.Hour))
	}
	closed := false
	d.watch(func(_ int, r *http.Request) {
		if r.URL.Query().Get("date_range") == "all" && r.URL.Query().Get("offset") != "" && !closed {
			closed = true
			for i := range 5 {
				d.happens(d.account.Incidents[300+i], pagerdutyapi.LogEntry{Type: "resolve"})
			}
		}
	})
	d.sync()
	if !closed {
		t.Fatal("the list has one page only")
	}
	d.want([]string{"150"}, "SELECT toString(uniqExact(id)) FROM raw_records WHERE entity = 'incident' AND id LIKE 'QOLD%'")
}

// The lists lag behind what happens.
func TestPagerDutyLateLists(t *testing.T) {
	a := pagerdutyapi.Sample(200, dutyNow)
	d := newDuty(t, a, pagerdutyapi.Options{Lag: 5 * time.Minute})
	d.opens("QLATE1", dutyNow.Add(-time.Minute))
	d.sync()
	for i := range 3 {
		d.pass(3 * time.Minute)
		late := d.opens(fmt.Sprintf("QLATER%d", i), d.theirs().Add(-time.Minute))
		d.happens(late, pagerdutyapi.LogEntry{Type: "resolve"})
		d.sync()
	}
	d.pass(9 * time.Minute)
	d.sync()
	d.tells()
}

// Our clock is three hours ahead of the account's; in the other tests it is two
// years behind.
func TestPagerDutyClockAhead(t *testing.T) {
	d := sampleDuty(t)
	d.site.now = dutyNow.Add(3 * time.Hour)
	d.sync()
	d.tells()
	d.pass(time.Hour)
	d.opens("QNEW", d.theirs().Add(-time.Minute))
	d.happens(d.incident("triggered", 0), pagerdutyapi.LogEntry{Type: "resolve"})
	d.pass(time.Second)
	d.sync()
	d.tells()
	d.want([]string{"2026-03-31 10:00:01"}, "SELECT toString(toDateTime(max(covers_to), 'UTC')) FROM sync_runs FINAL")
}

func TestPagerDutyReachesFurtherBack(t *testing.T) {
	d := sampleDuty(t)
	d.lines = "since: 100d"
	d.reach = dutyNow.AddDate(0, 0, -100)
	d.sync()
	d.tells()
	d.pass(time.Hour)
	d.reach = dutyNow.AddDate(0, 0, -300)
	d.sync(func(o *Options) { o.Since = d.reach })
	d.tells()
	d.pass(time.Hour)
	d.sync()
	d.tells()
	d.want([]string{d.reach.Format(time.DateTime)}, "SELECT toString(toDateTime(covers_from, 'UTC')) FROM sync_runs FINAL ORDER BY run_id DESC LIMIT 1")
}

// Only some services or teams are wanted.
func TestPagerDutyScope(t *testing.T) {
	for _, by := range []string{"services", "teams"} {
		t.Run(by, func(t *testing.T) {
			d := sampleDuty(t)
			id := d.account.Services[4].ID
			wants := func(in *pagerdutyapi.Incident) bool { return in.Service.ID == id }
			if by == "teams" {
				id = d.account.Teams[2].ID
				wants = func(in *pagerdutyapi.Incident) bool { return in.Teams[0].ID == id }
			}
			all := d.lines
			d.lines += ", " + by + ": [" + id + "]"
			d.sync()
			d.pass(time.Hour)
			for _, in := range d.account.Incidents[280:] {
				d.happens(in, pagerdutyapi.LogEntry{Type: "annotate", Channel: "note"})
			}
			d.pass(time.Second)
			d.sync()
			o := d.oracle()
			var incidents, entries []string
			for _, in := range d.account.Incidents {
				if wants(in) {
					incidents = append(incidents, o.one("/incidents/"+in.ID+"?time_zone=UTC&include[]=external_references", "incident"))
					entries = append(entries, o.all("/incidents/"+in.ID+"/log_entries?time_zone=UTC&include[]=channels", "log_entries")...)
				}
			}
			d.same("incident", incidents)
			d.same("log_entry", entries)
			if len(incidents) == 0 || len(d.shown("change_event")) == 0 || len(d.shown("change_event")) >= 75 {
				t.Errorf("%d incidents and %d change events are wanted", len(incidents), len(d.shown("change_event")))
			}
			// All of them again: another question is asked anew.
			d.lines = all
			d.sync()
			d.tells()
		})
	}
}
