package ingest

import (
	"bytes"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// jiraText walks through an answer and copies nothing: of the hundreds of fields
// of an issue only its id and its times matter here.
type jiraText struct {
	body []byte
	d    *jsontext.Decoder
}

func readJira(body []byte) *jiraText { return &jiraText{body, lenient(body)} }

// at is the offset behind what was read last.
func (t *jiraText) at() int { return int(t.d.InputOffset()) }

// value takes the next value as it stands.
func (t *jiraText) value() ([]byte, error) {
	v, err := t.d.ReadValue()
	if err != nil {
		return nil, err
	}
	return t.body[t.at()-len(v) : t.at()], nil
}

// object calls member for each member's name, in its quotation marks; member may
// take the value. What is no object is passed over, and ok is false.
func (t *jiraText) object(member func(name []byte) error) (start int, ok bool, err error) {
	if t.d.PeekKind() != '{' {
		v, err := t.value()
		return t.at() - len(v), false, err
	}
	if _, err := t.d.ReadToken(); err != nil {
		return 0, false, err
	}
	start = t.at() - 1
	for t.d.PeekKind() != '}' {
		name, err := t.value()
		if err != nil {
			return start, false, err
		}
		behind := t.at()
		if err := member(name); err != nil {
			return start, false, err
		}
		if t.at() == behind {
			if _, err := t.value(); err != nil {
				return start, false, err
			}
		}
	}
	_, err = t.d.ReadToken()
	return start, true, err
}

// array calls element for each element, which takes it. What is no array is
// passed over, and ok is false.
func (t *jiraText) array(element func() error) (ok bool, err error) {
	if t.d.PeekKind() != '[' {
		_, err := t.value()
		return false, err
	}
	if _, err := t.d.ReadToken(); err != nil {
		return false, err
	}
	for t.d.PeekKind() != ']' {
		if err := element(); err != nil {
			return false, err
		}
	}
	_, err = t.d.ReadToken()
	return true, err
}

// text takes a text or a number; of anything else the empty text.
func (t *jiraText) text() (string, error) {
	kind := t.d.PeekKind()
	v, err := t.value()
	switch {
	case err != nil:
		return "", err
	case kind == '0':
		return string(v), nil
	case kind != '"':
		return "", nil
	case bytes.IndexByte(v, '\\') < 0:
		return string(v[1 : len(v)-1]), nil
	}
	plain, err := jsontext.AppendUnquote(nil, v)
	return string(plain), err
}

// number takes a whole number; of anything else -1.
func (t *jiraText) number() (int, error) {
	text, err := t.text()
	n, bad := strconv.Atoi(text)
	if bad != nil || n < 0 {
		n = -1
	}
	return n, err
}

// time takes a time in any of the ways in which Jira writes them; of anything
// else the zero time.
func (t *jiraText) time() (time.Time, error) {
	text, err := t.text()
	return jiraTime(text), err
}

// jiraTime reads a time. The bulk endpoint of changelogs alone sends a number:
// milliseconds, in its documentation seconds.
func jiraTime(text string) time.Time {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < 1e11 {
			n *= 1000
		}
		return plausible(time.UnixMilli(n))
	}
	for _, layout := range []string{"2006-01-02T15:04:05-0700", time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return plausible(at)
		}
	}
	return time.Time{}
}

// plausible leaves out what raw_records cannot hold.
func plausible(at time.Time) time.Time {
	if at = at.UTC(); at.Year() < 1970 || at.Year() > 2200 {
		return time.Time{}
	}
	return at
}

// without is raw less the member that stands from its name to its end.
func without(raw []byte, from, to int) []byte {
	for from > 0 && raw[from-1] != '{' && raw[from-1] != ',' {
		from--
	}
	if raw[from-1] == ',' {
		from--
	} else {
		for raw[to] != '}' && raw[to] != ',' {
			to++
		}
		if raw[to] == ',' {
			to++
		}
	}
	plain := make([]byte, 0, len(raw)-(to-from))
	return append(append(plain, raw[:from]...), raw[to:]...)
}
