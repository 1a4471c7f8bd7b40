package model

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/sql"
)

const (
	martText = `-- mart:    sample
-- title:   A sample
-- grain:   one row per thing
-- key:     id, at
-- reads:   stg_things
-- tests:   unique(id, at); value >= 0
-- note:    a value goes on
--          in the next line.
--
-- columns:
--   id: its id
--   at: when: to the second
SELECT id, at FROM stg_things
`
	kpiText = `-- kpi:     first_30d, first_90d
-- title:   Within 30 | Within 90
-- also:    one, two
-- asks:    How often?
-- kind:    rate
-- entity:  incident
-- better:  lower
-- counts:  what counts
-- dims:    risk
-- reads:   incidents
-- source:  a standard
SELECT 1
`
)

func TestHeaderOfMart(t *testing.T) {
	got, err := Parse("marts/sample.sql", Mart, martText)
	if err != nil {
		t.Fatal(err)
	}
	want := &Model{Name: "sample", Layer: Mart, File: "marts/sample.sql", Title: "A sample", Grain: "one row per thing", Note: "a value goes on in the next line.",
		Key: []string{"id", "at"}, Reads: []string{"stg_things"}, SQL: "SELECT id, at FROM stg_things",
		Checks:  []Check{{Text: "unique(id, at)", Unique: []string{"id", "at"}}, {Text: "value >= 0"}},
		Columns: []Column{{"id", "its id"}, {"at", "when: to the second"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHeaderOfKPIs(t *testing.T) {
	got, err := Parse("kpis/first.sql", KPIs, kpiText)
	if err != nil {
		t.Fatal(err)
	}
	kpi := func(name, title string) KPI {
		return KPI{Name: name, Title: title, Also: "one, two", Asks: "How often?", Kind: "rate", Entity: "incident",
			Better: "lower", Counts: "what counts", Source: "a standard", Dims: []string{"risk"}}
	}
	if diff := cmp.Diff([]KPI{kpi("first_30d", "Within 30"), kpi("first_90d", "Within 90")}, got.KPIs); diff != "" {
		t.Error(diff)
	}
	if got.Name != "first" {
		t.Errorf("the model is called %q, not as its file", got.Name)
	}
}

func TestHeaderOfKPIsOfSeveralUnits(t *testing.T) {
	got, err := Parse("kpis/first.sql", KPIs, strings.Replace(kpiText, "-- better:", "-- unit:    tickets | points\n-- better:", 1))
	if err != nil {
		t.Fatal(err)
	}
	if one, other := got.KPIs[0].Unit, got.KPIs[1].Unit; one != "tickets" || other != "points" {
		t.Errorf("got units %q and %q", one, other)
	}
}

func TestHeaderOfStagingModel(t *testing.T) {
	got, err := Parse("staging/stg_x.sql", Staging, "-- staging: stg_x\r\n-- title: X\r\n-- type: api\r\n-- entity: issue\r\n-- fields: ticket\r\n"+
		"-- extract:\r\n--   status_id: fields.status.id Nullable(String)\r\n--   all: links Array(Tuple(a String, b String))\r\n-- only: id != ''\r\n-- again: SELECT 'x'\r\n-- fills: stg_incidents\r\nSELECT 1\r\n")
	if err != nil {
		t.Fatal(err)
	}
	want := &Model{Name: "stg_x", Layer: Staging, File: "staging/stg_x.sql", Title: "X", Type: "api", Entity: "issue", Fields: "ticket", Only: "id != ''", Again: "SELECT 'x'", Fills: "stg_incidents", SQL: "SELECT 1",
		Extract: []Extract{{"status_id", []string{"fields", "status", "id"}, "Nullable(String)"}, {"all", []string{"links"}, "Array(Tuple(a String, b String))"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	const mistake = "-- staging: stg_x\n-- title: X\n-- type: api\n-- entity: issue\n-- extract:\n--   status_id fields.status.id\n-- fills: stg_incidents\nSELECT 1"
	_, err = Parse("staging/stg_x.sql", Staging, mistake)
	if want := "staging/stg_x.sql:6: extract: \"status_id fields.status.id\" is not `name: path Type`"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A rebuild drops a source's rows of the whole table, so each has one model.
func TestHeaderOfTwoStagingModelsOfOneTable(t *testing.T) {
	text := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("-- staging: " + name + "\n-- title: X\n-- type: jira\n-- entity: issue\n-- fills: stg_incidents\nSELECT 1")}
	}
	_, err := Load(fstest.MapFS{"staging/stg_a.sql": text("stg_a"), "staging/stg_b.sql": text("stg_b")})
	if want := "staging/stg_b.sql:1: staging/stg_a.sql fills stg_incidents for sources of type jira already; a rebuild of one would drop the other's rows"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Every mistake in a header names the file, the line and what to write.
func TestHeaderMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		layer    Layer
		old, new string
		says     string
	}{
		"unknown key": {Mart, "-- grain:", "-- grian:",
			`f/sample.sql:3: unknown header key "grian"; a mart file knows mart, title, grain, key, reads, tests, columns, also, note`},
		"key of another layer": {Mart, "-- grain:", "-- kind:",
			`f/sample.sql:3: unknown header key "kind"; a mart file knows mart, title, grain, key, reads, tests, columns, also, note`},
		"key twice": {Mart, "-- tests:   unique(id, at); value >= 0", "-- title: again",
			`f/sample.sql:6: header key "title" stands twice, first in line 2`},
		"no SQL": {Mart, "SELECT id, at FROM stg_things\n", "",
			`f/sample.sql:12: no SQL below the header`},
		"semicolon": {Mart, "FROM stg_things\n", "FROM stg_things;\n",
			`f/sample.sql:13: it is one statement without a semicolon`},
		"continuation without indent": {Mart, "--          in the", "-- in the",
			"f/sample.sql:8: a header line is `-- key: value`, or is indented by two blanks to go on with the one above"},
		"continuation of nothing": {Mart, "-- mart:    sample\n", "--   sample\n",
			"f/sample.sql:1: a header line is `-- key: value`, or is indented by two blanks to go on with the one above"},
		"column without meaning": {Mart, "--   id: its id", "--   id",
			"f/sample.sql:11: columns: \"id\" is not `name: meaning`"},
		"column with empty meaning": {Mart, "--   at: when: to the second", "--   at:",
			"f/sample.sql:12: columns: \"at:\" is not `name: meaning`"},
		"name is not the file's": {Mart, "-- mart:    sample", "-- mart:    simple",
			`f/sample.sql:1: the model is called "simple", its file "sample"; give both one name`},
		"no name": {Mart, "-- mart:    sample\n", "",
			"f/sample.sql:1: the header lacks `-- mart: name`"},
		"no grain": {Mart, "-- grain:   one row per thing\n", "",
			"f/sample.sql:1: the header lacks `-- grain: …`"},
		"empty key": {Mart, "-- key:     id, at", "-- key:",
			"f/sample.sql:4: the header lacks `-- key: …`"},
		"unique of nothing": {Mart, "unique(id, at)", "unique id",
			`f/sample.sql:6: "unique id" is not unique(column, …)`},
		"kind": {KPIs, "kind:    rate", "kind:    ratio",
			`f/sample.sql:5: kind "ratio" is none of duration, rate, share, count, average`},
		"better": {KPIs, "better:  lower", "better:  less",
			`f/sample.sql:7: better "less" is neither lower nor higher`},
		"too few titles": {KPIs, "Within 30 | Within 90", "Within",
			`f/sample.sql:2: 2 KPIs and 1 titles; separate titles by |`},
		"too many units": {KPIs, "-- better:  lower", "-- unit:    h | points | tickets\n-- better:  lower",
			`f/sample.sql:7: 2 KPIs and 3 units; give one for all, or one for each, separated by |`},
		"no source": {KPIs, "-- source:  a standard\n", "",
			"f/sample.sql:1: the header lacks `-- source: …`"},
		"no reads": {KPIs, "-- reads:   incidents\n", "",
			"f/sample.sql:1: the header lacks `-- reads: …`"},
	} {
		text := martText
		if c.layer == KPIs {
			text = kpiText
		}
		if !strings.Contains(text, c.old) {
			t.Fatalf("%s: there is no %q to replace", name, c.old)
		}
		_, err := Parse("f/sample.sql", c.layer, strings.Replace(text, c.old, c.new, 1))
		if err == nil || err.Error() != c.says {
			t.Errorf("%s:\n got %v\nwant %s", name, err, c.says)
		}
	}
}

func TestHeaderNamesAreUnique(t *testing.T) {
	_, err := Load(fstest.MapFS{
		"marts/sample.sql": {Data: []byte(martText)},
		"kpis/sample.sql":  {Data: []byte(kpiText)},
	})
	if want := `kpis/sample.sql:1: the model "sample" stands in marts/sample.sql already`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Load tells the first mistake of any file.
func TestHeaderMistakeStopsLoad(t *testing.T) {
	_, err := Load(fstest.MapFS{"kpis/first.sql": {Data: []byte("SELECT 1")}})
	if want := "kpis/first.sql:1: the header lacks `-- kpi: name`"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// The real models: no KPI stands in two files, and each says what it excludes.
func TestHeadersOfAllModels(t *testing.T) {
	models, err := Load(sql.Models())
	if err != nil {
		t.Fatal(err)
	}
	file := map[string]string{}
	for _, m := range models {
		for _, k := range m.KPIs {
			if file[k.Name] != "" {
				t.Errorf("%s: the KPI %s stands in %s already", m.File, k.Name, file[k.Name])
			}
			file[k.Name] = m.File
			if k.Excludes == "" {
				t.Errorf("%s: says nothing of what %s excludes", m.File, k.Name)
			}
		}
	}
}
