package model

import (
	"fmt"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// field writes the conversion of one mapped field of a file source.
func (c *fileColumns) field(f configs.Field, m configs.FieldMap) typedField {
	text := "CAST(NULL, 'Nullable(String)')"
	switch {
	case m.Value != nil:
		text = constant(*m.Value)
	case len(m.From) == 1:
		text = c.use(m.From[0])
	case len(m.From) > 1:
		names := make([]string, len(m.From))
		for i, from := range m.From {
			names[i] = c.use(from)
		}
		text = "coalesce(" + strings.Join(names, ", ") + ")"
	}
	if f.Kind == configs.KindList {
		return typedField{name: f.Name, value: listOf(c.parts(text, m), c.src.Nulls, m)}
	}
	return convert(f, m, matched(text, m))
}

// parts cuts a text into values: a JSON array, or parts between separators.
func (c *fileColumns) parts(text string, m configs.FieldMap) string {
	whole := fmt.Sprintf("ifNull(%s, '')", text)
	parts := "[" + whole + "]"
	if m.Split != "" && m.Pattern == "" {
		parts = fmt.Sprintf("splitByString(%s, %s)", literal(m.Split), whole)
	}
	// A CSV column that the header repeats is an array as well.
	return fmt.Sprintf("if(startsWith(%s, '[') AND isValidJSON(%s), JSONExtract(%s, 'Array(String)'), %s)", whole, whole, whole, parts)
}
