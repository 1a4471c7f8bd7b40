package reports

import (
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// repeatDays is how far back a repeat is looked for.
const repeatDays = 90

// repeat is one thing that keeps breaking: the incidents that share a rung of
// the recurrence ladder and what it names, as in the mart known_issues, but as it
// stood at the end of the page. A repeat counts in one group, that of its lowest
// rung, with the incident that it repeats; that one may repeat something else and
// count there too.
type repeat struct {
	Rung   uint8
	Means  string
	Times  int // members: incidents of the last 90 days
	Latest []incident
	Last   time.Time     // when the newest member began
	Hours  time.Duration // open time of the members
	Now    int           // of them, created in this period

	WhileOpen int       // of them, came back while a fix was promised and open
	AfterDone int       // and when all fixes were done
	Held      []*action // promised before the latest began: those that were open then first
	Since     []*action // promised since

	fixes    []string
	latest   []string  // ids of the newest members, the newest first
	under    []string  // fixes promised before the newest of them began
	always   []string  // fixes promised before each that came back while one was open
	lastOpen time.Time // when the newest of these began
}

// repeatKPI is the evidence that says what repeats what.
const repeatKPI = "recurrence_rate_90d"

const (
	repeatsNamed = 4   // latest ones that a row links to
	repeatsRead  = 100 // groups of which they and the fixes are read
)

// whileOpen is the state of a repeat in recurrences that began under an open fix.
const whileOpen = "while its fix was open"

// describe reads what a page says of the groups: their latest incidents and the
// fixes that were promised.
func (s *sheet) describe(ctx context.Context, groups []*repeat) error {
	var ids, fixes []string
	for _, g := range groups {
		ids = append(ids, g.latest...)
		fixes = append(fixes, g.fixes...)
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := s.incidents(ctx, "i.id IN @ids", clickhouse.Named("ids", ids))
	if err != nil {
		return err
	}
	byID := map[string]incident{}
	for _, row := range rows {
		byID[row.ID] = row
	}
	promised, err := s.actionsOf(ctx, fixes)
	if err != nil {
		return err
	}
	for _, g := range groups {
		for _, id := range g.latest {
			if one, ok := byID[id]; ok {
				g.Latest = append(g.Latest, one)
			}
		}
		for _, id := range g.fixes {
			switch a := promised[id]; {
			case a == nil:
			case slices.Contains(g.under, id):
				g.Held = append(g.Held, a)
			default:
				g.Since = append(g.Since, a)
			}
		}
		rankFixes(g.Held, g.Last)
		rankFixes(g.Since, s.end())
	}
	return nil
}

// rankFixes puts those first that were open at a moment, the oldest promise
// before later ones; of those that were done the last.
func rankFixes(fixes []*action, at time.Time) {
	slices.SortStableFunc(fixes, func(a, b *action) int {
		aDone, bDone := a.doneBy(at), b.doneBy(at)
		switch {
		case aDone && !bDone:
			return 1
		case bDone && !aDone:
			return -1
		case aDone:
			return b.Resolved.Compare(*a.Resolved)
		}
		return a.begun().Compare(b.begun())
	})
}

// newest is the member whose words stand for the group.
func (g *repeat) newest() incident {
	if len(g.Latest) == 0 {
		return incident{}
	}
	return g.Latest[0]
}

// where is the service that the latest members share: the one that most of them
// name, so that the right team is asked.
func (g *repeat) where() string {
	named := map[string]int{}
	for _, m := range g.Latest {
		for _, service := range m.Services {
			named[service]++
		}
	}
	best := g.newest().service()
	for _, service := range g.newest().Services {
		if named[service] > named[best] {
			best = service
		}
	}
	return best
}

// what names the group in a picture: its service and the newest title.
func (g *repeat) what(most int) string {
	if service := clip(g.where(), 40); service != "" {
		return service + ": " + clip(g.newest().Title, most)
	}
	return clip(g.newest().Title, most)
}

// came is how often it came back under a promise in the 90 days, in plain words.
func (g *repeat) came() prose {
	open, done := timesOf("repeat/came", g.WhileOpen), timesOf("repeat/after", g.AfterDone)
	switch {
	case g.WhileOpen > 0 && g.AfterDone > 0:
		return tell("came back %s while a fix was open, %s after its fixes were done", open, done)
	case g.WhileOpen > 0 && len(g.Held) > 0 && g.underAlone(g.Held[0]):
		return tell("came back %s while %s was open", open, called(g.Held[0].place()))
	case g.WhileOpen > 0:
		return tell("came back %s while a fix was open", open)
	case g.AfterDone > 0:
		return tell("came back %s after its fixes were done", done)
	case len(g.Since) > 0:
		return tell("not come back since the fix was promised")
	}
	return nil
}

// underAlone: each time that it came back while a fix was open, this one was.
func (g *repeat) underAlone(fix *action) bool {
	return slices.Contains(g.always, fix.ID) && !fix.doneBy(g.lastOpen)
}

// fix is the one that speaks for all: that which stood when it came back the
// last time; where there was none, the first promised since.
func (g *repeat) fix() *action {
	for _, all := range [][]*action{g.Held, g.Since} {
		if len(all) > 0 {
			return all[0]
		}
	}
	return nil
}

// sinceNamed is how many of the fixes that were promised since are named.
const sinceNamed = 3

// promisedSince names what was promised only after it had come back, beside the
// fix that stood then.
func (g *repeat) promisedSince() prose {
	if len(g.Held) == 0 || len(g.Since) == 0 {
		return nil
	}
	var names prose
	for n, a := range g.Since[:min(len(g.Since), sinceNamed)] {
		if n > 0 {
			names = append(names, say(", "))
		}
		names = append(names, called(a.place()))
	}
	return tell("promised since: %s", names)
}

// timesOf counts in a sentence: once, twice, 3 times.
func timesOf(what string, n int) tally {
	t := tallyOf(what, n)
	switch n {
	case 1:
		t.Text = "once"
	case 2:
		t.Text = "twice"
	default:
		t.Text += " times"
	}
	return t
}
