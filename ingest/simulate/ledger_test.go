package simulate

import (
	"maps"
	"testing"
	"time"
)

// tiny is a history small enough to work out by hand: July to mid September
// 2026, with Monday 2026-09-07 beginning the week that most of it is in.
func tiny() *World {
	h := time.Hour
	at := day("2026-09-07 10:00")
	incident := func(key string, created time.Time, open time.Duration) Incident {
		i := Incident{Key: key, Title: "x", Services: []string{"shop"}, Team: "Sales", Severity: 2, Environment: prod, Created: created}
		if open != 0 {
			i.Resolved = created.Add(open)
			i.FirstResolved = i.Resolved
		}
		return i
	}
	with := func(i Incident, f func(*Incident)) Incident { f(&i); return i }
	change := func(key, outcome string, ended time.Time) Change {
		return Change{
			Key: key, Service: "shop", Team: "Sales", Kind: "deployment", Risk: "low", Environment: prod, Outcome: outcome,
			Created: ended.Add(-24 * h), Started: ended.Add(-h), Ended: ended, Closed: ended.Add(h),
		}
	}
	changed := func(c Change, f func(*Change)) Change { f(&c); return c }
	return &World{
		From: day("2026-07-01 00:00"), To: day("2026-09-15 12:00"),
		Services: []Service{{Name: "shop", Team: "Sales"}, {Name: "till", Team: "Stores"}},
		Incidents: []Incident{
			incident("A", day("2026-08-30 10:00"), 2*h),                                                    // Sunday of another week, and August
			incident("B", day("2026-09-06 20:00"), 8*h),                                                    // open at the week's start; 8 h
			with(incident("C", at, h), func(i *Incident) { i.AlertKey = "disk" }),                          // 1 h
			with(incident("D", at.Add(h+30*time.Minute), 10*h), func(i *Incident) { i.AlertKey = "disk" }), // flap, 30 min after
			with(incident("E", at.Add(12*h+time.Minute), 3*h), func(i *Incident) { i.AlertKey = "disk" }),  // 31 min after: counts, 3 h
			with(incident("F", at, 4*h), func(i *Incident) { i.Services = []string{"till", "shop"}; i.Team = "Stores"; i.Severity = 0 }),
			with(incident("G", at.Add(-h), 0), func(i *Incident) { i.MergedInto = "F"; i.Closed = at }), // F begins an hour earlier: 5 h
			with(incident("H", at, h), func(i *Incident) { i.Exercise = true }),
			with(incident("I", at, 0), func(i *Incident) { i.Closed = at.Add(h) }),
			incident("J", at, -h),
			with(incident("K", at, h), func(i *Incident) { i.Environment = "staging" }),
			with(incident("L", at.Add(24*h), 0), func(i *Incident) { i.Services, i.Team = nil, "" }), // open
			incident("M", at.Add(48*h), 5*24*h),                                                      // resolved on Monday 2026-09-14 10:00
		},
		Changes: []Change{
			change("1", Successful, at),
			change("2", SuccessfulWithIssues, at),
			change("3", RolledBack, at),
			changed(change("4", Successful, at), func(c *Change) { c.CausedIncidents = []string{"A", "B"} }),
			change("5", Successful, at), // mended by 6
			changed(change("6", Successful, at), func(c *Change) { c.ParentChange = "5" }),
			change("7", Cancelled, at),
			changed(change("8", Successful, at), func(c *Change) { c.Environment = "staging" }),
			changed(change("9", Successful, at), func(c *Change) { c.Ended = time.Time{} }), // from its start
			changed(change("10", "", at), func(c *Change) { c.Service, c.Team = sheetService, "Mobile" }),
			changed(change("11", "", at), func(c *Change) { c.Started, c.Ended, c.Closed = time.Time{}, time.Time{}, time.Time{} }),
			change("12", Failed, day("2026-09-12 12:01")),     // 72 h end a minute after the clock
			change("13", Successful, day("2026-09-12 12:00")), // and right on it
			change("14", "", at), // silence where links are kept
		},
	}
}

func TestLedgerByHand(t *testing.T) {
	l := tiny().Ledger(time.UTC)
	week := Slot{Period: "week", Start: "2026-09-07", Dim: "all"}

	// Stopped in the week: B 8 h, C 1 h, E 3 h, F 5 h. Open at its end: L, M.
	d := l.TimeToResolve[week]
	if d.N != 4 || d.Median != 4*3600 || d.Mean != 4.25*3600 || d.Max != 8*3600 || d.Open != 2 {
		t.Errorf("time to resolve: %+v", d)
	}
	if want := map[string]int{Flap: 1, Merged: 1, Exercise: 1, NoResolution: 1, Negative: 1}; !maps.Equal(d.Excluded, want) {
		t.Errorf("left out: %v", d.Excluded)
	}
	by := func(dim, value string) Slot { return Slot{Period: "week", Start: "2026-09-07", Dim: dim, Value: value} }
	if d := l.TimeToResolve[by("service", "till")]; d.N != 1 || d.Median != 5*3600 || d.Open != 0 {
		t.Errorf("till: %+v", d)
	}
	if d := l.TimeToResolve[by("service", "shop")]; d.N != 4 || d.Open != 1 {
		t.Errorf("shop: %+v", d)
	}
	if d := l.TimeToResolve[by("severity", "0")]; d.N != 1 {
		t.Errorf("severity not stated: %+v", d)
	}
	if d := l.TimeToResolve[Slot{Period: "week", Start: "2026-08-31", Dim: "all"}]; d.N != 0 || d.Open != 1 {
		t.Errorf("the week before, in which B is open: %+v", d)
	}
	if d := l.TimeToResolve[Slot{Period: "month", Start: "2026-09-01", Dim: "all"}]; d.N != 5 || d.Median != 5*3600 || d.Max != 120*3600 || d.Open != 1 {
		t.Errorf("September: %+v", d)
	}

	// Created in the week: C, E, F, I, J, L, M; B was on Sunday.
	if c := l.IncidentCount[week]; c.N != 7 || !maps.Equal(c.Excluded, map[string]int{Flap: 1, Merged: 1, Exercise: 1}) {
		t.Errorf("count: %+v", c)
	}
	if c := l.IncidentCount[by("team", "Stores")]; c.N != 1 {
		t.Errorf("count of Stores: %+v", c)
	}

	// Resolved in the week: B, C, E, F, and J, resolved before it was created.
	// All less than 14 days ago.
	if r := l.ReopenRate[week]; r.K != 0 || r.N != 0 || r.Pending != 5 {
		t.Errorf("reopened: %+v", r)
	}

	// 3 rolled back, 4 linked, 5 mended; of 1 2 3 4 5 6 9 13 14. 12 is pending.
	r := l.ChangeFailure[week]
	if r.K != 3 || r.N != 9 || r.Unknown != 1 || r.Pending != 1 || r.WithIssues != 1 {
		t.Errorf("change failure: %+v", r)
	}
	if want := map[string]int{Cancelled: 1, NotProduction: 1}; !maps.Equal(r.Excluded, want) {
		t.Errorf("changes left out: %v", r.Excluded)
	}
	if r := l.ChangeFailure[Slot{Period: "week", Start: "2026-08-31", Dim: "all"}]; r.N != 0 || r.Excluded[NotDone] != 1 {
		t.Errorf("not done, by its creation: %+v", r)
	}
	if r := l.ChangeFailure[by("service", sheetService)]; r.N != 0 || r.Unknown != 1 {
		t.Errorf("the sheet: %+v", r)
	}
	if l.Incidents != 13 || l.Filtered != 1 || l.Quarantined != 2 || l.Changes != 13 || l.Releases != 1 {
		t.Errorf("rows: %+v", l)
	}
}

// The rate stands at the first resolution, and what comes back later than 14
// days after it is no reopening.
func TestLedgerKnowsReopeningsFromHistory(t *testing.T) {
	i := func(key string, first time.Time, again ...time.Duration) Incident {
		i := Incident{Key: key, Environment: prod, Created: first.Add(-time.Hour), FirstResolved: first, Resolved: first}
		for _, after := range again {
			i.Reopenings = append(i.Reopenings, Reopening{At: first.Add(after), Resolved: first.Add(after + time.Hour)})
			i.Resolved = first.Add(after + time.Hour)
		}
		return i
	}
	august, d := day("2026-08-03 12:00"), 24*time.Hour
	w := &World{From: day("2026-07-01 00:00"), To: day("2026-09-15 12:00"), Incidents: []Incident{
		i("A", august), i("B", august, 14*d), i("C", august, 14*d+time.Second), i("D", august, d, 20*d),
		i("G", day("2026-08-31 12:00"), 2*d), // for good in September
		i("E", day("2026-09-01 12:00"), d), i("F", day("2026-09-01 12:01"), d),
	}}
	l := w.Ledger(time.UTC)
	if r := l.ReopenRate[Slot{Period: "month", Start: "2026-08-01", Dim: "all"}]; r.N != 5 || r.K != 3 || r.Pending != 0 {
		t.Errorf("August: %+v", r)
	}
	if r := l.ReopenRate[Slot{Period: "month", Start: "2026-09-01", Dim: "all"}]; r.N != 1 || r.K != 1 || r.Pending != 1 {
		t.Errorf("September: %+v", r)
	}
	if r := l.TimeToResolve[Slot{Period: "month", Start: "2026-08-01", Dim: "all"}]; r.N != 4 || r.Max != (20*d+2*time.Hour).Seconds() {
		t.Errorf("final resolutions: %+v", r)
	}
}

// In Melbourne the week begins fourteen hours earlier, in daylight time.
func TestLedgerKeepsTheReportingZone(t *testing.T) {
	melbourne, err := time.LoadLocation("Australia/Melbourne")
	if err != nil {
		t.Fatal(err)
	}
	l := tiny().Ledger(melbourne)
	// B was created on Sunday 20:00 UTC, which is Monday there.
	if c := l.IncidentCount[Slot{Period: "week", Start: "2026-09-07", Dim: "all"}]; c.N != 8 {
		t.Errorf("count: %+v", c)
	}
	for _, s := range spans(day("2026-09-20 00:00"), day("2026-10-20 00:00"), melbourne) {
		if s.period == "week" && s.start.Format(time.DateOnly) == "2026-09-28" && s.end.Sub(s.start) != 167*time.Hour {
			t.Errorf("the week in which the clock goes forward has %v", s.end.Sub(s.start))
		}
	}
}

func TestLedgerClimbsTheLadder(t *testing.T) {
	made := 0
	incident := func(created time.Time, f func(*Incident)) Incident {
		made++
		i := Incident{Key: string(rune('A' + made)), Services: []string{"shop"}, Severity: 3, Created: created, Resolved: created.Add(time.Hour)}
		f(&i)
		return i
	}
	from, to := day("2026-01-01 00:00"), day("2026-09-01 00:00")
	for name, c := range map[string]struct {
		first, second  func(*Incident)
		apart          time.Duration // between the first one's resolution and the second's creation
		want30, want90 string        // rung; "no" or "unknown"
	}{
		"problem before alert key": {
			func(i *Incident) { i.ProblemKey, i.AlertKey = "P", "a" }, func(i *Incident) { i.ProblemKey, i.AlertKey = "P", "a" }, 24 * time.Hour, RungProblem, RungProblem},
		"alert key, any service": {
			func(i *Incident) { i.AlertKey = "a" }, func(i *Incident) { i.AlertKey, i.Services = "a", nil }, 40 * 24 * time.Hour, "no", RungAlert},
		"exactly thirty days": {
			func(i *Incident) { i.AlertKey = "a" }, func(i *Incident) { i.AlertKey = "a" }, 30 * 24 * time.Hour, RungAlert, RungAlert},
		"same cause elsewhere": {
			func(i *Incident) { i.Cause = "dust" }, func(i *Incident) { i.Cause, i.Services = "dust", []string{"till"} }, 24 * time.Hour, "no", "no"},
		"same cause, one service shared": {
			func(i *Incident) { i.Cause = "dust" }, func(i *Incident) { i.Cause, i.Services = "dust", []string{"till", "shop"} }, 24 * time.Hour, RungCause, RungCause},
		"title without hosts and numbers": {
			func(i *Incident) { i.Title = "Disk full on db-3 (412 MB)" }, func(i *Incident) { i.Title = "disk FULL on db-17 (9 MB)" }, 24 * time.Hour, RungTitle, RungTitle},
		"titles that say nothing": {
			func(i *Incident) { i.Title = "Incident with shop" }, func(i *Incident) { i.Title = "Incident with shop" }, 24 * time.Hour, "unknown", "unknown"},
		"concurrent is no repeat": {
			func(i *Incident) { i.AlertKey = "a" }, func(i *Incident) { i.AlertKey = "a" }, -30 * time.Minute, "no", "no"},
		"an exercise is no earlier one": {
			func(i *Incident) { i.AlertKey, i.Exercise = "a", true }, func(i *Incident) { i.AlertKey = "a" }, 24 * time.Hour, "no", "no"},
	} {
		first := incident(day("2026-05-04 08:00"), c.first)
		second := incident(first.Resolved.Add(c.apart), c.second)
		w := &World{From: from, To: to, Incidents: []Incident{first, second}, Services: []Service{{Name: "shop", Team: "Sales"}}}
		l := w.Ledger(time.UTC)
		for days, want := range map[int]string{30: c.want30, 90: c.want90} {
			figures := l.Recurrence30d
			if days == 90 {
				figures = l.Recurrence90d
			}
			hits, unknown := map[string]int{}, 0
			for s, r := range figures {
				if s.Period != "month" || s.Dim != "all" {
					continue
				}
				unknown += r.Unknown
				for rung, n := range r.Basis {
					hits[rung] += n
				}
			}
			got := "no"
			for rung := range hits {
				got = rung
			}
			if unknown > 0 {
				got = "unknown"
			}
			if got != want {
				t.Errorf("%s, %d days: %s, want %s", name, days, got, want)
			}
		}
	}
}

// What came within a window of the start of the history cannot be judged.
func TestLedgerDoesNotJudgeTheFirstDays(t *testing.T) {
	i := Incident{Key: "A", AlertKey: "a", Created: day("2026-02-01 00:00"), Resolved: day("2026-02-01 01:00")}
	w := &World{From: day("2026-01-01 00:00"), To: day("2026-09-01 00:00"), Incidents: []Incident{i}}
	l := w.Ledger(time.UTC)
	s := Slot{Period: "month", Start: "2026-02-01", Dim: "all"}
	if l.Recurrence30d[s].N != 1 || l.Recurrence90d[s].Unknown != 1 {
		t.Errorf("%+v, %+v", l.Recurrence30d[s], l.Recurrence90d[s])
	}
}

func TestTitleKey(t *testing.T) {
	plain := words("checkout api search")
	for title, want := range map[string]string{
		"Connection pool exhausted on checkout-db-3 (pod checkout-api-7c1d, 91 waiting)": "connection pool exhausted pod waiting",
		"Incident with checkout-api":           "",
		"Search is slow":                       "",
		"Consent pages slower since CHG-30123": "consent pages slower since",
	} {
		if got := titleKey(title, plain); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}
