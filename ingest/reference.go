package ingest

import "context"

// reference lands a short list that is read whole in every run, where it
// differs from what is there.
func (s *apiSource) reference(ctx context.Context, records []record) error {
	s.pseudonymise(records)
	known, err := s.known(ctx, records)
	if err != nil {
		return &landingError{err}
	}
	var changed []record
	for _, r := range records {
		if known[r.Entity+"\x00"+r.ID] != string(r.Payload) {
			changed = append(changed, r)
		}
	}
	return s.deposit(ctx, changed)
}

// deposit lands records that no cursor belongs to. No feed may be under way.
func (s *apiSource) deposit(ctx context.Context, records []record) error {
	if len(records) == 0 {
		return nil
	}
	p := &s.pages[0]
	p.reset()
	f := &feed{apiSource: s, full: p}
	for _, r := range records {
		f.put(r)
	}
	if err := s.shelve(ctx, p); err != nil {
		return &landingError{err}
	}
	return nil
}

// known are the current payloads of the entities of some records, by entity and id.
func (s *apiSource) known(ctx context.Context, records []record) (map[string]string, error) {
	entities := map[string]bool{}
	var names []string
	for _, r := range records {
		if !entities[r.Entity] {
			entities[r.Entity] = true
			names = append(names, r.Entity)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	rows, err := s.w.Query(ctx, "SELECT entity, id, argMax(payload, seq) FROM raw_records WHERE source = ? AND entity IN (?) GROUP BY entity, id", s.Name, names)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var entity, id, payload string
		if err := rows.Scan(&entity, &id, &payload); err != nil {
			return nil, err
		}
		found[entity+"\x00"+id] = payload
	}
	return found, rows.Err()
}
