package chdb

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// header drops what every chunk after the first repeats.
type header struct {
	lines  int
	quoted bool // a line break inside quotes does not end a line
	lists  int  // instead of lines: counted names, and types, in binary
	text   []byte
}

// newHeader is nil for a format without one.
func newHeader(format string) *header {
	switch format {
	case "CSVWithNames", "TSVWithNames", "TabSeparatedWithNames", "TSVRawWithNames", "TabSeparatedRawWithNames", "JSONCompactEachRowWithNames", "JSONCompactStringsEachRowWithNames":
		return &header{lines: 1, quoted: strings.HasPrefix(format, "CSV")}
	case "CSVWithNamesAndTypes", "TSVWithNamesAndTypes", "TabSeparatedWithNamesAndTypes", "TSVRawWithNamesAndTypes", "TabSeparatedRawWithNamesAndTypes",
		"JSONCompactEachRowWithNamesAndTypes", "JSONCompactStringsEachRowWithNamesAndTypes", "Markdown":
		return &header{lines: 2, quoted: strings.HasPrefix(format, "CSV")}
	case "RowBinaryWithNames":
		return &header{lists: 1}
	case "RowBinaryWithNamesAndTypes":
		return &header{lists: 2}
	}
	return nil
}

func (h *header) learn(chunk []byte) {
	if h.lists > 0 {
		h.learnBinary(chunk)
		return
	}
	lines, inQuotes := h.lines, false
	for i, c := range chunk {
		switch {
		case c == '"' && h.quoted:
			inQuotes = !inQuotes
		case c == '\n' && !inQuotes:
			if lines--; lines == 0 {
				h.text = append([]byte(nil), chunk[:i+1]...)
				return
			}
		}
	}
}

// learnBinary measures a count and so many strings per list; there is one count for all lists.
func (h *header) learnBinary(chunk []byte) {
	columns, at := binary.Uvarint(chunk)
	if at <= 0 {
		return
	}
	for range columns * uint64(h.lists) {
		length, n := binary.Uvarint(chunk[at:])
		if n <= 0 || length > uint64(len(chunk)-at-n) {
			return
		}
		at += n + int(length)
	}
	h.text = append([]byte(nil), chunk[:at]...)
}

func (h *header) cut(chunk []byte) []byte {
	if h == nil {
		return chunk
	}
	return bytes.TrimPrefix(chunk, h.text)
}
