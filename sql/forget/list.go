package forget

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/srekpi/srekpi/sql/warehouse"
)

// maxWords bounds what is compared: a name, id or address of more words is cut there.
const maxWords = 12

// List is who was forgotten. A nil or empty one changes nothing and costs nothing.
type List struct {
	key     []byte // nil: there was none yet
	seed    uint64
	entries []entry
	byHash  map[string]int // in entries
	firsts  hints          // of all first words
	wholes  hints          // of all names
	longest int            // of all names, in words
	version uint64         // of what is stored: each time it is saved is another
}

// entry is a row of the table forgotten.
type entry struct {
	Pseudonym   string    `ch:"pseudonym"`
	Hash        string    `ch:"hash"`
	Words       uint8     `ch:"words"`
	Alone       uint8     `ch:"alone"`
	First       uint16    `ch:"first_hint"`
	Whole       uint16    `ch:"whole_hint"`
	KeyID       string    `ch:"key_id"`
	ForgottenAt time.Time `ch:"forgotten_at"`
	Swept       uint8     `ch:"swept"`
	Version     uint64    `ch:"version"`
}

// Load reads the list. Where somebody was forgotten and the key is not there, the error is a [*KeyError].
func Load(ctx context.Context, w *warehouse.Warehouse) (*List, error) {
	l := &List{byHash: map[string]int{}}
	var rows []entry
	if err := w.Select(ctx, &rows, "SELECT pseudonym, hash, words, alone, first_hint, whole_hint, key_id, forgotten_at, swept, version FROM forgotten FINAL ORDER BY forgotten_at, pseudonym, hash"); err != nil {
		return nil, fmt.Errorf("read who was forgotten: %w", err)
	}
	file, err := w.ForgetKey()
	if err != nil && len(rows) == 0 {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read who was forgotten: %w", err)
	}
	key, lost, err := readKey(file)
	if err != nil {
		return nil, err
	}
	switch {
	case lost, key == nil && len(rows) == 0:
		return l, nil
	case key == nil:
		return nil, &KeyError{File: file}
	}
	l.season(key)
	for _, e := range rows {
		if e.KeyID != l.keyID() {
			return nil, &KeyError{File: file, Other: true}
		}
		l.put(l.masked(e))
	}
	return l, nil
}

func (l *List) season(key []byte) {
	l.key = key
	l.seed = binary.LittleEndian.Uint64(l.mac("seed\x00"))
}

func (l *List) put(e entry) {
	if i, known := l.byHash[e.Hash]; known {
		// It may count in more places now, or stand somewhere again: all that is stored is to be gone through.
		l.entries[i].Alone, l.entries[i].Swept = min(l.entries[i].Alone, e.Alone), min(l.entries[i].Swept, e.Swept)
		return
	}
	l.version = max(l.version, e.Version)
	l.byHash[e.Hash] = len(l.entries)
	l.entries = append(l.entries, e)
	l.firsts.put(e.First)
	l.wholes.put(e.Whole)
	l.longest = max(l.longest, int(e.Words))
}

// Empty says that nobody was forgotten.
func (l *List) Empty() bool { return l == nil || len(l.entries) == 0 }

// Unswept says that a sweep has not come to its end: what had landed before may still bear a name.
func (l *List) Unswept() bool {
	return l != nil && slices.ContainsFunc(l.entries, func(e entry) bool { return e.Swept == 0 })
}

// With is the list with more names on it, under one pseudonym: that of an earlier time where one of them is known.
func (l *List) With(names []Name, at time.Time) (*List, string, error) {
	n := &List{byHash: map[string]int{}}
	if l == nil || l.key == nil {
		n.season(newKey())
	} else {
		n.season(l.key)
		for _, e := range l.entries {
			n.put(e)
		}
	}
	pseudonym := ""
	for _, name := range names {
		if i, known := n.byHash[n.hash(strings.Join(name.words, " "))]; known && pseudonym == "" {
			pseudonym = n.entries[i].Pseudonym
		}
	}
	if pseudonym == "" {
		var b [5]byte
		rand.Read(b[:]) // never fails
		pseudonym = "person-" + hex.EncodeToString(b[:])
	}
	for _, name := range names {
		e := entry{Pseudonym: pseudonym, Hash: n.hash(strings.Join(name.words, " ")), Words: uint8(len(name.words)), First: n.hint(name.words[:1]), Whole: n.hint(name.words), KeyID: n.keyID(), ForgottenAt: at}
		if name.alone {
			e.Alone = 1
		}
		n.put(e)
	}
	return n, pseudonym, nil
}

// Save stores the list, and before it a key that is new; swept says that all that is stored was rewritten by it.
func (l *List) Save(ctx context.Context, w *warehouse.Warehouse, swept bool) error {
	if l.Empty() {
		return nil
	}
	if err := l.saveKey(ctx, w); err != nil {
		return err
	}
	l.version++
	rows := make([]entry, len(l.entries))
	for i := range l.entries {
		e := &l.entries[i]
		e.Version = l.version
		if swept {
			e.Swept = 1
		}
		rows[i] = l.masked(*e)
	}
	if err := warehouse.Insert(ctx, w, "forgotten", rows); err != nil {
		return fmt.Errorf("store who is forgotten: %w", err)
	}
	return nil
}

func (l *List) saveKey(ctx context.Context, w *warehouse.Warehouse) error {
	file, err := w.ForgetKey()
	if err != nil {
		return fmt.Errorf("keep the key of who is forgotten: %w", err)
	}
	key, lost, err := readKey(file)
	switch {
	case err != nil:
		return err
	case lost:
		if err := w.Exec(ctx, "TRUNCATE TABLE forgotten"); err != nil {
			return fmt.Errorf("drop the list whose key is lost: %w", err)
		}
	case hmac.Equal(key, l.key):
		return nil
	case key != nil:
		return &KeyError{File: file, Other: true}
	}
	return writeKey(file, l.key)
}

func (l *List) hash(words string) string { return hex.EncodeToString(l.mac("name\x00" + words)) }

// hints are 16 bits of each word, or of all words of a name: nearly all texts differ in them from all that were
// forgotten, and need no closer look.
type hints [1 << 16 / 64]uint64

func (h *hints) put(hint uint16) { h[hint>>6] |= 1 << (hint & 63) }

func (h *hints) has(hint uint16) bool { return h[hint>>6]&(1<<(hint&63)) != 0 }

const prime = 0x9E3779B97F4A7C15

// mix takes a letter into a hash.
func mix(h uint64, c byte) uint64 { return (h ^ uint64(c)) * prime }

func mixed(h uint64, word []byte) uint64 {
	for _, c := range word {
		h = mix(h, c)
	}
	return h
}

// hintOf are the bits of a hash that are looked at.
func hintOf(h uint64) uint16 { return uint16(h >> 48) }

func (l *List) hint(words []string) uint16 {
	h := l.seed
	for i, w := range words {
		if i > 0 {
			h = mix(h, ' ')
		}
		h = mixed(h, []byte(w))
	}
	return hintOf(h)
}

// Knows says whether one of the names is on the list.
func (l *List) Knows(names []Name) bool {
	return !l.Empty() && slices.ContainsFunc(names, func(n Name) bool {
		_, known := l.byHash[l.hash(strings.Join(n.words, " "))]
		return known
	})
}
