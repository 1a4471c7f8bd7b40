package model

import "github.com/srekpi/srekpi/configs"

// rulesInput are the config's ordered rules: of a set and source the first that
// fits a record decides.
func rulesInput(cfg *configs.Config) Input {
	var rows [][]any
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		for n, r := range s.Issues {
			rows = append(rows, []any{"issues", listed([]string{s.Name}), uint32(n + 1), r.Is, listed(nil), listed(r.Project), listed(r.Type), listed(r.Label), uint8(0), r.JQL})
		}
	}
	for n, r := range cfg.Work.Rules {
		rows = append(rows, []any{"work", listed(r.Source), uint32(n + 1), r.Is, listed(r.Role), listed(r.Project), listed(r.Type), listed(r.Label), flag(r.AfterSprintStart), ""})
	}
	return Input{
		Name: "rules", Title: "The rules of the config, in their order", Grain: "one row per rule",
		Key: []string{"set", "sources", "rank"}, Defines: true, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"set", "String", "what the rule decides: issues (which issue is what), work (what kind of work a ticket is)"},
			{"sources", "Array(String)", "names of the sources whose records it judges; empty: all"},
			{"rank", "UInt32", "its place: of those that fit, the first decides"},
			{"result", "String", "what a record that fits is"},
			{"roles", "Array(String)", "roles of a ticket, any of which fits; empty: all do"},
			{"projects", "Array(String)", "keys of projects, any of which fits; empty: all do"},
			{"types", "Array(String)", "the source's types, any of which fits; empty: all do"},
			{"labels", "Array(String)", "labels, any of which fits; empty: all do"},
			{"after_sprint_start", "UInt8", "1: only tickets created after the start of the sprint that they were put in"},
			{"jql", "String", "a question that Jira answers in every run; empty: none"},
		},
	}
}

// listed is never nil, which an array column would not take.
func listed(texts []string) []string { return append([]string{}, texts...) }
