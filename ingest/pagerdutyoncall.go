package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/PagerDuty/go-pagerduty"
)

const (
	oncallAhead  = 7 * 24 * time.Hour  // how far into the future shifts are read
	oncallWindow = 88 * 24 * time.Hour // the vendor allows three months
)

// oncalls lists who is on call, up to a week ahead. The past is read in windows
// with a cursor; the last window, in which the present is, in one go: only then
// is it known which planned shifts are no more.
func (s *pagerdutySource) oncalls(ctx context.Context, from time.Time, cursor json.RawMessage, land func([]record, json.RawMessage) error) error {
	if s.restricted() && len(s.policies) == 0 {
		s.result.Warnings = append(s.result.Warnings, s.Name+": on-call shifts are left out: no escalation policy of the config's services and teams is known")
		return nil
	}
	until := s.now.Add(oncallAhead)
	last := until.Add(-oncallWindow)
	if last.Before(from) {
		last = from
	}
	past := walk{At: from, Until: last}
	if cursor != nil {
		if err := json.Unmarshal(cursor, &past); err != nil {
			return fmt.Errorf("the position is not one of this source: %w; ingest with --full", err)
		}
		past.Until = last // a later run's present
	}
	err := s.listOncalls(ctx, past, func(found []glance, behind walk) error {
		records := make([]record, len(found))
		for i := range found {
			records[i] = oncallRecord(&found[i])
		}
		return land(records, cursorOf(behind))
	})
	if err != nil {
		return err
	}
	var present []record
	err = s.listOncalls(ctx, walk{At: last, Until: until}, func(found []glance, _ walk) error {
		for i := range found {
			present = append(present, oncallRecord(&found[i]))
		}
		if s.o.Sample > 0 && len(present) >= s.o.Sample {
			return errSampled
		}
		return nil
	})
	if err != nil && !errors.Is(err, errSampled) {
		return err
	}
	if s.o.Sample == 0 {
		if present, err = s.replan(ctx, present, last, until); err != nil {
			return err
		}
	}
	return land(present, cursorOf(walk{At: last, Until: last}))
}

// learnPolicy takes notice of the escalation policies that the services of the
// config name and that its teams own: only their shifts are wanted.
func (s *pagerdutySource) learnPolicy(list string, g *glance) {
	switch {
	case list == "services" && slices.Contains(s.Services, g.id) && g.policy != "":
		s.policies = append(s.policies, g.policy)
	case list == "escalation_policies" && len(s.Teams) > 0:
		var policy struct {
			Teams []struct {
				ID string `json:"id"`
			} `json:"teams"`
		}
		if json.Unmarshal(g.raw, &policy) != nil {
			return // an odd one belongs to nobody
		}
		for _, team := range policy.Teams {
			if slices.Contains(s.Teams, team.ID) {
				s.policies = append(s.policies, g.id)
			}
		}
	}
}

// shiftScope names the account and the policies whose shifts are wanted.
func (s *pagerdutySource) shiftScope() string {
	if !s.restricted() {
		return s.URL
	}
	slices.Sort(s.policies)
	s.policies = slices.Compact(s.policies)
	return s.URL + " policies " + strings.Join(s.policies, ",")
}

func (s *pagerdutySource) wantsShift(policy string) bool {
	return !s.restricted() || slices.Contains(s.policies, policy)
}

// oncallPolicies is how many policies a question names; of more, all shifts are
// asked for.
const oncallPolicies = 100

func (s *pagerdutySource) listOncalls(ctx context.Context, w walk, take func([]glance, walk) error) error {
	policies := s.policies
	if len(policies) > oncallPolicies {
		policies = nil
	}
	wanted := func(found []glance, behind walk) error {
		if s.restricted() {
			found = slices.DeleteFunc(found, func(g glance) bool { return !s.wantsShift(g.policy) })
		}
		return take(found, behind)
	}
	return s.windows("/oncalls", oncallWindow, func(ctx context.Context, since, until time.Time, offset int) (*listing, error) {
		body, err := s.get(ctx, "/oncalls", pagerduty.ListOnCallOptions{
			Since: pagerdutyTime(since), Until: pagerdutyTime(until), TimeZone: "UTC", EscalationPolicyIDs: policies,
			Limit: pagerdutyLimit, Offset: uint(offset), Total: offset == 0,
		})
		if err != nil {
			return nil, err
		}
		l, err := cut(body, "oncalls")
		if err != nil {
			return nil, fmt.Errorf("GET /oncalls: %w", err)
		}
		for i := range l.records {
			l.records[i].id = oncallID(&l.records[i])
		}
		return l, nil
	}).read(ctx, w, wanted)
}

// oncallID names an entry, which has no id of its own, by what it is and when it
// begins: one that ends earlier than planned is the same one.
func oncallID(g *glance) string {
	if g.policy == "" || g.user == "" {
		return ""
	}
	parts := []string{g.policy, g.level, cmp.Or(g.schedule, "-"), g.user, cmp.Or(g.start, "-")}
	return strings.Join(parts, "/")
}

// oncallRecord has no version: the last reading holds.
func oncallRecord(g *glance) record {
	return record{Entity: "oncall", ID: g.id, Payload: g.raw}
}

// replan leaves of the present entries those that are new or have changed, and
// adds a tombstone for each planned one that is no more. One that has begun and
// is no more has ended: somebody was on call. Past ones stay as they were seen.
func (s *pagerdutySource) replan(ctx context.Context, present []record, from, until time.Time) ([]record, error) {
	s.pseudonymise(present)
	rows, err := s.w.Query(ctx, `
		SELECT id, current.1, current.2, toUInt8(current.2 = 0 AND ifNull(ends > ?, 1) AND ifNull(starts < ?, 1)),
			toUInt8(ifNull(starts > ?, 0))
		FROM (
			SELECT id, argMax((payload, deleted), seq) AS current,
				parseDateTime64BestEffortOrNull(JSONExtractString(current.1, 'start'), 3, 'UTC') AS starts,
				parseDateTime64BestEffortOrNull(JSONExtractString(current.1, 'end'), 3, 'UTC') AS ends
			FROM raw_records WHERE source = ? AND entity = 'oncall' GROUP BY id)
		WHERE current.2 = 1 OR ends IS NULL OR ends >= ?`,
		s.now, until, s.now, s.Name, from)
	if err != nil {
		return nil, s.unread(err)
	}
	defer rows.Close()
	type entry struct {
		payload string
		gone    bool
	}
	known, planned, running := map[string]entry{}, map[string]bool{}, map[string]bool{}
	for rows.Next() {
		var id, payload string
		var gone, ahead, begins uint8
		if err := rows.Scan(&id, &payload, &gone, &ahead, &begins); err != nil {
			return nil, s.unread(err)
		}
		known[id] = entry{payload, gone == 1}
		policy, _, _ := strings.Cut(id, "/")
		switch {
		case ahead == 0 || payload == "" || !s.wantsShift(policy):
		case begins == 1:
			planned[id] = true
		default:
			running[id] = true
		}
	}
	if err := rows.Err(); err != nil {
		return nil, s.unread(err)
	}
	var changed []record
	for _, r := range present {
		delete(planned, r.ID)
		delete(running, r.ID)
		if k, ok := known[r.ID]; !ok || k.gone || k.payload != string(r.Payload) {
			changed = append(changed, r)
		}
	}
	for id := range planned {
		changed = append(changed, record{Entity: "oncall", ID: id, Payload: []byte(`{"deleted":"superseded"}`), Gone: true})
	}
	for id := range running {
		ended, err := endedAt([]byte(known[id].payload), s.now)
		if err != nil {
			return nil, fmt.Errorf("the shift %s as it landed: %w; ingest with --full", id, err)
		}
		changed = append(changed, record{Entity: "oncall", ID: id, Payload: ended})
	}
	return changed, nil
}

// endedAt is an entry with another end, and otherwise as it was sent.
func endedAt(payload []byte, end time.Time) ([]byte, error) {
	value := `"` + pagerdutyTime(end) + `"`
	t := readJSON(payload)
	from, to := 0, 0
	start, ok, err := t.object(func(name []byte) error {
		if string(name) != `"end"` {
			return nil
		}
		v, err := t.value()
		from, to = t.at()-len(v), t.at()
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, errors.New("it is no object")
	case to == 0:
		from, to, value = start+1, start+1, `"end":`+value+`,`
	}
	return slices.Concat(payload[:from], []byte(value), payload[to:]), nil
}
