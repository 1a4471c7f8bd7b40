package reports

import (
	"context"
	"sort"
	"strings"
	"time"
)

// ageingView counts what was open at the end of the page by how long, and names
// the oldest.
type ageingView struct {
	Bands  []ageBand
	Oldest []aged
	More   prose
	At     string `view:"date"`
}

type ageBand struct {
	Label               string `view:"name"`
	All, Grave, Unowned tally
	Width               int `view:"structure"` // of the bar, in percent of the fullest band
}

type aged struct {
	Key      place
	Severity uint8  `view:"structure"`
	Title    string `view:"quote"`
	Where    string `view:"name"`
	Who      string `view:"name"`
	Since    string `view:"date"`
	SinceRaw int64  `view:"structure"`
	Age      tally
	Resolved string `view:"date"` // when it was resolved after the end of the page
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

// oldestShown is how many of the open ones are named.
const oldestShown = 10

func ageing(ctx context.Context, s *sheet) (*answer, error) {
	if !s.delivers("incident") {
		return &answer{Hidden: true}, nil // said once, by the incidents
	}
	end := s.end()
	rows, err := s.openAt(ctx, end)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return &answer{Quiet: "no incident was open at the end of this " + s.period.Kind + "."}, nil
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Started.Before(rows[j].Started) })
	view := ageingView{At: s.clock.at(end)}
	all, grave, unowned := make([]int, len(ages)), make([]int, len(ages)), make([]int, len(ages))
	most, resolved := 0, 0
	for n, i := range rows {
		age := end.Sub(i.Started)
		band := sort.Search(len(ages), func(b int) bool { return ages[b].from > age }) - 1
		band = max(band, 0)
		all[band]++
		if i.Major == 1 {
			grave[band]++
		}
		if strings.TrimSpace(i.FixOwner) == "" {
			unowned[band]++
		}
		most = max(most, all[band])
		row := aged{Key: place{Text: i.name(), URL: link(i.URL)}, Severity: i.Severity, Title: clip(i.Title, 140), Where: clip(strings.Join(i.Services, ", "), 80),
			Who: clip(strings.Join(i.Teams, ", "), 80), Since: s.clock.day(i.Started), SinceRaw: i.Started.Unix(), Age: lastingOf("incident/age", age)}
		if i.Resolved != nil {
			resolved++
			row.Resolved = s.dayAndYear(*i.Resolved)
		}
		if n < oldestShown {
			view.Oldest = append(view.Oldest, row)
		}
	}
	for b := range ages {
		view.Bands = append(view.Bands, ageBand{Label: ages[b].label, All: tallyOf("ageing/all", all[b]), Grave: tallyOf("ageing/major", grave[b]),
			Unowned: tallyOf("ageing/undecided", unowned[b]), Width: 100 * all[b] / most})
	}
	if len(rows) > oldestShown {
		view.More = tell("The %s oldest of %s; all are in the evidence of the time to resolve.", tallyOf("ageing/shown", oldestShown), tallyOf("ageing/open", len(rows)))
	}
	lead := tell("%s open on %s.", capped(many("ageing/open", len(rows), "incident was", "incidents were")), dated(view.At))
	if resolved > 0 {
		lead = append(lead, tell(" Of these, %s %s been resolved since.", tallyOf("ageing/resolved", resolved), hasHave(resolved))...)
	}
	return &answer{Told: lead, View: view}, nil
}
