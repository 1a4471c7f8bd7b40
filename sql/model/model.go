package model

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Layer is where on the road of a record a model stands.
type Layer string

// The layers that are made of model files.
const (
	Staging Layer = "staging"
	Mart    Layer = "mart"
	KPIs    Layer = "kpi"
)

// Column is one documented column of a mart.
type Column struct{ Name, Meaning string }

// KPI is what a header says of one KPI. A file may list several that differ in
// a window only.
type KPI struct {
	Name, Title, Also, Asks string
	Kind                    string // duration, rate, share, count or average
	Entity                  string // the candidates: incident, change …
	Better                  string // lower or higher
	Counts, Excludes        string
	Ended                   string // what happened to a duration that counts: resolved
	Unit                    string // of a count or share that is no mere number: h; of an average, what it is per
	Stock                   bool   // a count of what stands open at the end of a period, not of what happened in it
	Source                  string
	Dims                    []string // beyond service, team and severity
}

// Model is one SQL file.
type Model struct {
	Name    string
	Layer   Layer
	File    string
	Title   string
	Grain   string
	Also    string // other names that people search for
	Note    string
	Key     []string // the columns that name a row; they order the table
	Reads   []string
	Checks  []Check
	Columns []Column
	KPIs    []KPI
	SQL     string

	// What follows is of staging models.
	Type    string    // the type of source that it reads
	Entity  string    // the raw entity that it reads; several are parted by commas
	Fields  string    // the entity whose canonical fields it takes from the CTE mapped; may be empty
	Extract []Extract // what else it takes from there
	Only    string    // a condition on raw records: those that it reads at all
	Again   string    // a SELECT of ids to stage again: what they read elsewhere has changed
	Fills   string    // the table that it fills
}

// Extract is a part of the payload that a staging model reads beside the
// mapped fields: the column of the CTE mapped, and where and what it is.
type Extract struct {
	Name string
	Path []string
	Type string
}

var kpiKinds = []string{"duration", "rate", "share", "count", "average"}

// Load reads every model below the folders staging, marts and kpis of fsys.
func Load(fsys fs.FS) ([]*Model, error) {
	var models []*Model
	byName := map[string]string{}
	for _, dir := range []struct {
		name  string
		layer Layer
	}{{"staging", Staging}, {"marts", Mart}, {"kpis", KPIs}} {
		files, err := fs.Glob(fsys, dir.name+"/*.sql")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := fs.ReadFile(fsys, file)
			if err != nil {
				return nil, fmt.Errorf("read model: %w", err)
			}
			m, err := Parse(file, dir.layer, string(text))
			if err != nil {
				return nil, err
			}
			if first, twice := byName[m.Name]; twice {
				return nil, fmt.Errorf("%s:1: the model %q stands in %s already", file, m.Name, first)
			}
			byName[m.Name] = file
			if m.Layer == Staging {
				filled := m.Type + " " + m.Fills
				if first, twice := byName[filled]; twice {
					return nil, fmt.Errorf("%s:1: %s fills %s for sources of type %s already; a rebuild of one would drop the other's rows", file, first, m.Fills, m.Type)
				}
				byName[filled] = file
			}
			models = append(models, m)
		}
	}
	return models, nil
}

// Parse reads one model file of a layer.
func Parse(file string, layer Layer, text string) (*Model, error) {
	h, err := parseHeader(file, layer, text)
	if err != nil {
		return nil, err
	}
	m := &Model{Layer: layer, File: file, Title: h.text("title"), Grain: h.text("grain"), Also: h.text("also"), Note: h.text("note"),
		Key: h.list("key"), Reads: h.list("reads"), Type: h.text("type"), Entity: h.text("entity"), Fields: h.text("fields"),
		Only: h.text("only"), Again: h.text("again"), Fills: h.text("fills"), SQL: h.body}
	if m.Checks, err = parseChecks(h); err != nil {
		return nil, err
	}
	stem := strings.TrimSuffix(path.Base(file), ".sql")
	switch layer {
	case Staging:
		m.Name = h.text("staging")
		if err = h.require("title", "type", "entity", "fills"); err == nil {
			m.Extract, err = parseExtracts(h)
		}
	case Mart:
		m.Name = h.text("mart")
		if err = h.require("title", "grain", "key", "columns"); err == nil {
			m.Columns, err = h.columns("columns")
		}
	case KPIs:
		m.Name = stem
		m.KPIs, err = parseKPIs(h)
	}
	if err != nil {
		return nil, err
	}
	if m.Name != stem {
		return nil, h.errorf(1, "the model is called %q, its file %q; give both one name", m.Name, stem)
	}
	return m, nil
}

// columns reads `name: meaning` lines.
func (h *header) columns(key string) ([]Column, error) {
	var columns []Column
	for i, line := range strings.Split(h.values[key], "\n") {
		name, meaning, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.TrimSpace(meaning) == "" {
			return nil, h.errorf(h.rows[key][i], "%s: %q is not `name: meaning`", key, line)
		}
		columns = append(columns, Column{Name: name, Meaning: strings.TrimSpace(meaning)})
	}
	return columns, nil
}

// parseExtracts reads `name: path Type` lines.
func parseExtracts(h *header) ([]Extract, error) {
	var extracts []Extract
	for i, line := range strings.Split(h.values["extract"], "\n") {
		name, rest, _ := strings.Cut(line, ":")
		path, typ, ok := strings.Cut(strings.TrimSpace(rest), " ")
		if ok {
			extracts = append(extracts, Extract{Name: strings.TrimSpace(name), Path: strings.Split(path, "."), Type: strings.TrimSpace(typ)})
		} else if line != "" {
			return nil, h.errorf(h.rows["extract"][i], "extract: %q is not `name: path Type`", line)
		}
	}
	return extracts, nil
}

func parseKPIs(h *header) ([]KPI, error) {
	if err := h.require("title", "asks", "kind", "entity", "better", "counts", "reads", "source"); err != nil {
		return nil, err
	}
	kind := h.text("kind")
	if !slices.Contains(kpiKinds, kind) {
		return nil, h.errorf(h.lines["kind"], "kind %q is none of %s", kind, strings.Join(kpiKinds, ", "))
	}
	better := h.text("better")
	if better != "lower" && better != "higher" {
		return nil, h.errorf(h.lines["better"], "better %q is neither lower nor higher", better)
	}
	stock := h.text("stock")
	if stock != "" && (stock != "yes" || kind != "count") {
		return nil, h.errorf(h.lines["stock"], "stock is yes or left out, and only a count can be one")
	}
	names, titles := h.list("kpi"), cut(h.text("title"), "|")
	if len(names) != len(titles) {
		return nil, h.errorf(h.lines["title"], "%d KPIs and %d titles; separate titles by |", len(names), len(titles))
	}
	units := cut(h.text("unit"), "|")
	switch {
	case len(units) <= 1: // all KPIs of the file have the same
		units = slices.Repeat([]string{h.text("unit")}, len(names))
	case len(units) != len(names):
		return nil, h.errorf(h.lines["unit"], "%d KPIs and %d units; give one for all, or one for each, separated by |", len(names), len(units))
	}
	var kpis []KPI
	for i, name := range names {
		kpis = append(kpis, KPI{Name: name, Title: titles[i], Also: h.text("also"), Asks: h.text("asks"), Kind: kind,
			Entity: h.text("entity"), Better: better, Counts: h.text("counts"), Excludes: h.text("excludes"),
			Ended: h.text("ended"), Unit: units[i], Stock: stock == "yes", Source: h.text("source"), Dims: h.list("dims")})
	}
	return kpis, nil
}
