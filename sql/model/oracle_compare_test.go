package model

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/sql/model/oracle"
)

// compareWorlds lists what SQL and oracle say differently: of each KPI the rows
// of evidence first, and the values where the rows are the same.
func compareWorlds(conn driver.Conn, c *oracle.Company, models []*Model) ([]string, error) {
	var differences []string
	withValues := slices.ContainsFunc(models, func(m *Model) bool { return m.Name == "kpi_values" })
	for _, k := range catalogue(models) {
		if oracle.KPIs[k.Name] == nil {
			continue // TestOracleKnowsEveryKPI
		}
		got, err := evidenceOf(conn, k.Name)
		if err != nil {
			return nil, err
		}
		want := c.Evidence(k.Name, k.Kind)
		found := compareEvidence(k, want, got)
		if len(found) == 0 && withValues {
			values, err := valuesOf(conn, k.Name)
			if err != nil {
				return nil, err
			}
			found = compareValues(c.Values(k, want, oracle.Periods()), values)
		}
		differences = append(differences, found...)
	}
	return differences, nil
}

func evidenceOf(conn driver.Conn, kpi string) (map[string]oracle.Row, error) {
	rows, err := conn.Query(context.Background(), `SELECT toString(entity), id, key, title, url, ifNull(toUnixTimestamp64Milli(from_at), 0), ifNull(toUnixTimestamp64Milli(at), 0), value,
		toInt8(ifNull(toInt8(hit), -1)), dims, basis, refs, ifNull(toUnixTimestamp64Milli(settles_at), 0), toUInt8(included), reason FROM kpi_evidence WHERE kpi = ?`, kpi)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	got := map[string]oracle.Row{}
	for rows.Next() {
		var r oracle.Row
		var from, at, settles int64
		var hit int8
		var included uint8
		if err := rows.Scan(&r.Entity, &r.ID, &r.Key, &r.Title, &r.URL, &from, &at, &r.Value, &hit, &r.Dims, &r.Basis, &r.Refs, &settles, &included, &r.Reason); err != nil {
			return nil, err
		}
		r.From, r.At, r.Settles, r.Hit, r.Included = oracle.Moment(from), oracle.Moment(at), oracle.Moment(settles), int(hit), included == 1
		got[r.ID] = r
	}
	return got, rows.Err()
}

func compareEvidence(k oracle.KPI, want []oracle.Row, got map[string]oracle.Row) []string {
	var differences []string
	seen := map[string]bool{}
	for _, w := range want {
		seen[w.ID] = true
		g, there := got[w.ID]
		if !there {
			differences = append(differences, fmt.Sprintf("%s world %d %s: the SQL has no such row\n oracle %s", k.Name, w.World, w.ID, w))
		} else if what := differs(w, g); what != "" {
			differences = append(differences, fmt.Sprintf("%s world %d %s: another %s\n oracle %s\n sql    %s", k.Name, w.World, w.ID, what, w, g))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if !seen[id] {
			differences = append(differences, fmt.Sprintf("%s %s: the oracle has no such row\n sql    %s", k.Name, id, got[id]))
		}
	}
	return differences
}

// differs names what two rows say differently. Of a row that is left out the
// definitions say only when it stands and why.
func differs(w, g oracle.Row) string {
	var what []string
	note := func(differ bool, name string) {
		if differ {
			what = append(what, name)
		}
	}
	note(w.Entity != g.Entity, "entity")
	note(w.Key != g.Key || w.Title != g.Title || w.URL != g.URL, "name")
	note(w.At != g.At, "at")
	note(w.Hit != g.Hit, "hit")
	note(w.Included != g.Included, "included")
	note(w.Reason != g.Reason, "reason")
	if w.Included {
		note(w.From != g.From, "from_at")
		note(!near(w.Value, g.Value), "value")
		note(w.Settles != g.Settles, "settles_at")
		note(w.Basis != oracle.Silent && w.Basis != g.Basis, "basis")
		slices.Sort(w.Refs) // their order means nothing
		slices.Sort(g.Refs)
		note(!slices.Equal(w.Refs, g.Refs), "refs")
	}
	names := map[string]bool{}
	for name := range w.Dims {
		names[name] = true
	}
	for name := range g.Dims {
		names[name] = true
	}
	for name := range names {
		note(!slices.Equal(w.Dims[name], g.Dims[name]), "dims")
	}
	return strings.Join(what, ", ")
}

// near allows for another order of adding up.
func near(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= 1e-9*math.Max(1, math.Max(math.Abs(*a), math.Abs(*b)))
}

func valuesOf(conn driver.Conn, kpi string) (map[oracle.Cell]oracle.Value, error) {
	rows, err := conn.Query(context.Background(), `SELECT toString(stat), toString(period), toString(period_start), toString(dim), dim_value, toFloat64OrNull(toString(value)),
		toFloat64OrNull(toString(low)), toFloat64OrNull(toString(high)), toFloat64OrNull(toString(k)), toFloat64OrNull(toString(n)), toFloat64(unknown), toInt64(open), toInt64(excluded), toUInt8(complete)
		FROM kpi_values WHERE kpi = ?`, kpi)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	got := map[oracle.Cell]oracle.Value{}
	for rows.Next() {
		c, v := oracle.Cell{KPI: kpi}, oracle.Value{}
		var open, excluded int64
		var complete uint8
		if err := rows.Scan(&c.Stat, &c.Period, &c.Start, &c.Dim, &c.DimValue, &v.Value, &v.Low, &v.High, &v.K, &v.N, &v.Unknown, &open, &excluded, &complete); err != nil {
			return nil, err
		}
		v.Open, v.Excluded, v.Complete = int(open), int(excluded), int(complete)
		got[c] = v
	}
	return got, rows.Err()
}

func compareValues(want, got map[oracle.Cell]oracle.Value) []string {
	var differences []string
	text := func(v oracle.Value) string {
		f := func(x *float64) string {
			if x == nil {
				return "NULL"
			}
			return fmt.Sprint(*x)
		}
		return fmt.Sprintf("value %s low %s high %s k %s n %s unknown %v open %d excluded %d complete %d", f(v.Value), f(v.Low), f(v.High), f(v.K), f(v.N), v.Unknown, v.Open, v.Excluded, v.Complete)
	}
	for c, w := range want {
		g, there := got[c]
		if !there {
			differences = append(differences, fmt.Sprintf("%s value %+v: the SQL has no such row\n oracle %s", c.KPI, c, text(w)))
		} else if !near(w.Value, g.Value) || !near(w.Low, g.Low) || !near(w.High, g.High) || !near(w.K, g.K) || !near(w.N, g.N) || !near(&w.Unknown, &g.Unknown) ||
			w.Open != g.Open || w.Excluded != g.Excluded || w.Complete != g.Complete {
			differences = append(differences, fmt.Sprintf("%s value %+v:\n oracle %s\n sql    %s", c.KPI, c, text(w), text(g)))
		}
	}
	for c, g := range got {
		if _, there := want[c]; !there {
			differences = append(differences, fmt.Sprintf("%s value %+v: the oracle has no such row\n sql    %s", c.KPI, c, text(g)))
		}
	}
	slices.Sort(differences)
	return differences
}
