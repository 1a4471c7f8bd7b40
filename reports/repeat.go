package reports

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/srekpi/srekpi/metrics"
)

// repeatDays is how far back a repeat is looked for.
const repeatDays = 90

// repeat is one thing that keeps breaking: the incidents of the last 90 days
// that the recurrence ladder ties together, oldest first.
type repeat struct {
	Members []incident
	Basis   string // the rung that tied the newest one
	Hours   time.Duration
	Now     int           // of them, created in this period
	Here    time.Duration // open time of those
}

// repeatKPI is the evidence that says what repeats what.
const repeatKPI = "recurrence_rate_90d"

// repeatGroups reads the groups of which a member began in this period, the
// most hours first. Times are from the start to the resolution; of what is open,
// to the end of the page.
func (s *sheet) repeatGroups(ctx context.Context) ([]*repeat, error) {
	if s.grouped {
		return s.groups, nil
	}
	span := s.trailing(repeatDays)
	evidence, err := metrics.EvidenceOf(ctx, s.conn, repeatKPI, span)
	if err != nil {
		return nil, err
	}
	// The rows that repeat, and those that they repeat.
	rows, err := s.incidents(ctx, standing+`i.created_at >= toDateTime64(@from, 3, 'UTC') AND i.created_at < toDateTime64(@to, 3, 'UTC') AND i.id IN (
		SELECT arrayJoin(arrayPushBack(refs, id)) FROM kpi_evidence
		WHERE kpi = '`+repeatKPI+`' AND included = 1 AND hit = 1 AND at >= toDateTime64(@from, 3, 'UTC') AND at < toDateTime64(@to, 3, 'UTC'))`,
		moment("from", span.StartsAt), moment("to", span.EndsAt))
	if err != nil {
		return nil, fmt.Errorf("read repeats: %w", err)
	}
	s.groups, s.grouped = s.tie(evidence, rows), true
	return s.groups, nil
}

// tie joins rows that repeat each other, however long the chain.
func (s *sheet) tie(evidence []metrics.Evidence, rows []incident) []*repeat {
	root := map[string]string{}
	var find func(string) string
	find = func(id string) string {
		if up, ok := root[id]; ok && up != id {
			root[id] = find(up)
			return root[id]
		}
		return id
	}
	basis := map[string]string{}
	for _, e := range evidence {
		if !e.Included || e.Hit == nil || *e.Hit == 0 {
			continue
		}
		basis[e.ID] = clean(e.Basis)
		for _, ref := range e.Refs {
			root[find(ref)] = find(e.ID)
		}
	}
	groups := map[string]*repeat{}
	var all []*repeat
	end := s.end()
	for _, row := range rows { // oldest first, so groups come in a fixed order
		at := find(row.ID)
		g := groups[at]
		if g == nil {
			g = &repeat{}
			groups[at] = g
			all = append(all, g)
		}
		open := row.lasted(end)
		if row.Resolved != nil && row.Resolved.After(end) {
			open = end.Sub(row.Started)
		}
		g.Members = append(g.Members, row)
		g.Hours += open
		if b := basis[row.ID]; b != "" {
			g.Basis = b
		}
		if s.period.Has(row.Created) {
			g.Now++
			g.Here += open
		}
	}
	var out []*repeat
	for _, g := range all {
		if g.Now > 0 && len(g.Members) > 1 {
			out = append(out, g)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Hours > out[j].Hours })
	return out
}

// newest is the member by which the group is called.
func (g *repeat) newest() incident { return g.Members[len(g.Members)-1] }

// where is the service that the members share: the one that most of them name,
// so that the right team is asked.
func (g *repeat) where() string {
	named := map[string]int{}
	for _, m := range g.Members {
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

// what names the group: its service and the newest title.
func (g *repeat) what(most int) string {
	one := g.newest()
	if service := clip(g.where(), 40); service != "" {
		return service + ": " + clip(one.Title, most)
	}
	return clip(one.Title, most)
}
