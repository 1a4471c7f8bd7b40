package model

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/configs"
)

// Coverage is how well a source's mapping fits its records of one entity.
type Coverage struct {
	Entity      string
	Current     uint64 // records that could be read, the current version of each
	Filtered    uint64 // of these, left out by a row filter
	From, To    *time.Time
	Stated      []Stated
	Unmapped    []Unmapped // the most frequent first
	Quarantined uint64     // of a file; an API's are in Gaps
	Reasons     []string   // of the first quarantined records, with file and line
}

// Stated is the share of the records that state a field.
type Stated struct {
	Field string
	Share float64
}

// Unmapped is a value that no value map covers.
type Unmapped struct {
	Field, Value string
	Records      uint64
}

// What a report misses most when a source does not state it.
var coveredFields = map[string]string{
	"stg_incidents": "[('services', notEmpty(services)), ('teams', notEmpty(teams)), ('severity', severity > 0), ('resolved_at', isNotNull(resolved_at)), ('cause', cause != ''), ('fix_owner', fix_owner != ''), ('alert_key', alert_key != '')]",
	"stg_tickets":   "[('assignee', assignee != ''), ('teams', notEmpty(teams)), ('services', notEmpty(services)), ('resolved_at', isNotNull(resolved_at)), ('due_on', isNotNull(due_on)), ('points', isNotNull(points)), ('sprints', notEmpty(sprints))]",
	"stg_changes":   "[('services', notEmpty(services)), ('teams', notEmpty(teams)), ('kind', kind != ''), ('risk', risk != ''), ('ended_at', isNotNull(ended_at)), ('outcome', outcome != '')]",
}

// CoverageOf reads what was staged of a source's entity.
func CoverageOf(ctx context.Context, conn driver.Conn, src *configs.Source, entity string) (*Coverage, error) {
	source, table := src.Name, stagingTables[entity]
	c := &Coverage{Entity: entity}
	rows := fmt.Sprintf("(SELECT * FROM %s FINAL WHERE source = %s AND deleted = 0)", table, literal(source))
	if err := conn.QueryRow(ctx, "SELECT count(), countIf(filtered = 1), min(created_at), max(created_at) FROM "+rows).
		Scan(&c.Current, &c.Filtered, &c.From, &c.To); err != nil {
		return nil, fmt.Errorf("read coverage of %s: %w", source, err)
	}
	stated, err := conn.Query(ctx, fmt.Sprintf("SELECT f.1, avg(f.2) FROM (SELECT arrayJoin(%s) AS f FROM %s WHERE filtered = 0) GROUP BY f.1 ORDER BY 2 DESC, 1", coveredFields[table], rows))
	if err != nil {
		return nil, fmt.Errorf("read coverage of %s: %w", source, err)
	}
	defer stated.Close()
	for stated.Next() {
		var s Stated
		if err := stated.Scan(&s.Field, &s.Share); err != nil {
			return nil, err
		}
		c.Stated = append(c.Stated, s)
	}
	unmapped, err := conn.Query(ctx, fmt.Sprintf(
		"SELECT splitByChar('=', u)[1], substring(u, position(u, '=') + 1), count() FROM (SELECT arrayJoin(unmapped) AS u FROM %s WHERE filtered = 0 OR %d = 0) GROUP BY u ORDER BY 3 DESC, 1, 2 LIMIT 20", rows, flag(src.API())))
	if err != nil {
		return nil, fmt.Errorf("read coverage of %s: %w", source, err)
	}
	defer unmapped.Close()
	for unmapped.Next() {
		var u Unmapped
		if err := unmapped.Scan(&u.Field, &u.Value, &u.Records); err != nil {
			return nil, err
		}
		c.Unmapped = append(c.Unmapped, u)
	}
	if err := unmapped.Err(); err != nil || src.API() {
		return c, err
	}
	c.Quarantined, c.Reasons, err = heldOf(ctx, conn, source)
	return c, err
}

// heldOf counts the quarantined records of a source and tells of the first ones
// what stands against them.
func heldOf(ctx context.Context, conn driver.Conn, source string) (uint64, []string, error) {
	held, err := conn.Query(ctx, `SELECT count() OVER (), concat(if(file = '', concat(entity, ' ', id), concat(file, ':', toString(line))), ': ', arrayStringConcat(groupUniqArray(reason), '; '))
		FROM quarantine WHERE source = ? GROUP BY entity, id, file, line ORDER BY file, line, entity, id LIMIT 5`, source)
	if err != nil {
		return 0, nil, fmt.Errorf("read quarantine of %s: %w", source, err)
	}
	defer held.Close()
	var n uint64
	var reasons []string
	for held.Next() {
		var reason string
		if err := held.Scan(&n, &reason); err != nil {
			return 0, nil, err
		}
		reasons = append(reasons, reason)
	}
	return n, reasons, held.Err()
}

// Write prints the coverage of a source for a person, with lines that stand in
// for those of its fields in the config.
func (c *Coverage) Write(out io.Writer, src *configs.Source) {
	what, indent := "", "           "
	if src.API() {
		if c.Current == 0 {
			fmt.Fprintf(out, "         no %s\n", c.Entity)
			return
		}
		what, indent = c.Entity+": ", indent+"  "
	}
	if c.From != nil && c.To != nil {
		left := fmt.Sprintf("%d left out by a row filter, ", c.Filtered)
		if src.API() && c.Filtered == 0 {
			left = ""
		} else if src.API() {
			left = fmt.Sprintf("%d that are no %s any more, ", c.Filtered, c.Entity)
		}
		fmt.Fprintf(out, "         %s%d current, %screated %s to %s\n", what, c.Current, left, c.From.Format(time.DateOnly), c.To.Format(time.DateOnly))
	}
	for i, s := range c.Stated {
		if i == 0 {
			fmt.Fprint(out, "         stated: ")
		} else {
			fmt.Fprint(out, ", ")
		}
		fmt.Fprintf(out, "%s %.0f %%", s.Field, 100*s.Share)
	}
	if len(c.Stated) > 0 {
		fmt.Fprintln(out)
	}
	if len(c.Unmapped) > 0 {
		fmt.Fprintln(out, "         no value map covers what stands before the question marks; put a meaning in their place, and the lines in the place of these fields:")
		if src.API() {
			fmt.Fprintf(out, "           %s:\n", c.Entity)
		}
	}
	values := map[string][]string{}
	var fields []string // the one with the most frequent value first
	for _, u := range c.Unmapped {
		if values[u.Field] == nil {
			fields = append(fields, u.Field)
		}
		values[u.Field] = append(values[u.Field], u.Value)
	}
	for _, f := range fields {
		fmt.Fprintln(out, indent+fieldLine(f, src.Mapping(c.Entity)[f], values[f]))
	}
	writeHeld(out, c.Quarantined, c.Reasons)
}

// fieldLine is the mapping of one field as it stands in a config, with the
// values that are still to be given a meaning.
func fieldLine(field string, m configs.FieldMap, open []string) string {
	from := make([]string, len(m.From))
	for i, f := range m.From {
		from[i] = strconv.Quote(f)
	}
	line := fmt.Sprintf("%s: {from: [%s]", field, strings.Join(from, ", "))
	var pairs []string
	for _, known := range slices.Sorted(maps.Keys(m.Map)) {
		pairs = append(pairs, fmt.Sprintf("%q: %q", known, m.Map[known]))
	}
	for _, value := range open {
		pairs = append(pairs, fmt.Sprintf("%q: ?", value))
	}
	if len(pairs) > 0 {
		line += ", map: {" + strings.Join(pairs, ", ") + "}"
	}
	if m.Pattern != "" {
		line += fmt.Sprintf(", pattern: %q", m.Pattern)
	}
	if m.Split != "" {
		line += fmt.Sprintf(", split: %q", m.Split)
	}
	if m.Default != nil {
		line += fmt.Sprintf(", default: %q", *m.Default)
	}
	return line + "}"
}

func writeHeld(out io.Writer, n uint64, reasons []string) {
	if n == 0 {
		return
	}
	fmt.Fprintf(out, "         %d records cannot be read and would go to quarantine; mend them or the mapping:\n", n)
	for _, r := range reasons {
		fmt.Fprintln(out, "           "+r)
	}
}
