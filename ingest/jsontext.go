package ingest

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonText walks through an answer once and copies nothing: of the hundreds of
// fields of a record only its id and its times matter here. All of what it passes
// over is checked to be JSON.
type jsonText struct {
	body []byte
	d    *jsontext.Decoder
}

func readJSON(body []byte) *jsonText { return &jsonText{body, lenient(body)} }

// lenient reads what is JSON but for details that do not matter here.
func lenient(body []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// at is the offset behind what was read last.
func (t *jsonText) at() int { return int(t.d.InputOffset()) }

// value takes the next value as it stands.
func (t *jsonText) value() ([]byte, error) {
	v, err := t.d.ReadValue()
	if err != nil {
		return nil, err
	}
	return t.body[t.at()-len(v) : t.at()], nil
}

// object calls member for each member's name, in its quotation marks; member may
// take the value. What is no object is passed over, and ok is false.
func (t *jsonText) object(member func(name []byte) error) (start int, ok bool, err error) {
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
func (t *jsonText) array(element func() error) (ok bool, err error) {
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
func (t *jsonText) text() (string, error) {
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
func (t *jsonText) number() (int, error) {
	text, err := t.text()
	n, bad := strconv.Atoi(text)
	if bad != nil || n < 0 {
		n = -1
	}
	return n, err
}

// end expects that nothing follows.
func (t *jsonText) end() error {
	switch _, err := t.d.ReadToken(); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("there is more behind its end")
	default:
		return err
	}
}
