package model

import (
	"fmt"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// apiField is one canonical field of an API's records.
type apiField struct {
	configs.Field
	configs.FieldMap
	mapped bool
	leaves []*leaf // the places that it can come from; the first that says something wins
}

func (c *apiColumns) field(f configs.Field, mapping map[string]configs.FieldMap) *apiField {
	out := &apiField{Field: f}
	out.FieldMap, out.mapped = mapping[f.Name]
	for _, name := range out.From {
		out.leaves = append(out.leaves, c.named(name)...)
	}
	return out
}

// sql is the typed column, and the columns below it that it is made from: the
// field's text or list, and what stands against the form that it was sent in.
func (f *apiField) sql(nulls []string) (typedField, []string) {
	name := f.Name
	if len(f.leaves) == 0 && f.Value == nil && f.Default == nil {
		return typedField{name: name, value: f.empty()}, nil
	}
	var candidates, odd []string
	for _, l := range f.leaves {
		if f.Kind == configs.KindList {
			candidates = append(candidates, l.list())
		} else {
			candidates = append(candidates, said(l.text(), nulls))
		}
		switch {
		case l.part:
		case f.single():
			odd = append(odd, fmt.Sprintf("forms[%d] > 0", l.n))
		default:
			odd = append(odd, fmt.Sprintf("forms[%d] = 1", l.n))
		}
	}
	var given string
	switch {
	case f.Kind == configs.KindList && f.Value != nil:
		given = "[" + literal(*f.Value) + "]"
	case f.Kind == configs.KindList && len(candidates) == 0:
		given = "CAST([], 'Array(String)')"
	case f.Kind == configs.KindList:
		given = candidates[0]
		if len(candidates) > 1 {
			given = "arrayFirst(l -> notEmpty(l), [" + strings.Join(candidates, ", ") + "])"
		}
	case f.Value != nil:
		given = constant(*f.Value)
	case len(candidates) == 0:
		given = "CAST(NULL, 'Nullable(String)')"
	default:
		given = "coalesce(" + strings.Join(candidates, ", ") + ")"
	}
	var column typedField
	below := []string{given + " AS " + name + "_said"}
	if f.Kind == configs.KindList {
		column = typedField{name: name, value: listOf(f.parts(name+"_said"), nulls, f.FieldMap)}
	} else {
		column = convert(f.Field, f.FieldMap, matched(name+"_said", f.FieldMap))
		if f.Kind == configs.KindFlag {
			// Sites rate impact in words of their own: a word that no map covers is
			// reported, and no reason to hold the record.
			column.unmapped = fmt.Sprintf("if(isNotNull(%s) AND isNull(%s), concat(%s, ifNull(%s, '')), '')",
				mapValues(name+"_said", f.FieldMap), name, literal(name+"="), name+"_said")
			column.bad = ""
		}
	}
	if len(odd) > 0 {
		below = append(below, strings.Join(odd, " OR ")+" AS "+name+"_odd")
		nothing, what := "isNull("+name+"_said)", "an object without a name"
		switch {
		case f.Kind == configs.KindList:
			nothing = "empty(" + name + "_said)"
		case f.single():
			nothing, what = "1", "an object or a list, and no single value"
		}
		against := column.bad
		if against == "" {
			against = "''"
		}
		column.bad = fmt.Sprintf("if(%s_odd AND %s, %s, %s)", name, nothing, literal(name+": is "+what), against)
	}
	return column, below
}

// single says that a list of values cannot stand for the field.
func (f *apiField) single() bool {
	switch f.Kind {
	case configs.KindTime, configs.KindDate, configs.KindNumber, configs.KindDecimal:
		return true
	}
	return false
}

func (f *apiField) parts(list string) string {
	if f.Split == "" || f.Pattern != "" {
		return list
	}
	return fmt.Sprintf("arrayFlatten(arrayMap(x -> splitByString(%s, x), %s))", literal(f.Split), list)
}

// said drops a text that means "no value".
func said(text string, nulls []string) string {
	var more []string
	for _, n := range nulls {
		if n != "" {
			more = append(more, n)
		}
	}
	if len(more) == 0 {
		return text
	}
	return fmt.Sprintf("if(%s IN (%s), NULL, %s)", text, literals(more), text)
}

// empty is what a field holds that nothing is mapped to.
func (f *apiField) empty() string {
	switch f.Kind {
	case configs.KindList:
		return "CAST([], 'Array(String)')"
	case configs.KindTime:
		return "CAST(NULL, 'Nullable(DateTime64(3, \\'UTC\\'))')"
	case configs.KindDate:
		return "CAST(NULL, 'Nullable(Date)')"
	case configs.KindNumber:
		return "CAST(NULL, 'Nullable(UInt32)')"
	case configs.KindDecimal:
		return "CAST(NULL, 'Nullable(Float64)')"
	case configs.KindFlag:
		if f.Name != "exercise" {
			return "CAST(NULL, 'Nullable(UInt8)')"
		}
		return "toUInt8(0)"
	case configs.KindSeverity:
		return "toUInt8(0)"
	}
	if f.Name == "key" {
		return "id"
	}
	return "''"
}
