package pagerdutyapi

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestOncalls(t *testing.T) {
	a := small()
	schedule := &Named{"PSC1", "primary"}
	ada, ben := a.Users[0], User{"PUS2", "Ben", "", "UTC"}
	shift := func(u User, from, to int) Oncall {
		return Oncall{Policy: a.Policies[0], Level: 1, Schedule: schedule, User: u, Start: now.AddDate(0, 0, from), End: now.AddDate(0, 0, to)}
	}
	a.Oncalls = []Oncall{shift(ada, -10, -3), shift(ben, -3, 4), shift(ada, 4, 11), shift(ada, 91, 98), {Policy: a.Policies[0], Level: 2, User: ada}}
	c := serve(t, a, Options{})
	for _, x := range []struct{ name, query, want string }{
		{"now", "", "Ben 05-28, Ada always"},
		{"all that overlap, uncut", "since=" + at(-4*day) + "&until=" + at(5*day), "Ada 05-21, Ben 05-28, Ada 06-04, Ada always"},
		{"the first of each", "earliest=true&since=" + at(-4*day) + "&until=" + at(5*day), "Ada 05-21, Ben 05-28, Ada always"},
		{"nothing beyond 90 days", "since=" + at(80*day) + "&until=" + at(100*day), "Ada always"},
		{"without a schedule", "schedule_ids[]=null", "Ada always"},
		{"of a schedule", "schedule_ids[]=PSC1", "Ben 05-28"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.t = t
			var got []string
			for _, row := range c.get("/oncalls?" + x.query)["oncalls"].([]any) {
				o, start := row.(object), "always"
				if o["start"] != nil {
					start = o["start"].(string)[5:10]
				} else if o["schedule"] != nil || o["end"] != nil {
					t.Errorf("for ever: %v", o)
				}
				got = append(got, o["user"].(object)["summary"].(string)+" "+start)
			}
			if strings.Join(got, ", ") != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

func TestReferenceLists(t *testing.T) {
	a := Sample(0, now)
	a.Token, a.Me = "secret", "PUS0002"
	c := serve(t, a, Options{})
	for list, want := range map[string]int{"services": 12, "teams": 4, "escalation_policies": 3, "priorities": 5, "schedules": 6, "users": 12, "services?team_ids[]=PTE0001": 3, "users?query=AD": 1} {
		name, _, _ := strings.Cut(list, "?")
		if got := len(c.get("/" + list)[name].([]any)); got != want {
			t.Errorf("%s: got %d, want %d", list, got, want)
		}
	}
	if me := c.get("/users/me")["user"].(object); me["name"] != "Ben" || me["time_zone"] != "America/New_York" {
		t.Errorf("me: %v", me)
	}
}

func TestChangeEvents(t *testing.T) {
	a := small()
	a.Owners = map[string][]string{"PSV1": {"PTE1"}}
	for i, id := range []string{"C1", "C2", "C3"} {
		a.ChangeEvents = append(a.ChangeEvents, ChangeEvent{ID: id, At: now.Add(time.Duration(i-3) * time.Hour), Details: map[string]any{"environment": "production"}})
	}
	a.ChangeEvents[1].Services = a.Services
	c := serve(t, a, Options{})
	for query, want := range map[string]string{"": "C3 C2 C1", "since=2026-05-31T10:00:00Z&until=2026-05-31T11:00:00Z": "C2", "team_ids[]=PTE1": "C2"} {
		if got := ids(c.get("/change_events?"+query), "change_events"); got != want {
			t.Errorf("%q: got %q, want %q", query, got, want)
		}
	}
}

func TestSampleIsAlwaysTheSame(t *testing.T) {
	render := func() string {
		b, err := json.Marshal(Sample(200, now).Incidents)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if one, other := render(), render(); !reflect.DeepEqual(one, other) {
		t.Error("two samples differ")
	}
	entries := 0
	for _, in := range Sample(200, now).Incidents {
		entries += len(in.Entries)
		for i, e := range in.Entries {
			if e.At.After(now) || i > 0 && e.At.Before(in.Entries[i-1].At) {
				t.Errorf("%s: entry %d is at %s", in.ID, i, e.At)
			}
		}
	}
	if entries < 900 || entries > 1200 {
		t.Errorf("200 incidents have %d entries", entries)
	}
}
