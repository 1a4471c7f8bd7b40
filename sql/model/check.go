package model

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Check is one line of a header's tests: unique(columns), or a condition that
// no row may break. NULL breaks nothing.
type Check struct {
	Text   string
	Unique []string // the columns of unique(…); nil for a condition
}

// Failure is a check that some rows break. The build is not published.
type Failure struct {
	Model, File string
	Check       string
	Rows        uint64   // how many rows break it
	Sample      []string // the first of them, one JSON object each
}

func (f Failure) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: check `%s` fails for %d rows:", f.File, f.Check, f.Rows)
	for _, row := range f.Sample {
		b.WriteString("\n  " + row)
	}
	return b.String()
}

var uniqueCheck = regexp.MustCompile(`^unique\(([a-z_, ]+)\)$`)

func parseChecks(h *header) ([]Check, error) {
	var checks []Check
	for _, text := range cut(h.text("tests"), ";") {
		c := Check{Text: text}
		if m := uniqueCheck.FindStringSubmatch(text); m != nil {
			c.Unique = cut(m[1], ",")
		} else if strings.HasPrefix(text, "unique") {
			return nil, h.errorf(h.lines["tests"], "%q is not unique(column, …)", text)
		}
		checks = append(checks, c)
	}
	return checks, nil
}

// sampleRows is how many breaking rows a failure shows.
const sampleRows = 10

// broken is the query for the rows that break the check, from a table
// expression in FROM position.
func (c Check) broken(from string) string {
	if c.Unique != nil {
		columns := strings.Join(c.Unique, ", ")
		return fmt.Sprintf("SELECT %s, count() AS rows FROM %s GROUP BY %s HAVING rows > 1", columns, from, columns)
	}
	return fmt.Sprintf("SELECT * FROM %s WHERE NOT (%s)", from, c.Text)
}

// count is how many rows break the check, as an aggregate over the table. NULLs
// of a key are values of their own, as in the list of what breaks it. Hashes of
// keys take a quarter of the keys' time; where two keys share one, rows seem
// broken that the list then does not show.
func (c Check) count() string {
	if c.Unique != nil {
		return "count() - uniqExact(cityHash64(tuple(" + strings.Join(c.Unique, ", ") + ")))"
	}
	return "countIf(NOT (" + c.Text + "))"
}

// holding asks for all checks of a model at once; only what does not hold is
// looked at again.
func holding(ctx context.Context, conn driver.Conn, m *Model, checks []Check, from string) (bool, error) {
	counts := make([]string, len(checks))
	for i, c := range checks {
		counts[i] = "(" + c.count() + ") = 0"
	}
	var all bool
	if err := conn.QueryRow(ctx, "SELECT toBool("+strings.Join(counts, " AND ")+") FROM "+from).Scan(&all); err != nil {
		return false, fmt.Errorf("%s: run its checks: %w", m.File, err)
	}
	return all, nil
}

// run returns nil when the check holds.
func (c Check) run(ctx context.Context, conn driver.Conn, m *Model, from string) (*Failure, error) {
	query := c.broken(from)
	rows, err := conn.Query(ctx, fmt.Sprintf(
		"SELECT count() OVER () AS n, formatRowNoNewline('JSONEachRow', *) FROM (\n%s\n) LIMIT %d", query, sampleRows))
	if err != nil {
		return nil, fmt.Errorf("%s: run check `%s`: %w", m.File, c.Text, err)
	}
	defer rows.Close()
	f := &Failure{Model: m.Name, File: m.File, Check: c.Text}
	for rows.Next() {
		var row string
		if err := rows.Scan(&f.Rows, &row); err != nil {
			return nil, err
		}
		f.Sample = append(f.Sample, row)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: run check `%s`: %w", m.File, c.Text, err)
	}
	if f.Rows == 0 {
		return nil, nil
	}
	return f, nil
}
