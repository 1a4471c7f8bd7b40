package reports

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// recordID is what the id of a record looks like within a sentence: the source's
// name, a colon, the source's own id.
var recordID = regexp.MustCompile(`[^\s,;:()]+:[^\s,;()]+`)

// namesAtOnce keeps a query that lists ids short enough to be parsed.
const namesAtOnce = 2000

// readNames looks up what people call the records that the evidence on the page,
// and in the files beside it, refers to.
func (s *sheet) readNames(ctx context.Context) error {
	if s.names != nil {
		return nil
	}
	var all []metrics.Evidence
	for _, k := range s.kpis {
		shown, _, err := s.shownRows(ctx, k)
		if err != nil {
			return err
		}
		if s.beside != "" {
			shown = s.cut(k, s.evidence[k.Name], fileRows) // those of the page and more
		}
		for _, rows := range shown {
			all = append(all, rows...)
		}
	}
	return s.readNamesOf(ctx, all)
}

// idsNamed is how many records of a sentence are looked up.
const idsNamed = 8

// readNamesOf looks up the records to which these rows refer, and forgets others.
func (s *sheet) readNamesOf(ctx context.Context, all []metrics.Evidence) error {
	s.names = map[string]place{}
	wanted := map[string]bool{}
	for _, e := range all {
		for _, words := range []string{e.Reason, e.Basis} {
			for _, id := range recordID.FindAllString(words, idsNamed) {
				wanted[id] = true
			}
		}
		for _, id := range e.Refs[:min(len(e.Refs), refsShown)] {
			wanted[id] = true
		}
	}
	ids := slices.Sorted(maps.Keys(wanted))
	for some := range slices.Chunk(ids, namesAtOnce) {
		var rows []struct {
			ID  string `ch:"of_id"`
			Key string `ch:"of_key"`
			URL string `ch:"of_url"`
		}
		// A joined record has no row of its own but in identities.
		err := s.conn.Select(ctx, &rows, `SELECT toString(id) AS of_id, toString(key) AS of_key, toString(url) AS of_url FROM incidents WHERE id IN @ids
			UNION ALL SELECT toString(id), toString(key), toString(url) FROM changes WHERE id IN @ids
			UNION ALL SELECT toString(id), toString(key), toString(url) FROM identities WHERE id IN @ids AND row_id != id
			UNION ALL SELECT toString(id), toString(key), toString(url) FROM tickets WHERE id IN @ids`, clickhouse.Named("ids", some))
		if err != nil {
			return fmt.Errorf("read the keys of records: %w", err)
		}
		for _, r := range rows {
			if key := clip(r.Key, 40); key != "" && s.names[r.ID].Text == "" {
				s.names[r.ID] = place{Text: key, URL: link(r.URL)}
			}
		}
	}
	return nil
}

// nameOf is a record as people call it, else its id.
func (s *sheet) nameOf(id string) piece {
	at, known := s.names[id]
	switch {
	case !known:
		return plainly(clip(id, 60))
	case at.URL == "":
		return plainly(at.Text)
	}
	return to(at)
}

// named sets somebody's words, cut to so many characters, with the names of the
// records in them instead of their ids.
func (s *sheet) named(words string, most int) prose {
	text := clip(words, 1000)
	var out prose
	left := most
	// put says whether the words still fit.
	put := func(p piece) bool {
		n := utf8.RuneCountInString(p.Text)
		if n <= left {
			left -= n
			out = append(out, p)
			return true
		}
		if p.URL != "" || left < 2 {
			p = piece{Plain: true, Text: "…"}
		} else {
			p.Text = clip(p.Text, left) // its first word may have been a space
		}
		out = append(out, p)
		return false
	}
	last := 0
	for _, at := range recordID.FindAllStringIndex(text, idsNamed) {
		id := text[at[0]:at[1]]
		if _, known := s.names[id]; !known {
			continue
		}
		if at[0] > last && !put(plainly(text[last:at[0]])) || !put(s.nameOf(id)) {
			return out
		}
		last = at[1]
	}
	if last < len(text) {
		put(plainly(text[last:]))
	}
	return out
}
