package forget

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Sight is what the raw records hold of a person.
type Sight struct {
	Names      []Name   // all that is to be forgotten
	Typed      []string // as they were given
	Connected  []string // what records connect with them
	Left       []string // numbers among those: too many other things
	Records    uint64   // of the sources, as they landed, that bear one of the names
	Rows       uint64   // of other tables that do; they stand also where the payload of a record is emptied
	Tables     []Place  // which
	Places     []Place  // where, the most first
	More       int      // places that are not among them
	Lookalikes []Place  // short texts that share a word with a name, and are not touched
}

// Place is a field of a source's records, a table, or a text that stands in some.
type Place struct {
	Source, Entity, Field, Table, Text string

	Records uint64
}

// shown is how many places and lookalikes are told apart.
const shown = 20

// Look searches for a person: in the raw records, and in the tables made of them, which stay when payloads are emptied. The names never leave this process: a server that logs its queries
// learns nothing.
func Look(ctx context.Context, conn driver.Conn, typed []string) (*Sight, error) {
	s := &Sight{Typed: typed}
	persons, seen := []person{}, map[string]bool{}
	add := func(p person) {
		if k := strings.Join(p.ids, "\x00") + "\x01" + strings.Join(p.names, "\x00"); !seen[k] {
			seen[k] = true
			persons = append(persons, p)
		}
	}
	err := eachRecord(ctx, conn, func(_, _, _ string, payload []byte) {
		var document any
		if json.Unmarshal(payload, &document) != nil {
			return
		}
		eachObject(document, func(o map[string]any) {
			found := movedPersons(o)
			if p, ok := personOf(o); ok {
				found = append(found, p)
			}
			for _, p := range found {
				add(p)
			}
		})
	})
	if err == nil {
		err = eachStaged(ctx, conn, add)
	}
	if err != nil {
		return nil, fmt.Errorf("look for people: %w", err)
	}
	for _, text := range typed {
		s.take(text, Typed(text))
	}
	s.Connected = connect(persons, typed)
	for _, text := range s.Connected {
		s.take(text, Found(text))
	}
	slices.Sort(s.Left)
	s.Connected = slices.DeleteFunc(s.Connected, func(text string) bool { return slices.Contains(s.Left, text) })
	slices.Sort(s.Connected)
	return s, s.count(ctx, conn)
}

// Covers says that another sight has no name that this one has not.
func (s *Sight) Covers(other *Sight) bool {
	return !slices.ContainsFunc(other.Names, func(n Name) bool {
		return !slices.ContainsFunc(s.Names, func(mine Name) bool { return mine.alone == n.alone && slices.Equal(mine.words, n.words) })
	})
}

func (s *Sight) take(text string, names []Name) {
	if len(names) == 0 {
		s.Left = append(s.Left, text)
	}
	s.Names = append(s.Names, names...)
}

// count finds the records that bear a name, and texts that look alike.
func (s *Sight) count(ctx context.Context, conn driver.Conn) error {
	if len(s.Names) == 0 {
		return nil
	}
	mine, _, err := (*List)(nil).With(s.Names, time.Time{})
	if err != nil {
		return err
	}
	parts := map[string]bool{}
	for _, n := range s.Names {
		if len(n.words) > 1 && len(n.words) < 5 && !strings.Contains(n.Text, "@") {
			for _, w := range n.words {
				parts[w] = len([]rune(w)) > 1 && !figures([]string{w})
			}
		}
	}
	places, alike := map[Place]uint64{}, map[Place]uint64{}
	looksAlike := func(text string) bool {
		words := Words(text)
		return len(words) < 5 && slices.ContainsFunc(words, func(w string) bool { return parts[w] })
	}
	err = eachRecord(ctx, conn, func(source, entity, id string, payload []byte) {
		hit := mine.Holds([]byte(id))
		var document any
		if json.Unmarshal(payload, &document) != nil {
			hit = hit || mine.Holds(payload)
		}
		fields := map[Place]bool{}
		eachText(document, "", func(field, text string) {
			if mine.Holds([]byte(text)) {
				hit = true
				fields[Place{Source: source, Entity: entity, Field: personal(field)}] = true
				return
			}
			if looksAlike(text) {
				alike[Place{Text: text}]++
			}
		})
		for p := range fields {
			places[p]++
		}
		if hit {
			s.Records++
		}
	})
	if err != nil {
		return fmt.Errorf("count the records that bear a name: %w", err)
	}
	tables, err := s.countTables(ctx, conn, mine, func(text string) {
		if p := (Place{Text: text}); alike[p] == 0 && looksAlike(text) {
			alike[p] = 1
		}
	})
	s.Places, s.Tables, s.Lookalikes = most(places), most(tables), most(alike)
	s.More = len(places) - len(s.Places)
	return err
}

// countTables finds the rows of all other tables that bear a name. Texts of staged rows that bear none are told.
func (s *Sight) countTables(ctx context.Context, conn driver.Conn, mine *List, other func(string)) (map[Place]uint64, error) {
	tables, err := tablesOf(ctx, conn)
	if err != nil {
		return nil, err
	}
	counted := map[Place]uint64{}
	for _, t := range tables {
		if t.name == "raw_records" || t.name == "quarantine" {
			continue
		}
		staged := strings.HasPrefix(t.name, "stg_")
		err := t.eachRow(ctx, conn, func(texts []string) bool {
			hit := false
			for _, text := range texts {
				switch {
				case mine.Text(text) != text:
					hit = true
				case staged:
					other(text)
				}
			}
			if hit {
				counted[Place{Table: t.name}]++
				s.Rows++
			}
			return true
		})
		if err != nil {
			return nil, fmt.Errorf("look for a name in %s: %w", t.name, err)
		}
	}
	return counted, nil
}

// eachStaged reads the tables that hold a person's id beside a name.
func eachStaged(ctx context.Context, conn driver.Conn, f func(person)) error {
	rows, err := conn.Query(ctx, "SELECT DISTINCT id, name FROM stg_people UNION DISTINCT SELECT DISTINCT person_id, person FROM stg_oncall_shifts")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		if id != "" && name != "" {
			f(person{ids: []string{id}, names: []string{name}})
		}
	}
	return rows.Err()
}

// personal is the path to a person where that to one of its members is given.
func personal(field string) string {
	if at := strings.LastIndexByte(field, '.'); at > 0 {
		switch field[at+1:] {
		case "accountId", "displayName", "emailAddress", "self", "html_url", "summary", "email", "id", "avatarUrls":
			return field[:at]
		}
	}
	return field
}

func most(counted map[Place]uint64) []Place {
	var all []Place
	for p, n := range counted {
		p.Records = n
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Place) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Source+a.Entity+a.Field+a.Table+a.Text, b.Source+b.Entity+b.Field+b.Table+b.Text))
	})
	return all[:min(len(all), shown)]
}

// eachRecord reads the raw records and those in quarantine.
func eachRecord(ctx context.Context, conn driver.Conn, f func(source, entity, id string, payload []byte)) error {
	rows, err := conn.Query(ctx, "SELECT source, entity, id, told FROM raw_records UNION ALL SELECT source, entity, id, payload FROM quarantine")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var source, entity, id, payload string
		if err := rows.Scan(&source, &entity, &id, &payload); err != nil {
			return err
		}
		f(source, entity, id, []byte(payload))
	}
	return rows.Err()
}

func eachObject(v any, f func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		f(v)
		for _, member := range v {
			eachObject(member, f)
		}
	case []any:
		for _, element := range v {
			eachObject(element, f)
		}
	}
}

// eachText calls f for each text of a document, with the path to it.
func eachText(v any, path string, f func(path, text string)) {
	switch v := v.(type) {
	case string:
		f(path, v)
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			eachText(v[name], strings.TrimPrefix(path+"."+name, "."), f)
		}
	case []any:
		for _, element := range v {
			eachText(element, path+"[]", f)
		}
	}
}
