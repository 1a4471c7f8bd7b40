package model

import "github.com/srekpi/srekpi/configs"

// identityInput is the order in which sources give and fill the row of an
// incident or change that several of them hold.
func identityInput(cfg *configs.Config) Input {
	var rows [][]any
	ranked := map[string]bool{}
	add := func(s *configs.Source) {
		if s != nil && !ranked[s.Name] {
			ranked[s.Name] = true
			rows = append(rows, []any{s.Name, uint32(len(rows) + 1), flag(s.Type == configs.TypePagerDuty)})
		}
	}
	for _, name := range cfg.Identity.Order {
		add(cfg.Source(name))
	}
	for i := range cfg.Sources {
		add(&cfg.Sources[i])
	}
	return Input{
		Name: "identity_order", Title: "Which source speaks for an incident or change that several hold", Grain: "one row per source",
		Key: []string{"source"}, Defines: true, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"source", "String", "name of the source"},
			{"rank", "UInt32", "1 gives the row, the others fill its blanks in this order"},
			{"pager", "UInt8", "1: it pages people, so start and acknowledgement come from it"},
		},
	}
}
