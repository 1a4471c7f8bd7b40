package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The durations of GitHub's status history by month, severity and service, as
// anybody would compute them from the file, are those of kpi_values.
func TestGitHubStatusByMonthSeverityAndService(t *testing.T) {
	dir, config := gitHubStatus(t)
	a := analystOf(t, filepath.Join(dir, config))
	want := githubSlices(t)
	got := strings.Split(a.table(`SELECT dim, dim_value, period_start, anyIf(n, stat = 'median'), round(anyIf(value, stat = 'mean'), 3), round(anyIf(value, stat = 'median'), 3)
		FROM kpi_values WHERE kpi = 'time_to_resolve' AND period = 'month' AND n > 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`), "\n")
	slices.Sort(got)
	if len(want) < 500 {
		t.Fatalf("only %d slices of the file: it was not read as it should be", len(want))
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("the file has %q, kpi_values has not", line)
		}
	}
	if len(got) != len(want) {
		t.Errorf("kpi_values has %d slices, the file %d", len(got), len(want))
	}

	// Most titles there say nothing but a service's name. The page says how many
	// could not be judged instead of calling them repeats.
	page, err := os.ReadFile(filepath.Join(dir, "github-status", "public", "monthly", "2026-08.html"))
	if err != nil {
		t.Fatal(err)
	}
	unknown := a.table(`SELECT unknown FROM kpi_values WHERE kpi = 'recurrence_rate_90d' AND stat = 'rate' AND period = 'month' AND period_start = '2026-08-01' AND dim = 'all'`)
	if unknown == "0" || !regexp.MustCompile(`recurrence_rate_90d/rate/month/2026-08-01/all/" data-part="unknown">`+unknown+`<`).Match(page) {
		t.Errorf("the page of August does not print that %s incidents cannot be judged", unknown)
	}
}

// githubSlices are lines of dimension, value, month, n, mean and median in seconds.
func githubSlices(t *testing.T) []string {
	t.Helper()
	file, err := os.Open(filepath.Join(realData, "github-status", "incidents.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	severity := map[string]string{"critical": "1", "major": "2", "minor": "3", "none": "4"}
	durations := map[string][]float64{}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<22)
	for scanner.Scan() {
		var r struct {
			Started    time.Time `json:"started_at"`
			Resolved   time.Time `json:"resolved_at"`
			Impact     string    `json:"impact"`
			Components []string  `json:"components"`
		}
		if err := json.Unmarshal(scanner.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Impact == "maintenance" {
			continue
		}
		places := []string{"all\t", "severity\t" + severity[r.Impact]}
		seen := map[string]bool{}
		for _, c := range r.Components {
			if !seen[c] {
				places = append(places, "service\t"+c)
			}
			seen[c] = true
		}
		for _, p := range places {
			key := p + "\t" + r.Resolved.Format("2006-01") + "-01"
			durations[key] = append(durations[key], r.Resolved.Sub(r.Started).Seconds())
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for key, values := range durations {
		slices.Sort(values)
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		n := len(values)
		lines = append(lines, fmt.Sprintf("%s\t%d\t%s\t%s", key, n, trimmed(sum/float64(n)), trimmed((values[(n-1)/2]+values[n/2])/2)))
	}
	slices.Sort(lines)
	return lines
}

// trimmed writes at most three decimals, as round in SQL prints.
func trimmed(x float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", x), "0"), ".")
}
