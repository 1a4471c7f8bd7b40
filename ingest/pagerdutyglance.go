package ingest

import "time"

// glance is what is read of a record before it lands: enough to name and order
// it. All else is for staging.
type glance struct {
	raw                                       []byte // part of the answer's body
	id, level, status                         string
	created, updated, changed, at, start      string
	incident, service, policy, schedule, user string // ids
	services                                  []string
}

// version is when the record last changed.
func (g *glance) version() time.Time {
	for _, text := range []string{g.updated, g.changed, g.at, g.created} {
		if t, err := time.Parse(time.RFC3339, text); err == nil && storable(t) {
			return t
		}
	}
	return time.Time{}
}

// createdAt is zero where the record does not tell.
func (g *glance) createdAt() time.Time {
	t, err := time.Parse(time.RFC3339, g.created)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (g *glance) record(entity string) record {
	return record{Entity: entity, ID: g.id, Version: g.version(), Payload: g.raw}
}

// glance takes a record and reads what stands on its first level. What is null
// or of another kind than it should be is not there.
func (t *jsonText) glance() (g glance, err error) {
	start, _, err := t.object(func(name []byte) (err error) {
		switch string(name) {
		case `"id"`:
			g.id, err = t.text()
		case `"escalation_level"`:
			g.level, err = t.text()
		case `"status"`:
			g.status, err = t.text()
		case `"created_at"`:
			g.created, err = t.text()
		case `"updated_at"`:
			g.updated, err = t.text()
		case `"last_status_change_at"`:
			g.changed, err = t.text()
		case `"timestamp"`:
			g.at, err = t.text()
		case `"start"`:
			g.start, err = t.text()
		case `"incident"`:
			g.incident, err = t.id()
		case `"service"`:
			g.service, err = t.id()
		case `"escalation_policy"`:
			g.policy, err = t.id()
		case `"schedule"`:
			g.schedule, err = t.id()
		case `"user"`:
			g.user, err = t.id()
		case `"services"`:
			_, err = t.array(func() error {
				id, err := t.id()
				g.services = append(g.services, id)
				return err
			})
		}
		return err
	})
	g.raw = t.body[start:t.at():t.at()]
	return g, err
}

// id takes an object and reads its id.
func (t *jsonText) id() (id string, err error) {
	_, _, err = t.object(func(name []byte) (err error) {
		if string(name) == `"id"` {
			id, err = t.text()
		}
		return err
	})
	return id, err
}
