package model

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// Gaps are what an API's records hold and the config does not know, and the
// other way round.
type Gaps struct {
	Missing     []string    // field and name in the config that the site does not have
	Lookalikes  []Lookalike // fields of the site that nothing is mapped to
	Statuses    []string    // without a category
	Steps       []string    // types of log entries that nobody here knows
	Quarantined uint64
	Reasons     []string // of the first quarantined records
}

// Lookalike is a field of the site whose name reads like one of ours.
type Lookalike struct {
	Entity, Field string // ours
	Name          string // the site's
	Share         float64
}

// likenesses say which names read like which of our fields.
var likenesses = []struct {
	entity, field string
	name          *regexp.Regexp
}{
	{configs.EntityIncident, "severity", regexp.MustCompile(`(?i)\b(sev|severity|impact level)\b`)},
	{configs.EntityIncident, "services", regexp.MustCompile(`(?i)\b(service|application|system|product)s?\b`)},
	{configs.EntityIncident, "cause", regexp.MustCompile(`(?i)\b(cause|reason)s?\b`)},
	{configs.EntityIncident, "teams", regexp.MustCompile(`(?i)\b(team|squad|tribe|group)s?\b`)},
	{configs.EntityTicket, "points", regexp.MustCompile(`(?i)\b(points?|estimate)\b`)},
}

// GapsOf reads what was landed and staged of an API.
func GapsOf(ctx context.Context, conn driver.Conn, src *configs.Source) (*Gaps, error) {
	g := &Gaps{}
	if src.Type == configs.TypeJira {
		site, err := readJiraSite(ctx, conn, src.Name)
		if err != nil {
			return nil, err
		}
		g.Missing = site.missing(src)
		if g.Lookalikes, err = site.lookalikes(ctx, conn, src); err != nil {
			return nil, err
		}
	}
	for _, q := range []struct {
		into  *[]string
		query string
		asked bool
	}{
		{&g.Statuses, "SELECT DISTINCT name FROM stg_statuses FINAL WHERE source = ? AND deleted = 0 AND category = '' ORDER BY name LIMIT 20", src.Type == configs.TypeJira},
		{&g.Steps, "SELECT substring(u, 6) FROM (SELECT arrayJoin(unmapped) AS u FROM stg_incident_events FINAL WHERE source = ? AND deleted = 0) WHERE startsWith(u, 'type=') GROUP BY 1 ORDER BY count() DESC, 1 LIMIT 20", src.Type == configs.TypePagerDuty},
	} {
		if !q.asked {
			continue
		}
		rows, err := texts(ctx, conn, q.query, src.Name)
		if err != nil {
			return nil, fmt.Errorf("read coverage of %s: %w", src.Name, err)
		}
		for _, row := range rows {
			*q.into = append(*q.into, row[0])
		}
	}
	var err error
	g.Quarantined, g.Reasons, err = heldOf(ctx, conn, src.Name)
	return g, err
}

// missing names what a user mapped and the site does not have. A preset tries
// many names, so those say nothing.
func (s *jiraSite) missing(src *configs.Source) []string {
	if len(s.fields) == 0 {
		return nil
	}
	var out []string
	for _, entity := range src.Entities() {
		mapping := src.Mapping(entity)
		for _, f := range configs.Fields(entity, configs.ShapeRecords) {
			m := mapping[f.Name]
			for _, name := range m.From {
				if !m.Optional && !s.has(name) {
					out = append(out, fmt.Sprintf("%s.%s: the site has no field %q", entity, f.Name, name))
				}
			}
		}
	}
	return out
}

func (s *jiraSite) has(name string) bool {
	for _, path := range s.paths(name) {
		if len(path) == 1 || !strings.HasPrefix(path[1], "customfield_") ||
			slices.ContainsFunc(s.fields, func(f jiraField) bool { return f.ID == path[1] }) {
			return true
		}
	}
	return false
}

// sampleIssues is how many issues are looked at for fields that nobody mapped.
const sampleIssues = 2000

// lookalikes finds custom fields that are filled in, read like one of ours, and
// are mapped to nothing.
func (s *jiraSite) lookalikes(ctx context.Context, conn driver.Conn, src *configs.Source) ([]Lookalike, error) {
	used := map[string]bool{}
	for _, entity := range src.Entities() {
		for _, m := range src.Mapping(entity) {
			for _, name := range m.From {
				for _, path := range s.paths(name) {
					used[path[len(path)-1]], used[path[min(1, len(path)-1)]] = true, true
				}
			}
		}
	}
	var out []Lookalike
	var ids []string
	for _, l := range likenesses {
		for _, f := range s.fields {
			if f.Custom && !used[f.ID] && l.name.MatchString(f.Name) && !slices.Contains(ids, f.ID) {
				out, ids = append(out, Lookalike{Entity: l.entity, Field: l.field, Name: f.Name}), append(ids, f.ID)
			}
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	rows, err := conn.Query(ctx, fmt.Sprintf(`SELECT indexOf([%s], id), countIf(raw NOT IN ('', 'null', '[]', '{}', '""')) / count() FROM (
    SELECT arrayJoin([%s]) AS id, JSONExtractRaw(payload, 'fields', id) AS raw
    FROM (SELECT payload FROM raw_records WHERE source = ? AND entity = 'issue' AND deleted = 0 AND payload != '' ORDER BY seq DESC LIMIT %d)
) GROUP BY id`, literals(ids), literals(ids), sampleIssues), src.Name)
	if err != nil {
		return nil, fmt.Errorf("look for fields that are not mapped: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var place uint64
		var share float64
		if err := rows.Scan(&place, &share); err != nil {
			return nil, err
		}
		out[place-1].Share = share
	}
	return slices.DeleteFunc(out, func(l Lookalike) bool { return l.Share == 0 }), rows.Err()
}

// Write prints the gaps for a person, with lines to paste into the config.
func (g *Gaps) Write(out io.Writer, src *configs.Source) {
	for _, m := range g.Missing {
		fmt.Fprintln(out, "         "+m)
	}
	for i, l := range g.Lookalikes {
		if i == 0 {
			fmt.Fprintln(out, "         fields of the site that read like one of ours and are not mapped; take over the lines that are meant:")
		}
		if i == 0 || g.Lookalikes[i-1].Entity != l.Entity {
			fmt.Fprintf(out, "           %s:\n", l.Entity)
		}
		m := src.Mapping(l.Entity)[l.Field]
		m.From = append([]string{l.Name}, m.From...)
		fmt.Fprintf(out, "             %s   # stated by %.0f %%\n", fieldLine(l.Field, m, nil), 100*l.Share)
	}
	if len(g.Statuses) > 0 {
		fmt.Fprintf(out, "         statuses without a category, which are neither open nor done; give them one in Jira: %s\n", strings.Join(g.Statuses, ", "))
	}
	if len(g.Steps) > 0 {
		fmt.Fprintf(out, "         log entries of unknown types, which are kept and move nothing: %s\n", strings.Join(g.Steps, ", "))
	}
	writeHeld(out, g.Quarantined, g.Reasons)
}
