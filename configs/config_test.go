package configs

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each testdata/bad-*.yml holds one kind of mistake and, as "# want:" lines, all
// that Load says about it.
func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/bad-*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(text)) {
				if w, ok := strings.CutPrefix(line, "# want: "); ok {
					want = append(want, strings.TrimSpace(w))
				}
			}
			_, err = Load(file)
			if err == nil {
				t.Fatal("it loads")
			}
			var got []string
			for line := range strings.Lines(err.Error()) {
				got = append(got, strings.TrimSpace(strings.TrimPrefix(line, file+":")))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingFile(t *testing.T) {
	_, err := Load("testdata/nowhere.yml")
	want := "testdata/nowhere.yml: there is no such file; write one with: srekpi init, or name yours with --config"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDefaults(t *testing.T) {
	c := load(t, "sources: [{name: a, type: file, entity: change, path: x.tsv.gz, fields: {id: n, ended_at: e}}]")
	if c.Warehouse.URL != "chdb://./data" || c.Location() != time.UTC || c.Weekly.Weekday != time.Monday || c.Weekly.Offset != 0 ||
		c.Monthly.IssueOnWorkday != 5 || c.Reports.Dir != "public" {
		t.Errorf("%+v", c)
	}
	want := Source{
		Name: "a", Type: "file", Entity: "change", Paths: []string{"x.tsv.gz"}, Format: "tsv", Delimiter: "\t", Encoding: "utf-8",
		Nulls: []string{""}, Times: Times{Layouts: []string{"iso"}, Zone: "UTC"}, Shape: "records",
		Fields: map[string]FieldMap{
			"id":       {From: []string{"n"}},
			"ended_at": {From: []string{"e"}, Layouts: []string{"iso"}, Zone: "UTC"},
		},
	}
	if diff := cmp.Diff(want, c.Sources[0]); diff != "" {
		t.Error(diff)
	}
}

func TestPresetIsOverriddenFieldByField(t *testing.T) {
	c := load(t, `
sources:
  - name: a
    type: file
    preset: servicenow_change
    path: x.csv
    times: {zone: Europe/Berlin}
    fields:
      title: my_title
      risk: ~
      closed_at: {from: done, layout: dd.MM.yyyy}
`)
	s := c.Sources[0]
	if s.Entity != EntityChange || s.Nulls[1] != "?" {
		t.Errorf("the preset's own keys are lost: %+v", s)
	}
	if _, there := s.Fields["risk"]; there {
		t.Error("risk: ~ did not drop the preset's risk")
	}
	berlin := "Europe/Berlin"
	for name, want := range map[string]FieldMap{
		"title":      {From: []string{"my_title"}},
		"started_at": {From: []string{"work_start", "Actual start date", "Actual start"}, Optional: true, Layouts: []string{"iso"}, Zone: berlin},
		"closed_at":  {From: []string{"done"}, Layouts: []string{"dd.MM.yyyy"}, Zone: berlin},
	} {
		if diff := cmp.Diff(want, s.Fields[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := s.Fields["outcome"].Map["Successful with issues"]; got != "successful_with_issues" {
		t.Errorf("outcome %q", got)
	}
}

func TestMomentsAreInTheReportingZone(t *testing.T) {
	c := load(t, `
timezone: Australia/Melbourne
weekly: {ends: Tuesday 09:30}
annotations: [{at: 2024-05-31, title: freeze dropped}]
sources: [{name: a, type: file, entity: change, path: x.csv, fields: {id: n}, covers: {from: 2024-01-01, to: 2024-10-06}}]
`)
	if c.Weekly.Weekday != time.Tuesday || c.Weekly.Offset != 9*time.Hour+30*time.Minute {
		t.Errorf("weekly %+v", c.Weekly)
	}
	covers := c.Sources[0].Covers
	for got, want := range map[time.Time]string{
		c.Annotations[0].Time: "2024-05-30T14:00:00Z",
		covers.Start:          "2023-12-31T13:00:00Z",
		covers.End:            "2024-10-06T13:00:00Z", // the end of a day of 23 hours
	} {
		if got.Format(time.RFC3339) != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestRelativePathsAreMeantFromTheConfigsFolder(t *testing.T) {
	c, err := Load("examples/github-status.yml")
	if err != nil {
		t.Fatal(err)
	}
	here, _ := os.Getwd()
	if got, want := c.Resolve("data/x"), filepath.Join(here, "examples/data/x"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := c.Resolve("/data/x"); got != "/data/x" {
		t.Errorf("got %s", got)
	}
}

func TestExamplesLoad(t *testing.T) {
	files, _ := filepath.Glob("examples/*.yml")
	for _, file := range append(files, "srekpi.example.yml") {
		if _, err := Load(file); err != nil {
			t.Error(err)
		}
	}
}

// What the example leaves out nobody finds.
func TestExampleHasEveryKey(t *testing.T) {
	text, err := os.ReadFile("srekpi.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"config.go", "source.go", "api.go", "rules.go"} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range regexp.MustCompile(`yaml:"([a-z0-9_]+)"`).FindAllStringSubmatch(string(code), -1) {
			if !strings.Contains(string(text), tag[1]+":") {
				t.Errorf("%s is missing", tag[1])
			}
		}
	}
}

func TestTemplatesLoad(t *testing.T) {
	for _, kinds := range [][]string{nil, {"file"}, {"servicenow"}, {"jira_csv"}, {"jira"}, {"pagerduty"}, {"servicenow", "file", "jira", "jira_csv", "pagerduty", "file"}} {
		text, err := Template(kinds...)
		if err != nil {
			t.Fatal(err)
		}
		load(t, text)
	}
	_, err := Template("servicenw")
	if want := `write config: unknown kind of source "servicenw"; did you mean "servicenow"`; err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestPresetsAreWhole(t *testing.T) {
	for _, api := range []string{TypeJira, TypePagerDuty} {
		s := load(t, "sources: [{name: a, type: "+api+", url: 'https://a.example', token: {env: A}}]").Sources[0]
		for _, entity := range s.Entities() {
			if f := s.Mapping(entity)["created_at"]; len(f.From) == 0 || len(f.Layouts) == 0 || f.Zone == "" {
				t.Errorf("%s: %s has no created_at: %+v", api, entity, f)
			}
		}
	}
	for _, name := range filePresets() {
		c := load(t, "sources: [{name: a, type: file, path: x.csv, preset: "+name+"}]")
		for field, f := range c.Sources[0].Fields {
			if !f.Optional {
				t.Errorf("%s: %s is not optional", name, field)
			}
		}
	}
}

// The catalogue and the staging tables name the same columns.
func TestFieldsAreTheStagingColumns(t *testing.T) {
	own := map[string]bool{} // filled by the machine, not by a mapping
	for _, c := range strings.Fields("source version run_id seq updated_at deleted filtered attributes unmapped") {
		own[c] = true
	}
	for entity, file := range map[string]string{EntityIncident: "00006_stg_incidents.sql", EntityChange: "00008_stg_changes.sql", EntityTicket: "00011_stg_tickets.sql"} {
		own := maps.Clone(own)
		text, err := os.ReadFile("../sql/schema/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var columns, fields []string
		if entity == EntityTicket { // filled by rules and by the source's own links
			for _, c := range strings.Fields("id url role status_id links") {
				own[c] = true
			}
		} else {
			text = append(text, "\n    same_as String\n"...) // 00017 adds it
		}
		for _, m := range regexp.MustCompile(`(?m)^    ([a-z_]+) `).FindAllStringSubmatch(string(text), -1) {
			if !own[m[1]] {
				columns = append(columns, m[1])
			}
		}
		for _, f := range Fields(entity, ShapeRecords) {
			fields = append(fields, f.Name)
		}
		if diff := cmp.Diff(columns, fields); diff != "" {
			t.Errorf("%s: %s", entity, diff)
		}
	}
}

func load(t *testing.T, text string) *Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "srekpi.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return c
}

// The preset covers an export whole: every field that it should fill has a
// column, and every value that decides an outcome has a word.
func TestServiceNowChangeExport(t *testing.T) {
	file, err := os.Open("testdata/servicenow_change.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s := load(t, "sources: [{name: a, type: file, path: x.csv, preset: servicenow_change}]").Sources[0]
	value := func(row []string, f FieldMap) string {
		for _, from := range f.From {
			if i := slices.Index(rows[0], from); i >= 0 && !slices.Contains(s.Nulls, row[i]) {
				return row[i]
			}
		}
		return ""
	}
	filled, outcomes, parse := map[string]bool{}, map[string]int{}, s.Times.Parser()
	for _, row := range rows[1:] {
		for name, f := range s.Fields {
			text := value(row, f)
			filled[name] = filled[name] || text != ""
			field, _ := LookupField(s.Entity, s.Shape, name)
			if _, ok := parse(text); field.Kind == KindTime && text != "" && !ok {
				t.Errorf("%s: %q is no time", name, text)
			}
			word, mapped := f.Map[text]
			if field.Kind == KindWord && !mapped {
				t.Errorf("%s: no word for %q", name, text)
			}
			if name == "outcome" {
				outcomes[word]++
			}
		}
	}
	for name := range s.Fields {
		if !filled[name] && name != "environment" {
			t.Errorf("%s is never filled", name)
		}
	}
	want := map[string]int{"successful": 7, "successful_with_issues": 2, "failed": 2, "cancelled": 1, "": 4}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Error(diff)
	}
}
