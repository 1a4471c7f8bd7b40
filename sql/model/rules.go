package model

import "github.com/srekpi/srekpi/configs"

// rulesInput are the config's ordered rules: of a set and source the first that
// fits a record decides.
func rulesInput(cfg *configs.Config) Input {
	var rows [][]any
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		for n, r := range s.Issues {
			rows = append(rows, []any{"issues", s.Name, uint32(n + 1), r.Is, listed(r.Project), listed(r.Type), listed(r.Label), r.JQL})
		}
	}
	return Input{
		Name: "rules", Title: "The rules of the config, in their order", Grain: "one row per rule",
		Key: []string{"set", "source", "rank"}, Defines: true, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"set", "String", "what the rule decides: issues (which issue is what)"},
			{"source", "String", "name of the source whose records it judges"},
			{"rank", "UInt32", "its place: of those that fit, the first decides"},
			{"result", "String", "what a record that fits is"},
			{"projects", "Array(String)", "keys of projects, any of which fits; empty: all do"},
			{"types", "Array(String)", "the source's types, any of which fits; empty: all do"},
			{"labels", "Array(String)", "labels, any of which fits; empty: all do"},
			{"jql", "String", "a question that Jira answers in every run; empty: none"},
		},
	}
}

// listed is never nil, which an array column would not take.
func listed(texts []string) []string { return append([]string{}, texts...) }
