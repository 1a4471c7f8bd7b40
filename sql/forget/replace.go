package forget

import (
	"bytes"
	"encoding/json"
)

// Text replaces the forgotten in a text.
func (l *List) Text(text string) string {
	if l.Empty() || text == "" {
		return text
	}
	b := []byte(text)
	if replaced := l.Value(b); !bytes.Equal(replaced, b) {
		return string(replaced)
	}
	return text
}

// Value replaces the forgotten in a text or a JSON document, whichever it is.
func (l *List) Value(text []byte) []byte {
	return l.replace(text, len(text) > 1 && (text[0] == '{' || text[0] == '[') && json.Valid(text))
}

// JSON replaces the forgotten in the strings of a JSON document, and leaves every other byte. The result is the
// same slice when nothing is replaced.
func (l *List) JSON(text []byte) []byte { return l.replace(text, true) }

// Holds says whether a text bears a forgotten name.
func (l *List) Holds(text []byte) bool {
	found := false
	l.scan(text, false, func(int, int, *entry) bool { found = true; return false })
	return found
}

func (l *List) replace(text []byte, document bool) []byte {
	var out []byte
	last := 0
	l.scan(text, document, func(from, to int, e *entry) bool {
		out = append(append(out, text[last:from]...), e.Pseudonym...)
		last = to
		return true
	})
	if out == nil {
		return text
	}
	return append(out, text[last:]...)
}

// scan calls found for each forgotten name in a text, until that says no. Of a document only strings are looked at.
func (l *List) scan(text []byte, document bool, found func(from, to int, e *entry) bool) {
	if l.Empty() {
		return
	}
	quoted := !document
	for i := 0; i < len(text); {
		c := text[i]
		switch classes[c] {
		case apart:
			if c == '"' && document {
				quoted = !quoted
			}
			i++
			continue
		case letter:
			h, from := l.seed, i
			for i < len(text) && classes[text[i]] == letter {
				h = mix(h, lower[text[i]])
				i++
			}
			if i < len(text) && classes[text[i]] >= escapes {
				// It may go on behind an escape, or with a letter that is not ASCII.
				var w []byte
				if w, i = word(text, from); !quoted || !l.firsts.has(hintOf(mixed(l.seed, w))) {
					continue
				}
			} else if !quoted || !l.firsts.has(hintOf(h)) {
				continue
			}
			if to, e := l.at(text, from); e != nil {
				if !found(from, to, e) {
					return
				}
				i = to
			}
			continue
		}
		r, end := unit(text, i)
		switch {
		case c == '\\' && r == ' ' && classes[text[end-1]] == letter:
			// \nora is a new line and "ora", or in a text that was no JSON a backslash and "nora".
			if document && text[i+1] != '\\' || !quoted {
				break
			}
			if to, e := l.at(text, end-1); e != nil {
				if !found(end-1, to, e) {
					return
				}
				end = to
			}
		case inWord(r):
			w, after := word(text, i)
			if quoted && l.firsts.has(hintOf(mixed(l.seed, w))) {
				if to, e := l.at(text, i); e != nil {
					if !found(i, to, e) {
						return
					}
					after = to
				}
			}
			end = after
		}
		i = end
	}
}

// at looks for the longest name that begins with the word at from.
func (l *List) at(text []byte, from int) (to int, e *entry) {
	var ends [maxWords]int
	var hinted [maxWords]bool
	var spelled [64]byte
	words, n, h := spelled[:0], 0, l.seed
	var lengths [maxWords]int // of the words so far, in bytes
	for i := from; n < l.longest; {
		w, end := word(text, i)
		if len(w) > 0 {
			if n > 0 {
				words, h = append(words, ' '), mix(h, ' ')
			}
			words, h = append(words, w...), mixed(h, w)
			ends[n], lengths[n], hinted[n] = end, len(words), l.wholes.has(hintOf(h))
			n++
		}
		var ok bool
		if i, ok = gap(text, end); !ok {
			break
		}
	}
	for ; n > 0; n-- {
		if !hinted[n-1] {
			continue
		}
		i, known := l.byHash[l.hash(string(words[:lengths[n-1]]))]
		if known && (l.entries[i].Alone == 0 || alone(text, from, ends[n-1])) {
			return ends[n-1], &l.entries[i]
		}
	}
	return 0, nil
}

// alone says whether a word is a whole value or a mention: "ada", [~ada], @ada, user=ada, /ada, or a part of an id.
func alone(text []byte, from, to int) bool {
	before, after := byte(0), byte(0)
	if from > 0 {
		before = text[from-1]
	}
	if b, end, ok := percentByte(text, max(from-3, 0)); ok && end == from {
		before = b
	}
	if to < len(text) {
		after = text[to]
	}
	switch before {
	case 0, '"', '\'':
		return after == before || before == '"' && after == '\\' && to+1 < len(text) && text[to+1] == '"'
	case '~', '@', '=', ':', '/', '|':
	default:
		return false
	}
	// Another login may begin with this one: @ada.byron.
	if after == '_' || after == '-' || after == '.' || after == '@' {
		return to+1 >= len(text) || classes[text[to+1]] == apart
	}
	return true
}
