package simulate

import (
	"strings"
	"testing"
	"time"
)

func tale(w *World, story string) []Incident {
	var all []Incident
	for _, i := range w.Incidents {
		if i.Story == story {
			all = append(all, i)
		}
	}
	return all
}

// Whatever the seed, the company is of its size and its records hang together.
func TestHistoryHangsTogether(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2, 3} {
		w := New(seed, AsOf)
		if n := len(w.Incidents); n < 450 || n > 700 {
			t.Errorf("seed %d: %d incidents", seed, n)
		}
		if n := len(w.Changes); n < 780 || n > 1020 {
			t.Errorf("seed %d: %d changes", seed, n)
		}
		keys := map[string]bool{}
		for _, c := range w.Changes {
			keys[c.Key] = true
			for _, at := range []time.Time{c.Created, c.Started, c.Ended, c.Closed} {
				if at.After(w.To) {
					t.Errorf("%s knows the future: %v", c.Key, at)
				}
			}
		}
		for _, i := range w.Incidents {
			keys[i.Key] = true
			if i.Created.Before(w.From) || !i.Created.Before(w.To) {
				t.Errorf("%s created outside of the history: %v", i.Key, i.Created)
			}
			for _, at := range []time.Time{i.Acknowledged, i.Escalated, i.Mitigated, i.Resolved, i.Closed} {
				if at.After(w.To) || (!at.IsZero() && at.Before(i.Created) && i.Story != StoryNegative) {
					t.Errorf("%s (%s): %v is not in its life", i.Key, i.Story, at)
				}
			}
		}
		for _, c := range w.Changes {
			for _, ref := range append(c.CausedIncidents, c.ParentChange) {
				if ref != "" && !keys[ref] {
					t.Errorf("%s refers to %s, which is nothing", c.Key, ref)
				}
			}
		}
		for _, i := range w.Incidents {
			for _, ref := range []string{i.MergedInto, i.CausedBy} {
				if ref != "" && !keys[ref] {
					t.Errorf("%s refers to %s, which is nothing", i.Key, ref)
				}
			}
		}
	}
}

// One alert key never has two incidents at once, and only the told bursts flap:
// so that every figure has one answer.
func TestOnlyToldAlertsFlap(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2, 3} {
		last := map[string]incidentCase{}
		for _, c := range cases(New(seed, AsOf).Incidents) {
			if (c.leftOut == Flap) && c.Story != StoryFlap {
				t.Errorf("%s flaps untold", c.Key)
			}
			if before, seen := last[c.AlertKey]; seen && c.AlertKey != "" && c.leftOut != Flap {
				if before.Resolved.IsZero() || c.Created.Sub(before.Resolved) < 31*time.Minute {
					t.Errorf("%s came while %s was there", c.Key, before.Key)
				}
			}
			last[c.AlertKey] = c
		}
	}
}

// Nothing is left out of time to resolve for two reasons.
func TestReasonsDoNotOverlap(t *testing.T) {
	for _, c := range cases(New(Seed, AsOf).Incidents) {
		reasons := 0
		for _, holds := range []bool{
			c.Exercise, c.Maintenance, c.MergedInto != "", c.leftOut == Flap,
			c.MergedInto == "" && c.Resolved.IsZero() && !c.Closed.IsZero(), !c.Resolved.IsZero() && c.Resolved.Before(c.Created),
		} {
			if holds {
				reasons++
			}
		}
		if reasons > 1 {
			t.Errorf("%s has %d reasons", c.Key, reasons)
		}
	}
}

func TestLifeFollowsTheWorkingWeek(t *testing.T) {
	w := New(Seed, AsOf)
	var weekend, office, fridaysBefore, fridaysAfter int
	for _, i := range w.Incidents {
		if d := i.Created.Weekday(); d == time.Saturday || d == time.Sunday {
			weekend++
		}
		if h := i.Created.Hour(); h >= 8 && h < 18 {
			office++
		}
	}
	if share := float64(weekend) / float64(len(w.Incidents)); share > 0.22 {
		t.Errorf("%.2f of incidents at weekends", share)
	}
	if share := float64(office) / float64(len(w.Incidents)); share < 0.55 {
		t.Errorf("%.2f of incidents in office hours", share)
	}
	for _, c := range w.Changes {
		if c.PlannedStart.Weekday() != time.Friday {
			continue
		}
		if c.PlannedStart.Before(w.fridaysOpened()) {
			fridaysBefore++
		} else {
			fridaysAfter++
		}
	}
	if fridaysBefore > 0 || fridaysAfter < 40 {
		t.Errorf("Friday changes: %d in the freeze, %d after it", fridaysBefore, fridaysAfter)
	}
	if got := w.fridaysOpened().Format(time.DateOnly) + w.searchImproved().Format(" 2006-01-02"); got != "2026-02-02 2026-05-01" {
		t.Errorf("annotated dates: %s", got)
	}
}

func TestRecordsAreUntidy(t *testing.T) {
	w := New(Seed, AsOf)
	seen := map[string]int{}
	note := func(what string, holds bool) {
		if holds {
			seen[what]++
		}
	}
	for _, i := range w.Incidents {
		note("no severity", i.Severity == 0)
		note("no service", len(i.Services) == 0)
		note("several services", len(i.Services) > 1)
		note("neither service nor team", len(i.Services) == 0 && i.Team == "")
		note("reopened", len(i.Reopenings) > 0 && i.Resolved.After(i.FirstResolved))
		note("automatic", i.ResolvedBy == AutoResolved)
		note("impact not stated", i.CustomerImpact == nil)
		note("says nothing", i.AlertKey == "" && (strings.HasPrefix(i.Title, "Incident with") || strings.HasPrefix(i.Title, "Disruption with")))
		note("no cause", i.Cause == "")
		note("problem", i.ProblemKey != "")
	}
	for _, c := range w.Changes {
		note("kind "+c.Kind, true)
		note("type "+c.Type, true)
		note("risk "+c.Risk, true)
		note("outcome "+c.Outcome, true)
		note("staging change", c.Environment == "staging")
		note("release without outcome", c.OnSheet() && !c.Ended.IsZero() && c.Outcome == "")
		note("planned", c.PlannedStart.After(w.To))
		note("in progress", !c.Started.IsZero() && c.Ended.IsZero() && c.Closed.IsZero())
		note(StoryMissingEnd, c.Story == StoryMissingEnd && c.Ended.IsZero() && !c.Started.IsZero())
	}
	for what, least := range map[string]int{
		"no severity": 3, "no service": 3, "several services": 10, "neither service nor team": 1, "reopened": 10, "automatic": 25,
		"impact not stated": 20, "says nothing": 4, "no cause": 100, "problem": 10,
		"kind deployment": 300, "kind config": 50, "kind feature_flag": 50, "kind infrastructure": 30, "kind database": 20,
		"type standard": 200, "type normal": 100, "type emergency": 20, "risk high": 30, "outcome " + Cancelled: 5, "outcome " + Rejected: 2,
		"outcome " + SuccessfulWithIssues: 15, "outcome " + Failed: 5, "outcome " + RolledBack: 5, "staging change": 50,
		"release without outcome": 60, "planned": 10, StoryMissingEnd: 2,
	} {
		if seen[what] < least {
			t.Errorf("%s: %d, want at least %d", what, seen[what], least)
		}
	}
	if seen["in progress"] > 0 {
		t.Errorf("%d changes are under way at the end, which no figure can judge", seen["in progress"])
	}
	t.Log(seen)
}
