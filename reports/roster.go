package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// shiftsAhead is how far beyond its last run a pager is asked for shifts. What
// lies further ahead is not known, which is not nobody.
const shiftsAhead = 7 * day

// shift is one turn of a person at a level of a policy.
type shift struct {
	Source   string     `ch:"source"`
	Person   string     `ch:"person"`
	Schedule string     `ch:"schedule"`
	Policy   string     `ch:"policy"`
	Level    uint8      `ch:"level"`
	Tier     string     `ch:"tier"`
	Starts   *time.Time `ch:"starts_at"`
	Ends     *time.Time `ch:"ends_at"`
}

// rung is a level of an escalation policy: where a call goes.
type rung struct {
	source, policy string
	level          uint8
}

func (h shift) rung() rung { return rung{h.Source, h.Policy, h.Level} }

// endless: on call always, without a rota.
func (h shift) endless() bool { return h.Starts == nil && h.Ends == nil }

// held is the part of a stretch that the shift covers.
func (h shift) held(in stretch) stretch {
	if h.Starts != nil && h.Starts.After(in.from) {
		in.from = *h.Starts
	}
	if h.Ends != nil && h.Ends.Before(in.to) {
		in.to = *h.Ends
	}
	return in
}

// rota is a row of the roster: a schedule, under however many policies; or a
// level of a policy whose people have turns without one.
type rota struct {
	source, name string
	level        uint8 // the first at which it is called
	tiers        []string
	rungs        []rung
	shifts       []shift
	segments     []segment
}

// What a stretch of a rota is. Between shifts that others cover by design, as
// where the night is another rota's, nobody is missing.
const (
	isHeld    = "held"
	isGap     = "gap"
	isSpare   = "spare"
	isUnknown = "unknown"
)

type segment struct {
	stretch
	kind string
	who  []string
}

// always is somebody whom levels of policies name without a rota.
type always struct {
	who   string
	rungs []rung
}

// shiftsRead is how many shifts are read to make a roster.
const shiftsRead = 20_000

// roster is who is on call in the days ahead.
type roster struct {
	rotas    []*rota
	standing []*always
	until    time.Time // how far all of it is known
	partial  bool      // more shifts than were read: what looks like a gap may be held
}

// roster makes that of the days ahead, once.
func (s *sheet) roster(ctx context.Context) (*roster, error) {
	if s.onCall != nil {
		return s.onCall, nil
	}
	ahead := s.ahead()
	shifts, err := s.shiftsBetween(ctx, stretch{ahead.from.Add(-7 * day), ahead.to}) // what was held until now is missed
	if err != nil {
		return nil, err
	}
	out := &roster{until: ahead.to}
	if len(shifts) > shiftsRead {
		shifts, out.partial = shifts[:shiftsRead], true
	}
	out.rotas, out.standing = rosterOf(shifts, ahead, func(source string) time.Time { return s.knownUntil(source, shifts) })
	for _, r := range out.rotas {
		if known := s.knownUntil(r.source, shifts); known.Before(out.until) {
			out.until = known
		}
		for i := range r.segments {
			if g := &r.segments[i]; out.partial && g.kind == isGap {
				g.kind = isUnknown
			}
		}
	}
	s.onCall = out
	return out, nil
}

// shiftsBetween reads the shifts that touch a stretch: one more than a roster is
// made of, which tells that there are more.
func (s *sheet) shiftsBetween(ctx context.Context, in stretch) ([]shift, error) {
	var rows []shift
	err := s.conn.Select(ctx, &rows, `
		SELECT DISTINCT toString(h.source) AS source, toString(h.person) AS person, toString(h.schedule) AS schedule, toString(h.policy) AS policy, toUInt8(h.level) AS level, toString(h.tier) AS tier,
		       toNullable(h.starts_at) AS starts_at, toNullable(h.ends_at) AS ends_at
		FROM oncall_shifts AS h
		WHERE ifNull(h.starts_at < toDateTime64(@to, 3, 'UTC'), 1) AND ifNull(h.ends_at > toDateTime64(@from, 3, 'UTC'), 1)
		ORDER BY source, level, schedule, policy, h.starts_at, h.ends_at, person LIMIT `+fmt.Sprint(shiftsRead+1), moment("from", in.from), moment("to", in.to))
	if err != nil {
		return nil, fmt.Errorf("read the shifts to come: %w", err)
	}
	return rows, nil
}

// knownUntil is how far ahead the shifts of a source are known.
func (s *sheet) knownUntil(name string, shifts []shift) time.Time {
	var until time.Time
	for _, one := range s.sources {
		if one.Name == name && one.Type == "pagerduty" && one.To != nil {
			until = one.To.Add(shiftsAhead)
		}
	}
	if until.IsZero() { // a list: known as far as it goes
		for _, h := range shifts {
			if h.Source == name && h.Ends != nil && h.Ends.After(until) {
				until = *h.Ends
			}
		}
	}
	return until
}

// rosterOf sorts shifts into rotas by tier and name, and says of each stretch of
// the window who holds it.
func rosterOf(shifts []shift, window stretch, known func(source string) time.Time) (rotas []*rota, standing []*always) {
	byName := map[[2]string]*rota{}
	people := map[[2]string]*always{}
	covered := map[rung][]stretch{}
	for _, h := range shifts {
		covered[h.rung()] = append(covered[h.rung()], h.held(window))
		if h.endless() {
			at := [2]string{h.Source, h.Person}
			if people[at] == nil {
				people[at] = &always{who: h.Person}
				standing = append(standing, people[at])
			}
			people[at].rungs = append(people[at].rungs, h.rung())
			continue
		}
		name := h.Schedule
		if name == "" {
			name = fmt.Sprintf("%s, level %d", h.Policy, h.Level)
		}
		at := [2]string{h.Source, name}
		r := byName[at]
		if r == nil {
			r = &rota{source: h.Source, name: name, level: h.Level}
			byName[at] = r
			rotas = append(rotas, r)
		}
		r.level = min(r.level, h.Level)
		r.shifts = append(r.shifts, h)
		if !slices.Contains(r.rungs, h.rung()) {
			r.rungs = append(r.rungs, h.rung())
		}
		if !slices.Contains(r.tiers, h.Tier) {
			r.tiers = append(r.tiers, h.Tier)
			slices.Sort(r.tiers)
		}
	}
	kept := rotas[:0]
	for _, r := range rotas {
		r.segments = r.cut(window, known(r.source), covered)
		// A rota of the past whose levels others hold now is none of this week.
		if slices.ContainsFunc(r.segments, func(g segment) bool { return g.kind == isHeld || g.kind == isGap }) {
			kept = append(kept, r)
		}
	}
	slices.SortFunc(kept, func(a, b *rota) int {
		return cmp.Or(cmp.Compare(strings.Join(a.tiers, " "), strings.Join(b.tiers, " ")), cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), cmp.Compare(a.name, b.name), cmp.Compare(a.source, b.source))
	})
	return kept, standing
}

// cut divides the window where the people of a rota change.
func (r *rota) cut(window stretch, known time.Time, covered map[rung][]stretch) []segment {
	var own, holes []stretch
	edges := []time.Time{window.from, window.to}
	add := func(spans ...stretch) {
		for _, one := range spans {
			edges = append(edges, one.from, one.to)
		}
	}
	for _, h := range r.shifts {
		if turn := h.held(window); !turn.empty() {
			own = append(own, turn)
			add(turn)
		}
	}
	foreseen := stretch{window.from, known}.within(window)
	for _, g := range r.rungs {
		holes = append(holes, foreseen.without(covered[g])...)
	}
	gaps := shared(foreseen.without(own), holes)
	add(gaps...)
	if window.from.Before(known) && known.Before(window.to) {
		edges = append(edges, known)
	}
	slices.SortFunc(edges, time.Time.Compare)
	edges = slices.CompactFunc(edges, time.Time.Equal)
	var out []segment
	for i := 1; i < len(edges); i++ {
		one := segment{stretch: stretch{edges[i-1], edges[i]}, kind: isSpare}
		for _, h := range r.shifts {
			if turn := h.held(window); !turn.empty() && !turn.from.After(one.from) && !turn.to.Before(one.to) && !slices.Contains(one.who, h.Person) {
				one.who = append(one.who, h.Person)
			}
		}
		slices.Sort(one.who)
		switch {
		case len(one.who) > 0:
			one.kind = isHeld
		case len(shared([]stretch{one.stretch}, gaps)) > 0:
			one.kind = isGap
		case !one.from.Before(known):
			one.kind = isUnknown
		}
		if n := len(out); n > 0 && out[n-1].kind == one.kind && slices.Equal(out[n-1].who, one.who) {
			out[n-1].to = one.to
			continue
		}
		out = append(out, one)
	}
	return out
}
