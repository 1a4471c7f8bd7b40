package ingest

import (
	"context"
	"fmt"
	"net/http"
)

// pagerdutyList is a short list that others refer to.
type pagerdutyList struct{ name, entity string }

// The first is the one that every key may read.
var pagerdutyLists = []pagerdutyList{
	{"services", "service"}, {"teams", "team"}, {"escalation_policies", "escalation_policy"},
	{"priorities", "priority"}, {"users", "user"}, {"schedules", "schedule"},
}

// pagerdutyPage asks for a page of a list.
type pagerdutyPage struct {
	Limit  int `url:"limit"`
	Offset int `url:"offset"`
}

// refer reads a list whole. Smaller plans lack some of them, as they lack
// priorities; incidents bear the names as well.
func (s *pagerdutySource) refer(ctx context.Context, list pagerdutyList) error {
	var records []record
	var before map[string]bool
	for offset, more := 0, true; more; {
		if offset+pagerdutyLimit > pagerdutyReach {
			s.result.Warnings = append(s.result.Warnings, fmt.Sprintf("%s: of %s only the first %d are shown", s.Name, list.name, offset))
			break
		}
		body, err := s.get(ctx, "/"+list.name, pagerdutyPage{pagerdutyLimit, offset})
		if list == pagerdutyLists[0] && refused(err, http.StatusNotFound) {
			return s.nobody()
		}
		if unavailable(err) {
			s.withhold(list.name, err)
			return nil
		}
		if err != nil {
			return err
		}
		l, err := cut(body, list.name)
		if err != nil {
			return fmt.Errorf("GET /%s: %w", list.name, err)
		}
		if before, err = fresh(l, before); err != nil {
			return fmt.Errorf("GET /%s: %w", list.name, err)
		}
		for i := range l.records {
			s.learnPolicy(list.name, &l.records[i])
			// Without a version: lists are read whole, so the last reading holds.
			records = append(records, record{Entity: list.entity, ID: l.records[i].id, Payload: l.records[i].raw})
		}
		offset, more = offset+l.step(), l.more
	}
	return s.reference(ctx, records)
}
