package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// listing is one answer of a list. Its records are parts of the answer's body.
type listing struct {
	records []glance
	limit   int // that counted; 0: not told
	total   int // of the whole list; -1: not told
	more    bool
	last    string // cursor of the last record, where the list has any
}

// step is how far the next page is from this one. Where the server does not
// tell its limit, no record that it did send may be jumped over.
func (l *listing) step() int {
	switch {
	case l.limit > 0:
		return l.limit
	case len(l.records) > 0:
		return len(l.records)
	}
	return pagerdutyLimit
}

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

// cut finds the records of an answer: the members of the array of this name.
func cut(body []byte, name string) (*listing, error) {
	d := lenient(body)
	l, found := &listing{total: -1}, false
	err := members(d, func(key string) error {
		switch {
		case key == name && d.PeekKind() == '[':
			found = true
			return elements(d, func() error {
				raw, err := d.ReadValue()
				if err == nil {
					// Cut from the body, which stays; raw does not.
					end := d.InputOffset()
					l.records = append(l.records, look(body[end-int64(len(raw)):end:end]))
				}
				return err
			})
		case key == "more":
			t, err := d.ReadValue()
			l.more = string(t) == "true"
			return err
		}
		v, err := scalar(d)
		if err != nil {
			return err
		}
		switch key {
		case "limit":
			l.limit, _ = strconv.Atoi(v)
		case "total":
			if n, err := strconv.Atoi(v); err == nil {
				l.total = n
			}
		case "last":
			l.last = v
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("its answer is not the JSON that it should be: %w; check url in the config, or run it again later", err)
	case !found:
		return nil, fmt.Errorf("its answer has no list of %s; check url in the config", name)
	}
	return l, nil
}

// one finds the single record of an answer.
func one(body []byte, name string) (glance, error) {
	d := lenient(body)
	var g glance
	err := members(d, func(key string) error {
		raw, err := d.ReadValue()
		if err == nil && key == name {
			end := d.InputOffset()
			g = look(body[end-int64(len(raw)) : end : end])
		}
		return err
	})
	if err == nil && g.raw == nil {
		err = fmt.Errorf("it has no %s", name)
	}
	if err != nil {
		return g, fmt.Errorf("its answer is not the JSON that it should be: %w", err)
	}
	return g, nil
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

// scalar reads a text or a number; of anything else the empty text.
func scalar(d *jsontext.Decoder) (string, error) {
	if k := d.PeekKind(); k != '"' && k != '0' {
		return "", d.SkipValue()
	}
	t, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// members calls read for each member of an object; read takes its value.
func members(d *jsontext.Decoder, read func(key string) error) error {
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		return errors.New("it is no object")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := read(key.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// elements calls read for each element of an array.
func elements(d *jsontext.Decoder, read func() error) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := read(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// lenient reads what is JSON but for details that do not matter here.
func lenient(body []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}
