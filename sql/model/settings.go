package model

import (
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
				{"value", "String", "its value; numbers of a list are joined by commas, texts of a list have a row each"},
			},
			Rows: Fixed(settingRows(cfg)),
		},
		{
			Name: "source_settings", Title: "What the config says of each source", Grain: "one row per source",
			Key: []string{"source"}, Defines: true,
			Columns: []InputColumn{
				{"source", "String", "name of the source"},
				{"type", "String", "file, jira or pagerduty"},
				{"entity", "String", "what its records are; empty for an API, which holds several kinds"},
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
			Key: []string{"service"},
			Columns: []InputColumn{
				{"service", "String", "its name, as in incidents and changes"},
				{"team", "String", "the owning team"},
				{"l2_team", "String", "who takes it first"},
				{"l3_team", "String", "who mends it"},
				{"tier", "String", "how much depends on it"},
				{"owner", "String", "who answers for it"},
				{"runbook", "String", "where to read what to do"},
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
		identityInput(cfg),
		rulesInput(cfg),
	}
}

// CatalogueInput is the table of all KPIs, from the headers of their files.
func CatalogueInput(models []*Model) Input {
	var rows [][]any
	for _, m := range models {
		for _, k := range m.KPIs {
			dims := append([]string{"service", "team", "severity"}, k.Dims...)
			rows = append(rows, []any{k.Name, k.Title, k.Also, k.Asks, k.Kind, k.Entity, k.Better, k.Counts, k.Excludes, k.Ended, k.Unit, k.Source, dims, m.File})
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
			{"source", "String", "docs or standard that the definition follows"},
			{"dims", "Array(String)", "the dimensions that it is computed by"},
			{"file", "String", "the file that lists its evidence"},
		},
	}
}

func settingRows(cfg *configs.Config) [][]any {
	major := make([]string, len(cfg.Incidents.Major))
	for i, s := range cfg.Incidents.Major {
		major[i] = strconv.Itoa(s)
	}
	rows := [][]any{
		{"incidents.major", strings.Join(major, ",")},
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
	return rows
}

func sourceRows(cfg *configs.Config, feeds []Feed) [][]any {
	mapping := map[string]string{}
	for _, f := range feeds {
		mapping[f.Source] += f.hash()
	}
	var rows [][]any
	for _, s := range cfg.Sources {
		rows = append(rows, []any{s.Name, s.Type, strings.Join(s.Entities(), ", "), flag(s.ClosingResolves), flag(s.Links), stated(s.Covers.Start), stated(s.Covers.End), mapping[s.Name]})
	}
	return rows
}

func serviceRows(cfg *configs.Config) [][]any {
	var rows [][]any
	for _, s := range cfg.Services {
		rows = append(rows, []any{s.Name, s.Team, s.L2Team, s.L3Team, s.Tier, s.Owner, s.Runbook})
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
