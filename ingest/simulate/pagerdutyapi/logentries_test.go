package pagerdutyapi

import "testing"

func TestLogEntries(t *testing.T) {
	c := serve(t, small(), Options{})
	for _, x := range []struct{ name, path, want string }{
		{"newest first", "/log_entries?limit=4", "R4-3 R4-2 R4-1 R3-5"},
		{"when the entry was made, not the incident", "/log_entries?since=" + at(-2*day+1e9) + "&until=" + at(-day), "R3-5 R3-4 R3-3"},
		{"of one incident", "/incidents/Q2/log_entries", "R2-4 R2-3 R2-2 R2-1"},
		{"what matters", "/log_entries?limit=3&is_overview=true", "R4-1 R3-5 R3-4"},
		{"of other teams", "/log_entries?team_ids[]=PTE9", ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			c.t = t
			if got := ids(c.get(x.path), "log_entries"); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
}

func TestShapeOfLogEntries(t *testing.T) {
	c := serve(t, small(), Options{})
	entries := func(query string) map[string]object {
		byType := map[string]object{}
		for _, e := range c.get("/incidents/Q3/log_entries" + query)["log_entries"].([]any) {
			byType[e.(object)["type"].(string)] = e.(object)
		}
		return byType
	}
	plain, whole := entries(""), entries("?include[]=channels")
	if note := plain["annotate_log_entry"]["channel"].(object); note["type"] != "note" || note["summary"] != nil {
		t.Errorf("the text of a note without include[]=channels: %v", note)
	}
	if note := whole["annotate_log_entry"]["channel"].(object); note["summary"] != "the cache" {
		t.Errorf("a note with include[]=channels: %v", note)
	}
	notify := plain["notify_log_entry"]
	if kind, there := notify["channel"].(object)["type"]; !there || kind != nil {
		t.Errorf("a channel of no type: %v", notify["channel"])
	}
	if _, there := notify["agent"]; there || notify["user"].(object)["id"] != "PUS1" {
		t.Errorf("who was notified: %v", notify)
	}
	assign := plain["assign_log_entry"]
	if got := assign["assignees"].([]any)[0].(object)["type"]; got != "user_reference" || assign["incident"].(object)["id"] != "Q3" {
		t.Errorf("who was assigned: %v", assign)
	}
}
