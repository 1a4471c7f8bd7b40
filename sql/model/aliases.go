package model

import (
	"maps"
	"slices"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// aliasesInput says which name reports use for what sources call a service, a
// team or a cause.
func aliasesInput(cfg *configs.Config) Input {
	var rows [][]any
	seen := map[[2]string]bool{}
	add := func(kind, name string, aliases []string) {
		for _, alias := range append([]string{name}, aliases...) {
			if at := [2]string{kind, strings.ToLower(alias)}; alias != "" && !seen[at] {
				seen[at] = true
				rows = append(rows, []any{kind, strings.ToLower(alias), name})
			}
		}
	}
	for _, s := range cfg.Services {
		add("service", s.Name, s.Aliases)
	}
	for _, t := range cfg.Teams {
		add("team", t.Name, t.Aliases)
	}
	for _, c := range cfg.Causes {
		add("cause", c.Name, c.Aliases)
	}
	return Input{
		Name: "aliases", Title: "What sources call a service, a team or a cause, and what reports call it", Grain: "one row per kind and alias",
		Key: []string{"kind", "alias"}, Defines: true, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"kind", "String", "service, team or cause"},
			{"alias", "String", "what a source may call it, in small letters; its own name is one"},
			{"name", "String", "what reports call it"},
		},
	}
}

// valueMapsInput shows how each source's own words are read: severities, causes,
// outcomes and the like.
func valueMapsInput(cfg *configs.Config) Input {
	var rows [][]any
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		for _, entity := range s.Entities() {
			mapping := s.Mapping(entity)
			for _, field := range slices.Sorted(maps.Keys(mapping)) {
				words := mapping[field].Map
				for _, value := range slices.Sorted(maps.Keys(words)) {
					rows = append(rows, []any{s.Name, entity, field, value, words[value]})
				}
			}
		}
	}
	return Input{
		Name: "value_maps", Title: "How each source's own words are read", Grain: "one row per source, entity, field and word",
		Key: []string{"source", "entity", "field", "value"}, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"source", "String", "name of the source"},
			{"entity", "String", "incident, change or ticket"},
			{"field", "String", "the field of ours that it fills: severity, cause, outcome …"},
			{"value", "String", "the source's own word"},
			{"meaning", "String", "what it is read as"},
		},
	}
}
