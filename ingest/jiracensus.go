package ingest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// census finds out which issues Jira shows now. What is not among them is gone
// or hidden, which Jira's answer cannot tell apart; what is among them and not
// there, or not any more, is fetched. A sweep that fails changes nothing.
func (s *jiraSource) census(ctx context.Context) error {
	reach := s.feeds[0].at.Reach
	shown, err := s.ids(ctx, s.where(s.updatedSince(reach)))
	if err != nil {
		return err
	}
	known, landed := make([]bool, len(shown)), 0
	var gone []record
	if err := s.eachLanded(ctx, "issue", "", nil, func(id string, version time.Time) {
		if n, err := strconv.ParseUint(id, 10, 64); err == nil {
			if i, ok := slices.BinarySearch(shown, n); ok {
				known[i] = true
				landed++
				return
			}
		}
		// What has not changed since then is not asked for.
		if version.IsZero() || !version.Before(reach) {
			gone = append(gone, record{Entity: "issue", ID: id, Version: version, Payload: goneOrHidden, Gone: true})
		}
	}); err != nil {
		return err
	}
	braked := s.brake("issues", len(shown), landed+len(gone), len(gone))
	if braked == nil {
		if gone, err = s.withWorklogs(ctx, gone); err != nil {
			return err
		}
		if err := s.deposit(ctx, gone); err != nil {
			return err
		}
	}
	var missing []uint64
	for i, id := range shown {
		if !known[i] {
			missing = append(missing, id)
		}
	}
	for some := range slices.Chunk(missing, jiraCloudPage) {
		if err := s.fetch(ctx, some); err != nil {
			return err
		}
	}
	if braked != nil {
		return braked
	}
	return s.counted(ctx, s.way(), reach)
}

// goneOrHidden is the payload of a tombstone.
var goneOrHidden = []byte(`{"deleted":"gone or hidden"}`)

// withWorklogs adds tombstones of what was booked on issues that are gone.
func (s *jiraSource) withWorklogs(ctx context.Context, gone []record) ([]record, error) {
	ids := make([]string, len(gone))
	for i, r := range gone {
		ids[i] = r.ID
	}
	for some := range slices.Chunk(ids, jiraBooked) {
		if err := s.eachLanded(ctx, "worklog", " AND JSONExtractString(told, 'issueId') IN (?)", []any{some}, func(id string, version time.Time) {
			gone = append(gone, record{Entity: "worklog", ID: id, Version: version, Payload: goneOrHidden, Gone: true})
		}); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// ids are those of all issues that a query fits, in their order.
func (s *jiraSource) ids(ctx context.Context, jql string) ([]uint64, error) {
	var all []uint64
	for q := s.sweep(jql); ; {
		p, err := q.next(ctx)
		if err != nil {
			return nil, err
		}
		for i := range p.issues {
			id, err := strconv.ParseUint(p.issues[i].id, 10, 64)
			if err != nil {
				return nil, s.noJira("rest/api/2/search", err)
			}
			all = append(all, id)
		}
		if p.last {
			slices.Sort(all)
			return slices.Compact(all), nil
		}
	}
}

// fetch lands issues by their ids. Data Center refuses a list of which one is
// gone by now: then halves are asked for.
func (s *jiraSource) fetch(ctx context.Context, ids []uint64) error {
	jql := []byte("id in (")
	for i, id := range ids {
		if i > 0 {
			jql = append(jql, ", "...)
		}
		jql = strconv.AppendUint(jql, id, 10)
	}
	err := s.pass(ctx, s.search(string(jql)+")"), func(records []record, _ json.RawMessage) error {
		return s.deposit(ctx, records)
	})
	if !refused(err, http.StatusBadRequest) {
		return err
	}
	if len(ids) == 1 {
		return nil
	}
	half := len(ids) / 2
	if err := s.fetch(ctx, ids[:half]); err != nil {
		return err
	}
	return s.fetch(ctx, ids[half:])
}
