package pagerdutyapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)

// client asks a server over real HTTP.
type client struct {
	t   *testing.T
	s   *Server
	url string
}

func serve(t *testing.T, a *Account, o Options) client {
	t.Helper()
	if o.Clock == nil {
		o.Clock = func() time.Time { return now }
	}
	s := New(a, o)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return client{t, s, web.URL}
}

type object = map[string]any

func (c client) do(method, path, token, body string) (*http.Response, object) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token token="+token)
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var answer object
	if err := json.Unmarshal(text, &answer); err != nil {
		c.t.Fatalf("%s %s: %v in %.200s", method, path, err, text)
	}
	return w, answer
}

// get asks for what must be given.
func (c client) get(path string) object {
	c.t.Helper()
	w, answer := c.do("GET", path, "secret", "")
	if w.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %s %v", path, w.Status, answer)
	}
	return answer
}

func (c client) post(path, body string) object {
	c.t.Helper()
	w, answer := c.do("POST", path, "secret", body)
	if w.StatusCode != http.StatusOK {
		c.t.Fatalf("POST %s: %s %v", path, w.Status, answer)
	}
	return answer
}

// ids gives the ids of a list, in its order, separated by blanks.
func ids(answer object, list string) string {
	var all []string
	for _, row := range answer[list].([]any) {
		all = append(all, row.(object)["id"].(string))
	}
	return strings.Join(all, " ")
}

func at(offset time.Duration) string {
	return url.QueryEscape(now.Add(offset).Format(time.RFC3339))
}

const day = 24 * time.Hour

// small has one incident of each state that matters, oldest first: a resolved
// one, one merged into it, an acknowledged and a triggered one.
func small() *Account {
	service, team, policy := Named{"PSV1", "shop"}, Named{"PTE1", "Shop"}, Named{"PEP1", "Shop"}
	ada := &Named{"PUS1", "Ada"}
	adaAgent, api := Agent{"PUS1", "user_reference", "Ada"}, Agent{"PSV1", "service_reference", "shop"}
	incident := func(n int, created time.Time, status string, more ...LogEntry) *Incident {
		in := &Incident{
			ID: fmt.Sprintf("Q%d", n), Number: n, Title: fmt.Sprintf("trouble %d", n), Service: service, Teams: []Named{team},
			Policy: policy, Urgency: "high", Status: status, Created: created, Updated: created,
		}
		first := []LogEntry{
			{Type: "trigger", At: created, Agent: api, Channel: "api"},
			{Type: "assign", At: created, Agent: api, User: ada, Channel: "auto"},
			{Type: "notify", At: created.Add(time.Second), User: ada},
		}
		for i, e := range append(first, more...) {
			e.ID = fmt.Sprintf("R%d-%d", n, i+1)
			in.Entries = append(in.Entries, e)
			in.Updated = e.At
		}
		return in
	}
	ack := func(at time.Time) LogEntry {
		return LogEntry{Type: "acknowledge", At: at, Agent: adaAgent, Channel: "website"}
	}
	resolve := func(at time.Time, into string) LogEntry {
		return LogEntry{Type: "resolve", At: at, Agent: adaAgent, Channel: "website", Target: into}
	}
	old, later, lately := now.Add(-150*day), now.Add(-20*day), now.Add(-2*day)
	a := &Account{
		Token: "secret", Site: "https://example.pagerduty.com",
		Services: []Named{service}, Teams: []Named{team}, Policies: []Named{policy},
		Users: []User{{"PUS1", "Ada", "ada@example.com", "Europe/Berlin"}},
		Incidents: []*Incident{
			incident(1, old, "resolved", ack(old.Add(time.Minute)), resolve(old.Add(time.Hour), "")),
			incident(2, later, "resolved", resolve(later.Add(time.Hour), "Q1")),
			incident(3, lately, "acknowledged", ack(lately.Add(90*time.Second)),
				LogEntry{Type: "annotate", At: lately.Add(time.Hour), Agent: adaAgent, Channel: "note", Note: "the cache"}),
			incident(4, now.Add(-time.Hour), "triggered"),
		},
	}
	a.Incidents[0].External = []External{{ID: "OPS-7", Summary: "OPS-7", URL: "https://example.atlassian.net/browse/OPS-7"}}
	return a
}
