package ingest

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/srekpi/srekpi/configs"
)

// table turns the records of a CSV or TSV file into JSON.
type table struct {
	csvText
	header   []string
	keys     []key
	ids      []int // columns of the id; the first that is not null wins
	latest   int   // column of the version; -1: there is none
	isNull   nulls
	parse    func(string) (time.Time, bool)
	latestAs string
	place    []byte // `,"_file":"…","_line":`
}

// key is one key of the JSON objects and the columns that it is made of.
type key struct {
	lead    []byte // `{"name":` or `,"name":`
	columns []int
}

// newTable reads the header. It returns io.EOF for a file without one.
func newTable(r io.Reader, stream string, s *configs.Source) (*table, error) {
	t := &table{
		csvText: csvText{window: newWindow(r), delimiter: s.Delimiter[0]},
		latest:  -1, latestAs: s.Latest, isNull: s.Nulls, parse: s.Times.Parser(), place: placeOf(stream),
	}
	switch t.cut() {
	case cutEnd:
		if t.err != nil {
			return nil, t.err
		}
		return nil, io.EOF
	case cutOpen, cutTooLong:
		return nil, fmt.Errorf("line %d is no header: %s; export it again", t.at, shorten(clean(string(t.record))))
	}
	if !utf8.Valid(t.record) {
		return nil, fmt.Errorf("the header is not UTF-8; set encoding: cp1252, or export it as UTF-8")
	}
	for i := range t.cells {
		name := strings.TrimSpace(string(t.text(i)))
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		t.header = append(t.header, name)
	}
	if err := t.check(s); err != nil {
		return nil, err
	}
	for i, name := range t.header {
		if slices.Index(t.header, name) < i {
			continue // one key stands for all columns of a name
		}
		k := key{lead: append(appendJSON([]byte{','}, []byte(name), false), ':')}
		if len(t.keys) == 0 {
			k.lead[0] = '{'
		}
		k.columns = t.columns(name)
		t.keys = append(t.keys, k)
	}
	for _, from := range s.Fields["id"].From {
		t.ids = append(t.ids, t.columns(from)...)
	}
	if s.Latest != "" {
		t.latest = slices.Index(t.header, s.Latest)
	}
	return t, nil
}

func (t *table) columns(name string) []int {
	var found []int
	for i, h := range t.header {
		if h == name {
			found = append(found, i)
		}
	}
	return found
}

// check compares the header with what the mapping reads. A preset's columns may
// be missing, except for the fields without which a record says nothing.
func (t *table) check(s *configs.Source) error {
	var missing []string
	need := func(use string, columns ...string) {
		for _, c := range columns {
			if slices.Contains(t.header, c) {
				return
			}
		}
		text := strconv.Quote(columns[0])
		for _, c := range columns[1:] {
			text += " or " + strconv.Quote(c)
		}
		text += " (" + use
		if near := configs.Nearest(columns[0], t.header); near != "" {
			text += fmt.Sprintf(", perhaps %q is meant", near)
		}
		missing = append(missing, text+")")
	}
	for _, f := range configs.Fields(s.Entity, s.Shape) {
		if m, mapped := s.Fields[f.Name]; mapped && len(m.From) > 0 && (f.Required || !m.Optional) {
			need(f.Name, m.From...)
		}
	}
	for _, name := range sorted(s.Attributes) {
		need("attribute "+name, s.Attributes[name])
	}
	for _, column := range sorted(s.Where) {
		need("where", column)
	}
	for _, column := range sorted(s.Exclude) {
		need("exclude", column)
	}
	if s.Latest != "" {
		need("latest", s.Latest)
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the header lacks %s; it has %s; mend the mapping of source %s, or the export",
		strings.Join(missing, ", "), strings.Join(t.header, ", "), s.Name)
}

// next puts one record on the page; false at the end of the file.
func (t *table) next(p *page) (bool, error) {
	switch t.cut() {
	case cutEnd:
		return false, t.err
	case cutOpen:
		p.reject("", t.at, "a quotation mark is opened and never closed", t.record)
		return true, nil
	case cutTooLong:
		p.reject("", t.at, fmt.Sprintf("the line is longer than %d MiB", t.longest>>20), t.record)
		return true, nil
	}
	if len(t.cells) != len(t.header) {
		p.reject("", t.at, fmt.Sprintf("%s where the header has %d", columns(len(t.cells)), len(t.header)), t.record)
		return true, nil
	}
	if !utf8.Valid(t.record) {
		p.reject(string(t.id()), t.at, "not UTF-8: mend the row, or set encoding: cp1252", t.record)
		return true, nil
	}
	id := t.id()
	if len(id) == 0 {
		p.reject("", t.at, "the id is empty", t.record)
		return true, nil
	}
	if t.latest >= 0 {
		text := string(t.text(t.latest))
		version, ok := t.parse(text)
		if slices.Contains(t.isNull, text) {
			version, ok = oldest, true
		}
		if !ok || !storable(version) {
			p.reject(string(id), t.at, noVersion(t.latestAs, text), t.record)
			return true, nil
		}
		p.versions = append(p.versions, version)
	}
	p.ids.buf = append(p.ids.buf, id...)
	p.ids.close()
	p.payloads.buf = t.append(p.payloads.buf)
	p.payloads.close()
	p.rows++
	return true, nil
}

func (t *table) id() []byte {
	for _, i := range t.ids {
		if v := bytes.TrimSpace(t.text(i)); !t.isNull.has(v) {
			return v
		}
	}
	return nil
}

// append writes the record as JSON.
func (t *table) append(b []byte) []byte {
	for _, k := range t.keys {
		b = append(b, k.lead...)
		if len(k.columns) == 1 {
			b = t.value(b, k.columns[0])
			continue
		}
		for i, column := range k.columns {
			b = append(b, "[,"[min(i, 1)])
			b = t.value(b, column)
		}
		b = append(b, ']')
	}
	b = append(b, t.place...)
	b = strconv.AppendUint(b, t.at, 10)
	return append(b, '}')
}

func (t *table) value(b []byte, column int) []byte {
	c := t.cells[column]
	return appendJSON(b, t.record[c.from:c.to], c.quoted)
}

func columns(n int) string {
	if n == 1 {
		return "1 column"
	}
	return fmt.Sprintf("%d columns", n)
}
