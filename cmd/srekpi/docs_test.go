package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/reports"
	"github.com/srekpi/srekpi/sql/model"
)

var updateDocs = flag.Bool("update", false, "write docs/dictionary.md anew")

const dictionaryFile = "../../docs/dictionary.md"

func dictionaryOfDemo(t *testing.T) *model.Dictionary {
	t.Helper()
	dir, _ := demo(t)
	var d *model.Dictionary
	err := reading(context.Background(), filepath.Join(dir, "demo", "srekpi.yml"), io.Discard, func(ws *workspace) (err error) {
		d, err = ws.readDictionary(context.Background())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Nothing that an analyst can see is without a meaning.
func TestDictionarySaysWhatEverythingMeans(t *testing.T) {
	d := dictionaryOfDemo(t)
	names := map[string]bool{}
	for _, table := range d.Tables {
		names[table.Name] = true
		if table.Title == "" || len(table.Columns) == 0 {
			t.Errorf("%s: no title, or no column", table.Name)
		}
		if (table.Layer == model.Mart || table.Layer == model.Rules) && (table.Grain == "" || len(table.Key) == 0) {
			t.Errorf("%s: does not say what a row is", table.Name)
		}
		for _, c := range table.Columns {
			if c.Meaning == "" || c.Type == "" {
				t.Errorf("%s.%s: no meaning; give it a COMMENT", table.Name, c.Name)
			}
		}
		for _, list := range [][]string{table.Reads, table.From, table.ReadBy} {
			for _, name := range list {
				if !slices.ContainsFunc(d.Tables, func(o *model.Table) bool { return o.Name == name }) {
					t.Errorf("%s: its road names %s, which is no table", table.Name, name)
				}
			}
		}
	}
	for _, want := range []string{"raw_records", "sync_runs", "stg_incidents", "incidents", "kpi_values", "periods", "published_values", "definitions"} {
		if !names[want] {
			t.Errorf("%s is not in the dictionary", want)
		}
	}
}

// The road leads from what a source sent to the figure, and back.
func TestDictionaryShowsTheRoad(t *testing.T) {
	d := dictionaryOfDemo(t)
	table := func(name string) *model.Table {
		return d.Tables[slices.IndexFunc(d.Tables, func(o *model.Table) bool { return o.Name == name })]
	}
	has := func(what string, list []string, names ...string) {
		t.Helper()
		for _, name := range names {
			if !slices.Contains(list, name) {
				t.Errorf("%s lacks %s: %v", what, name, list)
			}
		}
	}
	rate := d.KPIs[slices.IndexFunc(d.KPIs, func(k *model.KPIEntry) bool { return k.Name == "change_failure_rate" })]
	has("what change_failure_rate rests on", rate.From, "raw_records", "stg_changes", "changes", "change_incident_links", "change_facts", "settings")
	if rate.From[0] != "raw_records" || slices.Contains(rate.From, "worklogs") {
		t.Errorf("change_failure_rate rests on %v", rate.From)
	}
	if !strings.Contains(rate.Also, "CFR") {
		t.Errorf("change_failure_rate is not found as CFR: %s", rate.Also)
	}
	has("the KPIs of raw_records", table("raw_records").KPIs, "change_failure_rate", "time_to_resolve", "unplanned_work_ratio")
	has("the KPIs of worklogs", table("worklogs").KPIs, "unplanned_work_ratio")
	if slices.Contains(table("worklogs").KPIs, "change_failure_rate") {
		t.Error("change_failure_rate does not rest on worklogs")
	}
	has("what reads stg_changes", table("stg_changes").ReadBy, "changes")
	has("what kpi_values rests on", table("kpi_values").From, "raw_records", "kpi_evidence", "periods")
	has("the examples of annotations", table("annotations").Examples, "friday_freeze")
}

// docs/dictionary.md is what srekpi docs --format md prints.
func TestDictionaryIsCurrent(t *testing.T) {
	var b bytes.Buffer
	if err := reports.DictionaryTo(&b, dictionaryOfDemo(t)); err != nil {
		t.Fatal(err)
	}
	if *updateDocs {
		if err := os.WriteFile(dictionaryFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	old, err := os.ReadFile(dictionaryFile)
	if err != nil || !bytes.Equal(old, b.Bytes()) {
		t.Errorf("docs/dictionary.md is not what the headers say; go test ./cmd/srekpi -run DictionaryIsCurrent -update (%v)", err)
	}
	for _, link := range regexp.MustCompile(`\]\(#([^)]*)\)`).FindAllStringSubmatch(b.String(), -1) {
		heading := regexp.MustCompile(`(?mi)^#+ ` + strings.ReplaceAll(link[1], "-", " ") + `$`)
		if !heading.MatchString(b.String()) {
			t.Errorf("the link to %s leads nowhere", link[1])
		}
	}
}

// Each way of writing it, and what cannot be meant.
func TestDocs(t *testing.T) {
	built, _ := demo(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(built)); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(dir, "public", reports.DictionaryPage)
	by, err := os.ReadFile(page)
	if err != nil {
		t.Fatalf("a run writes no dictionary: %v", err)
	}
	if err := os.Remove(page); err != nil {
		t.Fatal(err)
	}
	if said := srekpi(t, dir, exitDone, "docs", "-c", "demo/srekpi.yml"); said != reports.DictionaryPage+"\n" {
		t.Errorf("docs says %q", said)
	}
	if again, err := os.ReadFile(page); err != nil || !bytes.Equal(again, by) {
		t.Errorf("docs and run write two pages (%v)", err)
	}
	printed := srekpi(t, dir, exitDone, "docs", "-c", "demo/srekpi.yml", "--format", "md")
	srekpi(t, dir, exitDone, "docs", "-c", "demo/srekpi.yml", "--format", "md", "-o", "dictionary.md")
	if written, err := os.ReadFile(filepath.Join(dir, "dictionary.md")); err != nil || string(written) != printed || !strings.HasPrefix(printed, "# Data dictionary\n") {
		t.Errorf("-o writes something else than is printed (%v)", err)
	}
	srekpi(t, dir, exitUsage, "docs", "-c", "demo/srekpi.yml", "--format", "pdf")
	srekpi(t, dir, exitUsage, "docs", "-c", "demo/srekpi.yml", "-o", "x.html")
}
