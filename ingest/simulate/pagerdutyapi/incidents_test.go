package pagerdutyapi

import (
	"testing"
	"time"
)

func TestIncidentsAreSelectedByCreation(t *testing.T) {
	c := serve(t, small(), Options{})
	for _, x := range []struct{ name, query, want string }{
		{"the last month by default", "", "Q2 Q3 Q4"},
		{"a month from since on", "since=" + at(-151*day), "Q1"},
		{"a month up to until", "until=" + at(-10*day), "Q2"},
		{"both ends", "since=" + at(-151*day) + "&until=" + at(-10*day), "Q1 Q2"},
		{"not by what changed since", "since=" + at(-day) + "&until=" + at(0), "Q4"},
		{"since is inside, until is not", "since=" + at(-20*day) + "&until=" + at(-2*day), "Q2"},
		{"everything", "date_range=all&since=" + at(-day), "Q1 Q2 Q3 Q4"},
		{"state", "date_range=all&statuses[]=acknowledged&statuses[]=triggered", "Q3 Q4"},
		{"service", "date_range=all&service_ids[]=PSV9", ""},
		{"team", "date_range=all&team_ids[]=PTE1&urgencies[]=high", "Q1 Q2 Q3 Q4"},
		{"the resolved are assigned to nobody", "date_range=all&user_ids[]=PUS1", "Q3 Q4"},
		{"newest first", "date_range=all&sort_by=created_at:desc", "Q4 Q3 Q2 Q1"},
		{"two fields", "date_range=all&sort_by=urgency,incident_number:desc", "Q4 Q3 Q2 Q1"},
		{"a time without a zone, in the zone asked for", "since=2026-05-31T13:00:00&time_zone=Europe/Berlin&until=2026-05-31T14:00:00", "Q4"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.t = t
			if got := ids(c.get("/incidents?"+x.query), "incidents"); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

func TestATimeWithoutAZoneIsTheAccounts(t *testing.T) {
	a := small()
	a.Zone = "America/New_York" // Q4 was created there at 7:00
	c := serve(t, a, Options{})
	for since, want := range map[string]string{"2026-05-31T07:00:00": "Q4", "2026-05-31T07:00:01": "", "2026-05-31T11:00:00": "", "2026-05-31T11:00:00Z": "Q4"} {
		if got := ids(c.get("/incidents?since="+since), "incidents"); got != want {
			t.Errorf("since=%s: got %q, want %q", since, got, want)
		}
	}
}

func TestWhatAnIncidentStillShows(t *testing.T) {
	c := serve(t, small(), Options{})
	for id, want := range map[string]struct {
		assignments, acks     int
		resolved, changed, by any
	}{
		"Q1": {0, 0, "2026-01-01T13:00:00Z", "2026-01-01T13:00:00Z", "Ada"},
		"Q3": {1, 1, nil, "2026-05-29T12:01:30Z", "Ada"},
		"4":  {1, 0, nil, "2026-05-31T11:00:01Z", "shop"}, // by its number; not acknowledged: the last update
	} {
		in := c.get("/incidents/" + id)["incident"].(object)
		if len(in["assignments"].([]any)) != want.assignments || len(in["acknowledgements"].([]any)) != want.acks {
			t.Errorf("%s: assignments %v, acknowledgements %v", id, in["assignments"], in["acknowledgements"])
		}
		if in["resolved_at"] != want.resolved || in["last_status_change_at"] != want.changed ||
			in["last_status_change_by"].(object)["summary"] != want.by {
			t.Errorf("%s: resolved %v, changed %v by %v", id, in["resolved_at"], in["last_status_change_at"], in["last_status_change_by"])
		}
	}
	c.s.Update(func(a *Account) { a.Incidents[2].Status = "triggered" })
	if acks := c.get("/incidents/Q3")["incident"].(object)["acknowledgements"].([]any); len(acks) != 0 {
		t.Errorf("triggered again: %v", acks)
	}
	reason := c.get("/incidents/Q2")["incident"].(object)["resolve_reason"].(object)
	if reason["type"] != "merge_resolve_reason" || reason["incident"].(object)["id"] != "Q1" {
		t.Errorf("the merged one: %v", reason)
	}
}

func TestIncludes(t *testing.T) {
	c := serve(t, small(), Options{})
	plain := c.get("/incidents/1")["incident"].(object)
	full := c.get("/incidents/1?include[]=external_references&include[]=first_trigger_log_entries&include[]=services")["incident"].(object)
	if _, there := plain["external_references"]; there || plain["first_trigger_log_entry"].(object)["type"] != "trigger_log_entry_reference" {
		t.Errorf("without includes: %v", plain)
	}
	references := full["external_references"].([]any)
	if len(references) != 1 || references[0].(object)["external_id"] != "OPS-7" ||
		full["first_trigger_log_entry"].(object)["created_at"] != "2026-01-01T12:00:00Z" {
		t.Errorf("with includes: %v %v", references, full["first_trigger_log_entry"])
	}
}

func TestUpdateIsSeen(t *testing.T) {
	c := serve(t, small(), Options{})
	c.get("/incidents/Q4")
	c.s.Update(func(a *Account) {
		in := a.Incidents[3]
		in.Status, in.Updated = "resolved", now
		in.Entries = append(in.Entries, LogEntry{ID: "R4-4", Type: "resolve", At: now})
	})
	if got := c.get("/incidents/Q4")["incident"].(object); got["resolved_at"] != "2026-05-31T12:00:00Z" {
		t.Errorf("resolved_at is %v", got["resolved_at"])
	}
	if got := ids(c.get("/log_entries?limit=1"), "log_entries"); got != "R4-4" {
		t.Errorf("the newest entry is %q", got)
	}
}

func TestLagHidesWhatIsYoung(t *testing.T) {
	c := serve(t, small(), Options{Lag: 2 * time.Hour})
	if got := ids(c.get("/incidents"), "incidents"); got != "Q2 Q3" {
		t.Errorf("incidents: %q", got)
	}
	for _, query := range []string{"", "&until=" + at(day)} {
		if got := ids(c.get("/log_entries?limit=1"+query), "log_entries"); got != "R3-5" {
			t.Errorf("log entries, %q: %q", query, got)
		}
	}
}

// With -race this finds what is read outside the lock.
func TestUpdateWhileServing(t *testing.T) {
	c := serve(t, small(), Options{})
	done := make(chan bool)
	go func() {
		defer close(done)
		for i := range 50 {
			c.s.Update(func(a *Account) { a.Incidents[3].Number, a.Incidents[3].Updated = 100+i, now })
		}
	}()
	for range 50 {
		c.get("/incidents?date_range=all")
		c.get("/log_entries")
	}
	<-done
	if got := ids(c.get("/incidents?date_range=all&limit=1&offset=3"), "incidents"); got != "Q4" {
		t.Errorf("got %q", got)
	}
}
