package configs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// mappings checks each field of a source against the catalogue.
func (d *decoder) mappings(s *Source, path string) {
	catalogue := Fields(s.Entity, s.Shape)
	if catalogue == nil {
		return // the unknown entity is told already
	}
	var names, missing []string
	for _, field := range catalogue {
		names = append(names, field.Name)
		f, mapped := s.Fields[field.Name]
		if field.Required && !mapped {
			missing = append(missing, field.Name)
		}
		if mapped {
			d.mapped(field, f, s.Times, under(path, "fields", field.Name))
		}
	}
	if len(missing) > 0 {
		d.at(under(path, "fields"), fmt.Sprintf("nothing is mapped to %s, without which %s says nothing", strings.Join(missing, " and "), article(s.Entity)),
			fmt.Sprintf("add under fields: %s: <column>", missing[0]))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
		if !slices.Contains(names, name) {
			d.at(under(path, "fields", name), fmt.Sprintf("%s has no field %q", article(s.Entity), name), insteadOrAttribute(name, names))
		}
	}
	d.attributes(s, path)
	for key, filter := range map[string]map[string][]string{"where": s.Where, "exclude": s.Exclude} {
		for column, values := range filter {
			if len(values) == 0 {
				d.at(under(path, key, column), fmt.Sprintf("%s lists no value for %q", key, column), fmt.Sprintf("write it like %s: {state: [Closed]}", key))
			}
		}
	}
}

func (d *decoder) attributes(s *Source, path string) {
	for _, name := range slices.Sorted(maps.Keys(s.Attributes)) {
		if s.Attributes[name] == "" {
			d.at(under(path, "attributes", name), fmt.Sprintf("the attribute %q names no column", name), "write it like attributes: {region: u_region}")
		}
	}
}

func (d *decoder) mapped(field Field, f FieldMap, inherited Times, path string) {
	switch sources := len(f.From) > 0; {
	case !sources && f.Value == nil:
		d.at(path, fmt.Sprintf("%s has neither from nor value", field.Name), "say where it comes from: from: <column>")
	case sources && f.Value != nil:
		d.at(path, fmt.Sprintf("%s has both from and value", field.Name), "keep one of them")
	case field.Name == "id" && !sources:
		d.at(path, "id has one value for every record", "map it to a column: from: <column>")
	}
	if field.Name == "id" && (f.Map != nil || f.Default != nil) {
		d.at(path, "map and default do not go with id, which is taken as it is", "remove them")
	}
	if slices.Contains(f.From, "") {
		d.at(under(path, "from"), fmt.Sprintf("%s has an empty column name", field.Name), "name the column")
	}
	if f.Pattern != "" {
		if re, err := regexp.Compile(f.Pattern); err != nil || re.NumSubexp() > 1 {
			d.at(under(path, "pattern"), fmt.Sprintf("%q is no pattern with at most one group", f.Pattern), `write a regular expression like PD-(\w+)`)
		}
		if field.Kind != KindText && field.Kind != KindList {
			d.at(under(path, "pattern"), fmt.Sprintf("pattern does not go with %s, which is no text", field.Name), "remove it")
		}
	}
	if f.Split != "" && field.Kind != KindList {
		d.at(under(path, "split"), fmt.Sprintf("split does not go with %s, which holds one value", field.Name), "remove it")
	}
	if field.Kind == KindTime || field.Kind == KindDate {
		if !slices.Equal(f.Layouts, inherited.Layouts) { // those are checked already
			d.layouts(under(path, "layout"), f.Layouts)
		}
		if f.Zone != inherited.Zone {
			d.zone(under(path, "zone"), f.Zone)
		}
		if f.Map != nil {
			d.at(under(path, "map"), fmt.Sprintf("map does not go with %s, which is a time", field.Name), "use layout and zone")
		}
		f.Map = nil
	} else if f.Layouts != nil || f.Zone != "" {
		d.at(path, fmt.Sprintf("layout and zone do not go with %s, which is no time", field.Name), "remove them")
	}
	if f.Value != nil {
		d.allowed(field, *f.Value, under(path, "value"))
	}
	if f.Default != nil {
		d.allowed(field, *f.Default, under(path, "default"))
	}
	for from, to := range f.Map {
		d.allowed(field, to, under(path, "map", from))
	}
}

// allowed checks a value that the config itself gives to a field. The empty
// text is allowed everywhere: it means not recorded.
func (d *decoder) allowed(field Field, value, path string) {
	if value == "" {
		return
	}
	switch field.Kind {
	case KindSeverity:
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > 5 {
			d.at(path, fmt.Sprintf("%q is not a severity", value), "severities are 1 (worst) to 5, 0 for unknown")
		}
	case KindWord:
		if !slices.Contains(field.Words, value) {
			d.at(path, fmt.Sprintf("%s cannot be %q", field.Name, value), instead(value, field.Words))
		}
	case KindFlag:
		if _, err := strconv.ParseBool(value); err != nil {
			d.at(path, fmt.Sprintf("%s cannot be %q", field.Name, value), "it is true or false")
		}
	case KindDecimal:
		if n, err := strconv.ParseFloat(value, 64); err != nil || n < 0 {
			d.at(path, fmt.Sprintf("%s cannot be %q", field.Name, value), "it is a number, 0 or more")
		}
	case KindNumber:
		if _, err := strconv.ParseUint(value, 10, 32); err != nil {
			d.at(path, fmt.Sprintf("%s cannot be %q", field.Name, value), "it is a whole number, 0 or more")
		}
	case KindTime:
		d.at(path, fmt.Sprintf("%s cannot be one time for every record", field.Name), "map it to a column, or leave it out")
	}
}

func insteadOrAttribute(name string, names []string) string {
	if near := Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "to keep the column, move it under attributes; fields are " + strings.Join(names, ", ")
}

func article(entity string) string {
	if entity == EntityIncident {
		return "an incident"
	}
	return "a " + entity
}

func validGlob(pattern string) bool { return doublestar.ValidatePattern(pattern) }
