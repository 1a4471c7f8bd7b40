package pagerdutyapi

import (
	"net/http"
	"testing"
	"time"
)

const analyticsPath = "/analytics/raw/incidents"

func TestAnalyticsPages(t *testing.T) {
	c := serve(t, small(), Options{})
	first := c.post(analyticsPath, `{"limit": 3, "order": "asc"}`)
	if got := ids(first, "data"); got != "Q1 Q2 Q3" || first["more"] != true || first["last"] != "Q3" {
		t.Errorf("first page: %q, more %v, last %v", got, first["more"], first["last"])
	}
	second := c.post(analyticsPath, `{"limit": 3, "order": "asc", "starting_after": "Q3"}`)
	if got := ids(second, "data"); got != "Q4" || second["more"] != false {
		t.Errorf("second page: %q, more %v", got, second["more"])
	}
	for body, want := range map[string]string{
		`{}`: "Q4 Q3 Q2 Q1",
		`{"filters": {"created_at_start": "2026-05-29T12:00:00Z", "created_at_end": "2026-05-31T11:00:00Z"}}`: "Q3",
		`{"filters": {"updated_after": "2026-05-29T13:00:00Z"}}`:                                              "Q4", // after, not from
		`{"filters": {"service_ids": ["PSV9"]}}`:                                                              "",
	} {
		if got := ids(c.post(analyticsPath, body), "data"); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
	for _, body := range []string{`{"limit": 1001}`, `{"limit": 0}`, `{"starting_after": "Q9"}`, `{"filters": {"updated_after": "lately"}}`, `[]`} {
		if w, _ := c.do("POST", analyticsPath, "secret", body); w.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %s", body, w.Status)
		}
	}
}

// Half an hour behind, analytics knows Q3's acknowledgement and not its note.
func TestAnalyticsLags(t *testing.T) {
	clock := now.Add(-2*day + 45*time.Minute)
	c := serve(t, small(), Options{AnalyticsLag: 30 * time.Minute, Clock: func() time.Time { return clock }})
	q3 := func() object { return c.post(analyticsPath, `{"limit": 1}`)["data"].([]any)[0].(object) }
	early := q3()
	if early["id"] != "Q3" || early["status"] != "acknowledged" || early["seconds_to_first_ack"] != 90.0 || early["seconds_to_resolve"] != nil ||
		early["updated_at"] != "2026-05-29T12:31:30" || early["resolved_at"] != nil {
		t.Errorf("early: %v", early)
	}
	clock = clock.Add(time.Hour)
	if late := q3(); late["updated_at"] != "2026-05-29T13:30:00" {
		t.Errorf("late: %v", late["updated_at"])
	}
}

func TestInterruptionsByTheHourWhereTheUserLives(t *testing.T) {
	a := small()
	ada := &Named{"PUS1", "Ada"} // in Berlin, two hours ahead
	a.Incidents[0].Entries = nil
	for _, at := range []string{"2026-05-29T06:00:00Z", "2026-05-29T06:00:10Z", "2026-05-29T05:59:00Z", "2026-05-29T16:00:00Z", "2026-05-29T16:30:00Z", "2026-05-30T10:00:00Z", "2026-05-30T20:00:00Z"} {
		when, _ := time.Parse(time.RFC3339, at)
		a.Incidents[0].Entries = append(a.Incidents[0].Entries, LogEntry{Type: "notify", At: when, User: ada})
	}
	c := serve(t, a, Options{})
	got := c.post(analyticsPath, `{"order": "asc", "limit": 1}`)["data"].([]any)[0].(object)
	for name, want := range map[string]float64{"business_hour_interruptions": 1, "off_hour_interruptions": 3, "sleep_hour_interruptions": 2, "total_notifications": 7} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}
