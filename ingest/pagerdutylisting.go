package ingest

import (
	"errors"
	"fmt"
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
	t := readJSON(body)
	l, found := &listing{total: -1}, false
	_, ok, err := t.object(func(key []byte) (err error) {
		switch string(key[1 : len(key)-1]) {
		case name:
			found, err = t.array(func() error {
				g, err := t.glance()
				l.records = append(l.records, g)
				return err
			})
		case "more":
			var v []byte
			v, err = t.value()
			l.more = string(v) == "true"
		case "limit":
			l.limit, err = t.number()
			l.limit = max(l.limit, 0)
		case "total":
			l.total, err = t.number()
		case "last":
			l.last, err = t.text()
		}
		return err
	})
	if err == nil && !ok {
		err = errors.New("it is no object")
	}
	if err == nil {
		err = t.end()
	}
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
	t := readJSON(body)
	var g glance
	_, _, err := t.object(func(key []byte) (err error) {
		if string(key[1:len(key)-1]) == name {
			g, err = t.glance()
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
