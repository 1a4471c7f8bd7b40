package simulate

import (
	"testing"
	"time"
)

// The promises: kept, late, put off, and one kind that is always late.
func TestPromisesAreOfAllKinds(t *testing.T) {
	w := New(Seed, AsOf)
	seen := map[string]int{}
	resolved := map[string]time.Time{}
	for _, i := range w.Incidents {
		resolved[i.Key] = i.Resolved
	}
	for _, a := range w.Actions {
		switch {
		case a.InTime():
			seen["in time"]++
		case !a.Done.IsZero():
			seen["late"]++
		case a.Due.Before(w.To.AddDate(0, 0, -1)):
			seen["overdue"]++
		}
		if len(a.Moved) > 0 {
			seen["put off"]++
		}
		if len(a.Moved) > 1 {
			seen["put off twice"]++
		}
		for _, i := range w.Incidents {
			if i.Story == StoryPool && a.Title != "" && i.Created.After(a.Created) && !a.Done.IsZero() && i.Created.Before(a.Done) && a.Team == i.Team {
				seen["done when it was back"]++
				break
			}
		}
	}
	for _, p := range w.PostMortems {
		switch wait := p.Done.Sub(resolved[p.Incident]); {
		case p.Done.IsZero():
			seen["review open"]++
		case wait > 14*24*time.Hour:
			seen["review late"]++
		default:
			seen["review in time"]++
		}
	}
	for what, least := range map[string]int{
		"in time": 20, "late": 5, "overdue": 5, "put off": 10, "put off twice": 3, "done when it was back": 1, "review late": 5, "review in time": 20,
	} {
		if seen[what] < least {
			t.Errorf("%s: %d, want at least %d", what, seen[what], least)
		}
	}
	t.Log(seen, len(w.Actions), len(w.PostMortems))
}
