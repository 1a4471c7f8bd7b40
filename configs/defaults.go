package configs

import (
	"path"
	"strings"
)

// defaults is a config that states nothing.
func defaults() *Config {
	return &Config{
		Warehouse:  Warehouse{URL: "chdb://./data"},
		Timezone:   "UTC",
		Weekly:     Weekly{Ends: "monday 00:00"},
		Monthly:    Monthly{IssueOnWorkday: 5},
		Reports:    Reports{Dir: "public"},
		Incidents:  Incidents{Major: []int{1, 2}},
		Recurrence: Recurrence{Boilerplate: []string{"Incident with", "Disruption with"}},
	}
}

// complete fills in what a source leaves out; some of it follows from the rest.
func (s *Source) complete() {
	fill(&s.Format, formatOf(s.Paths))
	fill(&s.Encoding, EncodingUTF8)
	fill(&s.Shape, ShapeRecords)
	fill(&s.Times.Zone, "UTC")
	switch s.Format {
	case FormatCSV:
		fill(&s.Delimiter, ",")
	case FormatTSV:
		fill(&s.Delimiter, "\t")
	}
	if s.Nulls == nil {
		s.Nulls = []string{""}
	}
	if s.Times.Layouts == nil {
		s.Times.Layouts = []string{LayoutISO}
	}
	for name, f := range s.Fields {
		if field, ok := LookupField(s.Entity, s.Shape, name); !ok || field.Kind != KindTime {
			continue
		}
		fill(&f.Zone, s.Times.Zone)
		if f.Layouts == nil {
			f.Layouts = s.Times.Layouts
		}
		s.Fields[name] = f
	}
}

func fill(value *string, standard string) {
	if *value == "" {
		*value = standard
	}
}

// formatOf reads the format from the paths' endings; empty when they do not
// tell, or differ.
func formatOf(paths []string) string {
	found := ""
	for _, p := range paths {
		p = strings.TrimSuffix(strings.TrimRight(strings.ToLower(p), "*"), ".gz")
		format := ""
		switch path.Ext(p) {
		case ".csv":
			format = FormatCSV
		case ".tsv", ".tab":
			format = FormatTSV
		case ".jsonl", ".ndjson":
			format = FormatJSONL
		case ".json":
			format = FormatJSON
		}
		if format == "" || found != "" && found != format {
			return ""
		}
		found = format
	}
	return found
}
