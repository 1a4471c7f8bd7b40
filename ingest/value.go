package ingest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const hexDigits = "0123456789abcdef"

// plainByte are the bytes that JSON strings take as they are.
var plainByte = func() (plain [256]bool) {
	for i := range plain {
		plain[i] = i >= ' ' && i != '"' && i != '\\'
	}
	return plain
}()

// appendJSON writes a text, which must be UTF-8, as a JSON string. doubled: two
// quotation marks in it stand for one.
func appendJSON(b, text []byte, doubled bool) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if plainByte[c] {
			continue
		}
		b = append(b, text[from:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
			if doubled && c == '"' && i+1 < len(text) && text[i+1] == '"' {
				i++
			}
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		from = i + 1
	}
	b = append(b, text[from:]...)
	return append(b, '"')
}

// placeOf is the end of a payload up to the line's number.
func placeOf(stream string) []byte {
	return append(appendJSON([]byte(`,"_file":`), []byte(clean(stream)), false), `,"_line":`...)
}

// nulls are the texts that mean "no value".
type nulls []string

func (n nulls) has(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	for _, null := range n {
		if string(text) == null {
			return true
		}
	}
	return false
}

// oldest is the version of a record that states none: any other one replaces it.
var oldest = time.Unix(0, 0).UTC()

// storable says whether the engine can hold the time.
func storable(t time.Time) bool { return t.Year() >= 1900 && t.Year() < 2299 }

func noVersion(column, text string) string {
	return fmt.Sprintf("the version in %s is no time: %q", column, shorten(text))
}

func shorten(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }
