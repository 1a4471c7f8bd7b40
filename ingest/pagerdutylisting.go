package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

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
