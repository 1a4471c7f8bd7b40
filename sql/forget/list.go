package forget

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// maxWords bounds what is compared: a name, id or address of more words is cut there.
const maxWords = 12

// List is who was forgotten. A nil or empty one changes nothing and costs nothing.
type List struct {
	salt    []byte
	seed    uint64
	entries []entry
	byHash  map[string]*entry
	hints   [1 << 16 / 64]uint64 // those of all first words
	lengths []int                // of all entries in words, the longest first
}

// entry is a row of the table forgotten.
type entry struct {
	Pseudonym   string    `ch:"pseudonym"`
	Hash        string    `ch:"hash"`
	Words       uint8     `ch:"words"`
	Alone       uint8     `ch:"alone"`
	Hint        uint16    `ch:"hint"`
	Salt        string    `ch:"salt"`
	ForgottenAt time.Time `ch:"forgotten_at"`
	Swept       uint8     `ch:"swept"`
}

// Load reads the list.
func Load(ctx context.Context, conn driver.Conn) (*List, error) {
	l := &List{byHash: map[string]*entry{}}
	var rows []entry
	if err := conn.Select(ctx, &rows, "SELECT pseudonym, hash, words, alone, hint, salt, forgotten_at, swept FROM forgotten FINAL ORDER BY forgotten_at, pseudonym, hash"); err != nil {
		return nil, fmt.Errorf("read who was forgotten: %w", err)
	}
	for _, e := range rows {
		if l.salt == nil {
			salt, err := hex.DecodeString(e.Salt)
			if err != nil {
				return nil, fmt.Errorf("read who was forgotten: the salt is no hex: %w", err)
			}
			l.season(salt)
		}
		if e.Salt != hex.EncodeToString(l.salt) {
			return nil, fmt.Errorf("read who was forgotten: the rows of table forgotten have several salts; keep those of one, and forget the others' people again")
		}
		l.put(e)
	}
	return l, nil
}

func (l *List) season(salt []byte) {
	l.salt = salt
	sum := sha256.Sum256(append([]byte("hint "), salt...))
	l.seed = binary.LittleEndian.Uint64(sum[:])
}

func (l *List) put(e entry) {
	if known := l.byHash[e.Hash]; known != nil {
		known.Alone = min(known.Alone, e.Alone)
		return
	}
	l.entries = append(l.entries, e)
	l.byHash[e.Hash] = &e
	l.hints[e.Hint>>6] |= 1 << (e.Hint & 63)
	if n := int(e.Words); !slices.Contains(l.lengths, n) {
		l.lengths = append(l.lengths, n)
		slices.SortFunc(l.lengths, func(a, b int) int { return b - a })
	}
}

// Empty says that nobody was forgotten.
func (l *List) Empty() bool { return l == nil || len(l.entries) == 0 }

// Unswept says that a sweep has not come to its end: what had landed before may still bear a name.
func (l *List) Unswept() bool {
	return l != nil && slices.ContainsFunc(l.entries, func(e entry) bool { return e.Swept == 0 })
}

// With is the list with more names on it, under one pseudonym: that of an earlier time where one of them is known.
func (l *List) With(names []Name, at time.Time) (*List, string, error) {
	n := &List{byHash: map[string]*entry{}}
	if l.Empty() {
		n.season([]byte(rand.Text()))
	} else {
		n.season(l.salt)
		for _, e := range l.entries {
			n.put(e)
		}
	}
	pseudonym := ""
	for _, name := range names {
		if e := n.byHash[n.hash(name.words)]; e != nil && pseudonym == "" {
			pseudonym = e.Pseudonym
		}
	}
	if pseudonym == "" {
		var b [5]byte
		rand.Read(b[:]) // never fails
		pseudonym = "person-" + hex.EncodeToString(b[:])
	}
	for _, name := range names {
		e := entry{Pseudonym: pseudonym, Hash: n.hash(name.words), Words: uint8(len(name.words)), Hint: n.hint([]byte(name.words[0])), Salt: hex.EncodeToString(n.salt), ForgottenAt: at}
		if name.alone {
			e.Alone = 1
		}
		n.put(e)
	}
	return n, pseudonym, nil
}

// Save stores the list; swept says that all that is stored was rewritten by it.
func (l *List) Save(ctx context.Context, conn driver.Conn, swept bool) error {
	for i := range l.entries {
		if swept {
			l.entries[i].Swept = 1
		}
	}
	if err := warehouse.Insert(ctx, conn, "forgotten", l.entries); err != nil {
		return fmt.Errorf("store who is forgotten: %w", err)
	}
	return nil
}

func (l *List) hash(words []string) string {
	mac := hmac.New(sha256.New, l.salt)
	mac.Write([]byte(strings.Join(words, " ")))
	return hex.EncodeToString(mac.Sum(nil))
}

const prime = 0x9E3779B97F4A7C15

// hint is a cheap look at a word: nearly all differ in it from all that were forgotten.
func (l *List) hint(folded []byte) uint16 {
	h := l.seed
	for _, c := range folded {
		h = (h ^ uint64(c)) * prime
	}
	return uint16(h >> 48)
}

func (l *List) hinted(hint uint16) bool { return l.hints[hint>>6]&(1<<(hint&63)) != 0 }

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
				h = (h ^ uint64(lower[text[i]])) * prime
				i++
			}
			if i < len(text) && classes[text[i]] >= escapes {
				// It may go on behind an escape, or with a letter that is not ASCII.
				var w []byte
				if w, i = word(text, from); !quoted || !l.hinted(l.hint(w)) {
					continue
				}
			} else if !quoted || !l.hinted(uint16(h>>48)) {
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
			if quoted && l.hinted(l.hint(w)) {
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
	var words []string
	var ends []int
	for i, longest := from, l.lengths[0]; len(words) < longest; {
		w, end := word(text, i)
		if len(w) > 0 {
			words, ends = append(words, string(w)), append(ends, end)
		}
		var ok bool
		if i, ok = gap(text, end); !ok {
			break
		}
	}
	for _, n := range l.lengths {
		if n > len(words) {
			continue
		}
		if e := l.byHash[l.hash(words[:n])]; e != nil && (e.Alone == 0 || alone(text, from, ends[n-1])) {
			return ends[n-1], e
		}
	}
	return 0, nil
}

// alone says whether a word is a whole value or a mention: "ada", [~ada], @ada, user=ada, /ada.
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
	case '~', '@', '=', ':', '/':
	default:
		return false
	}
	// Another login may begin with this one: @ada.byron.
	if after == '_' || after == '-' || after == '.' || after == '@' {
		return to+1 >= len(text) || classes[text[to+1]] == apart
	}
	return true
}

// Knows says whether one of the names is on the list.
func (l *List) Knows(names []Name) bool {
	return !l.Empty() && slices.ContainsFunc(names, func(n Name) bool { return l.byHash[l.hash(n.words)] != nil })
}
