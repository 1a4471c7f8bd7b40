package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// realData is where real exports with known answers lie, beside the checkout;
// they are not the project's to ship.
const realData = "../../../shared/data"

// example lays out the folders that an example config expects, and returns the
// folder and the config's path in it.
func example(t *testing.T, name string) (dir, config string) {
	t.Helper()
	return exampleIn(t, t.TempDir(), name)
}

// exampleDir is where an example's config lies below the folder that holds all.
const exampleDir = "srekpi/configs/examples"

func exampleIn(t *testing.T, top, name string) (dir, config string) {
	t.Helper()
	data, err := filepath.Abs(realData)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Skipf("no real data beside the checkout: %v", err)
	}
	if err := os.MkdirAll(filepath.Join(top, "shared"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(data, filepath.Join(top, "shared", "data")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("../../configs/examples", name+".yml"))
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(top, exampleDir)
	write(t, filepath.Join(dir, name+".yml"), string(text))
	return dir, name + ".yml"
}

// hours is the line n, mean, median and p90 of the resolved, in hours to four decimals.
const hours = `countIf(isNotNull(at)), round(avg(value) / 3600, 4), round(quantileExactInclusive(0.5)(value) / 3600, 4), round(quantileExactInclusive(0.9)(value) / 3600, 4)`

func TestGitHubStatus(t *testing.T) {
	dir, config := gitHubStatus(t)
	a := analystOf(t, filepath.Join(dir, config))
	for _, c := range []struct{ what, sql, want string }{
		{"incidents and maintenances", "SELECT (SELECT count() FROM incidents), (SELECT records FROM sources), (SELECT filtered FROM sources)", "801\t819\t18"},
		{"overall", "SELECT count(), " + hours + " FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included", "801\t801\t2.0975\t1.0833\t4.3833"},
		{"zero durations", "SELECT countIf(value = 0) FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included", "29"},
		{"by impact", `SELECT dims['severity'][1] AS s, count(), round(avg(value) / 3600, 4), round(quantileExactInclusive(0.5)(value) / 3600, 4)
			FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included GROUP BY s ORDER BY s`,
			"1\t28\t2.9369\t1.55\n2\t138\t2.0106\t1.1417\n3\t604\t2.0914\t1.0833\n4\t31\t1.8468\t0"},
		{"opened by month", `SELECT period_start, value FROM kpi_values WHERE kpi = 'incident_count' AND period = 'month' AND dim = 'all'
			AND period_start BETWEEN '2026-01-01' AND '2026-08-01' ORDER BY period_start`,
			"2026-01-01\t25\n2026-02-01\t37\n2026-03-01\t32\n2026-04-01\t27\n2026-05-01\t22\n2026-06-01\t24\n2026-07-01\t27\n2026-08-01\t18"},
		{"an incident of several services counts under each", "SELECT sum(value) FROM kpi_values WHERE kpi = 'incident_count' AND period = 'month' AND dim = 'service' AND dim_value = 'Pages'", "78"},
		{"and once in all", "SELECT sum(value) FROM kpi_values WHERE kpi = 'incident_count' AND period = 'month' AND dim = 'all'", "801"},
		{"without a component", "SELECT countIf(empty(services)) FROM incidents", fmt.Sprint(withoutComponents(t))},
		{"most titles say nothing, and are not called repeats", "SELECT countIf(reason = 'title says nothing') > 400, countIf(hit = 1) < 40 FROM kpi_evidence WHERE kpi = 'recurrence_rate_90d'", "1\t1"},
		{"nobody says whether it was reopened", "SELECT uniqExact(reason), any(reason), countIf(isNotNull(hit)) FROM kpi_evidence WHERE kpi = 'reopen_rate'", "1\tthe source does not say whether it was reopened\t0"},
	} {
		if got := a.table(c.sql); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// withoutComponents counts, without any of our code, the incidents of the file
// that name no component.
func withoutComponents(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(realData, "github-status", "incidents.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, record := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if !strings.Contains(record, `"components": [`) && !strings.Contains(record, `"impact": "maintenance"`) {
			n++
		}
	}
	return n
}

func TestServiceNowSample(t *testing.T) {
	dir, config := example(t, "servicenow-sample")
	srekpi(t, dir, 0, "run", "-c", config, "--as-of", "2017-03-01")
	a := analystOf(t, filepath.Join(dir, config))
	april := "period = 'month' AND period_start = '2016-04-01' AND dim = 'all'"
	for _, c := range []struct{ what, sql, want string }{
		{"the last row of an incident is current", "SELECT count(), (SELECT count() FROM raw_records) FROM incidents", "890\t5998"},
		{"overall", "SELECT " + hours + " FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included", "861\t315.8668\t54.4667\t762.05"},
		{"by severity", `SELECT dims['severity'][1] AS s, count(), round(avg(value) / 3600, 4), round(quantileExactInclusive(0.5)(value) / 3600, 4)
			FROM kpi_evidence WHERE kpi = 'time_to_resolve' AND included AND s IN ('1', '2') GROUP BY s ORDER BY s`,
			"1\t15\t511.0078\t351.5167\n2\t33\t104.8359\t26.7833"},
		{"reopened", "SELECT countIf(reopen_count > 0) FROM incidents", "10"},
		{"with a change raised, with a change as cause", "SELECT countIf(attributes['rfc'] != ''), countIf(caused_by_change != '') FROM incidents", "22\t2"},
		{"ever had an rfc", "SELECT uniqExactIf(id, JSONExtractString(payload, 'rfc') != '?') FROM raw_records", "23"},
		{"a question mark is no value", "SELECT countIf(has(services, '?')), countIf(cause = '?'), countIf(caused_by_change = '?') FROM incidents", "0\t0\t0"},
		{"the day comes first", "SELECT min(created_at) FROM incidents", "2016-02-29 01:16:00.000"},
		{"April 2016: resolved and open", "SELECT value, open FROM kpi_values WHERE kpi = 'time_to_resolve' AND stat = 'count' AND " + april, "49\t39"},
		{"closed without a resolution: excluded when closed", `SELECT toStartOfMonth(at), count() FROM kpi_evidence
			WHERE kpi = 'time_to_resolve' AND reason = 'closed without a resolution time' GROUP BY 1 ORDER BY 1`, "2016-03-01\t29"},
		{"taken for open they would be 68", `SELECT countIf(created_at < '2016-05-01' AND (resolved_at IS NULL OR resolved_at >= '2016-05-01')) FROM incidents`, "68"},
	} {
		if got := a.table(c.sql); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}
