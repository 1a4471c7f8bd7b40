package pagerdutyapi

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRefusals(t *testing.T) {
	c := serve(t, small(), Options{Forbidden: []string{"/analytics"}})
	for _, x := range []struct {
		name, method, path, token string
		status                    int
		code                      float64
		says                      string
	}{
		{"wrong token", "GET", "/incidents", "guess", 401, 2006, ""},
		{"no right", "POST", "/analytics/raw/incidents", "secret", 403, 2010, ""},
		{"a read-only key writes", "PUT", "/incidents", "secret", 403, 2010, ""},
		{"unknown path", "GET", "/nothing", "secret", 404, 2100, ""},
		{"unknown incident", "GET", "/incidents/Q9", "secret", 404, 2100, ""},
		{"unknown incident's entries", "GET", "/incidents/Q9/log_entries", "secret", 404, 2100, ""},
		{"limit is no number", "GET", "/services?limit=many", "secret", 400, 2001, "limit"},
		{"past the reach", "GET", "/incidents?limit=100&offset=9901", "secret", 400, 2002, "Offset+limit exceeds maximum allowed value of 10000"},
		{"past the reach of log entries", "GET", "/log_entries?offset=10001", "secret", 400, 2002, "Offset must be less than 10001"},
		{"more than six months", "GET", "/incidents?since=2025-11-30T11:59:59Z&until=2026-05-30T12:00:00Z", "secret", 400, 2001, "is invalid"},
		{"until before since", "GET", "/incidents?since=2026-05-02&until=2026-05-01", "secret", 400, 2001, "until"},
		{"unescaped plus", "GET", "/log_entries?since=2026-05-01T00:00:00+02:00", "secret", 400, 2001, "since"},
		{"no time", "GET", "/log_entries?since=yesterday", "secret", 400, 2001, "since"},
		{"unknown state", "GET", "/incidents?statuses[]=open", "secret", 400, 2001, "statuses"},
		{"unknown order", "GET", "/incidents?sort_by=updated_at:asc", "secret", 400, 2001, "sort_by"},
		{"change events want Z", "GET", "/change_events?since=2026-05-01T00:00:00%2B00:00", "secret", 400, 2001, "UTC"},
		{"change events want no fraction", "GET", "/change_events?since=2026-05-01T00:00:00.000Z", "secret", 400, 2001, "UTC"},
		{"oncalls of more than 3 months", "GET", "/oncalls?since=2026-02-27&until=2026-05-28", "secret", 400, 2001, "3 months"},
		{"three months end with the shorter month", "GET", "/oncalls?since=2025-11-30&until=2026-02-28T00:00:01", "secret", 400, 2001, "3 months"},
		{"a key of no user", "GET", "/users/me", "secret", 400, 2001, "user"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.t = t
			w, answer := c.do(x.method, x.path, x.token, "")
			detail, _ := answer["error"].(object)
			reasons, _ := detail["errors"].([]any)
			if w.StatusCode != x.status || detail["code"] != x.code || detail["message"] == "" {
				t.Errorf("got %s %v", w.Status, answer)
			}
			if x.says != "" && (len(reasons) != 1 || !strings.Contains(reasons[0].(string), x.says)) {
				t.Errorf("got %v, want a reason with %q", answer, x.says)
			}
			if w.Header.Get("Date") != "Sun, 31 May 2026 12:00:00 GMT" {
				t.Errorf("Date is %q", w.Header.Get("Date"))
			}
		})
	}
}

func TestTheReachItselfIsAllowed(t *testing.T) {
	c := serve(t, small(), Options{})
	c.get("/incidents?limit=100&offset=9900")
	c.get("/log_entries?limit=100&offset=9900")
	c.get("/incidents?since=2025-11-30T12:00:00Z&until=2026-05-30T12:00:00Z")
	c.get("/oncalls?since=2026-02-28&until=2026-05-28")
}

func TestRequestsAMinute(t *testing.T) {
	clock := now
	c := serve(t, small(), Options{PerMinute: 2, Clock: func() time.Time { return clock }})
	ask := func() string {
		w, answer := c.do("GET", "/teams", "secret", "")
		code := ""
		if w.StatusCode == http.StatusTooManyRequests && answer["error"].(object)["code"] == 2020.0 {
			code = " 2020"
		}
		if w.Header.Get("Retry-After") != "" {
			t.Error("the vendor sends no Retry-After")
		}
		return w.Header.Get("ratelimit-limit") + " " + w.Header.Get("ratelimit-remaining") + " " + w.Header.Get("ratelimit-reset") + code
	}
	for i, x := range []struct {
		later time.Duration
		want  string
	}{
		{0, "2 1 60"}, {20 * time.Second, "2 0 40"}, {500 * time.Millisecond, "2 0 40 2020"},
		{39 * time.Second, "2 0 1 2020"}, {500 * time.Millisecond, "2 1 60"},
	} {
		clock = clock.Add(x.later)
		if got := ask(); got != x.want {
			t.Errorf("request %d: got %q, want %q", i+1, got, x.want)
		}
	}
	if got := c.s.Requests()["GET /teams"]; got != 5 {
		t.Errorf("counted %d requests, want 5: the refused ones too", got)
	}
}

func TestPages(t *testing.T) {
	c := serve(t, Sample(260, now), Options{})
	c.s.Update(func(a *Account) { a.Token = "secret" })
	for _, x := range []struct {
		query                string
		rows                 int
		limit, offset, total any
		more                 bool
	}{
		{"", 25, 25.0, 0.0, nil, true},
		{"&limit=1000", 100, 100.0, 0.0, nil, true}, // cut to the maximum, not refused
		{"&limit=100&offset=200&total=true", 60, 100.0, 200.0, 260.0, false},
		{"&limit=60&offset=200", 60, 60.0, 200.0, nil, false},
		{"&limit=59&offset=200", 59, 59.0, 200.0, nil, true},
		{"&offset=300", 0, 25.0, 300.0, nil, false},
	} {
		got := c.get("/incidents?date_range=all" + x.query)
		if len(got["incidents"].([]any)) != x.rows || got["limit"] != x.limit || got["offset"] != x.offset || got["total"] != x.total || got["more"] != x.more {
			delete(got, "incidents")
			t.Errorf("%q: got %v", x.query, got)
		}
	}
	changes := c.get("/change_events?limit=10")
	if len(changes["change_events"].([]any)) != 10 || changes["limit"] != nil || changes["offset"] != nil || changes["more"] != true {
		t.Errorf("change events: limit %v, offset %v, more %v", changes["limit"], changes["offset"], changes["more"])
	}
}
