package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// apiMapped writes the CTE mapped of one static model for one source: the raw
// records' own columns, the canonical fields typed, what the model extracts
// beside them, and
//
//	bad         why the record cannot be read, or ''
//	unmapped    field=value of what no value map covers
//	attributes  further fields by name
//
// and sprint_started_at beside sprints; for Jira role, links, and url where it is not mapped. site is nil for PagerDuty.
func apiMapped(m *Model, src *configs.Source, site *jiraSite) string {
	c := &apiColumns{paths: func(name string) [][]string { return [][]string{strings.Split(name, ".")} }}
	if site != nil {
		c.paths = site.paths
	}
	mapping := src.Mapping(m.Fields)
	_, hasURL := mapping["url"]
	var fields []*apiField
	for _, f := range configs.Fields(m.Fields, configs.ShapeRecords) {
		if f.Name != "id" && (f.Name != "url" || site == nil || hasURL) {
			fields = append(fields, c.field(f, mapping))
		}
	}
	var issue *jiraIssue
	if site != nil {
		issue = c.issue()
	}
	attributes := map[string][]*leaf{}
	for _, name := range slices.Sorted(maps.Keys(src.Attributes)) {
		attributes[name] = c.named(src.Attributes[name])
	}
	extracts := make([]*leaf, len(m.Extract))
	for i, e := range m.Extract {
		extracts[i] = c.use(e.Path, e.Type)
	}
	parse, values := c.parse(), c.values()

	own := []string{"source", "entity", "id", "version", "run_id", "seq", "updated_at", "fetched_at", "deleted"}
	columns, said, found := slices.Clone(own), []string{"*"}, append(slices.Clone(own), values+" AS vals", "j", "payload")
	var bad, unmapped []string
	for _, f := range fields {
		column, below := f.sql(src.Nulls)
		said = append(said, below...)
		columns = append(columns, column.value+" AS "+identifier(f.Name))
		if f.Name == "sprints" {
			columns = append(columns, f.sprintStart()+" AS sprint_started_at")
		}
		if column.bad != "" {
			bad = append(bad, column.bad)
		}
		if column.unmapped != "" {
			unmapped = append(unmapped, column.unmapped)
		}
	}
	if issue != nil {
		below, made := issue.sql(src, site, hasURL)
		said, columns = append(said, below...), append(columns, made...)
	}
	for i, e := range extracts {
		said = append(said, e.expr+" AS "+identifier(m.Extract[i].Name))
		columns = append(columns, identifier(m.Extract[i].Name))
	}
	columns = append(columns,
		concatenated(bad, "arrayStringConcat(%s, '; ')", "''")+" AS bad",
		concatenated(unmapped, "%s", "CAST([], 'Array(String)')")+" AS unmapped",
		"attributes")
	said = append(said, attributesOf(attributes)+" AS attributes")
	return "SELECT\n    " + strings.Join(columns, ",\n    ") +
		"\nFROM (\n    SELECT\n        " + strings.Join(said, ",\n        ") +
		"\n    FROM (\n    " + readValues +
		"\n    FROM (\n        SELECT " + strings.Join(found, ", ") +
		"\n        FROM (SELECT *, " + parse + " AS j FROM new_records)\n    ))\n)"
}

// attributesOf is a map of what the attributes say; one that says nothing is not
// in it.
func attributesOf(attributes map[string][]*leaf) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		texts := []string{"''"}
		for _, l := range slices.Backward(attributes[name]) {
			texts = slices.Insert(texts, 0, l.text())
		}
		pairs = append(pairs, literal(name)+", coalesce("+strings.Join(texts, ", ")+")")
	}
	if len(pairs) == 0 {
		return "CAST(map(), 'Map(String, String)')"
	}
	return "mapFilter((k, v) -> v != '', map(" + strings.Join(pairs, ", ") + "))"
}

// concatenated makes one expression of texts that may be empty.
func concatenated(texts []string, how, none string) string {
	if len(texts) == 0 {
		return none
	}
	return fmt.Sprintf(how, "arrayFilter(x -> x != '', [\n        "+strings.Join(texts, ",\n        ")+"])")
}
