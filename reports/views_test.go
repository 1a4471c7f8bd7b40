package reports

import (
	"fmt"
	"html/template"
	"reflect"
	"regexp"
	"testing"

	"github.com/srekpi/srekpi/metrics"
)

// A template prints a number through figure or tally only. What is in a view is
// therefore held to this:
//
//   - no field has a numeric type, unless it is tagged view:"structure" (the
//     height of a chart, the width of a bar, the number of an event, a severity,
//     a key to sort by);
//   - no text has a digit, unless its field says what it is: view:"date",
//     view:"key" (an id, an address, a command), view:"name" (of a KPI, a
//     source, a band of ages), view:"quote" (words of a ticket or of a
//     definition); a piece of a sentence says so by its own fields;
//   - words may name the constants of a definition, which are listed here.
//
// Fields that a template cannot reach do not count.
var constants = regexp.MustCompile(`\b(30|90) days\b|\b13 (weeks|months)\b|\b24 months\b|\b3 months\b|\b12 (settled|pauses)\b|\b4 weeks\b|\bfewer than 6\b|\b9 in 10 within\b|\b3 of 4 in a row\b|\b(4|24|72) h\b|\bL[23]\b`)

var digit = regexp.MustCompile(`\d`)

func offenders(v reflect.Value, path, tag string) []string {
	switch x := v; x.Kind() {
	case reflect.Pointer, reflect.Interface:
		if x.IsNil() {
			return nil
		}
		return offenders(x.Elem(), path, tag)
	case reflect.Struct:
		switch x.Type() {
		case reflect.TypeFor[figure](), reflect.TypeFor[tally]():
			return nil
		case reflect.TypeFor[metrics.KPI]():
			if tag == "quote" {
				return nil
			}
		case reflect.TypeFor[piece]():
			if one := x.Interface().(piece); one.Tally != nil || one.Figure != nil || one.Quote || one.Name || one.Plain || one.Date || one.URL != "" {
				return nil
			}
			return offenders(x.FieldByName("Text"), path, "")
		}
		var out []string
		for i := range x.NumField() {
			if f := x.Type().Field(i); f.IsExported() || f.Anonymous {
				of := f.Tag.Get("view")
				if of == "" && f.Anonymous {
					of = tag
				}
				out = append(out, offenders(x.Field(i), path+"."+f.Name, of)...)
			}
		}
		return out
	case reflect.Slice, reflect.Array:
		var out []string
		for i := range x.Len() {
			out = append(out, offenders(x.Index(i), fmt.Sprintf("%s[%d]", path, i), tag)...)
		}
		return out
	case reflect.Map:
		var out []string
		for _, key := range x.MapKeys() {
			out = append(out, offenders(key, path+"[key]", tag)...)
			out = append(out, offenders(x.MapIndex(key), path+"[]", tag)...)
		}
		return out
	case reflect.String:
		switch x.Type() {
		case reflect.TypeFor[template.HTML](), reflect.TypeFor[template.JS](), reflect.TypeFor[template.CSS]():
			if tag != "structure" && x.Len() > 0 {
				return []string{path + " is markup: tag it as structure, or give it a type"}
			}
			return nil
		}
		if tag == "" && digit.MatchString(constants.ReplaceAllString(x.String(), "")) {
			return []string{fmt.Sprintf("%s says %q", path, clip(x.String(), 100))}
		}
		return nil
	case reflect.Bool:
		return nil
	}
	if tag != "structure" {
		return []string{fmt.Sprintf("%s is a %s, no figure and no tally", path, v.Kind())}
	}
	return nil
}

func TestNumbersOfAPageAreFiguresOrTallies(t *testing.T) {
	for _, name := range []string{"whole sample", "whole infested"} {
		t.Run(name, func(t *testing.T) {
			conn, c := filled(t, name)
			seen := map[string]bool{}
			for document, kind := range kindOf {
				d, err := documentOf(document)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range []metrics.Period{periodAt(t, kind, c.AsOf), runningAt(t, kind, c.AsOf)} {
					s, err := open(t.Context(), conn, options("", c.AsOf), document, p, nil)
					if err != nil {
						t.Fatal(err)
					}
					var found []string
					for _, b := range append(append([]block{}, d.blocks...), d.appendix...) {
						a, err := b.answer(t.Context(), s)
						if err != nil {
							t.Fatal(err)
						}
						if a != nil {
							found = append(found, offenders(reflect.ValueOf(*a), b.name, "")...)
						}
					}
					found = append(found, offenders(reflect.ValueOf(s.head(d)), "head", "")...)
					for _, one := range found {
						if short := regexp.MustCompile(`\[\d+\]`).ReplaceAllString(one, ""); !seen[short] {
							seen[short] = true
							t.Errorf("%s: %s", document, one)
						}
					}
				}
			}
		})
	}
}

func TestANumberInAViewIsAnOffence(t *testing.T) {
	type view struct {
		N      int
		Height int `view:"structure"`
		Said   string
		When   string `view:"date"`
		Lead   prose
		Drawn  template.HTML
		hidden int
	}
	clean := view{Height: 3, Said: "within 90 days", When: "9 June", Lead: tell("%s of them, in %s", tallyOf("x", 3), dated("June 2026"))}
	if got := offenders(reflect.ValueOf(struct{ V view }{clean}), "", ""); len(got) != 1 { // N
		t.Errorf("%q", got)
	}
	bad := view{Said: "7 incidents", Lead: prose{say("7 incidents")}, Drawn: "<b>7</b>", hidden: 3}
	if got := offenders(reflect.ValueOf(bad), "", ""); len(got) != 4 {
		t.Errorf("%q", got)
	}
}
