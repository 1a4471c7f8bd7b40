package model

import (
	"fmt"
	"slices"
	"strings"
)

// apiColumns collects what a model reads of an API's records, so that each
// payload is parsed once. A configured name can mean several places in it.
type apiColumns struct {
	paths  func(name string) [][]string
	leaves []*leaf
}

// leaf is one place in the payload.
type leaf struct {
	path []string
	typ  string // anyValue, or what a model's header says
	expr string // where it is after the payload was parsed
	part bool   // expr is one name of an object, which is a mere text
	n    int    // its place among the values of any form, from 1
}

// use asks for the value at a place.
func (c *apiColumns) use(path []string, typ string) *leaf {
	for _, l := range c.leaves {
		if slices.Equal(l.path, path) && l.typ == typ {
			return l
		}
	}
	l := &leaf{path: path, typ: typ}
	c.leaves = append(c.leaves, l)
	return l
}

// named asks for all places that a configured name means.
func (c *apiColumns) named(name string) []*leaf {
	var out []*leaf
	for _, path := range c.paths(name) {
		out = append(out, c.use(path, anyValue))
	}
	return out
}

// parse says where each leaf is, and returns the expression that parses the
// payload. What lies inside another leaf is taken out of that one where it is
// one of an object's names, else by a pass of its own.
func (c *apiColumns) parse() string {
	root := &tree{}
	for _, l := range c.leaves {
		l.part = c.holder(l) != nil
	}
	for _, l := range c.leaves {
		switch {
		case l.part:
		case slices.ContainsFunc(c.leaves, l.clashes):
			l.expr = fmt.Sprintf("JSONExtract(payload, %s, %s)", literals(l.path), literal(l.typ))
		default:
			l.expr = tupleColumn(l.path)
			at := root
			for _, step := range l.path {
				at = at.child(step)
			}
			at.leaf = l.typ
			if l.typ == anyValue {
				at.leaf = "?"
			}
		}
	}
	for _, l := range c.leaves {
		if l.part {
			l.expr = fmt.Sprintf("variantElement(%s, %s).%s", c.holder(l).expr, literal(namedObject), l.path[len(l.path)-1])
		}
	}
	if len(root.children) == 0 {
		root.child("id")
	}
	return fmt.Sprintf("JSONExtract(payload, replaceAll(%s, '?', %s))", literal(root.typ()), literal(anyValue))
}

// holder is the leaf whose object has this leaf among its names.
func (c *apiColumns) holder(l *leaf) *leaf {
	last := len(l.path) - 1
	if l.typ != anyValue && l.typ != "Nullable(String)" || !slices.Contains(objectNames, l.path[last]) {
		return nil
	}
	for _, o := range c.leaves {
		if o.typ == anyValue && slices.Equal(o.path, l.path[:last]) && c.holder(o) == nil {
			return o
		}
	}
	return nil
}

// clashes says that one pass cannot take both leaves: one lies within the other,
// or they want one place in two forms.
func (l *leaf) clashes(o *leaf) bool {
	n := min(len(l.path), len(o.path))
	return o != l && !o.part && slices.Equal(l.path[:n], o.path[:n])
}

func tupleColumn(path []string) string {
	quoted := make([]string, len(path))
	for i, step := range path {
		quoted[i] = identifier(step)
	}
	return "j." + strings.Join(quoted, ".")
}

// values are the leaves that may have any form, in the order of the column vals.
func (c *apiColumns) values() string {
	var out []string
	for _, l := range c.leaves {
		if l.typ == anyValue && !l.part {
			out = append(out, l.expr)
			l.n = len(out)
		}
	}
	if len(out) == 0 {
		return "CAST([], " + literal("Array("+anyValue+")") + ")"
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// text is the leaf's text: NULL where it says nothing.
func (l *leaf) text() string {
	if l.part {
		return "nullIf(" + trimmed(l.expr) + ", '')"
	}
	return fmt.Sprintf("texts[%d]", l.n)
}

// list is the leaf's values.
func (l *leaf) list() string {
	if l.part {
		return fmt.Sprintf("arrayFilter(x -> x != '', [ifNull(%s, '')])", trimmed(l.expr))
	}
	return fmt.Sprintf("lists[%d]", l.n)
}
