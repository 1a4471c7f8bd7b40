package oracle

import (
	"fmt"
	"slices"
)

// unplanned says of a class of work whether it is unplanned; -1 for none.
func unplanned(class string) int {
	if class == "" {
		return -1
	}
	return flag(class == "unplanned")
}

func classDims(services, teams []string, class string) map[string][]string {
	if class == "" {
		class = "unclassified"
	}
	return map[string][]string{"service": services, "team": teams, "class": {class}}
}

func (c *Company) unplannedHours(w *World) []Row {
	var rows []Row
	for _, l := range w.Worklogs {
		if l.Started > c.AsOf {
			continue
		}
		e := Row{Entity: "worklog", ID: l.Source + ":" + l.ID, At: l.Started, Value: number(float64(l.Seconds) / 3600), Hit: -1, Included: true, Dims: classDims(nil, nil, "")}
		if k := c.card(w, l.Source, l.TicketID); k == nil {
			e.Reason = "its ticket is not known"
		} else {
			e.Title, e.URL = k.Title, k.URL
			e.Key, e.Basis, e.Hit, e.Dims = k.key, k.class, unplanned(k.class), classDims(k.services, k.teams, k.class)
			if k.class == "" {
				e.Reason = "no rule of work fits its ticket"
			}
		}
		rows = append(rows, e)
	}
	return rows
}

func (c *Company) card(w *World, source, id string) *card {
	for _, k := range c.tickets[w] {
		if k.Source == source && k.ID == id {
			return k
		}
	}
	return nil
}

func (c *Company) unplannedCount(w *World) []Row  { return c.unplannedTickets(w, false) }
func (c *Company) unplannedPoints(w *World) []Row { return c.unplannedTickets(w, true) }

func (c *Company) unplannedTickets(w *World, byPoints bool) []Row {
	var rows []Row
	for _, k := range c.tickets[w] {
		e := Row{Entity: "ticket", ID: k.id, Key: k.key, Title: k.Title, URL: k.URL, At: k.resolved, Value: number(1), Hit: unplanned(k.class), Included: true,
			Basis: k.class, Dims: classDims(k.services, k.teams, k.class)}
		if k.class == "" {
			e.Reason = "no rule of work fits it"
		}
		if byPoints {
			e.Value = number(k.Points)
		}
		switch {
		case !k.resolved.Known():
			e.Included, e.Reason, e.At, e.Value, e.Hit = false, "not done", k.Created, nil, -1
		case byPoints && k.Points < 0:
			e.Included, e.Reason, e.Value, e.Hit = false, "not estimated", nil, -1
		}
		rows = append(rows, e)
	}
	return rows
}

// actionClosureRate holds the promises after incidents to the day that they are
// promised for now.
func (c *Company) actionClosureRate(w *World) []Row {
	var rows []Row
	for _, k := range c.tickets[w] {
		if k.Role != "action_item" {
			continue
		}
		e := Row{Entity: "action_item", ID: k.id, Key: k.key, Title: k.Title, URL: k.URL, Hit: -1, Dims: map[string][]string{"service": k.services}}
		if len(k.teams) > 0 {
			e.Dims["team"] = k.teams[:1]
		}
		if k.due == "" {
			e.At, e.Reason = k.Created, "no due date"
			rows = append(rows, e)
			continue
		}
		e.Included, e.Value = true, number(1)
		for _, r := range k.naming(c.rows[w]) {
			e.Refs = append(e.Refs, r.id)
		}
		slices.Sort(e.Refs)
		e.At, e.Settles = c.midnights(k.due)
		if e.Basis = "due date kept"; k.dueMoves > 0 {
			e.Basis = fmt.Sprintf("due date moved %d times", k.dueMoves)
			if k.dueMoves == 1 {
				e.Basis = "due date moved once"
			}
		}
		done := k.resolved.Known() && k.resolved < e.Settles
		if e.Hit = flag(done); e.Settles > c.AsOf {
			// What is done early waits for its day: a running period would else
			// count the early ones alone.
			if e.Hit, e.Reason = -1, "not due yet"; done {
				e.Reason += ", done already"
			}
		}
		rows = append(rows, e)
	}
	return rows
}
