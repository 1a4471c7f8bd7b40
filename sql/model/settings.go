package model

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/srekpi/srekpi/configs"
)

// productionNames are the environments that count as production; so does a
// blank one.
var productionNames = []string{"production", "prod", "prd", "live"}

// ConfigInputs are the tables of a build that say what the config says, so that
// models and analysts can join them. The feeds are those of the config: how a
// source's records are read is part of what its figures mean.
func ConfigInputs(cfg *configs.Config, feeds []Feed) []Input {
	return []Input{
		{
			Name: "settings", Title: "Settings of the config that models rest on", Grain: "one row per setting and value",
			Key: []string{"name", "value"}, Defines: true,
			Columns: []InputColumn{
				{"name", "String", "path of the setting in the config"},
				{"value", "String", "its value; lengths of time in seconds; numbers of a list are joined by commas, texts of a list have a row each"},
			},
			Rows: Fixed(settingRows(cfg)),
		},
		{
			Name: "source_settings", Title: "What the config says of each source", Grain: "one row per source",
			Key: []string{"source"}, Defines: true,
			Columns: []InputColumn{
				{"source", "String", "name of the source"},
				{"type", "String", "file, jira or pagerduty"},
				{"entity", "String", "what its records fill; several are parted by commas"},
				{"closing_resolves", "UInt8", "1: a record closed without a resolution time counts as resolved when closed"},
				{"links", "UInt8", "1: the source is known to carry incident links, so that silence means success"},
				{"covers_from", "Nullable(DateTime64(3, 'UTC'))", "start of the range that it is declared complete for"},
				{"covers_to", "Nullable(DateTime64(3, 'UTC'))", "end of that range"},
				{"mapping", "String", "hash over how its records are read: another one is another definition"},
			},
			Rows: Fixed(sourceRows(cfg, feeds)),
		},
		{
			Name: "services", Title: "The service catalogue of the config", Grain: "one row per service",
			Key: []string{"service"}, Defines: true,
			Columns: []InputColumn{
				{"service", "String", "its name, as in incidents and changes"},
				{"team", "String", "the owning team"},
				{"l2_team", "String", "who takes it first"},
				{"l3_team", "String", "who mends it"},
				{"tier", "String", "how much depends on it"},
				{"owner", "String", "who answers for it"},
				{"runbook", "String", "where to read what to do"},
				{"calendar", "String", "when its people work: a name in calendar"},
			},
			Rows: Fixed(serviceRows(cfg)),
		},
		{
			Name: "annotations", Title: "Dated events of policy, drawn on charts", Grain: "one row per event",
			Key: []string{"at", "title"},
			Columns: []InputColumn{
				{"at", "DateTime64(3, 'UTC')", "when it took effect"},
				{"title", "String", "what changed"},
				{"scope", "String", "a service, a team or a KPI; empty: everything"},
			},
			Rows: Fixed(annotationRows(cfg)),
		},
		{
			Name: "teams", Title: "The teams of the config", Grain: "one row per team",
			Key: []string{"team"}, Defines: true,
			Columns: []InputColumn{
				{"team", "String", "its name, as in incidents and changes"},
				{"tier", "String", "L2, L3 or empty: an incident that reaches an L3 team is escalated"},
			},
			Rows: Fixed(teamRows(cfg)),
		},
		aliasesInput(cfg),
		valueMapsInput(cfg),
		identityInput(cfg),
		rulesInput(cfg),
		targetsInput(cfg),
		calendarInput(cfg),
		windowsInput(cfg),
		zoneOffsetsInput(),
	}
}

// CatalogueInput is the table of all KPIs, from the headers of their files.
func CatalogueInput(models []*Model) Input {
	var rows [][]any
	for _, m := range models {
		for _, k := range m.KPIs {
			dims := append([]string{"service", "team", "severity"}, k.Dims...)
			rows = append(rows, []any{k.Name, k.Title, k.Also, k.Asks, k.Kind, k.Entity, k.Better, k.Counts, k.Excludes, k.Ended, k.Unit, flag(k.Stock), k.Source, dims, m.File})
		}
	}
	return Input{
		Name: "kpis", Title: "The KPI catalogue", Grain: "one row per KPI", Key: []string{"kpi"}, Rows: Fixed(rows),
		Columns: []InputColumn{
			{"kpi", "String", "its name, as in kpi_values"},
			{"title", "String", "its name, as in reports"},
			{"also", "String", "other names that people search for"},
			{"asks", "String", "the question that it answers"},
			{"kind", "String", "duration, rate, share, count or average"},
			{"entity", "String", "what its candidates are"},
			{"better", "String", "lower or higher"},
			{"counts", "String", "what counts"},
			{"excludes", "String", "what is left out"},
			{"ended", "String", "what happened to a duration that counts: resolved"},
			{"unit", "String", "of a count or share that is no mere number; of an average, what it is per"},
			{"stock", "UInt8", "1 for a count of what stands open at the end of a period, not of what happened in it"},
			{"source", "String", "docs or standard that the definition follows"},
			{"dims", "Array(String)", "the dimensions that it is computed by"},
			{"file", "String", "the file that lists its evidence"},
		},
	}
}

func settingRows(cfg *configs.Config) [][]any {
	rows := [][]any{
		{"incidents.major", numbers(cfg.Incidents.Major)},
		{"incidents.flaps_within", seconds(cfg.Incidents.FlapsWithin)},
		{"incidents.reopened_within", seconds(cfg.Incidents.ReopenedWithin)},
		{"changes.observed_for", seconds(cfg.Changes.ObservedFor)},
		{"changes.issues_fail", strconv.Itoa(int(flag(cfg.Changes.IssuesFail)))},
		{"postmortems.required", numbers(cfg.Postmortems.Required)},
		{"postmortems.within_workdays", strconv.Itoa(cfg.Postmortems.WithinWorkdays)},
		{"work.hours_per_week", strconv.Itoa(cfg.Work.HoursPerWeek)},
		{"changes.production", strings.Join(productionNames, ",")},
		{"timezone", cfg.Timezone},
		{"weekly.ends", cfg.Weekly.Ends},
	}
	for _, pattern := range cfg.Changes.CitedAs {
		rows = append(rows, []any{"changes.cited_as", pattern})
	}
	for _, phrase := range cfg.Recurrence.Boilerplate {
		rows = append(rows, []any{"recurrence.boilerplate", phrase})
	}
	for _, word := range cfg.Incidents.DetectedByUsers {
		rows = append(rows, []any{"incidents.detected_by_users", strings.ToLower(word)})
	}
	for _, status := range cfg.Incidents.OnHold {
		rows = append(rows, []any{"incidents.on_hold", strings.ToLower(strings.TrimSpace(status))})
	}
	for _, k := range cfg.Calendars {
		rows = append(rows, []any{"calendars." + k.Name, calendarText(k)})
	}
	return append(rows, fieldRows(cfg)...)
}

// fieldRows say what a source calls the fields of an incident, so that a report
// can name the one to fill in. Of several names nobody knows which the site has.
func fieldRows(cfg *configs.Config) [][]any {
	var rows [][]any
	for i := range cfg.Sources {
		s := &cfg.Sources[i]
		called := map[string]string{}
		for name, f := range s.Mapping(configs.EntityIncident) {
			if len(f.From) == 1 && f.From[0] != "" {
				called[name] = f.From[0]
			}
		}
		if len(s.Mapping(configs.EntityIncident)) > 0 {
			for name, from := range s.Attributes {
				called["attributes."+name] = from
			}
		}
		for _, name := range slices.Sorted(maps.Keys(called)) {
			rows = append(rows, []any{"sources." + s.Name + ".incident." + name, called[name]})
		}
	}
	return rows
}

func numbers(list []int) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ",")
}

func seconds(s configs.Span) string { return strconv.Itoa(int(s.Seconds())) }

func teamRows(cfg *configs.Config) [][]any {
	var rows [][]any
	for _, t := range cfg.Teams {
		rows = append(rows, []any{t.Name, t.Tier})
	}
	return rows
}

func sourceRows(cfg *configs.Config, feeds []Feed) [][]any {
	mapping := map[string]string{}
	for _, f := range feeds {
		mapping[f.Source] += f.hash()
	}
	var rows [][]any
	for _, s := range cfg.Sources {
		rows = append(rows, []any{s.Name, s.Type, strings.Join(s.Collects(), ", "), flag(s.ClosingResolves), flag(s.Links), stated(s.Covers.Start), stated(s.Covers.End), mapping[s.Name]})
	}
	return rows
}

func serviceRows(cfg *configs.Config) [][]any {
	var rows [][]any
	for _, s := range cfg.Services {
		calendar := s.Calendar
		if calendar == "" {
			calendar = configs.Business
		}
		rows = append(rows, []any{s.Name, cfg.TeamNamed(s.Team), cfg.TeamNamed(s.L2Team), cfg.TeamNamed(s.L3Team), s.Tier, s.Owner, s.Runbook, calendar})
	}
	return rows
}

func annotationRows(cfg *configs.Config) [][]any {
	var rows [][]any
	for _, a := range cfg.Annotations {
		rows = append(rows, []any{a.Time.UTC(), a.Title, a.Scope})
	}
	return rows
}

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// stated is NULL for a time that the config does not give.
func stated(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}
