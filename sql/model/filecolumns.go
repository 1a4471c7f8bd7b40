package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// fileColumns collects the columns of a file source that its staging model
// needs and gives each a short name, so that a record is parsed once.
type fileColumns struct {
	src   *configs.Source
	paths []string
}

// use returns the name of the column's text: trimmed, NULL for a null marker.
func (c *fileColumns) use(path string) string {
	i := slices.Index(c.paths, path)
	if i < 0 {
		i = len(c.paths)
		c.paths = append(c.paths, path)
	}
	return fmt.Sprintf("c%d", i)
}

// steps is a path as keys: a CSV column's name is literal, a JSON path is dotted.
func (c *fileColumns) steps(path string) []string {
	if c.src.Format == configs.FormatJSON || c.src.Format == configs.FormatJSONL {
		return strings.Split(path, ".")
	}
	return []string{path}
}

// tree holds the paths that one tuple can extract.
type tree struct {
	name     string
	leaf     string // type of what has no children; empty: a text
	children []*tree
}

func (t *tree) child(name string) *tree {
	for _, c := range t.children {
		if c.name == name {
			return c
		}
	}
	c := &tree{name: name}
	t.children = append(t.children, c)
	return c
}

func (t *tree) typ() string {
	if len(t.children) == 0 {
		return cmp.Or(t.leaf, "Nullable(String)")
	}
	parts := make([]string, len(t.children))
	for i, c := range t.children {
		parts[i] = identifier(c.name) + " " + c.typ()
	}
	return "Tuple(" + strings.Join(parts, ", ") + ")"
}

// sql returns the type that one pass over the payload extracts and, per path,
// the expression that takes its text out of it.
func (c *fileColumns) sql() (tupleType string, texts []string) {
	root := &tree{}
	texts = make([]string, len(c.paths))
	for i, path := range c.paths {
		steps := c.steps(path)
		// A path that is also the beginning of another is an object as well as a
		// text: it is taken by a pass of its own.
		inside := slices.ContainsFunc(c.paths, func(other string) bool {
			s := c.steps(other)
			return len(s) > len(steps) && slices.Equal(s[:len(steps)], steps)
		})
		if inside {
			texts[i] = fmt.Sprintf("JSONExtract(payload, %s, 'Nullable(String)')", literals(steps))
			continue
		}
		at, expr := root, "j"
		for _, s := range steps {
			at = at.child(s)
			expr = fmt.Sprintf("tupleElement(%s, %s)", expr, literal(s))
		}
		texts[i] = expr
	}
	if len(root.children) == 0 {
		root.child("_file")
	}
	return root.typ(), texts
}

// trimmed takes blanks, tabs and line ends off a text.
func trimmed(text string) string { return "trimBoth(" + text + ", ' \\t\\r\\n')" }
