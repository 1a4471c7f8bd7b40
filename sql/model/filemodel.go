package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// The tables that staging models fill, by entity.
var stagingTables = map[string]string{
	configs.EntityIncident: "stg_incidents",
	configs.EntityChange:   "stg_changes",
	configs.EntityTicket:   "stg_tickets",
}

const stagingEvents = "stg_incident_events"

// FileModels writes the staging models of a file source from its mapping: one
// for its records and, where each row is a step in a record's life, one for the
// steps. Times and numbers are converted here, by the engine; a record that
// does not convert has a reason and goes to quarantine.
func FileModels(src *configs.Source) []*Model {
	stem := "stg_" + strings.ReplaceAll(src.Name, "-", "_")
	entity := stagingTables[src.Entity]
	models := []*Model{{
		Name: stem + strings.TrimPrefix(entity, "stg"), Layer: Staging, Type: src.Type, Fills: entity,
		File: "the mapping of source " + src.Name, SQL: recordsSQL(src),
	}}
	if src.Shape == configs.ShapeEvents {
		models = append(models, &Model{
			Name: stem + strings.TrimPrefix(stagingEvents, "stg"), Layer: Staging, Type: src.Type, Fills: stagingEvents,
			File: "the mapping of source " + src.Name, SQL: eventsSQL(src),
		})
	}
	return models
}

// version orders the versions of a record: what the source states, then landing.
const version = "bitOr(bitShiftLeft(toUInt128(greatest(0, ifNull(toUnixTimestamp64Milli(updated_at), 0))), 64), toUInt128(seq)) AS version"

func recordsSQL(src *configs.Source) string {
	c := &fileColumns{src: src}
	var fields []typedField
	for _, f := range configs.Fields(src.Entity, src.Shape) {
		if m, ok := src.Fields[f.Name]; ok && f.Name != "id" && !eventField(src, f.Name) {
			fields = append(fields, c.field(f, m))
		}
	}
	columns := []string{"source", "id", version, "run_id", "seq", "updated_at", "deleted", c.filter()}
	if _, ok := src.Fields["key"]; !ok {
		columns = append(columns, "id AS key")
	}
	if len(src.Attributes) > 0 {
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(src.Attributes)) {
			pairs = append(pairs, literal(name)+", ifNull("+c.use(src.Attributes[name])+", '')")
		}
		columns = append(columns, "mapFilter((k, v) -> v != '', map("+strings.Join(pairs, ", ")+")) AS attributes")
	}
	return c.selectSQL(columns, fields)
}

// eventField says whether a field describes a step and not the record.
func eventField(src *configs.Source, name string) bool {
	return src.Shape == configs.ShapeEvents && (name == "at" || name == "status")
}

func eventsSQL(src *configs.Source) string {
	c := &fileColumns{src: src}
	var fields []typedField
	for _, f := range configs.Fields(src.Entity, src.Shape) {
		if m, ok := src.Fields[f.Name]; ok && eventField(src, f.Name) {
			field := c.field(f, m)
			if f.Name == "status" {
				field.name = "kind"
			}
			fields = append(fields, field)
		}
	}
	// A re-read file brings the same steps again: a step is known by its content.
	id := "hex(sipHash128(arrayStringConcat(arrayMap(kv -> concat(kv.1, '=', kv.2), arrayFilter(kv -> kv.1 NOT IN ('_file', '_line'), JSONExtractKeysAndValuesRaw(payload))), ','))) AS event_id"
	return c.selectSQL([]string{"source", "id", id, version, "run_id", "seq", "deleted", c.filterAs("skip")}, fields)
}

// filter marks rows that the config's row filters leave out.
func (c *fileColumns) filter() string { return c.filterAs("filtered") }

func (c *fileColumns) filterAs(name string) string {
	var out []string
	for _, column := range slices.Sorted(maps.Keys(c.src.Where)) {
		out = append(out, fmt.Sprintf("NOT ifNull(%s IN (%s), 0)", c.use(column), literals(c.src.Where[column])))
	}
	for _, column := range slices.Sorted(maps.Keys(c.src.Exclude)) {
		out = append(out, fmt.Sprintf("ifNull(%s IN (%s), 0)", c.use(column), literals(c.src.Exclude[column])))
	}
	if len(out) == 0 {
		out = []string{"0"}
	}
	return "toUInt8(" + strings.Join(out, " OR ") + ") AS " + name
}

// selectSQL puts the pieces together: payload → tuple → texts → typed columns.
func (c *fileColumns) selectSQL(columns []string, fields []typedField) string {
	var bad, unmapped []string
	for _, f := range fields {
		columns = append(columns, f.value+" AS "+f.name)
		if f.bad != "" {
			bad = append(bad, f.bad)
		}
		if f.unmapped != "" {
			unmapped = append(unmapped, f.unmapped)
		}
	}
	if len(unmapped) > 0 {
		columns = append(columns, "arrayFilter(x -> x != '', ["+strings.Join(unmapped, ", ")+"]) AS unmapped")
	}
	reason := "''"
	if len(bad) > 0 {
		reason = "arrayStringConcat(arrayFilter(x -> x != '', [" + strings.Join(bad, ", ") + "]), '; ')"
	}
	columns = append(columns, reason+" AS reason")
	tupleType, texts := c.sql()
	named := make([]string, len(texts))
	nulls := literals(append([]string{""}, c.src.Nulls...))
	for i, text := range texts {
		named[i] = fmt.Sprintf(",\n           if(%s IN (%s), NULL, %s) AS c%d", trimmed(text), nulls, trimmed(text), i)
	}
	return "SELECT\n    " + strings.Join(columns, ",\n    ") +
		"\nFROM (\n    SELECT source, id, run_id, seq, updated_at, deleted, payload" + strings.Join(named, "") +
		"\n    FROM (SELECT *, JSONExtract(payload, " + literal(tupleType) + ") AS j FROM new_records)\n)"
}
