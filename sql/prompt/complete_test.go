package prompt

import (
	"strings"
	"testing"
)

var names = &catalog{
	tables: []named{{"incident_events", "What happened"}, {"incidents", "Incidents"}, {"kpi_values", "Values"}},
	columns: map[string][]column{
		"incidents":  {{"id", "String", "its id"}, {"impact_started_at", "DateTime64(3)", "when"}, {"severity", "UInt8", "1 to 5"}},
		"kpi_values": {{"id", "String", ""}, {"kpi", "String", "its name"}, {"value", "Float64", ""}},
	},
	functions: []named{{"quantileExact", "quantileExact(level)(x)"}, {"impossible", ""}},
	keywords:  []named{{"IMPORT", ""}, {"SELECT", ""}},
	kpis:      []named{{"backlog", ""}, {"time_to_mitigate", ""}, {"time_to_resolve", "Time to resolve"}},
	formats:   []named{{"CSV", ""}, {"CSVWithNames", ""}, {"Vertical", ""}},
}

// The cursor is where the text is cut by "|".
func TestCompleteNames(t *testing.T) {
	for typed, want := range map[string]string{
		"SELECT * FROM inc|":                              "inc: incident_events incidents",
		"SELECT * FROM |":                                 ": incident_events incidents kpi_values",
		"SELECT | FROM incidents":                         ": id impact_started_at severity",
		"SELECT im| FROM incidents":                       "im: impact_started_at impossible( import",
		"SELECT IM| FROM incidents":                       "IM: impact_started_at impossible( IMPORT",
		"SELECT i| FROM kpi_values, incidents":            "i: id impact_started_at incident_events incidents",
		"SELECT v.| FROM incidents AS i, kpi_values AS v": ": id kpi value",
		"SELECT incidents.s| FROM incidents":              "s: severity",
		"SELECT 1 FROM incidents; SELECT sev|":            "sev:",
		"SELECT 1 FROM kpi_values WHERE kpi = 'time_to_|": "time_to_: time_to_mitigate time_to_resolve",
		"SELECT 'done' AS incid|":                         "incid: incident_events incidents",
		"SELECT quant|":                                   "quant: quantileExact(",
		"sel|":                                            "sel: select",
		`\d inc|`:                                         "inc: incident_events incidents",
		`\format csv|`:                                    "csv: CSV CSVWithNames",
		`\for|`:                                           `\for: \format`,
		"DESCRIBE kpi|":                                   "kpi: kpi_values",
	} {
		before, after, _ := strings.Cut(typed, "|")
		prefix, values := names.complete(before, after)
		got := prefix + ":"
		if len(values) > 0 {
			got += " " + strings.Join(values, " ")
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", typed, got, want)
		}
	}
}
