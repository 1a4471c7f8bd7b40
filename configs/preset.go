package configs

import (
	"embed"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed presets/*.yml
var presets embed.FS

// filePresets lists the names that a file source's preset key takes, sorted.
func filePresets() []string {
	return slices.DeleteFunc(Presets(), func(name string) bool { return name == TypeJira || name == TypePagerDuty })
}

// Presets lists the mappings that a source can start from, sorted. An API's has
// the name of its type and always applies.
func Presets() []string {
	files, _ := presets.ReadDir("presets") // embedded: it is there
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = strings.TrimSuffix(f.Name(), ".yml")
	}
	slices.Sort(names)
	return names
}

// source fills a source: first from its preset, then from its own keys. A
// preset that does not exist is found by the checks.
func (d *decoder) source(n ast.Node, s *Source, path string) {
	name := textOf(n, "preset")
	if t := textOf(n, "type"); t == TypeJira || t == TypePagerDuty {
		name = t
	}
	if slices.Contains(Presets(), name) {
		if err := readPreset(name, s); err != nil {
			d.report(place(n), err.Error(), "this is a fault of srekpi: please report it")
		}
	}
	d.structure(n, reflect.ValueOf(s).Elem(), path)
}

// field reads a mapping in its short spelling (a column, or a list of them) or
// its long one. It replaces the preset's mapping of that field as a whole.
func (d *decoder) field(n ast.Node, f *FieldMap, path string) {
	f.Optional = d.optional
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		d.structure(n, reflect.ValueOf(f).Elem(), path)
	default:
		d.list(n, reflect.ValueOf(&f.From).Elem(), path)
	}
}

func readPreset(name string, s *Source) error {
	text, err := presets.ReadFile("presets/" + name + ".yml")
	if err != nil {
		return err
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return fmt.Errorf("preset %s: %w", name, err)
	}
	d := newDecoder()
	d.optional = true
	d.structure(file.Docs[0].Body, reflect.ValueOf(s).Elem(), "")
	if len(d.problems) > 0 {
		return &Error{File: "preset " + name, Problems: d.problems}
	}
	return nil
}

// textOf is the text of one key of a source, before it is decoded.
func textOf(n ast.Node, key string) string {
	var values []*ast.MappingValueNode
	switch t := n.(type) {
	case *ast.MappingNode:
		values = t.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{t}
	}
	for _, v := range values {
		if v.Key.GetToken().Value == key {
			text, _ := scalarText(v.Value)
			return text
		}
	}
	return ""
}
