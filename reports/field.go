package reports

import (
	"context"
	"fmt"
)

// readFields looks up what each source calls the fields of an incident, so that
// a blank names the one that its reader sees in the tool.
func (s *sheet) readFields(ctx context.Context) error {
	if s.fields != nil {
		return nil
	}
	var rows []struct {
		Name  string `ch:"name"`
		Value string `ch:"value"`
	}
	if err := s.conn.Select(ctx, &rows, `SELECT name, value FROM settings WHERE startsWith(name, 'sources.') ORDER BY name, value`); err != nil {
		return fmt.Errorf("read the names of fields: %w", err)
	}
	s.fields = map[string]string{}
	for _, r := range rows {
		s.fields[r.Name] = r.Value
	}
	return nil
}

// blank is a question that the ticket leaves open: the field that would answer
// it, as the ticket's tool calls it, and where to fill it in.
type blank struct {
	Field string `view:"name"`
	URL   string `view:"key"`
}

// blankOf is the blank of a field; plain is its name where the tool's is not known.
func (s *sheet) blankOf(i incident, field, plain string) blank {
	name := clip(s.fields["sources."+i.Source+".incident."+field], 60)
	if name == "" {
		name = plain
	}
	return blank{Field: name, URL: link(i.URL)}
}
