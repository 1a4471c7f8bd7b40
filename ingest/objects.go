package ingest

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/srekpi/srekpi/configs"
)

// objects puts JSON objects on a page as they are.
type objects struct {
	ids      [][]string // paths of the id; the first that is not null wins
	latest   []string   // path of the version; nil: there is none
	latestAs string
	isNull   nulls
	parse    func(string) (time.Time, bool)
	place    []byte
	decoder  *jsontext.Decoder
	reader   *bytes.Reader
	found    map[string]jsontext.Value // by first step of a path
}

func newObjects(stream string, s *configs.Source) *objects {
	o := &objects{
		isNull: s.Nulls, parse: s.Times.Parser(), place: placeOf(stream), latestAs: s.Latest,
		reader: bytes.NewReader(nil), found: map[string]jsontext.Value{},
	}
	o.decoder = jsontext.NewDecoder(o.reader, jsontext.AllowDuplicateNames(true))
	for _, from := range s.Fields["id"].From {
		o.ids = append(o.ids, strings.Split(from, "."))
	}
	if s.Latest != "" {
		o.latest = strings.Split(s.Latest, ".")
	}
	return o
}

// put puts one object on the page.
func (o *objects) put(p *page, raw []byte, line uint64) {
	raw = bytes.TrimSpace(raw)
	if reason := o.scan(raw); reason != "" {
		p.reject("", line, reason, raw)
		return
	}
	id := ""
	for _, path := range o.ids {
		if v := strings.TrimSpace(o.text(path)); !o.isNull.has([]byte(v)) {
			id = v
			break
		}
	}
	if id == "" {
		p.reject("", line, "the id is empty", raw)
		return
	}
	if o.latest != nil {
		text := o.text(o.latest)
		version, ok := o.parse(text)
		if slices.Contains(o.isNull, text) {
			version, ok = oldest, true
		}
		if !ok || !storable(version) {
			p.reject(id, line, noVersion(o.latestAs, text), raw)
			return
		}
		p.versions = append(p.versions, version)
	}
	p.ids.buf = append(p.ids.buf, id...)
	p.ids.close()
	body, place := bytes.TrimSuffix(raw, []byte{'}'}), o.place
	if isBlank(body[1:]) {
		place = place[1:] // nothing before the comma
	}
	p.payloads.buf = append(append(p.payloads.buf, body...), place...)
	p.payloads.buf = append(strconv.AppendUint(p.payloads.buf, line, 10), '}')
	p.payloads.close()
	p.rows++
}

// scan checks that the text is one JSON object and picks the values that begin
// a wanted path. It returns what is wrong.
func (o *objects) scan(raw []byte) string {
	clear(o.found)
	for _, path := range o.ids {
		o.found[path[0]] = nil
	}
	if o.latest != nil {
		o.found[o.latest[0]] = nil
	}
	o.reader.Reset(raw)
	o.decoder.Reset(o.reader, jsontext.AllowDuplicateNames(true))
	if kind := o.decoder.PeekKind(); kind != '{' && kind != 0 {
		return "not a JSON object"
	}
	if !o.members() {
		return notJSON(raw)
	}
	switch _, err := o.decoder.ReadToken(); err {
	case io.EOF:
		return ""
	case nil:
		return "more than one JSON value on the line"
	default:
		return notJSON(raw)
	}
}

// members reads one object; false when it is not JSON.
func (o *objects) members() bool {
	if _, err := o.decoder.ReadToken(); err != nil {
		return false
	}
	for o.decoder.PeekKind() != '}' {
		name, err := o.decoder.ReadToken()
		if err != nil {
			return false
		}
		key := name.String()
		if _, wanted := o.found[key]; !wanted {
			if o.decoder.SkipValue() != nil {
				return false
			}
			continue
		}
		value, err := o.decoder.ReadValue()
		if err != nil {
			return false
		}
		o.found[key] = value.Clone()
	}
	_, err := o.decoder.ReadToken()
	return err == nil
}

// text is the value at a path: a string's content, a number or a truth value as
// written; empty when it is missing, null, an object or an array.
func (o *objects) text(path []string) string {
	value := o.found[path[0]]
	for _, step := range path[1:] {
		var members map[string]json.RawMessage
		if value.Kind() != '{' || json.Unmarshal(value, &members) != nil {
			return ""
		}
		value = jsontext.Value(members[step])
	}
	switch value.Kind() {
	case '"':
		text, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return ""
		}
		return string(text)
	case '0', 't', 'f':
		return string(value)
	}
	return ""
}

// notJSON says what is wrong. The text of jsontext's errors changes from build
// to build, and a quarantined row is known by its reason.
func notJSON(raw []byte) string {
	var any json.RawMessage
	err := json.Unmarshal(raw, &any)
	switch {
	case !utf8.Valid(raw):
		return "not UTF-8: mend the record, or set encoding: cp1252"
	case err != nil:
		return "not JSON: " + err.Error()
	}
	return "not JSON"
}
