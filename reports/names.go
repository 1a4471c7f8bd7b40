package reports

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"

	"github.com/srekpi/srekpi/metrics"
)

// recordID is what the id of a record looks like within a sentence: the source's
// name, a colon, the source's own id.
var recordID = regexp.MustCompile(`[^\s,;:()]+:[^\s,;()]+`)

// namesAtOnce keeps a query that lists ids short enough to be parsed.
const namesAtOnce = 2000

// readNames looks up what people call the records that the evidence on the page
// refers to.
func (s *sheet) readNames(ctx context.Context) error {
	if s.names != nil {
		return nil
	}
	s.names = map[string]place{}
	wanted := map[string]bool{}
	for _, k := range s.kpis {
		shown, _, err := s.shownRows(ctx, k)
		if err != nil {
			return err
		}
		for _, rows := range shown {
			for _, e := range rows {
				for _, id := range append(recordID.FindAllString(e.Reason, -1), e.Refs[:min(len(e.Refs), refsShown)]...) {
					wanted[id] = true
				}
			}
		}
	}
	var ids []string
	for id := range wanted {
		ids = append(ids, id)
	}
	slices.Sort(ids)
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

// reasonOf sets a reason with the names of its records.
func (s *sheet) reasonOf(e metrics.Evidence) prose {
	text := clip(e.Reason, 160)
	var out prose
	last := 0
	for _, at := range recordID.FindAllStringIndex(text, -1) {
		if _, known := s.names[text[at[0]:at[1]]]; !known {
			continue
		}
		if at[0] > last {
			out = append(out, plainly(text[last:at[0]]))
		}
		out = append(out, s.nameOf(text[at[0]:at[1]]))
		last = at[1]
	}
	if last < len(text) {
		out = append(out, plainly(text[last:]))
	}
	return out
}
