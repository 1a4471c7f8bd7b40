package metrics

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// definitionPart is a model, or a table of rules, that a KPI rests on.
type definitionPart struct{ name, kind, hash, content string }

// explained says in words what one definition of a KPI has that another has not.
func explained(before, after []definitionPart) []string {
	was, is := byName(before), byName(after)
	var out, models []string
	maps := valueMapChanges(rowsOf(was["value_maps"]), rowsOf(is["value_maps"]))
	for _, name := range names(was, is) {
		a, b := was[name], is[name]
		if a.hash == b.hash {
			continue
		}
		if a.kind == "model" || b.kind == "model" {
			models = append(models, name)
			continue
		}
		x, y := rowsOf(a), rowsOf(b)
		switch name {
		case "settings":
			out = append(out, settingChanges(x, y)...)
		case "rules":
			out = append(out, rankedChanges(x, y, ruleSet)...)
		case "targets":
			out = append(out, rankedChanges(x, y, func(ruleRow) string { return "target" })...)
		case "aliases":
			out = append(out, aliasChanges(x, y)...)
		case "identity_order":
			out = append(out, "the order in which sources speak for an incident or change (identity.order) has changed")
		case "source_settings":
			out = append(out, sourceChanges(x, y, maps)...)
		case "value_maps": // told with the source whose words they are
		case "teams":
			out = append(out, columnChanges("team", "team", x, y)...)
		case "services":
			out = append(out, columnChanges("service", "service", x, y)...)
		default:
			out = append(out, "the rules in "+name+" have changed")
		}
	}
	if len(models) > 0 {
		out = append(out, modelsChanged(models))
	}
	if len(out) == 0 {
		out = []string{"its definition has changed"}
	}
	return out
}

func byName(parts []definitionPart) map[string]definitionPart {
	out := map[string]definitionPart{}
	for _, p := range parts {
		out[p.name] = p
	}
	return out
}

// names lists the keys of both, sorted.
func names[V any](a, b map[string]V) []string {
	var out []string
	for name := range a {
		out = append(out, name)
	}
	for name := range b {
		if _, both := a[name]; !both {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

// fewModels is how many models a cause names before it counts them.
const fewModels = 3

func modelsChanged(models []string) string {
	if len(models) == 1 {
		return "the model " + models[0] + " has changed"
	}
	shown := models
	if len(models) > fewModels {
		shown = append(slices.Clone(models[:fewModels-1]), fmt.Sprintf("%d more", len(models)-fewModels+1))
	}
	return "the models " + strings.Join(shown[:len(shown)-1], ", ") + " and " + shown[len(shown)-1] + " have changed"
}

// settingChanges: a setting with one value was and is; of a list, words come and go.
func settingChanges(before, after []ruleRow) []string {
	was, is := grouped(before), grouped(after)
	var out []string
	for _, name := range names(was, is) {
		a, b := without(was[name], is[name]), without(is[name], was[name])
		if len(was[name]) == 1 && len(is[name]) == 1 && len(a) == 1 {
			out = append(out, fmt.Sprintf("%s was %s and is %s", name, settingValue(name, a[0]), settingValue(name, b[0])))
			continue
		}
		for _, v := range b {
			out = append(out, fmt.Sprintf("%s: %s was added", name, settingValue(name, v)))
		}
		for _, v := range a {
			out = append(out, fmt.Sprintf("%s: %s was removed", name, settingValue(name, v)))
		}
	}
	return out
}

func grouped(rows []ruleRow) map[string][]string {
	out := map[string][]string{}
	for _, r := range rows {
		name := r.text("name")
		out[name] = append(out[name], r.text("value"))
	}
	return out
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return slices.Contains(b, v) })
}

// lengths are settings that hold seconds.
var lengths = []string{"incidents.flaps_within", "incidents.reopened_within", "changes.observed_for"}

func settingValue(name, value string) string {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && slices.Contains(lengths, name) {
		return Duration(seconds)
	}
	return quoted(value)
}

// ruleSet names the list that a rule stands in.
func ruleSet(r ruleRow) string {
	if r.text("set") == "issues" {
		return "issue rule of " + r.text("sources")
	}
	return r.text("set") + " rule"
}

// rankedChanges compares ordered lists, where a rule that only moved down for a
// new one is none that changed.
func rankedChanges(before, after []ruleRow, set func(ruleRow) string) []string {
	lists := func(rows []ruleRow) map[string][]ruleRow {
		out := map[string][]ruleRow{}
		for _, r := range rows {
			out[set(r)] = append(out[set(r)], r)
		}
		for _, list := range out {
			sort.SliceStable(list, func(i, j int) bool { return list[i].number("rank") < list[j].number("rank") })
		}
		return out
	}
	was, is := lists(before), lists(after)
	var out []string
	for _, name := range names(was, is) {
		a, b := sayings(was[name]), sayings(is[name])
		gone, fresh := placed(was[name], without(a, b), a), placed(is[name], without(b, a), b)
		said := len(out)
		for _, rank := range fresh {
			if slices.Contains(gone, rank) {
				out = append(out, numbered(name, rank)+" has changed")
			} else {
				out = append(out, numbered(name, rank)+" is new")
			}
		}
		for _, rank := range gone {
			if !slices.Contains(fresh, rank) {
				out = append(out, "the old "+numbered(name, rank)+" was removed")
			}
		}
		if said == len(out) && !slices.Equal(a, b) {
			out = append(out, "the order of the "+plural(name)+" has changed")
		}
	}
	return out
}

// numbered puts a rank where it is read: "work rule 3", "issue rule 2 of jira".
func numbered(name, rank string) string {
	first, rest, of := strings.Cut(name, " of ")
	if of {
		rest = " of " + rest
	}
	return first + " " + rank + rest
}

func plural(name string) string {
	first, rest, of := strings.Cut(name, " of ")
	if of {
		rest = " of " + rest
	}
	return first + "s" + rest
}

// sayings are what rules say, whatever their place.
func sayings(rows []ruleRow) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		bare := ruleRow{}
		for k, v := range r {
			if k != "rank" {
				bare[k] = v
			}
		}
		text, err := json.Marshal(bare)
		if err != nil {
			panic(err) // it came from JSON
		}
		out[i] = string(text)
	}
	return out
}

// placed are the ranks of those rows whose saying is among some.
func placed(rows []ruleRow, some, all []string) []string {
	var out []string
	for i, r := range rows {
		if slices.Contains(some, all[i]) {
			out = append(out, r.text("rank"))
		}
	}
	return out
}

func aliasChanges(before, after []ruleRow) []string {
	key := func(r ruleRow) string { return r.text("kind") + " " + quoted(r.text("alias")) }
	was, is := keyed(before, key), keyed(after, key)
	var out []string
	for _, name := range names(was, is) {
		a, b := was[name], is[name]
		switch {
		case a == nil:
			out = append(out, fmt.Sprintf("%s is read as %s now", name, quoted(b.text("name"))))
		case b == nil:
			out = append(out, fmt.Sprintf("%s is no longer read as %s", name, quoted(a.text("name"))))
		case a.text("name") != b.text("name"):
			out = append(out, fmt.Sprintf("%s was read as %s and is read as %s", name, quoted(a.text("name")), quoted(b.text("name"))))
		}
	}
	return out
}

// sourceChanges tells of a source's own settings; of how its records are read,
// which words have another meaning, where that is it.
func sourceChanges(before, after []ruleRow, maps map[string][]string) []string {
	out := columnChanges("source", "source", before, after, "mapping")
	key := func(r ruleRow) string { return r.text("source") }
	was, is := keyed(before, key), keyed(after, key)
	for _, name := range names(was, is) {
		a, b := was[name], is[name]
		if a == nil || b == nil || a.text("mapping") == b.text("mapping") {
			continue
		}
		why := " (its mapping)"
		if words := maps[name]; len(words) > 0 {
			why = ": " + some(words)
		}
		out = append(out, "how records of "+name+" are read has changed"+why)
	}
	return out
}

// valueMapChanges lists, by source, which of its words are read otherwise.
func valueMapChanges(before, after []ruleRow) map[string][]string {
	key := func(r ruleRow) string {
		return r.text("source") + "\x00" + r.text("entity") + "\x00" + r.text("field") + "\x00" + r.text("value")
	}
	was, is := keyed(before, key), keyed(after, key)
	out := map[string][]string{}
	for _, name := range names(was, is) {
		a, b := was[name], is[name]
		any := a
		if any == nil {
			any = b
		}
		word := any.text("field") + " " + quoted(any.text("value"))
		switch source := any.text("source"); {
		case a == nil:
			out[source] = append(out[source], word+" is "+quoted(b.text("meaning"))+" now")
		case b == nil:
			out[source] = append(out[source], word+" is no longer "+quoted(a.text("meaning")))
		case a.text("meaning") != b.text("meaning"):
			out[source] = append(out[source], word+" was "+quoted(a.text("meaning"))+" and is "+quoted(b.text("meaning")))
		}
	}
	return out
}

// columnChanges compares tables of named things, column by column.
func columnChanges(noun, key string, before, after []ruleRow, but ...string) []string {
	name := func(r ruleRow) string { return r.text(key) }
	was, is := keyed(before, name), keyed(after, name)
	var out []string
	for _, thing := range names(was, is) {
		a, b := was[thing], is[thing]
		switch {
		case a == nil:
			out = append(out, fmt.Sprintf("the %s %s is new in the config", noun, thing))
		case b == nil:
			out = append(out, fmt.Sprintf("the %s %s left the config", noun, thing))
		default:
			for _, column := range names(a, b) {
				if x, y := a.text(column), b.text(column); x != y && !slices.Contains(but, column) {
					out = append(out, fmt.Sprintf("%s of the %s %s was %s and is %s", column, noun, thing, quoted(x), quoted(y)))
				}
			}
		}
	}
	return out
}

// fewWords is how many changes a cause lists before it counts them.
const fewWords = 3

func some(words []string) string {
	if len(words) <= fewWords {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:fewWords], ", "), len(words)-fewWords)
}

// quoted is a word of the config, cut where it is no word.
func quoted(s string) string {
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:59]) + "…"
	}
	return `"` + s + `"`
}
