package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/srekpi/srekpi/sql/model"
)

// DictionaryTo writes the data dictionary as Markdown.
func DictionaryTo(w io.Writer, d *model.Dictionary) error {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	say("# Data dictionary\n")
	say("Made by `srekpi docs --format md` from the headers of the models, functions, views and examples. Times are UTC; a database column that is NULL is missing, which is never 0.\n")
	say("[KPIs](#kpis) · [Functions](#functions) · [Views with parameters](#views-with-parameters) · [Example queries](#example-queries)")
	layers := layersOf(d)
	for _, l := range layers {
		say("· [%s](#%s)", l.Title, headingLink(l.Title))
	}
	say("\n## KPIs\n\nTheir rows are in `kpi_evidence`, their figures in `kpi_values`.\n")
	for _, k := range d.KPIs {
		say("### %s\n", k.Name)
		say("%s. %s\n", k.Title, k.Asks)
		if k.Also != "" {
			say("- Other names: %s", k.Also)
		}
		say("- Kind: %s of %s, %s is better%s", k.Kind, plainNoun(k.Entity), k.Better, unitPhrase(k.Unit))
		say("- Counts: %s", k.Counts)
		if k.Excludes != "" {
			say("- Leaves out: %s", k.Excludes)
		}
		say("- Dimensions: %s", strings.Join(dimsOf(k), ", "))
		say("- Source: %s", k.Source)
		say("- Its file: `sql/%s`, which reads %s", k.File, coded(k.Reads))
		say("- Rests on: %s\n", coded(k.From))
	}
	say("## Functions\n")
	for _, f := range d.Functions {
		say("### %s\n\n`%s`: %s.\n", f.Name, f.Call(), f.Title)
		for _, a := range f.Args {
			say("- `%s`: %s", a.Name, a.Meaning)
		}
		say("- Gives: %s\n- Source: %s\n\n```sql\n%s\n```\n", f.Gives, f.Source, f.Example)
	}
	say("## Views with parameters\n\nCalled like a function behind `FROM`; every parameter is named and must be given.\n")
	for _, v := range d.Views {
		say("### %s\n\n%s: %s\n\n%s. Reads %s.\n", v.Name, v.Title, v.Asks, capital(v.Grain), coded(v.Reads))
		if v.Also != "" {
			say("Other names: %s\n", v.Also)
		}
		say("| Parameter | Type | Meaning |\n| --- | --- | --- |")
		columnsTo(&b, v.Params)
		say("\n| Column | Type | Meaning |\n| --- | --- | --- |")
		columnsTo(&b, v.Columns)
		say("\n```sql\n%s\n```\n", v.Example)
	}
	say("## Example queries\n")
	for _, e := range d.Examples {
		say("### %s\n\n%s\n\nHow to read it: %s\n\n```sql\n%s\n```\n", e.Title, e.Asks, e.Read, e.SQL)
	}
	for _, l := range layers {
		say("## %s\n\n%s\n", l.Title, l.Lead)
		for _, t := range l.Tables {
			say("### %s\n", t.Name)
			say("%s%s\n", t.Title, grainOf(t))
			if t.Note != "" {
				say("%s\n", capital(t.Note))
			}
			if t.Also != "" {
				say("Other names: %s\n", t.Also)
			}
			say("| Column | Type | Meaning |\n| --- | --- | --- |")
			columnsTo(&b, t.Columns)
			say("")
			for _, line := range []struct {
				word  string
				names []string
			}{{"Made of", t.Reads}, {"Rests on", t.From}, {"Read by", t.ReadBy}, {"KPIs that rest on it", t.KPIs}, {"Examples", t.Examples}} {
				if len(line.names) > 0 {
					say("- %s: %s", line.word, coded(line.names))
				}
			}
			say("")
		}
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func columnsTo(b *strings.Builder, columns []model.InputColumn) {
	for _, c := range columns {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", c.Name, cellText(c.Type), cellText(c.Meaning))
	}
}

// cellText cannot end its cell.
func cellText(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func coded(names []string) string {
	if len(names) == 0 {
		return "nothing else"
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

func headingLink(title string) string { return strings.ReplaceAll(strings.ToLower(title), " ", "-") }

func grainOf(t *model.Table) string {
	if t.Grain == "" {
		return "."
	}
	return ": " + t.Grain + "."
}

func unitPhrase(unit string) string {
	if unit == "" {
		return ""
	}
	return ", in " + unit
}

func plainNoun(entity string) string { return strings.ReplaceAll(entity, "_", " ") + "s" }

// dimsOf are the dimensions that a KPI is computed by.
func dimsOf(k *model.KPIEntry) []string {
	return append([]string{"service", "team", "severity"}, k.Dims...)
}
