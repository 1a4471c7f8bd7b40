package pagerdutyapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"time"
)

type oncallBody struct {
	Policy   ref     `json:"escalation_policy"`
	Level    int     `json:"escalation_level"`
	Schedule *ref    `json:"schedule"`
	User     ref     `json:"user"`
	Start    *string `json:"start"`
	End      *string `json:"end"`
}

// knownAhead is how far into the future shifts are worked out.
const knownAhead = 90 * 24 * time.Hour

// listOncalls gives every entry that overlaps the range, whole and not cut at
// its ends. The range may span three months; by default it is this moment.
func (s *Server) listOncalls(v *view, r *http.Request) ([]byte, *refusal) {
	p, refused := readPage(r)
	if refused != nil {
		return nil, refused
	}
	loc, refused := zone(r, v.zone)
	if refused != nil {
		return nil, refused
	}
	now := s.options.Clock()
	within, refused := readPeriod(r, loc)
	if refused != nil {
		return nil, refused
	}
	if within.since.IsZero() {
		within.since = now
	}
	if within.until.IsZero() {
		within.until = now
	}
	switch {
	case within.until.Before(within.since):
		return nil, invalid("until is before since.")
	case within.until.After(addMonths(within.since, 3)):
		return nil, invalid("The range of since and until is longer than 3 months.")
	}
	known := now.Add(knownAhead)
	q := r.URL.Query()
	var rows []*Oncall
	for i := range v.account.Oncalls {
		o := &v.account.Oncalls[i]
		if o.overlaps(within) && !o.Start.After(known) && o.wanted(q) {
			rows = append(rows, o)
		}
	}
	slices.SortStableFunc(rows, func(a, b *Oncall) int {
		return cmp.Or(cmp.Compare(a.Policy.ID, b.Policy.ID), cmp.Compare(a.Level, b.Level), a.Start.Compare(b.Start))
	})
	if q.Get("earliest") == "true" {
		rows = earliest(rows)
	}
	return p.write("oncalls", len(rows), func(b []byte, i int) []byte {
		return append(b, render(v.oncallBody(rows[i], loc))...)
	}), nil
}

// overlaps holds for a range of one moment as well.
func (o *Oncall) overlaps(p period) bool {
	return (o.End.IsZero() || o.End.After(p.since)) && !o.Start.After(p.until)
}

func (o *Oncall) wanted(q url.Values) bool {
	schedule := "null" // how a filter names the entries without a schedule
	if o.Schedule != nil {
		schedule = o.Schedule.ID
	}
	for name, id := range map[string]string{
		"user_ids[]": o.User.ID, "escalation_policy_ids[]": o.Policy.ID, "schedule_ids[]": schedule,
	} {
		if ids := q[name]; len(ids) > 0 && !slices.Contains(ids, id) {
			return false
		}
	}
	return true
}

// earliest keeps the first entry of each policy, level and user.
func earliest(rows []*Oncall) []*Oncall {
	type key struct {
		policy string
		level  int
		user   string
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(rows, func(o *Oncall) bool {
		k := key{o.Policy.ID, o.Level, o.User.ID}
		was := seen[k]
		seen[k] = true
		return was
	})
}

func (v *view) oncallBody(o *Oncall, loc *time.Location) oncallBody {
	body := oncallBody{
		Policy: v.ref("escalation_policy", o.Policy),
		Level:  o.Level,
		User:   v.ref("user", Named{o.User.ID, o.User.Name}),
	}
	if o.Schedule != nil {
		schedule := v.ref("schedule", *o.Schedule)
		body.Schedule = &schedule
	}
	if !o.Start.IsZero() {
		start := stamp(o.Start, loc)
		body.Start = &start
	}
	if !o.End.IsZero() {
		end := stamp(o.End, loc)
		body.End = &end
	}
	return body
}
