package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/srekpi/srekpi/configs"
	"github.com/srekpi/srekpi/metrics"
	schema "github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/model"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// row is one row of an answer. Numbers are float64, NULL is nil.
type row = map[string]any

// An analyst's questions go the analyst's way: through the gate, to the read copy.
type analyst struct {
	*testing.T
	wh *warehouse.Warehouse
}

func analystOfDemo(t *testing.T) *analyst {
	t.Helper()
	dir, _ := demo(t)
	return analystOf(t, filepath.Join(dir, "demo", "srekpi.yml"))
}

// analystOf opens what was published for a config. In this process no other folder
// can be open meanwhile, so the test that calls it is no parallel one.
func analystOf(t *testing.T, config string) *analyst {
	t.Helper()
	cfg, err := configs.Load(config)
	if err != nil {
		t.Fatal(err)
	}
	o, err := options(context.Background(), cfg, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	wh, err := warehouse.OpenQuery(context.Background(), o, queryLimits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := wh.Close(); err != nil {
			t.Error(err)
		}
	})
	return &analyst{t, wh}
}

func (a *analyst) ask(format string, args ...any) []row {
	a.Helper()
	sql := fmt.Sprintf(format, args...)
	var out bytes.Buffer
	if err := a.wh.UserQuery(context.Background(), sql, "JSONEachRow", nil, &out); err != nil {
		a.Fatalf("%v\nin %s", err, sql)
	}
	var rows []row
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var r row
		if err := decoder.Decode(&r); err != nil {
			a.Fatal(err)
		}
		rows = append(rows, r)
	}
	return rows
}

// table is the answer as tab-separated rows.
func (a *analyst) table(sql string) string {
	a.Helper()
	var out bytes.Buffer
	if err := a.wh.UserQuery(context.Background(), sql, "TSV", nil, &out); err != nil {
		a.Fatalf("%v\nin %s", err, sql)
	}
	return strings.TrimSpace(out.String())
}

func queriesOf(t *testing.T) *model.Queries {
	t.Helper()
	q, err := model.LoadQueries(schema.Queries())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func figureOf(v any) float64 {
	if v == nil {
		return math.NaN()
	}
	return v.(float64)
}

// near compares two figures; an interval that cannot be told is NULL.
func near(got any, want float64, ok bool, tolerance float64) bool {
	if !ok {
		return got == nil
	}
	return got != nil && math.Abs(got.(float64)-want) <= tolerance*math.Max(1, math.Abs(want))
}

// The functions say what reports say, at every corner.
func TestAnalystsFunctions(t *testing.T) {
	a := analystOfDemo(t)
	const level99 = 0.99
	for _, r := range a.ask(`SELECT k, n, wilson_low(k, n) AS low, wilson_high(k, n) AS high, normal_quantile(0.995) AS z, wilson_low_at(k, n, z) AS low99, wilson_high_at(k, n, z) AS high99
			FROM (SELECT arrayJoin([0, 1, 2, 3, 7, 40, 1000, -1]) AS k) AS a, (SELECT arrayJoin([0, 1, 2, 3, 7, 41, 100, 100000]) AS n) AS b`) {
		k, n := figureOf(r["k"]), figureOf(r["n"])
		at95, at99 := metrics.Wilson(k, n, metrics.Level), metrics.Wilson(k, n, level99)
		if !near(r["low"], at95.Low, at95.OK, 1e-12) || !near(r["high"], at95.High, at95.OK, 1e-12) || !near(r["low99"], at99.Low, at99.OK, 1e-12) || !near(r["high99"], at99.High, at99.OK, 1e-12) {
			t.Errorf("Wilson of %v of %v: %v, want %v and %v", k, n, r, at95, at99)
		}
	}
	for _, r := range a.ask(`SELECT k1, n1, k2, n2, rate_change_low(k1, n1, k2, n2) AS low, rate_change_high(k1, n1, k2, n2) AS high
			FROM (SELECT arrayJoin([(0, 0), (0, 1), (1, 1), (0, 20), (3, 20), (20, 20), (700, 1000)]) AS before, arrayJoin([(0, 0), (1, 1), (0, 7), (9, 20), (40, 40), (650, 1000)]) AS after, before.1 AS k1, before.2 AS n1, after.1 AS k2, after.2 AS n2)`) {
		want := metrics.CompareRates(figureOf(r["k1"]), figureOf(r["n1"]), figureOf(r["k2"]), figureOf(r["n2"]), metrics.Level).Interval
		if !near(r["low"], want.Low, want.OK, 1e-12) || !near(r["high"], want.High, want.OK, 1e-12) {
			t.Errorf("change of rates %v, want %v", r, want)
		}
	}
	for _, r := range a.ask(`SELECT c, poisson_low(c) AS low, poisson_high(c) AS high FROM (SELECT arrayJoin(arrayConcat(range(120), [500, 999, 1000])) AS c)`) {
		want := metrics.PoissonExact(figureOf(r["c"]), metrics.Level)
		if !near(r["low"], want.Low, want.OK, 1e-9) || !near(r["high"], want.High, want.OK, 1e-9) {
			t.Errorf("Poisson %v, want %v", r, want)
		}
	}
	for _, r := range a.ask(`SELECT c, poisson_low(c) AS low, poisson_high(c) AS high FROM (SELECT arrayJoin([1001, 5000, 1000000]) AS c)`) {
		want := metrics.PoissonExact(figureOf(r["c"]), metrics.Level)
		if !near(r["low"], want.Low, want.OK, 1e-5) || !near(r["high"], want.High, want.OK, 1e-5) {
			t.Errorf("Poisson of many %v, want %v", r, want)
		}
	}
	for _, r := range a.ask(`SELECT c1, c2, e1, e2, count_change_p(c1, c2, e1, e2) AS p FROM (SELECT arrayJoin([0, 1, 5, 40, 900]) AS c1, arrayJoin([0, 1, 10, 33, 1000]) AS c2, arrayJoin([(30, 31), (90, 30)]) AS e, e.1 AS e1, e.2 AS e2)`) {
		want := metrics.PoissonP(figureOf(r["c1"]), figureOf(r["c2"]), figureOf(r["e1"]), figureOf(r["e2"]))
		if !near(r["p"], want, true, 1e-9) {
			t.Errorf("change of counts %v, want %v", r, want)
		}
	}
	lengths := "0, 1, 29, 30, 61, 89, 90, 599, 600, 3569, 3570, 3600, 5399, 35999, 36000, 170999, 171000, 864000, 90000000, -600, -40000"
	for _, r := range a.ask(`SELECT s, duration_text(s) AS duration, number_text(s / 100) AS figure FROM (SELECT arrayJoin([%s]) AS s)`, lengths) {
		s := figureOf(r["s"])
		if r["duration"] != metrics.Duration(s) || r["figure"] != metrics.Number(s/100) {
			t.Errorf("%v reads %q and %q, want %q and %q", s, r["duration"], r["figure"], metrics.Duration(s), metrics.Number(s/100))
		}
	}
	// Five things looked at: the level of each that leaves 95 % for all.
	z := a.ask("SELECT bonferroni_z(1) AS one, bonferroni_z(5) AS five, wilson_high_at(0, 10, five) AS high")[0]
	if want := metrics.Wilson(0, 10, 0.99).High; !near(z["one"], 1.959963984540054, true, 1e-12) || !near(z["high"], want, true, 1e-12) {
		t.Errorf("Bonferroni: %v, want %v", z, want)
	}
	for name, value := range a.ask(`SELECT wilson_low(NULL, 3) AS a, wilson_high(1, NULL) AS b, rate_change_low(1, 2, NULL, 2) AS c, poisson_low(NULL) AS d, poisson_high(-1) AS e, poisson_low(2.5) AS f,
			count_change_p(NULL, 1, 1, 1) AS g, count_change_p(1, 1, 0, 1) AS h, duration_text(NULL) AS i, number_text(nan) AS j, normal_quantile(0) AS k, normal_quantile(1) AS l, bonferroni_z(0) AS m,
			duration_text(toNullable(toFloat64(NULL))) AS n, poisson_high(CAST(NULL, 'Nullable(UInt64)')) AS o`)[0] {
		if value != nil {
			t.Errorf("%s is %v, not NULL", name, value)
		}
	}
}

// Every example answers on the demo, and so does that of every view.
func TestAnalystsExamples(t *testing.T) {
	a, q := analystOfDemo(t), queriesOf(t)
	for _, e := range q.Examples {
		if rows := a.ask("%s", e.SQL); len(rows) == 0 {
			t.Errorf("%s: no row", e.Name)
		}
	}
	for _, v := range q.Views {
		if rows := a.ask("%s", v.Example); len(rows) == 0 && v.Name != "issued_and_now" { // nothing was restated yet
			t.Errorf("%s: its example gives no row", v.Name)
		}
	}
}

// side is what one service did before or after.
type side struct{ hits, known, unknown float64 }

type bothSides struct{ before, after side }

// failures reads the evidence row by row and tallies it in Go.
func (a *analyst) failures(at time.Time) map[string]*bothSides {
	services := map[string]*bothSides{}
	for _, r := range a.ask("SELECT toUnixTimestamp64Milli(at) / 1 AS ms, hit, dims['service'] AS services, dims['kind'] AS kinds FROM kpi_evidence WHERE kpi = 'change_failure_rate' AND included = 1") {
		if slices.Contains(r["kinds"].([]any), any("feature_flag")) {
			continue
		}
		for _, name := range r["services"].([]any) {
			s := services[name.(string)]
			if s == nil {
				s = &bothSides{}
				services[name.(string)] = s
			}
			part := &s.before
			if figureOf(r["ms"]) >= float64(at.UnixMilli()) {
				part = &s.after
			}
			switch r["hit"] {
			case nil:
				part.unknown++
			case 1.0:
				part.hits++
				part.known++
			default:
				part.known++
			}
		}
	}
	return services
}

// The question of the Friday freeze, computed a second way.
func TestAnalystsFridayFreeze(t *testing.T) {
	a := analystOfDemo(t)
	dropped, err := time.Parse(time.DateTime, a.ask("SELECT toString(toDateTime(at)) AS at FROM annotations WHERE title = 'Friday freeze dropped'")[0]["at"].(string))
	if err != nil {
		t.Fatal(err)
	}
	services := a.failures(dropped)
	tested := 0.0
	for _, s := range services {
		if s.before.known > 0 && s.after.known > 0 {
			tested++
		}
	}
	var query string
	for _, e := range queriesOf(t).Examples {
		if e.Name == "friday_freeze" {
			query = e.SQL
		}
	}
	rows := a.ask("%s", query)
	if len(rows) != len(services) || tested < 2 {
		t.Errorf("%d rows for %d services, %v of which can be tested", len(rows), len(services), tested)
	}
	for _, r := range rows {
		s := services[r["service"].(string)]
		c := metrics.CompareRates(s.before.hits, s.before.known, s.after.hits, s.after.known, metrics.Level)
		all := metrics.CompareRates(s.before.hits, s.before.known, s.after.hits, s.after.known, 1-0.05/tested)
		want := row{"failed_before": s.before.hits, "known_before": s.before.known, "failed_after": s.after.hits, "known_after": s.after.known, "unknown": s.before.unknown + s.after.unknown,
			"rose": flagOf(c.Direction > 0), "cannot_tell": flagOf(c.Direction == 0), "services_tested": tested, "rose_of_all": flagOf(all.Direction > 0)}
		for name, value := range want {
			if r[name] != value {
				t.Errorf("%s: %s is %v, want %v", r["service"], name, r[name], value)
			}
		}
		if !near(r["low"], c.Interval.Low, c.Interval.OK, 1e-12) || !near(r["high"], c.Interval.High, c.Interval.OK, 1e-12) || !near(r["rise_by_chance"], 0.025*tested, true, 1e-12) {
			t.Errorf("%s: %v, want %v", r["service"], r, c.Interval)
		}
	}
}

func flagOf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// The view that asks the same of any rate, any dimension and any day agrees with
// reports' comparison, whichever way the rate went.
func TestAnalystsBeforeAndAfter(t *testing.T) {
	a := analystOfDemo(t)
	verdicts := map[string]int{}
	words := map[int]string{-1: "fell", 0: "cannot tell", 1: "rose"}
	for month := time.October; month <= time.December+8; month += 2 {
		at := time.Date(2025, month, 1, 0, 0, 0, 0, time.UTC)
		services := a.failures(at)
		for _, r := range a.ask("SELECT * FROM rates_before_and_after(kpi = 'change_failure_rate', dim = 'service', at = '%s', days = 0, without = ['kind=feature_flag'])", at.Format(time.DateTime)) {
			s := services[r["dim_value"].(string)]
			c := metrics.CompareRates(s.before.hits, s.before.known, s.after.hits, s.after.known, metrics.Level)
			all := metrics.CompareRates(s.before.hits, s.before.known, s.after.hits, s.after.known, 1-0.05/figureOf(r["tested"]))
			verdict, ofAll := words[c.Direction], words[all.Direction]
			if !c.Interval.OK {
				verdict, ofAll = "nothing to compare", "nothing to compare"
			}
			verdicts[verdict]++
			if r["verdict"] != verdict || r["verdict_of_all"] != ofAll || figureOf(r["cannot_tell"]) != flagOf(c.Direction == 0) ||
				!near(r["low"], c.Interval.Low, c.Interval.OK, 1e-12) || !near(r["high"], c.Interval.High, c.Interval.OK, 1e-12) ||
				figureOf(r["unknown_before"]) != s.before.unknown || figureOf(r["unknown_after"]) != s.after.unknown {
				t.Errorf("%s at %s: %v, want %v (%s, of all %s)", r["dim_value"], at, r, c, verdict, ofAll)
			}
		}
	}
	for _, verdict := range []string{"rose", "fell", "cannot tell", "nothing to compare"} {
		if verdicts[verdict] == 0 {
			t.Errorf("no month has the verdict %q: %v", verdict, verdicts)
		}
	}

	seconds := map[string]*[2][]float64{}
	for _, r := range a.ask("SELECT at >= '2026-05-01 00:00:00' AS after, value, arrayJoin(dims['service']) AS service FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included = 1 AND isNotNull(at) AND isNotNull(value) AND at >= '2026-01-01 00:00:00' AND at < '2026-08-29 00:00:00'") {
		service := r["service"].(string)
		if seconds[service] == nil {
			seconds[service] = &[2][]float64{}
		}
		part := &seconds[service][int(figureOf(r["after"]))]
		*part = append(*part, figureOf(r["value"]))
	}
	lengths := map[int]string{-1: "shorter", 0: "cannot tell", 1: "longer"}
	seen := 0
	for _, r := range a.ask("SELECT * FROM durations_before_and_after(kpi = 'time_to_resolve', dim = 'service', at = '2026-05-01 00:00:00', days = 120, without = [])") {
		s := seconds[r["dim_value"].(string)]
		c := metrics.CompareDurations(s[0], s[1], metrics.Level)
		if figureOf(r["n_before"]) != float64(len(s[0])) || figureOf(r["n_after"]) != float64(len(s[1])) || !near(r["ratio"], c.Effect, true, 1e-9) || r["verdict"] != lengths[c.Direction] ||
			!near(r["low"], c.Interval.Low, c.Interval.OK, 1e-6) || !near(r["high"], c.Interval.High, c.Interval.OK, 1e-6) {
			t.Errorf("%s: %v, want %v of %d and %d", r["dim_value"], r, c, len(s[0]), len(s[1]))
		}
		seen++
	}
	if seen < 5 {
		t.Errorf("durations of %d services", seen)
	}
	for sql, says := range map[string]string{
		"SELECT * FROM rates_before_and_after(kpi = 'time_to_resolve', dim = 'all', at = '2026-05-01', days = 0, without = [])": "takes a KPI of kind rate",
		"SELECT * FROM durations_before_and_after(kpi = 'no_such_kpi', dim = 'all', at = '2026-05-01', days = 0, without = [])": "takes a KPI of kind duration",
	} {
		var out bytes.Buffer
		if err := a.wh.UserQuery(context.Background(), sql, "TSV", nil, &out); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// The rows that kpi_evidence_of lists add up to the figure that they stand behind,
// for every KPI, over all and in one service.
func TestAnalystsEvidence(t *testing.T) {
	a := analystOfDemo(t)
	values := a.ask(`SELECT v.kpi AS kpi, k.kind AS kind, k.stock AS stock, dim, dim_value, n, k, unknown, open, excluded FROM kpi_values AS v INNER JOIN kpis AS k ON k.kpi = v.kpi
		WHERE period = 'month' AND period_start = '2026-08-01' AND stat = if(kind = 'duration', 'median', kind) AND (dim = 'all' OR dim = 'service' AND dim_value = 'search')`)
	if len(values) < 50 {
		t.Fatalf("%d figures", len(values))
	}
	for _, v := range values {
		got := a.ask(`SELECT countIf(part = 'hit') AS hits, sumIf(ifNull(value, 0), part = 'hit') AS k, sumIf(ifNull(value, 0), part IN ('hit', 'counted')) AS n, countIf(part = 'counted' AND isNotNull(value)) AS rows,
			sumIf(ifNull(value, 0), part = 'unknown') AS unknown, countIf(part = 'open') AS open, countIf(part = 'left out') AS excluded
			FROM kpi_evidence_of(kpi = '%s', period = 'month', period_start = '2026-08-01', dim = '%s', dim_value = '%s')`, v["kpi"], v["dim"], v["dim_value"])[0]
		want := row{}
		switch kind := v["kind"]; {
		case kind == "rate" || kind == "share":
			want = row{"k": v["k"], "n": v["n"], "unknown": v["unknown"], "excluded": v["excluded"]}
		case v["stock"] == 1.0:
			want = row{"rows": v["n"]}
		default:
			want = row{"rows": v["n"], "open": v["open"], "excluded": v["excluded"]}
		}
		for name, value := range want {
			if math.Abs(figureOf(got[name])-figureOf(value)) > 1e-9 {
				t.Errorf("%s of %s %s: %s is %v in the evidence, %v in the figure", v["kpi"], v["dim"], v["dim_value"], name, got[name], value)
			}
		}
	}
}

// What the other views say agrees with another way of asking.
func TestAnalystsViews(t *testing.T) {
	a := analystOfDemo(t)
	for _, c := range []struct{ shows, view, plain string }{
		{"trend", "SELECT count() AS months, sum(k) AS failed FROM kpi_trend(kpi = 'change_failure_rate', period = 'month', dim = 'service', dim_value = 'search') WHERE low <= value AND value <= high AND abs(low - wilson_low(k, n)) < 1e-12",
			"SELECT count() AS months, sum(k) AS failed FROM kpi_values WHERE kpi = 'change_failure_rate' AND period = 'month' AND dim = 'service' AND dim_value = 'search' AND isNotNull(value)"},
		{"trend of a count", "SELECT sum(value) AS incidents, countIf(low <= value AND value <= high) AS held FROM kpi_trend(kpi = 'incident_count', period = 'week', dim = 'all', dim_value = '')",
			"SELECT sum(value) AS incidents, count() AS held FROM kpi_values WHERE kpi = 'incident_count' AND period = 'week' AND dim = 'all'"},
		{"trend of a duration", "SELECT round(sum(value)) AS median, round(sum(p90)) AS p90 FROM kpi_trend(kpi = 'time_to_resolve', period = 'month', dim = 'all', dim_value = '')",
			"SELECT round(sumIf(value, stat = 'median')) AS median, round(sumIf(value, stat = 'p90')) AS p90 FROM kpi_values WHERE kpi = 'time_to_resolve' AND period = 'month' AND dim = 'all'"},
		{"reasons", "SELECT sum(rows) AS n FROM kpi_reasons(kpi = 'change_failure_rate', from = '2026-08-01', to = '2026-09-01')",
			"SELECT unknown + excluded AS n FROM kpi_values WHERE kpi = 'change_failure_rate' AND period = 'month' AND period_start = '2026-08-01' AND dim = 'all'"},
		{"worst", "SELECT groupArray(severity) AS severities, count() AS n FROM (SELECT * FROM worst_incidents(from = '2026-06-01', to = '2026-09-01', top = 5) ORDER BY rank)",
			"SELECT groupArray(severity) AS severities, count() AS n FROM (SELECT severity FROM incidents WHERE created_at >= '2026-06-01' AND created_at < '2026-09-01' AND exercise = 0 AND merged_into = '' AND flap_of = '' ORDER BY major DESC, if(severity = 0, 9, severity) LIMIT 5)"},
		{"timeline", "SELECT count() AS n, min(after) AS first FROM incident_timeline(incident = 'INC-10001')",
			"SELECT count() AS n, min(dateDiff('millisecond', toDateTime64('2025-09-01 11:33:15', 3, 'UTC'), at)) / 1000 AS first FROM incident_events WHERE incident_id IN (SELECT id FROM incidents WHERE key = 'INC-10001')"},
		{"changes before", "SELECT arraySort(groupArray(key)) AS keys FROM changes_before_incident(incident = (SELECT any(i.key) FROM incidents AS i WHERE id = (SELECT min(incident_id) FROM change_incident_links WHERE grade = 'explicit' AND lag_seconds BETWEEN 1 AND 86400)), hours = 24) WHERE linked = 'explicit'",
			"SELECT arraySort(groupArray(c.key)) AS keys FROM change_incident_links AS l INNER JOIN changes AS c ON c.id = l.change_id WHERE grade = 'explicit' AND lag_seconds BETWEEN 1 AND 86400 AND incident_id = (SELECT min(incident_id) FROM change_incident_links WHERE grade = 'explicit' AND lag_seconds BETWEEN 1 AND 86400)"},
		{"recurring", "SELECT count() AS problems, sum(repeats_here) > 0 AS any, max(repeats_here <= repeats) AS within FROM recurring_problems(from = '2025-09-01', to = '2026-10-07')",
			"SELECT count() AS problems, 1 AS any, 1 AS within FROM known_issues"},
		{"alerts", "SELECT sum(fired) AS n, sum(flaps) AS flaps FROM noisy_alerts(from = '2026-01-01', to = '2026-09-01')",
			"SELECT count() AS n, countIf(flap_of != '') AS flaps FROM incidents WHERE alert_key != '' AND exercise = 0 AND created_at >= '2026-01-01' AND created_at < '2026-09-01'"},
		{"pages of alerts", "SELECT sum(pages) > 0 AS some, sum(off_hours) > 0 AND sum(off_hours) <= sum(pages) AS fewer FROM noisy_alerts(from = '2026-01-01', to = '2026-09-01')", "SELECT 1 AS some, 1 AS fewer"},
		{"load", "SELECT sum(pages) AS n, sum(off + sleep) AS k, sum(zone_unknown) AS unknown FROM oncall_load(from = '2026-08-01', to = '2026-09-01')",
			"SELECT n + unknown AS n, k, unknown FROM kpi_values WHERE kpi = 'off_hours_pages' AND period = 'month' AND period_start = '2026-08-01' AND dim = 'all'"},
		{"issued", "SELECT count() > 0 AS some, count() AS n, sum(differs) AS differ FROM issued_and_now(document = 'weekly', period_start = '2026-09-28')",
			"SELECT 1 AS some, count() AS n, 0 AS differ FROM published_values WHERE document = 'weekly' AND period_start = '2026-09-28'"},
	} {
		got, want := a.ask("%s", c.view), a.ask("%s", c.plain)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", c.shows, got, want)
		}
	}
}
