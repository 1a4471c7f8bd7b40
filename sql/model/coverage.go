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

// Coverage is how well a source's mapping fits its records.
type Coverage struct {
	Current     uint64 // records that could be read, the current version of each
	Filtered    uint64 // of these, left out by a row filter
	From, To    *time.Time
	Stated      []Stated
	Unmapped    []Unmapped // the most frequent first
	Quarantined uint64
	Reasons     []string // of the first quarantined records, with file and line
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
	"stg_changes":   "[('services', notEmpty(services)), ('teams', notEmpty(teams)), ('kind', kind != ''), ('risk', risk != ''), ('ended_at', isNotNull(ended_at)), ('outcome', outcome != '')]",
}

// CoverageOf reads what was staged of a source.
func CoverageOf(ctx context.Context, conn driver.Conn, source, entity string) (*Coverage, error) {
	table := stagingTables[entity]
	c := &Coverage{}
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
		"SELECT splitByChar('=', u)[1], substring(u, position(u, '=') + 1), count() FROM (SELECT arrayJoin(unmapped) AS u FROM %s) GROUP BY u ORDER BY 3 DESC, 1, 2 LIMIT 20", rows))
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
	held, err := conn.Query(ctx, "SELECT count() OVER (), concat(file, ':', toString(line), ': ', reason) FROM quarantine WHERE source = ? ORDER BY file, line LIMIT 5", source)
	if err != nil {
		return nil, fmt.Errorf("read quarantine of %s: %w", source, err)
	}
	defer held.Close()
	for held.Next() {
		var reason string
		if err := held.Scan(&c.Quarantined, &reason); err != nil {
			return nil, err
		}
		c.Reasons = append(c.Reasons, reason)
	}
	return c, held.Err()
}

// Write prints the coverage of a source for a person, with lines that stand in
// for those of its fields in the config.
func (c *Coverage) Write(out io.Writer, src *configs.Source) {
	if c.From != nil && c.To != nil {
		fmt.Fprintf(out, "         %d current, %d left out by a row filter, created %s to %s\n", c.Current, c.Filtered, c.From.Format(time.DateOnly), c.To.Format(time.DateOnly))
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
	for i, u := range c.Unmapped {
		if i == 0 {
			fmt.Fprintln(out, "         no value map covers what stands before the question marks; put a meaning in their place, and the lines in the place of these fields:")
		}
		if i == 0 || c.Unmapped[i-1].Field != u.Field {
			m := src.Fields[u.Field]
			from := make([]string, len(m.From))
			for i, f := range m.From {
				from[i] = strconv.Quote(f)
			}
			fmt.Fprintf(out, "           %s: {from: [%s], map: {", u.Field, strings.Join(from, ", "))
			for _, known := range slices.Sorted(maps.Keys(m.Map)) {
				fmt.Fprintf(out, "%q: %q, ", known, m.Map[known])
			}
		}
		fmt.Fprintf(out, "%q: ?", u.Value)
		if i+1 == len(c.Unmapped) || c.Unmapped[i+1].Field != u.Field {
			fmt.Fprintln(out, "}}")
		} else {
			fmt.Fprint(out, ", ")
		}
	}
	if c.Quarantined > 0 {
		fmt.Fprintf(out, "         %d records cannot be read and would go to quarantine; mend them or the mapping:\n", c.Quarantined)
		for _, r := range c.Reasons {
			fmt.Fprintln(out, "           "+r)
		}
	}
}
