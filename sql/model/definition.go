package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Definitions is the table that says what each KPI rests on.
const Definitions = "definitions"

// The kinds of part that a definition is made of.
const (
	partModel = "model"
	partRule  = "rule"
)

// part is one thing that a KPI rests on.
type part struct{ name, kind, hash, content string }

// rule is what an input held when the build filled it.
type rule struct {
	input *Input
	rows  [][]any
}

// general are the settings that Go computes periods from: every KPI rests on
// them, though no model names them.
var general = []string{"timezone", "weekly.ends"}

// beside are inputs that come with another one: a source's value maps and issue
// rules are part of how its records are read, and calendars are told by settings.
var beside = map[string][]string{"source_settings": {"value_maps", "rules"}, "calendar": {"settings"}}

// telling is no part of a rule: how far a source is declared complete moves with
// every export, and whom to call changes no figure.
var telling = map[string][]string{
	"source_settings": {"covers_from", "covers_to"},
	"services":        {"owner", "runbook"},
}

// definitionsInput lists, for each KPI, the models and rules that its figures
// follow from, through everything that they read. Another version of a KPI
// means that its figures may differ though no record changed.
func definitionsInput(models []*Model, inputs []Input) Input {
	in := Input{
		Name: Definitions, Title: "What the figures of each KPI follow from", Grain: "one row per KPI and model or table of rules that it rests on",
		Key: []string{"kpi", "part"},
		Columns: []InputColumn{
			{"kpi", "String", "name of the KPI"},
			{"version", "String", "its definition version: a hash over all its parts"},
			{"part", "String", "a model, or a table of rules"},
			{"kind", "String", "model or rule"},
			{"hash", "String", "over the model's query or the rules"},
			{"content", "String", "the rules as JSON rows, those that matter to the KPI; empty for a model"},
		},
	}
	for i := range inputs {
		if inputs[i].recorded() {
			in.Reads = append(in.Reads, inputs[i].Name)
		}
	}
	in.Rows = func(_ context.Context, b *Building) ([][]any, error) {
		rules := map[string]rule{}
		b.mu.Lock()
		for i := range inputs {
			if inputs[i].recorded() {
				rules[inputs[i].Name] = rule{&inputs[i], b.rows[inputs[i].Name]}
			}
		}
		b.mu.Unlock()
		byName := map[string]*Model{}
		for _, m := range models {
			byName[m.Name] = m
		}
		var rows [][]any
		for _, m := range models {
			if m.Layer != KPIs {
				continue
			}
			parts := partsOf(m, byName, rules)
			version := sha256.New()
			for _, p := range parts {
				fmt.Fprintf(version, "%s %s\n", p.name, p.hash)
			}
			for _, k := range m.KPIs {
				for _, p := range parts {
					rows = append(rows, []any{k.Name, short(version.Sum(nil)), p.name, p.kind, p.hash, p.content})
				}
			}
		}
		return rows, nil
	}
	return in
}

// recorded says that definitions rest on the input's rows.
func (in *Input) recorded() bool {
	return in.Defines || slices.ContainsFunc(slices.Collect(maps.Values(beside)), func(names []string) bool { return slices.Contains(names, in.Name) })
}

// partsOf lists what a KPI's file rests on, by name. The evidence and its
// aggregate belong to every KPI; the other KPIs that the aggregate reads do not.
func partsOf(kpi *Model, byName map[string]*Model, rules map[string]rule) []part {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		if m := byName[name]; m != nil && m.Layer != Staging {
			for _, r := range m.Reads {
				visit(r)
			}
		}
		for _, r := range beside[name] {
			visit(r)
		}
	}
	for _, root := range []string{kpi.Name, Evidence, aggregate} {
		visit(root)
	}
	var parts []part
	var text strings.Builder
	works := false
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		m := byName[name]
		if m == nil || m.Layer == Staging {
			continue // how records are staged is part of source_settings
		}
		said := m.SQL
		for _, k := range m.KPIs {
			said += fmt.Sprintf("\n%s %s %v %s %v", k.Name, k.Kind, k.Stock, k.Unit, k.Dims)
		}
		parts = append(parts, part{name: name, kind: partModel, hash: digest(said)})
		text.WriteString(m.SQL)
		// Who puts tickets into classes of work is not yet one that uses the class.
		works = works || strings.Contains(m.SQL, "work_") && !slices.Contains(m.Reads, "rules")
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		r, ok := rules[name]
		if !ok {
			continue
		}
		content := r.content(func(row []any) bool {
			switch first := fmt.Sprint(row[0]); name {
			case "settings":
				return slices.Contains(general, first) || strings.Contains(text.String(), "'"+first+"'") ||
					seen["calendar"] && strings.HasPrefix(first, "calendars.")
			case "rules":
				return first != "work" || works
			}
			return true
		})
		parts = append(parts, part{name: name, kind: partRule, hash: digest(content), content: content})
	}
	return parts
}

// aggregate is the model that turns the evidence into values.
const aggregate = "kpi_values"

// content is an input's rows as JSON, in an order of their own: where a list's
// order matters, a column says the rank. Only those that matter are kept.
func (r rule) content(matters func(row []any) bool) string {
	lines := []string{}
	for _, row := range r.rows {
		if !matters(row) {
			continue
		}
		object := map[string]any{}
		for i, c := range r.input.Columns {
			if slices.Contains(telling[r.input.Name], c.Name) {
				continue
			}
			object[c.Name] = row[i]
			if bytes, ok := row[i].([]uint8); ok { // JSON would write these as one text
				numbers := make([]int, len(bytes))
				for j, n := range bytes {
					numbers[j] = int(n)
				}
				object[c.Name] = numbers
			}
		}
		line, err := json.Marshal(object)
		if err != nil {
			panic(err) // rows hold strings, numbers, times and lists of them
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return "[" + strings.Join(lines, ",\n") + "]"
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return short(sum[:])
}

func short(sum []byte) string { return hex.EncodeToString(sum)[:12] }
