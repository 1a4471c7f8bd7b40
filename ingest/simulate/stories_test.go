package simulate

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func day(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, time.UTC)
	if err != nil {
		panic(err)
	}
	return t
}

func TestPoolRepeatsFasterAndLastWeekLong(t *testing.T) {
	w := New(Seed, AsOf)
	all := tale(w, StoryPool)
	recent := 0
	for _, i := range all {
		if i.AlertKey != all[0].AlertKey || !strings.Contains(i.Title, "onnection pool exhausted on checkout-db-") {
			t.Errorf("%s: %q, %q", i.Key, i.AlertKey, i.Title)
		}
		if i.Created.After(w.To.AddDate(0, 0, -90)) {
			recent++
		}
		t.Log(i.Key, i.Created, i.Resolved.Sub(i.Created), i.Severity)
	}
	if len(all) != 11 || recent != 7 {
		t.Errorf("%d in all, %d in the last 90 days", len(all), recent)
	}
	long := all[len(all)-1]
	if !long.Created.Equal(day("2026-09-30 13:20")) || long.Resolved.Sub(long.Created) != 11*time.Hour+12*time.Minute {
		t.Errorf("the long one: %+v", long)
	}
}

func TestBadReleaseIsTakenBackAndMended(t *testing.T) {
	w := New(Seed, AsOf)
	var bad, hotfix Change
	for _, c := range w.Changes {
		if c.Story == StoryBadRelease && c.ParentChange == "" {
			bad = c
		} else if c.Story == StoryBadRelease {
			hotfix = c
		}
	}
	broken := tale(w, StoryBadRelease)
	if bad.Outcome != RolledBack || !bad.Ended.Equal(day("2026-08-19 09:40")) || hotfix.ParentChange != bad.Key || len(broken) != 3 {
		t.Errorf("%+v\n%+v\n%d incidents", bad, hotfix, len(broken))
	}
	for _, i := range broken {
		if i.CausedBy != bad.Key || i.Services[0] != badService {
			t.Errorf("%+v", i)
		}
	}
	t.Log(bad.Key, hotfix.Key, broken[0].Key, broken[1].Key, broken[2].Key)
}

func TestQuietTeamHasEmptyWeeks(t *testing.T) {
	l := New(Seed, AsOf).Ledger(time.UTC)
	weeks := spans(AsOf.AddDate(0, 0, -7*52), AsOf, time.UTC)
	total, empty := 0, 0
	for _, s := range weeks {
		if s.period == "week" {
			n := l.IncidentCount[s.slot(dim{"team", "Engagement"})].N
			total += n
			if n == 0 {
				empty++
			}
		}
	}
	if total == 0 || total > 12 || empty < 40 {
		t.Errorf("%d incidents in a year, %d empty weeks", total, empty)
	}
	t.Log(total, empty)
}

// A single month of search is too small to show it; the incidents before and
// after the annotation, twenty and more on each side, do.
func TestSearchReallyImproved(t *testing.T) {
	for _, seed := range []uint64{Seed, 1, 2, 3} {
		w := New(seed, AsOf)
		var before, after []float64
		for _, c := range cases(w.Incidents) {
			if c.notADuration() != "" || c.Resolved.IsZero() || !slices.Contains(c.Services, betterService) {
				continue
			}
			if c.Created.Before(w.searchImproved()) {
				before = append(before, c.Resolved.Sub(c.Created).Hours())
			} else {
				after = append(after, c.Resolved.Sub(c.Created).Hours())
			}
		}
		was, _, _ := summary(before)
		is, _, _ := summary(after)
		if len(before) < 20 || len(after) < 20 || is > was/2 {
			t.Errorf("seed %d: %.1f h (%d) before, %.1f h (%d) after", seed, was, len(before), is, len(after))
		}
		t.Logf("seed %d: %.2f h (n %d) before, %.2f h (n %d) after", seed, was, len(before), is, len(after))
	}
}

func TestOutageHidesInAnAverage(t *testing.T) {
	w := New(Seed, AsOf)
	i := tale(w, StoryOutage)[0]
	if i.Severity != 1 || !*i.CustomerImpact || !i.Created.Equal(day("2026-09-10 21:12")) || i.Resolved.Sub(i.Created) != 19*time.Hour {
		t.Errorf("%+v", i)
	}
	september := Slot{Period: "month", Start: "2026-09-01", Dim: "all"}
	l := w.Ledger(time.UTC)
	if f := l.TimeToResolve[september]; f.Median > 10*3600 || f.Mean > 19*3600 {
		t.Errorf("September does not hide it: %+v", f)
	}
	september.Dim, september.Value = "severity", "1"
	if f := l.TimeToResolve[september]; f.Max != 19*3600 {
		t.Errorf("not the worst of severity 1: %+v", f)
	}
	if merged := tale(w, StoryMerged); len(merged) != 6 {
		t.Errorf("%d merged", len(merged))
	}
}

func TestOddities(t *testing.T) {
	w := New(Seed, AsOf)
	var titles strings.Builder
	for _, i := range tale(w, StoryHostile) {
		titles.WriteString(i.Title)
	}
	for _, text := range []string{"</script><script>alert(1)</script>", "__f__alert(1)__f__", `=HYPERLINK("http://x","y")`, "🔥", "\u200f"} {
		if !strings.Contains(titles.String(), text) {
			t.Errorf("no title has %q", text)
		}
	}
	for story, want := range map[string]int{
		StoryFlap: 15, StoryExercise: 5, StoryMaintenance: 2, StoryLingering: 4, StoryUnresolved: 4, StoryNegative: 1, StoryStaging: 4, StoryMentioned: 2, StoryLateReopen: 1,
	} {
		if got := len(tale(w, story)); got != want {
			t.Errorf("%s: %d, want %d", story, got, want)
		}
	}
	oldest := tale(w, StoryLingering)[0]
	if age := w.To.Sub(oldest.Created); age != 41*24*time.Hour || !oldest.Resolved.IsZero() || !oldest.Closed.IsZero() {
		t.Errorf("the oldest open one: %+v", oldest)
	}
	for _, i := range tale(w, StoryMentioned) {
		if !strings.Contains(i.Title, "CHG-3") || i.CausedBy != "" {
			t.Errorf("%+v", i)
		}
	}
	for _, i := range tale(w, StoryUnresolved) {
		if !i.Resolved.IsZero() || i.Closed.IsZero() {
			t.Errorf("%+v", i)
		}
	}
	if i := tale(w, StoryNegative)[0]; !i.Resolved.Before(i.Created) {
		t.Errorf("%+v", i)
	}
}
