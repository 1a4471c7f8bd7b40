package oracle

import (
	"fmt"
	"time"

	"github.com/srekpi/srekpi/configs"
)

// Plan says what the worlds of one build are like.
type Plan struct {
	Name          string
	Seed          uint64
	First, Worlds int
	Ragged        bool // sources have collected different ranges, some none
	NoL3          bool // nothing says who is L3
	NoPostmortems bool // none are written
	IssuesFail    bool // successful with issues is a failure
	Required      []int
}

// Plans are the worlds that the SQL and the oracle are compared on, one build
// each. What a definition asks of all sources together ("no post-mortems are
// collected") differs between plans, not between worlds.
var Plans = []Plan{
	{Name: "all_collected", Seed: 1, First: 1, Worlds: 400},
	{Name: "ragged_ranges", Seed: 2, First: 401, Worlds: 300, Ragged: true, IssuesFail: true, Required: []int{1, 3}},
	{Name: "nothing_of_L3_nor_postmortems", Seed: 3, First: 701, Worlds: 150, NoL3: true, NoPostmortems: true},
	{Name: "other_worlds", Seed: 4, First: 851, Worlds: 200, Required: []int{1}},
}

// AsOf is the moment that all worlds are seen from: two weeks after the night on
// which the clocks of Melbourne go forward.
var AsOf = At(time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC))

// Melbourne is the reporting zone.
var Melbourne = func() *time.Location {
	loc, err := time.LoadLocation("Australia/Melbourne")
	if err != nil {
		panic(err)
	}
	return loc
}()

// Company makes the worlds of a plan.
func (p Plan) Company() *Company {
	c := &Company{Config: p.config(), AsOf: AsOf}
	for n := p.First; n < p.First+p.Worlds; n++ {
		c.Worlds = append(c.Worlds, p.world(n))
	}
	for _, w := range c.Worlds {
		for _, s := range w.Sources {
			src := configs.Source{Name: s.Name, Type: s.Type, Entity: s.Entity, ClosingResolves: s.ClosingResolves, Links: s.Links}
			if s.Declared {
				src.Covers = configs.Covers{Start: s.From.Time(), End: s.To.Time()}
			}
			c.Config.Sources = append(c.Config.Sources, src)
		}
		for _, s := range []configs.Service{
			{Name: w.service("checkout"), Aliases: []string{fmt.Sprintf("Checkout Svc %d", w.N)}, Team: "web", L2Team: "web", L3Team: "ops"},
			{Name: w.service("search"), L2Team: "data", L3Team: "data", Calendar: "nights"},
		} {
			if p.NoL3 {
				s.L3Team = ""
			}
			c.Config.Services = append(c.Config.Services, s)
		}
	}
	return c
}

func (w *World) service(name string) string { return fmt.Sprintf("%s-%d", name, w.N) }

func span(d time.Duration) configs.Span { return configs.Span{Text: d.String(), Duration: d} }

func (p Plan) config() *configs.Config {
	cfg := &configs.Config{
		Timezone: "Australia/Melbourne", Weekly: configs.Weekly{Ends: "monday 00:00"},
		Incidents:   configs.Incidents{Major: []int{1, 2}, FlapsWithin: span(30 * time.Minute), ReopenedWithin: span(14 * day), DetectedByUsers: []string{"customer", "user"}},
		Changes:     configs.Changes{CitedAs: []string{`CHG\d{7}`}, ObservedFor: span(72 * hour), IssuesFail: p.IssuesFail},
		Recurrence:  configs.Recurrence{Boilerplate: []string{"Incident with", "Disruption with"}},
		Postmortems: configs.Postmortems{Required: p.Required, WithinWorkdays: 10},
		Causes:      []configs.Cause{{Name: "config", Aliases: []string{"Configuration"}}},
		Teams:       []configs.Team{{Name: "web", Tier: "L2"}, {Name: "core", Aliases: []string{"CORE TEAM"}, Tier: "L3"}, {Name: "data"}},
		Targets: []configs.Target{
			{Severity: []int{1}, Acknowledge: span(5 * time.Minute), Resolve: span(4 * hour), Clock: configs.ClockAlways},
			{Severity: []int{2}, Resolve: span(8 * hour), Clock: configs.ClockCalendar},
			{Severity: []int{3, 4}, Acknowledge: span(hour), Resolve: span(24 * hour), Clock: configs.ClockCalendar},
			{Severity: []int{5}, Acknowledge: span(30 * time.Minute), Clock: configs.ClockAlways},
		},
		Work: configs.Work{HoursPerWeek: 40, Rules: []configs.WorkRule{
			{Is: "toil", Label: []string{"toil", "chore"}},
			{Is: "unplanned", Label: []string{"Unplanned"}, Role: []string{"ticket"}},
			{Is: "unplanned", Role: []string{"incident"}},
			{Is: "internal_project", Role: []string{"problem", "postmortem", "action_item"}, Project: []string{"OPS"}},
			{Is: "unplanned", AfterSprintStart: true},
			{Is: "business_project", Type: []string{"story", "Epic"}},
		}},
		Calendars: []configs.Calendar{
			calendar("business", Melbourne, 8*hour, 18*hour, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday),
			calendar("nights", time.UTC, 12*hour, 24*hour, time.Monday, time.Tuesday, time.Saturday, time.Sunday),
		},
	}
	cfg.Calendars[0].Holidays = []configs.Holiday{{Date: "2026-09-25", Name: "a final"}, {Date: "2026-04-03"}, {Date: "2026-10-05"}}
	if p.NoL3 {
		cfg.Teams[1].Tier = ""
	}
	return cfg
}

func calendar(name string, loc *time.Location, opens, closes time.Duration, days ...time.Weekday) configs.Calendar {
	k := configs.Calendar{Name: name, Zone: loc.String(), Location: loc, Opens: opens, Closes: closes, Weekdays: map[time.Weekday]bool{}}
	for _, d := range days {
		k.Weekdays[d] = true
		k.Days = append(k.Days, d.String())
	}
	return k
}

// Periods are the weeks and months that values are compared in: those with the
// nights on which the clocks change and their neighbours, the last ones, and one
// before anything was collected.
func Periods() []Period {
	midnight := func(y int, m time.Month, d int) Moment { return At(time.Date(y, m, d, 0, 0, 0, 0, Melbourne)) }
	var ps []Period
	for _, d := range []time.Time{date(2026, 3, 30), date(2026, 4, 6), date(2026, 9, 28), date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 19)} {
		ps = append(ps, Period{"week", d.Format(time.DateOnly), midnight(d.Date()), midnight(d.Year(), d.Month(), d.Day()+7)})
	}
	for _, m := range []time.Month{1, 4, 9, 10} {
		ps = append(ps, Period{"month", date(2026, m, 1).Format(time.DateOnly), midnight(2026, m, 1), midnight(2026, m+1, 1)})
	}
	return ps
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
