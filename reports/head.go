package reports

import (
	"strings"

	"github.com/srekpi/srekpi/metrics"
)

// head is what every report says of itself: which span, whose clock, how fresh,
// from how many rows, by which definitions, and what it lacks.
type head struct {
	Document        string
	Title           string `view:"name"`
	Whose           string `view:"name"`
	Label           string `view:"date"`
	Span            string `view:"date"`
	Zone            string `view:"name"`
	Start           string `view:"date"` // first day, for the index
	State           state
	AsOf, AsOfStamp string `view:"date"`
	Definition      string `view:"key"`
	Sources         []deliveredRows
	Missing         []prose
	Lacks           prose // how many they are, where they are too many for a head
	Changed         prose // of an issued page: how many of its figures are others now
}

// missingInHead is how many lacks stand open at the head of a page.
const missingInHead = 2

type deliveredRows struct {
	Name string `view:"name"`
	Rows tally
}

func (s *sheet) head(d document) head {
	h := head{Document: d.name, Title: d.title, Whose: clip(s.options.Title, 80), Label: capital(s.period.Label), Zone: s.clock.zone.String(),
		Start: s.period.Slug(), State: s.state(), AsOf: s.clock.at(s.dataAsOf), AsOfStamp: s.clock.stamp(s.dataAsOf),
		Definition: short(s.definition), Missing: s.missing()}
	offset := s.period.StartsAt.In(s.clock.zone).Format("-07:00")
	if later := s.period.EndsAt.In(s.clock.zone).Format("-07:00"); later != offset {
		offset += ", then " + later
	}
	if h.Zone != "UTC" {
		h.Zone += " (UTC" + offset + ")"
	}
	h.Zone = strings.Replace(h.Zone, "UTC+00:00", "UTC", 1)
	h.Span = "from " + s.period.StartsAt.In(s.clock.zone).Format("Mon 2 Jan 2006, 15:04")
	if s.period.Kind == metrics.Month {
		h.Span = "1 to " + s.period.EndsAt.In(s.clock.zone).AddDate(0, 0, -1).Format("2 January")
	}
	for _, one := range s.sources {
		h.Sources = append(h.Sources, deliveredRows{Name: clip(one.Name, 60), Rows: one.rows()})
	}
	if n := len(h.Missing); n > missingInHead {
		h.Lacks = tell("%s in the data", many("head/missing", n, "gap", "gaps"))
	}
	if n := s.others; n > 0 {
		h.Changed = tell("%s %s now", many("head/changed", n, "figure", "figures"), map[bool]string{true: "is another", false: "are others"}[n == 1])
	}
	return h
}
