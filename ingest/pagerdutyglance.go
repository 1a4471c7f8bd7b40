package ingest

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// glance is what is read of a record before it lands: enough to name and order
// it. All else is for staging.
type glance struct {
	raw                                       []byte
	id, status, level                         string
	created, updated, changed, at, start, end string
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

// look reads what stands on the record's first level. What is null or of
// another kind than it should be is not there.
func look(raw []byte) glance {
	g := glance{raw: raw}
	d := lenient(raw)
	if d.PeekKind() != '{' {
		return g
	}
	texts := map[string]*string{
		"id": &g.id, "status": &g.status, "escalation_level": &g.level,
		"created_at": &g.created, "updated_at": &g.updated, "last_status_change_at": &g.changed, "timestamp": &g.at,
		"start": &g.start, "end": &g.end,
	}
	ids := map[string]*string{
		"incident": &g.incident, "service": &g.service, "escalation_policy": &g.policy, "schedule": &g.schedule, "user": &g.user,
	}
	_ = members(d, func(key string) (err error) { // cut has read it before
		switch {
		case texts[key] != nil:
			*texts[key], err = scalar(d)
		case ids[key] != nil:
			*ids[key], err = idOf(d)
		case key == "services" && d.PeekKind() == '[':
			return elements(d, func() error {
				id, err := idOf(d)
				g.services = append(g.services, id)
				return err
			})
		default:
			err = d.SkipValue()
		}
		return err
	})
	return g
}

// idOf reads the id of an object.
func idOf(d *jsontext.Decoder) (id string, err error) {
	if d.PeekKind() != '{' {
		return "", d.SkipValue()
	}
	err = members(d, func(key string) (err error) {
		if key == "id" {
			id, err = scalar(d)
			return err
		}
		return d.SkipValue()
	})
	return id, err
}
