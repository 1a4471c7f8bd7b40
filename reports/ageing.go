package reports

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// ageingView counts what was open at the end of the page by how long, names the
// oldest, and says what it waits for.
type ageingView struct {
	Bands     []ageBand
	Tickets   bool // they are collected
	Incidents bool
	Oldest    []aged
	More      prose
	Waits     []waiting
}

type ageBand struct {
	Label                               string `view:"name"`
	All, Grave, Unowned, Tasks, Nobodys tally
	Width                               int `view:"structure"` // of the bar, in percent of the fullest band
}

type aged struct {
	Key      place
	Incident bool
	Severity uint8  `view:"structure"`
	Title    string `view:"quote"`
	Where    string `view:"name"`
	Who      string `view:"name"`
	Since    string `view:"date"`
	SinceRaw int64  `view:"structure"`
	Age      tally
	Held     prose // since when it waits
	HeldRaw  int64 `view:"structure"`
	Hops     *tally
	Resolved string `view:"date"` // when it was resolved after the end of the page
}

// waiting is one reason why work stands still.
type waiting struct {
	Title string
	Said  prose
	List  []prose
}

var ages = []struct {
	label string
	from  time.Duration
}{
	{"under 2 days", 0},
	{"2 to 7 days", 48 * time.Hour},
	{"1 to 4 weeks", 7 * 24 * time.Hour},
	{"4 to 13 weeks", 28 * 24 * time.Hour},
	{"over 13 weeks", 91 * 24 * time.Hour},
}

// How many of the open ones are named: the oldest incidents and tickets, those
// that wait for L3, and those that were handed over most.
const (
	oldestShown  = 10
	oldestTasks  = 5
	waitingShown = 5
	handedShown  = 3
)

func ageing(ctx context.Context, s *sheet) (*answer, error) {
	view := ageingView{Incidents: s.delivers("incident"), Tickets: s.delivers("ticket")}
	if !view.Incidents && !view.Tickets {
		return &answer{Hidden: true}, nil // said once, by the incidents
	}
	end := s.end()
	open, err := s.undoneAt(ctx, end)
	if err != nil {
		return nil, err
	}
	incidents, tickets := open.incidents, open.tickets
	if incidents+tickets == 0 {
		if view.Tickets && view.Incidents {
			return &answer{Quiet: "no incident was open at the end of this " + s.period.Kind + ", and no ticket."}, nil
		}
		return &answer{Quiet: "no incident was open at the end of this " + s.period.Kind + "."}, nil
	}
	view.bandsOf(open)
	named := chosenOf(open.rows)
	shown, err := s.shownRowsOf(ctx, named.ids())
	if err != nil {
		return nil, err
	}
	for _, r := range named.oldest {
		view.Oldest = append(view.Oldest, s.agedOf(r, shown[r.ID], end))
	}
	switch names, tasks := min(incidents, oldestShown), min(tickets, oldestTasks); {
	case incidents > oldestShown && tickets > oldestTasks:
		view.More = tell("The %s oldest of %s incidents and the %s oldest of %s tickets; all incidents are in the evidence of the time to resolve.",
			tallyOf("ageing/shown", names), tallyOf("ageing/open", incidents), tallyOf("ageing/tasks-shown", tasks), tallyOf("ageing/tasks", tickets))
	case incidents > oldestShown:
		view.More = tell("The %s oldest of %s incidents; all are in the evidence of the time to resolve.", tallyOf("ageing/shown", names), tallyOf("ageing/open", incidents))
	case tickets > oldestTasks:
		view.More = tell("The %s oldest of %s tickets.", tallyOf("ageing/tasks-shown", tasks), tallyOf("ageing/tasks", tickets))
	}
	view.Waits = append(view.Waits, s.heldOf(open, end), handedOf(open, named, shown))
	far, err := s.toL3(ctx, open.waits, named, shown, end)
	if err != nil {
		return nil, err
	}
	view.Waits = append(view.Waits, far...)
	if !view.Tickets {
		view.Waits = append(view.Waits, waiting{Title: "Tickets", Said: tell("not collected: add a source of type jira, or one with entity: ticket, to srekpi.yml.")})
	}
	return &answer{Told: s.openLead(open, end), View: view}, nil
}

// openLead counts what stood open, and what has been resolved since.
func (s *sheet) openLead(open *stoodOpen, end time.Time) prose {
	incidents, tickets, resolved := open.incidents, open.tickets, open.resolved
	stood := many("ageing/open", incidents, "incident", "incidents")
	if tickets > 0 {
		stood = tell("%s and %s", stood, many("ageing/tasks", tickets, "ticket", "tickets"))
	}
	was := "were"
	if incidents+tickets == 1 {
		was = "was"
	}
	lead := capped(tell("%s %s open on %s.", stood, was, dated(s.clock.at(end))))
	if resolved > 0 {
		lead = append(lead, tell(" Of these, %s %s been resolved since.", tallyOf("ageing/resolved", resolved), hasHave(resolved))...)
	}
	return lead
}

// bandsOf counts by age.
func (v *ageingView) bandsOf(open *stoodOpen) {
	most := 1
	for _, of := range open.bands["incident"] {
		most = max(most, of.all)
	}
	for b := range ages {
		of, tasks := open.bands["incident"][b], open.bands["ticket"][b]
		v.Bands = append(v.Bands, ageBand{Label: ages[b].label, All: tallyOf("ageing/all", of.all), Grave: tallyOf("ageing/major", of.major),
			Unowned: tallyOf("ageing/undecided", of.unowned), Tasks: tallyOf("ageing/tickets", tasks.all), Nobodys: tallyOf("ageing/nobodys", tasks.unowned), Width: 100 * of.all / most})
	}
}

// chosen are the few open ones that the block names.
type chosen struct{ oldest, handed, waits []undone }

func (c chosen) ids() []string {
	ids := []string{""}
	for _, list := range [][]undone{c.oldest, c.handed, c.waits} {
		for _, r := range list {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func chosenOf(rows []undone) chosen {
	var c chosen
	room := map[string]int{"incident": oldestShown, "ticket": oldestTasks}
	for _, r := range rows { // oldest first
		if room[r.Kind] > 0 {
			room[r.Kind]--
			c.oldest = append(c.oldest, r)
		}
		if r.Hops != nil && *r.Hops > 1 {
			c.handed = append(c.handed, r)
		}
		if r.Waits == 1 {
			c.waits = append(c.waits, r)
		}
	}
	slices.SortStableFunc(c.handed, func(a, b undone) int { return cmp.Compare(*b.Hops, *a.Hops) })
	c.handed = c.handed[:min(len(c.handed), handedShown)]
	slices.SortStableFunc(c.waits, func(a, b undone) int { return a.Escaped.Compare(*b.Escaped) })
	c.waits = c.waits[:min(len(c.waits), waitingShown)]
	return c
}

func (s *sheet) agedOf(r undone, of shownOf, end time.Time) aged {
	what := "incident/age"
	if r.Kind == "ticket" {
		what = "ticket/age"
	}
	row := aged{Key: of.place(), Incident: r.Kind == "incident", Severity: of.Severity, Title: clip(of.Title, 140), Where: of.where(), Who: of.who(),
		Since: s.clock.day(r.Since), SinceRaw: r.Since.Unix(), Age: lastingOf(what, end.Sub(r.Since))}
	if r.Held == 1 {
		row.Held, row.HeldRaw = tell("on hold"), 1
		if r.HeldFrom != nil {
			row.Held, row.HeldRaw = tell("for %s", lastingOf("ageing/held-for", end.Sub(*r.HeldFrom))), end.Unix()-r.HeldFrom.Unix()
		}
	}
	if r.Hops != nil {
		hops := tallyOf("ageing/hops", int(*r.Hops))
		row.Hops = &hops
	}
	if r.Resolved != nil {
		row.Resolved = s.dayAndYear(*r.Resolved)
	}
	return row
}

// heldOf says how much of it waits for somebody else. Its clock runs on.
func (s *sheet) heldOf(open *stoodOpen, end time.Time) waiting {
	w := waiting{Title: "On hold"}
	held, tasks, untold := open.heldIncidents, open.heldTickets, open.untold
	w.Said = tell("none stands in a status of incidents.on_hold.")
	if held+tasks > 0 {
		w.Said = many("ageing/held", held, "incident", "incidents")
		if tasks > 0 {
			w.Said = tell("%s and %s", w.Said, many("ageing/held-tasks", tasks, "ticket", "tickets"))
		}
		if open.heldSince != nil {
			w.Said = append(w.Said, tell(", the longest for %s", lastingOf("ageing/held-for", end.Sub(*open.heldSince)))...)
		}
		w.Said = append(w.Said, say("; the clock runs on."))
	}
	if untold > 0 && s.asOf.After(end) {
		w.Said = follow(w.Said, tell("Of %s only the status of %s is known.", tallyOf("ageing/untold", untold), dated(s.clock.at(s.asOf))))
	}
	return w
}

// handedOf says how often the open ones changed hands.
func handedOf(open *stoodOpen, named chosen, shown map[string]shownOf) waiting {
	w := waiting{Title: "Handed over"}
	told := 0
	for _, n := range open.hops {
		told += n
	}
	if told == 0 {
		w.Said = tell("not known: no source tells who had an open one before.")
		return w
	}
	var typical, most, sofar int
	for _, hops := range slices.Sorted(maps.Keys(open.hops)) {
		if sofar <= (told-1)/2 {
			typical = int(hops)
		}
		most, sofar = int(hops), sofar+open.hops[hops]
	}
	if most == 0 {
		w.Said = tell("none of the open ones has changed hands.")
		return w
	}
	w.Said = tell("typically %s, at most %s.", many("ageing/hops-typical", typical, "time", "times"), many("ageing/hops", most, "time", "times"))
	if typical == 0 {
		w.Said = tell("typically never, at most %s.", many("ageing/hops", most, "time", "times"))
	}
	for _, r := range named.handed {
		w.List = append(w.List, tell("%s %s: %s", shown[r.ID].place(), quote(clip(shown[r.ID].Title, 90)), many("ageing/hops", int(*r.Hops), "time", "times")))
	}
	return w
}

// toL3 says how long the way to L3 is, and what waits there unanswered.
func (s *sheet) toL3(ctx context.Context, waits int, named chosen, shown map[string]shownOf, end time.Time) ([]waiting, error) {
	if s.kpi("time_to_escalate") == nil || !s.delivers("incident") {
		return nil, nil
	}
	way := waiting{Title: "Time to L3"}
	for _, name := range []string{"time_to_escalate", "escalation_rate"} {
		r, err := s.readingOf(ctx, name)
		if err != nil {
			return nil, err
		}
		if r == nil {
			continue
		}
		if name == "time_to_escalate" && !slices.ContainsFunc(r.Points, func(p moored) bool { return p.Value != nil && of(p.Value.N) > 0 }) {
			way.Said = tell("not known: nothing tells when an incident reaches L3. Map escalated_at, collect the pager's shifts, or give the teams of L3 their tier.")
			return []waiting{way}, nil
		}
		v := metrics.Stat(r.Now, headStat(r.KPI))
		if v == nil || v.Value == nil && v.Open == 0 {
			continue
		}
		s.print(*v, metrics.Interval{}, metrics.Headline(r.KPI, r.Now))
		way.Said = follow(way.Said, tell("%s: %s.", place{Text: r.KPI.Title, URL: "#evidence-" + name}, showing(s.sentenceOf(r.KPI, r.Now))))
	}
	if len(way.Said) == 0 {
		way.Said = tell("no incident is known to have reached L3 in this %s.", s.period.Kind)
	}
	wait := waiting{Title: "Waiting for L3"}
	if waits == 0 {
		wait.Said = tell("no open incident that reached L3 is without an answer.")
		return []waiting{way, wait}, nil
	}
	wait.Said = tell("%s reached L3, and no source tells a step since.", many("ageing/waits", waits, "open incident", "open incidents"))
	for _, r := range named.waits {
		wait.List = append(wait.List, tell("%s %s: for %s", shown[r.ID].place(), quote(clip(shown[r.ID].Title, 90)), lastingOf("ageing/wait", end.Sub(*r.Escaped))))
	}
	if more := waits - len(named.waits); more > 0 {
		wait.List = append(wait.List, many("ageing/more-waits", more, "more", "more"))
	}
	return []waiting{way, wait}, nil
}
