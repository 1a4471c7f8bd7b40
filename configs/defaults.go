package configs

import (
	"path"
	"strings"
)

// defaults is a config that states nothing.
func defaults() *Config {
	return &Config{
		Warehouse: Warehouse{URL: "chdb://./data"},
		Timezone:  "UTC",
		Weekly:    Weekly{Ends: "monday 00:00"},
		Monthly:   Monthly{IssueOnWorkday: 5},
		Reports:   Reports{Dir: "public"},
		Incidents: Incidents{Major: []int{1, 2}, FlapsWithin: span("30m"), ReopenedWithin: span("14d"),
			DetectedByUsers: []string{"customer", "customers", "user", "users", "client", "customer report", "user report"},
			OnHold:          []string{"On hold", "Parked", "Pending", "Blocked", "Waiting for customer", "Waiting for vendor"}},
		Recurrence:  Recurrence{Boilerplate: []string{"Incident with", "Disruption with"}},
		Changes:     Changes{CitedAs: []string{`CHG\d{7}`}, ObservedFor: span("72h")},
		Work:        Work{HoursPerWeek: 40, Rules: workRules()},
		Postmortems: Postmortems{WithinWorkdays: 10},
		Serve:       Serve{Listen: "127.0.0.1:8123", User: "default", Queries: 8, MaxTime: span("5m"), MaxRows: 10_000_000, MaxMemoryMB: 2048, TotalMemoryMB: 4096},
	}
}

// complete gives every calendar its days and hours, and makes sure that there is
// one called Business.
func (c *Config) complete() {
	for i := range c.Calendars {
		c.Calendars[i].complete()
	}
	for _, k := range c.Calendars {
		if k.Name == Business {
			return
		}
	}
	k := Calendar{Name: Business}
	k.complete()
	c.Calendars = append(c.Calendars, k)
}

func (k *Calendar) complete() {
	fill(&k.Hours, "08:00-18:00")
	if k.Days == nil {
		k.Days = []string{"monday", "tuesday", "wednesday", "thursday", "friday"}
	}
}

// complete fills in what a source leaves out; some of it follows from the rest.
func (s *Source) complete() {
	fill(&s.Times.Zone, "UTC")
	if s.Nulls == nil {
		s.Nulls = []string{""}
	}
	if s.Times.Layouts == nil {
		s.Times.Layouts = []string{LayoutISO}
	}
	if s.API() {
		fill(&s.Since, "400d")
		if s.Type == TypePagerDuty {
			fill(&s.URL, "https://api.pagerduty.com")
		}
		s.URL = strings.TrimRight(s.URL, "/")
		for _, entity := range s.Entities() {
			s.completeTimes(entity, s.Mapping(entity))
		}
		return
	}
	fill(&s.Format, formatOf(s.Paths))
	fill(&s.Encoding, EncodingUTF8)
	fill(&s.Shape, ShapeRecords)
	switch s.Format {
	case FormatCSV:
		fill(&s.Delimiter, ",")
	case FormatTSV:
		fill(&s.Delimiter, "\t")
	}
	s.completeTimes(s.Entity, s.Fields)
}

// completeTimes gives the mapped times the source's zone and layouts.
func (s *Source) completeTimes(entity string, mapping map[string]FieldMap) {
	for name, f := range mapping {
		field, ok := LookupField(entity, s.Shape, name)
		if !ok || field.Kind != KindTime && field.Kind != KindDate {
			continue
		}
		fill(&f.Zone, s.Times.Zone)
		if f.Layouts == nil {
			f.Layouts = s.Times.Layouts
		}
		mapping[name] = f
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
