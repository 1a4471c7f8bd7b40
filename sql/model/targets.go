package model

import "github.com/srekpi/srekpi/configs"

// targetsInput is how fast incidents are to be acknowledged and resolved.
func targetsInput(cfg *configs.Config) Input {
	var rows [][]any
	for i, t := range cfg.Targets {
		severities := make([]uint8, len(t.Severity))
		for j, s := range t.Severity {
			severities[j] = uint8(s)
		}
		services := make([]string, len(t.Service))
		for j, name := range t.Service {
			services[j] = cfg.ServiceNamed(name)
		}
		rows = append(rows, []any{uint32(i + 1), severities, services, within(t.Acknowledge), within(t.Resolve), t.Clock})
	}
	return Input{
		Name: "targets", Title: "How fast incidents are to be acknowledged and resolved", Grain: "one row per target of the config",
		Key: []string{"rank"}, Defines: true, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"rank", "UInt32", "its place: of those that fit an incident, the first counts"},
			{"severities", "Array(UInt8)", "severities that it is for; empty: all"},
			{"services", "Array(String)", "services that it is for; empty: all"},
			{"acknowledge_within", "Nullable(Float64)", "seconds; NULL: no target"},
			{"resolve_within", "Nullable(Float64)", "seconds; NULL: no target"},
			{"clock", "String", "24x7, or calendar: business hours of the service's calendar"},
		},
	}
}

func within(s configs.Span) *float64 {
	if s.Duration == 0 {
		return nil
	}
	seconds := s.Seconds()
	return &seconds
}
