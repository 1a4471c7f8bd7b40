package oracle

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// page is one call of one person for one incident.
type page struct {
	r      *row
	source string
	at     Moment
	person string // its id, or the name where no id is known
	zone   string
	shift  *Shift
}

// tier of a shift: who is called first is L2.
func (s *Shift) tier() string {
	if s.Level > 1 {
		return "L3"
	}
	return "L2"
}

func (s *Shift) real() bool {
	return !s.Starts.Known() || !s.Ends.Known() || s.Ends > s.Starts
}

// holds says that a moment lies in the shift.
func (s *Shift) holds(m Moment) bool {
	return (!s.Starts.Known() || s.Starts <= m) && (!s.Ends.Known() || m < s.Ends)
}

// pages of a world, each once for an incident, person and moment.
func (c *Company) pages(w *World) []page {
	var pages []page
	seen := map[string]bool{}
	for _, r := range c.rows[w] {
		for _, rec := range r.records {
			for _, s := range w.stepsOf(rec) {
				if s.Kind != "notified" || s.At > c.AsOf {
					continue
				}
				p := page{r: r, source: rec.Source, at: s.At, person: s.Actor}
				if who := w.person(rec.Source, s.Actor); who != nil {
					p.person, p.zone = who.ID, who.Zone
				}
				if id := r.id + "|" + p.person + "|" + p.at.String(); !seen[id] {
					seen[id] = true
					var holding []*Shift
					for i := range w.Shifts {
						if sh := &w.Shifts[i]; sh.real() && sh.Source == rec.Source && sh.PersonID == p.person && sh.holds(p.at) {
							holding = append(holding, sh)
						}
					}
					slices.SortFunc(holding, func(a, b *Shift) int {
						return cmp.Or(cmp.Compare(a.Level, b.Level), strings.Compare(a.ID, b.ID))
					})
					if len(holding) > 0 {
						p.shift = holding[0]
					}
					pages = append(pages, p)
				}
			}
		}
	}
	return pages
}

// person is known by id, or by a name that one alone bears.
func (w *World) person(source, called string) *Person {
	var found *Person
	for i := range w.People {
		p := &w.People[i]
		if p.Source != source {
			continue
		}
		if p.ID == called {
			return p
		}
		if p.Name == called {
			if found != nil {
				return nil
			}
			found = p
		}
	}
	return found
}

// escalation is how and when an incident reached L3.
type escalation struct {
	at    Moment
	basis string
}

// escalations of a world by incident.
func (c *Company) escalations(w *World) map[*row]escalation {
	found := map[*row]escalation{}
	for _, p := range c.pages(w) {
		if p.shift != nil && p.shift.tier() == "L3" {
			if e, ok := found[p.r]; !ok || p.at < e.at {
				found[p.r] = escalation{p.at, "paged an L3 shift"}
			}
		}
	}
	for _, r := range c.rows[w] {
		if e, ok := found[r]; r.escalated.Known() && (!ok || r.escalated <= e.at) {
			found[r] = escalation{r.escalated, "the source's escalation"}
		}
		if _, ok := found[r]; !ok && c.byL3(r) {
			found[r] = escalation{0, "an L3 team worked on it"}
		}
	}
	return found
}

// byL3 says that an L3 team worked on an incident.
func (c *Company) byL3(r *row) bool {
	for _, team := range r.teams {
		for _, t := range c.Config.Teams {
			if t.Name == team && t.Tier == "L3" {
				return true
			}
		}
		for _, s := range c.Config.Services {
			if team != "" && slices.Contains(r.services, s.Name) && s.L3Team == team && s.L2Team != team {
				return true
			}
		}
	}
	return false
}

// knowsL3 says that anything at all tells who is L3.
func (c *Company) knowsL3() bool {
	for _, t := range c.Config.Teams {
		if t.Tier == "L3" {
			return true
		}
	}
	for _, s := range c.Config.Services {
		if s.L3Team != "" {
			return true
		}
	}
	for _, w := range c.Worlds {
		for i := range w.Shifts {
			if w.Shifts[i].real() && w.Shifts[i].tier() == "L3" {
				return true
			}
		}
	}
	return false
}

func (c *Company) timeToEscalate(w *World) []Row {
	escalated := c.escalations(w)
	var rows []Row
	for _, r := range c.rows[w] {
		e, ok := escalated[r]
		reason := r.leftOut()
		switch {
		case reason != "":
		case !ok:
			reason = "never reached L3"
		case !e.at.Known():
			reason = "the moment of the escalation is not known"
		case e.at < r.created:
			reason = "escalated before created"
		}
		if reason != "" {
			rows = append(rows, r.out(reason, e.at, r.resolved))
			continue
		}
		rows = append(rows, r.lasting(e.basis, r.created, e.at))
	}
	return rows
}

func (c *Company) escalationRate(w *World) []Row {
	escalated, known := c.escalations(w), c.knowsL3()
	var rows []Row
	for _, r := range c.rows[w] {
		if reason := r.leftOut(); reason != "" {
			rows = append(rows, r.out(reason, r.created))
			continue
		}
		e := r.evidence("")
		e.Value = number(1)
		x, ok := escalated[r]
		switch {
		case ok:
			e.Hit, e.Basis = 1, x.basis
		case !known && !c.tellsEsc[r.source]:
			e.Reason = "nothing tells when an incident reaches L3"
		case !r.resolved.Known() && !r.closed.Known():
			e.Reason = "still open, may yet escalate"
		default:
			e.Hit = 0
		}
		rows = append(rows, e)
	}
	return rows
}

// pagesPerShift has a row for each turn of a person, however many levels of
// policies it serves.
func (c *Company) pagesPerShift(w *World) []Row {
	type turn struct {
		source, person, schedule string
		starts, ends             Moment
	}
	ids, tiers := map[turn]string{}, map[turn][]string{}
	var turns []turn
	for _, s := range w.Shifts {
		if !s.real() || s.Starts > c.AsOf {
			continue
		}
		t := turn{s.Source, s.PersonID, s.Schedule, s.Starts, s.Ends}
		id := s.Source + ":" + s.ID
		if !slices.Contains(tiers[t], s.tier()) {
			tiers[t] = append(tiers[t], s.tier())
			slices.Sort(tiers[t])
		}
		if old, ok := ids[t]; !ok {
			turns = append(turns, t)
			ids[t] = id
		} else if id < old {
			ids[t] = id
		}
	}
	pages := c.pages(w)
	var rows []Row
	for _, t := range turns {
		e := Row{Entity: "oncall_shift", ID: ids[t], At: first(t.starts, c.AsOf), Hit: -1, Settles: t.ends,
			Key: t.schedule, Title: t.schedule, Dims: map[string][]string{"tier": tiers[t]}}
		if t.schedule != "" {
			e.Dims["schedule"] = []string{t.schedule}
		}
		switch {
		case !t.starts.Known() || !t.ends.Known():
			e.Reason = "an endless shift"
		case t.ends > c.AsOf:
			e.Reason = "the shift is not over"
		default:
			incidents := map[*row]bool{}
			for _, p := range pages {
				if !p.r.exercise && p.source == t.source && p.person == t.person && p.at >= t.starts && p.at < t.ends {
					incidents[p.r] = true
				}
			}
			e.Included, e.Value = true, number(float64(len(incidents)))
			for r := range incidents {
				e.Refs = append(e.Refs, r.id)
			}
			slices.Sort(e.Refs)
		}
		rows = append(rows, e)
	}
	return rows
}

// offHoursPages says in which part of the responder's day each page came.
func (c *Company) offHoursPages(w *World) []Row {
	var rows []Row
	for _, p := range c.pages(w) {
		e := Row{Entity: "page", ID: p.r.id + "|" + p.person + "|" + p.at.Time().Format("2006-01-02T15:04:05.000Z"), Key: p.r.key, Title: p.r.title, URL: p.r.url,
			At: p.at, Value: number(1), Hit: -1, Included: true, Refs: []string{p.r.id}, Dims: dims(p.r.services, p.r.teams, p.r.severity)}
		if loc, err := time.LoadLocation(p.zone); p.zone == "" || err != nil {
			e.Reason = "the zone of who was paged is not known"
		} else {
			e.Basis = c.band(p.at.Time().In(loc))
			e.Hit = flag(e.Basis != "business")
			e.Dims["band"] = []string{e.Basis}
		}
		if p.r.exercise {
			e.Included, e.Hit, e.Reason = false, -1, "exercise or planned maintenance"
		}
		rows = append(rows, e)
	}
	return rows
}

func (c *Company) band(t time.Time) string {
	k := c.calendar("business")
	holiday := false
	for _, h := range k.Holidays {
		holiday = holiday || h.Date == t.Format(time.DateOnly)
	}
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	switch {
	case t.Hour() >= 22 || t.Hour() < 8:
		return "sleep"
	case t.Hour() < 18 && !weekend && !holiday:
		return "business"
	}
	return "off"
}
