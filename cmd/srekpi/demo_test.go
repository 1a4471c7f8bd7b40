package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// The demo goes the whole road: HTTP, the vendors' clients, the engine, the
// reports. What comes out is held against the company's own books, which know
// no SQL.
func TestDemo(t *testing.T) {
	dir, out := demo(t)
	if !strings.HasSuffix(out, "open public/index.html\n") {
		t.Errorf("the demo ends with\n%s", out)
	}
	w, err := warehouse.OpenReader(context.Background(), warehouse.Options{URL: "chdb://demo/data", Base: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	ledger := simulate.New(simulate.Seed, simulate.AsOf).Ledger(time.UTC)

	t.Run("every mart has rows", func(t *testing.T) {
		for _, mart := range marts {
			if n := number(t, w, "SELECT count() FROM "+mart); n == 0 {
				t.Errorf("%s is empty", mart)
			}
		}
	})
	t.Run("counts", func(t *testing.T) {
		tools := ledger.Tools
		explicit, mentioned := 0, 0
		for _, l := range tools.Links {
			if l.Grade == simulate.Explicit {
				explicit++
			} else {
				mentioned++
			}
		}
		for _, c := range []struct {
			what, sql string
			want      float64
		}{
			{"an incident that both tools hold is one", "SELECT count() FROM incidents", float64(tools.Both + tools.OnlyPager + tools.OnlyTracker)},
			{"records behind incidents", "SELECT count() FROM incident_sources", float64(2*tools.Both + tools.OnlyPager + tools.OnlyTracker)},
			{"changes of the tracker and the sheet", "SELECT count() FROM changes", float64(ledger.Changes + ledger.Releases)},
			{"changes that the pager heard of as well", "SELECT count() FROM kpi_evidence WHERE kpi = 'change_failure_rate' AND included = 0 AND startsWith(reason, 'same as')", float64(tools.ChangeEvents)},
			{"plain tickets", "SELECT count() FROM tickets WHERE role = 'ticket'", float64(tools.Tickets)},
			{"post-mortems", "SELECT count() FROM tickets WHERE role = 'postmortem'", float64(tools.PostMortems)},
			{"action items", "SELECT count() FROM action_items", float64(tools.Actions)},
			{"problems", "SELECT count() FROM tickets WHERE role = 'problem'", float64(tools.Problems)},
			{"worklogs", "SELECT count() FROM worklogs", float64(tools.Bookings)},
			{"hours", "SELECT round(sum(hours), 4) FROM worklogs", sum(tools.Hours)},
			{"unplanned hours", "SELECT round(sum(hours), 4) FROM worklogs WHERE work_class = 'unplanned'", tools.Hours[simulate.Unplanned]},
			{"hours of toil", "SELECT round(sum(hours), 4) FROM worklogs WHERE work_class = 'toil'", tools.Hours[simulate.Toil]},
			{"pages", "SELECT countIf(first = 1) FROM pages", float64(len(tools.Pages))},
			{"explicit links", "SELECT uniqExact(change_id, incident_id) FROM change_incident_links WHERE grade = 'explicit'", float64(explicit)},
			{"mentioned links", "SELECT uniqExact(change_id, incident_id) FROM change_incident_links WHERE grade = 'mentioned'", float64(mentioned)},
			{"quarantined", "SELECT count() FROM quarantine", float64(ledger.Quarantined)},
		} {
			if got := number(t, w, c.sql); got != c.want {
				t.Errorf("%s: %v, want %v", c.what, got, c.want)
			}
		}
	})
	t.Run("durations", func(t *testing.T) {
		want := map[string]string{}
		for slot, d := range ledger.TimeToResolve {
			if d.N+d.Open > 0 {
				want[key(slot)] = fmt.Sprintf("n %d median %.3f mean %.3f max %.3f open %d", d.N, d.Median, d.Mean, d.Max, d.Open)
			}
		}
		equal(t, want, texts(t, w, `SELECT slot, concat('n ', toString(toUInt64(n)), ' median ', printf('%.3f', median), ' mean ', printf('%.3f', mean), ' max ', printf('%.3f', longest), ' open ', toString(still_open)) FROM (
			SELECT `+slot+` AS slot, max(ifNull(kpi_values.n, 0)) AS n, max(ifNull(kpi_values.open, 0)) AS still_open,
				maxIf(ifNull(value, 0), stat = 'median') AS median, maxIf(ifNull(value, 0), stat = 'mean') AS mean, maxIf(ifNull(value, 0), stat = 'max') AS longest
			FROM kpi_values WHERE kpi = 'time_to_resolve' GROUP BY slot) WHERE n + still_open > 0`))
	})
	t.Run("incidents", func(t *testing.T) {
		want := map[string]string{}
		for slot, c := range ledger.IncidentCount {
			if c.N > 0 {
				want[key(slot)] = fmt.Sprint(c.N)
			}
		}
		equal(t, want, texts(t, w, "SELECT "+slot+" AS slot, toString(toUInt64(value)) FROM kpi_values WHERE kpi = 'incident_count' AND value > 0"))
	})
	for kpi, figures := range map[string]map[simulate.Slot]simulate.Rate{
		"reopen_rate": ledger.ReopenRate, "recurrence_rate_30d": ledger.Recurrence30d, "recurrence_rate_90d": ledger.Recurrence90d, "change_failure_rate": ledger.ChangeFailure,
	} {
		t.Run(kpi, func(t *testing.T) {
			want := map[string]string{}
			for slot, r := range figures {
				if r.N+r.Unknown+r.Pending > 0 {
					want[key(slot)] = fmt.Sprintf("%d of %d, unknown %d", r.K, r.N, r.Unknown+r.Pending)
				}
			}
			equal(t, want, texts(t, w, "SELECT "+slot+" AS slot, concat(toString(toUInt64(ifNull(k, 0))), ' of ', toString(toUInt64(ifNull(n, 0))), ', unknown ', toString(toUInt64(unknown))) FROM kpi_values WHERE kpi = '"+kpi+"' AND dim != 'type' AND ifNull(n, 0) + unknown > 0"))
		})
	}
	t.Run("no secret in any table or page", func(t *testing.T) {
		tables := texts(t, w, "SELECT name, name FROM system.tables WHERE database = currentDatabase() AND empty(parameterized_view_parameters)")
		for _, secret := range []string{simulate.JiraToken, simulate.PagerDutyToken} {
			for table := range tables {
				if n := number(t, w, "SELECT countIf(position(formatRowNoNewline('JSONEachRow', *), '"+secret+"') > 0) FROM "+table); n > 0 {
					t.Errorf("%s shows %s", table, secret)
				}
			}
			pages, err := filepath.Glob(filepath.Join(dir, "public", "*", "*.html"))
			if err != nil || len(pages) == 0 {
				t.Fatalf("%d pages, %v", len(pages), err)
			}
			for _, page := range pages {
				text, err := os.ReadFile(page)
				if err != nil || strings.Contains(string(text), secret) {
					t.Errorf("%s shows %s (%v)", page, secret, err)
				}
			}
		}
	})
}

// slot is the key of a row of kpi_values, as key writes it.
const slot = "concat(period, ' ', toString(period_start), ' ', dim, ' ', dim_value)"

func key(s simulate.Slot) string {
	return strings.Join([]string{s.Period, s.Start, s.Dim, s.Value}, " ")
}

func number(t *testing.T, w *warehouse.Warehouse, sql string) float64 {
	t.Helper()
	var n float64
	if err := w.QueryRow(context.Background(), "SELECT toFloat64(("+sql+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// texts reads pairs of a key and a text.
func texts(t *testing.T, w *warehouse.Warehouse, sql string) map[string]string {
	t.Helper()
	rows, err := w.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			t.Fatal(err)
		}
		out[k] = v
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// equal holds figures against the books and shows the first that differ.
func equal(t *testing.T, want, got map[string]string) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("the books are empty")
	}
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	shown := 0
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if want[k] != got[k] && shown < 10 {
			t.Errorf("%s: %q, the books say %q", k, got[k], want[k])
			shown++
		}
	}
}

func sum(hours map[string]float64) float64 {
	var all float64
	for _, h := range hours {
		all += h
	}
	return math.Round(all*1e4) / 1e4
}
