package model

import (
	flags "flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flags.Bool("update", false, "write what the models make into the want.csv of every fixture")

const testdata = "../testdata"

// Every model makes of its fixtures what they want.
func TestModels(t *testing.T) {
	engine(t)
	for _, m := range shared.models {
		if m.Layer == Staging {
			continue // its fixtures are of another kind: TestStagingModels
		}
		cases, err := os.ReadDir(filepath.Join(testdata, m.Name))
		if err != nil || len(cases) == 0 {
			t.Errorf("%s has no fixture: make %s/<what it shows>/want.csv", m.File, filepath.Join(testdata, m.Name))
		}
		for _, c := range cases {
			t.Run(m.Name+"/"+c.Name(), func(t *testing.T) {
				t.Parallel()
				f, err := readFixture(m, filepath.Join(testdata, m.Name, c.Name()))
				if err != nil {
					t.Fatal(err)
				}
				if *update {
					if err := f.update(t); err != nil {
						t.Fatal(err)
					}
					return
				}
				if diff := f.difference(t); diff != "" {
					t.Errorf("want.csv (-) and what %s makes (+) differ; when the change is meant: go test ./sql/model -run Models -update\n%s", m.File, diff)
				}
			})
		}
	}
}

// Each folder of testdata belongs to a model.
func TestModelsOfAllFixturesExist(t *testing.T) {
	dirs, err := os.ReadDir(testdata)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		modelNamed(t, d.Name())
	}
}

// tiny is a model whose fixtures the tests below write themselves.
const tiny = `-- mart: tiny
-- title: T
-- grain: one row per incident
-- key: id
-- reads: stg_incidents
-- columns:
--   id: the id
SELECT id, severity, title FROM stg_incidents`

func tinyFixture(t *testing.T, text string, files map[string]string) (*fixture, error) {
	t.Helper()
	m, err := Parse("tiny.sql", Mart, text)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return readFixture(m, dir)
}

// The comparison itself works: each of these changes of a passing fixture makes
// it fail.
func TestModelsFixturesFail(t *testing.T) {
	good := map[string]string{"stg_incidents.csv": "id,severity\nb,2\na,1\n", "want.csv": "id,severity,title\na,1,\nb,2,\n"}
	f, err := tinyFixture(t, tiny, good)
	if err != nil {
		t.Fatal(err)
	}
	if diff := f.difference(t); diff != "" {
		t.Fatalf("the good fixture fails: %s", diff)
	}
	for name, c := range map[string]struct{ file, text, says string }{
		"another value":       {"want.csv", "id,severity,title\na,1,\nb,3,\n", `"2"`},
		"a row too few":       {"want.csv", "id,severity,title\na,1,\n", `"b"`},
		"a row too many":      {"want.csv", "id,severity,title\na,1,\nb,2,\nc,3,\n", `"c"`},
		"NULL is not empty":   {"want.csv", "id,severity,title\na,1,NULL\nb,2,\n", `"NULL"`},
		"no such column":      {"want.csv", "id,severity,titel\na,1,\nb,2,\n", "titel"},
		"no such input":       {"stg_incidents.csv", "id,sverity\nb,2\na,1\n", `no column "sverity"`},
		"input of wrong type": {"stg_incidents.csv", "id,severity\nb,two\na,1\n", "two"},
		"a table not read":    {"stg_changes.csv", "id\na\n", "reads no table of this name"},
		"no want.csv":         {"want.csv", "", "want.csv is missing"},
	} {
		files := map[string]string{}
		for k, v := range good {
			files[k] = v
		}
		files[c.file] = c.text
		f, err := tinyFixture(t, tiny, files)
		says := ""
		if err != nil {
			says = err.Error()
		} else {
			says = f.difference(t)
		}
		if !strings.Contains(says, c.says) {
			t.Errorf("%s: got %q, want something with %q", name, says, c.says)
		}
	}
}

// A model that reads what its header does not declare fails, though the table
// stands in the real warehouse.
func TestModelsReadOnlyWhatTheyDeclare(t *testing.T) {
	for _, undeclared := range []string{"stg_changes", "incidents"} {
		f, err := tinyFixture(t, tiny+"\nWHERE id NOT IN (SELECT id FROM "+undeclared+")", map[string]string{"want.csv": "id\n"})
		if err != nil {
			t.Fatal(err)
		}
		if says := f.difference(t); !strings.Contains(says, undeclared) || !strings.Contains(says, "UNKNOWN_TABLE") {
			t.Errorf("reading %s: got %q", undeclared, says)
		}
	}
}
