package model

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// The folders of what stands beside the tables for those who ask by hand.
const (
	Functions Layer = "function"
	Views     Layer = "view"
	Examples  Layer = "example"
)

// Queries is what stands beside the tables for those who ask by hand.
type Queries struct {
	Functions []*Function
	Views     []*View
	Examples  []*Example
}

// Function is a SQL function of the warehouse.
type Function struct {
	Name, Title string
	Args        []Column
	Gives       string // what it returns, its unit, and when NULL
	Source      string
	Example     string
	SQL         string // (a, b) -> …
}

// Call is the function as it is written in a query.
func (f *Function) Call() string {
	names := make([]string, len(f.Args))
	for i, a := range f.Args {
		names[i] = a.Name
	}
	return f.Name + "(" + strings.Join(names, ", ") + ")"
}

// View is a parameterised view: a question with blanks to fill in.
type View struct {
	Name, Title, Also, Asks, Grain string
	Params, Columns                []InputColumn
	Reads                          []string
	Example                        string
	SQL                            string
}

// Call is the view as it is written behind FROM.
func (v *View) Call() string {
	params := make([]string, len(v.Params))
	for i, p := range v.Params {
		params[i] = p.Name + " = …"
	}
	return v.Name + "(" + strings.Join(params, ", ") + ")"
}

// Example is a documented query.
type Example struct {
	Name, Title, Asks string
	Read              string // how to read what it returns
	Reads             []string
	SQL               string
}

// LoadQueries reads the folders functions, views and examples of fsys.
func LoadQueries(fsys fs.FS) (*Queries, error) {
	q := &Queries{}
	for _, dir := range []struct {
		name  string
		layer Layer
	}{{"functions", Functions}, {"views", Views}, {"examples", Examples}} {
		files, err := fs.Glob(fsys, dir.name+"/*.sql")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := fs.ReadFile(fsys, file)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", dir.layer, err)
			}
			if err := q.parse(file, dir.layer, string(text)); err != nil {
				return nil, err
			}
		}
	}
	return q, nil
}

// parse adds what one file of a layer says.
func (q *Queries) parse(file string, layer Layer, text string) error {
	h, err := parseHeader(file, layer, text)
	if err != nil {
		return err
	}
	name := h.text(string(layer))
	if stem := strings.TrimSuffix(path.Base(file), ".sql"); name != stem {
		return h.errorf(1, "the %s is called %q, its file %q; give both one name", layer, name, stem)
	}
	switch layer {
	case Functions:
		if err := h.require("title", "args", "gives", "source", "example"); err != nil {
			return err
		}
		args, err := h.columns("args")
		if err != nil {
			return err
		}
		q.Functions = append(q.Functions, &Function{Name: name, Title: h.text("title"), Args: args, Gives: h.text("gives"),
			Source: h.text("source"), Example: h.text("example"), SQL: h.body})
	case Views:
		if err := h.require("title", "asks", "grain", "params", "columns", "reads", "example"); err != nil {
			return err
		}
		v := &View{Name: name, Title: h.text("title"), Also: h.text("also"), Asks: h.text("asks"), Grain: h.text("grain"),
			Reads: h.list("reads"), Example: h.text("example"), SQL: h.body}
		if v.Params, err = h.typed("params"); err != nil {
			return err
		}
		if v.Columns, err = h.typed("columns"); err != nil {
			return err
		}
		q.Views = append(q.Views, v)
	case Examples:
		if err := h.require("title", "asks", "reads", "read"); err != nil {
			return err
		}
		q.Examples = append(q.Examples, &Example{Name: name, Title: h.text("title"), Asks: h.text("asks"), Read: h.text("read"),
			Reads: h.list("reads"), SQL: h.body})
	}
	return nil
}

// typed reads `name Type: meaning` lines.
func (h *header) typed(key string) ([]InputColumn, error) {
	lines, err := h.columns(key)
	if err != nil {
		return nil, err
	}
	out := make([]InputColumn, len(lines))
	for i, c := range lines {
		name, typ, ok := strings.Cut(c.Name, " ")
		if !ok {
			return nil, h.errorf(h.rows[key][i], "%s: %q is not `name Type: meaning`", key, c.Name)
		}
		out[i] = InputColumn{Name: name, Type: typ, Meaning: c.Meaning}
	}
	return out, nil
}
