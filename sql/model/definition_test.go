package model

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/srekpi/srekpi/configs"
)

// A second KPI of the small world, over a mart that rests on another rule.
var twoKPIs = map[string]string{
	"marts/weighed.sql": `-- mart: weighed
-- title: Weighed
-- grain: one row per number
-- key: n
-- reads: numbers_in, settings, team_rules
-- columns:
--   n: the number's name
SELECT n FROM numbers_in WHERE (SELECT max(value) FROM settings WHERE name = 'least') != '' AND (SELECT count() FROM team_rules) >= 0`,
	"kpis/weights.sql": strings.NewReplacer("big_numbers", "weights", "reads: numbers_in", "reads: weighed", "FROM numbers_in", "FROM weighed",
		"toFloat64(value) AS value", "1. AS value").Replace(world["kpis/big_numbers.sql"]),
}

func settingsOf(pairs ...[]any) Input {
	return Input{Name: "settings", Title: "Settings", Grain: "one row per setting", Key: []string{"name"}, Defines: true,
		Columns: []InputColumn{{"name", "String", "name"}, {"value", "String", "value"}}, Rows: Fixed(pairs)}
}

func teamRules(tiers ...[]uint8) Input {
	rows := make([][]any, len(tiers))
	for i, t := range tiers {
		rows[i] = []any{uint32(i + 1), t}
	}
	return Input{Name: "team_rules", Title: "Rules", Grain: "one row per rule", Key: []string{"rank"}, Defines: true,
		Columns: []InputColumn{{"rank", "UInt32", "its place"}, {"tiers", "Array(UInt8)", "tiers"}}, Rows: Fixed(rows)}
}

// A KPI's version follows what it rests on and nothing else.
func TestBuildDefinitionVersionOfAKPI(t *testing.T) {
	conn := database(t, "builds")
	numbers := numbersIn([]any{"a", int64(1)})
	numbers.Defines = false
	inputs := func(least, zone, other string) []Input {
		return []Input{numbers, settingsOf([]any{"least", least}, []any{"timezone", zone}, []any{"other", other}), teamRules([]uint8{1, 2})}
	}
	versions := func(models []*Model, in ...Input) [2]string {
		t.Helper()
		mustBuild(t, conn, models, in...)
		got := lines(t, conn, "SELECT DISTINCT kpi, version FROM definitions ORDER BY kpi")
		if len(got) != 2 || !strings.HasPrefix(got[0], "big_numbers | ") || !strings.HasPrefix(got[1], "weights | ") {
			t.Fatalf("versions %q", got)
		}
		return [2]string(got)
	}
	models := worldWith(t, twoKPIs)
	first := versions(models, inputs("1", "UTC", "x")...)
	want(t, conn, "SELECT kpi, part, kind, content FROM definitions ORDER BY kpi, part",
		`big_numbers | big_numbers | model | `,
		`big_numbers | kpi_evidence | model | `,
		`weights | kpi_evidence | model | `,
		`weights | settings | rule | [{"name":"least","value":"1"},`+"\n"+`{"name":"timezone","value":"UTC"}]`,
		`weights | team_rules | rule | [{"rank":1,"tiers":[1,2]}]`,
		`weights | weighed | model | `,
		`weights | weights | model | `)
	for _, c := range []struct {
		what         string
		big, weights bool // whose version changes
		models       []*Model
		inputs       []Input
	}{
		{"nothing", false, false, models, inputs("1", "UTC", "x")},
		{"a setting that a mart names", false, true, models, inputs("2", "UTC", "x")},
		{"a setting that no model of the two names", false, false, models, inputs("1", "UTC", "y")},
		{"the zone of the periods", false, true, models, inputs("1", "Asia/Tokyo", "x")},
		{"a rule two steps away", false, true, models, append(inputs("1", "UTC", "x")[:2], teamRules([]uint8{1, 3}))},
		{"one more rule", false, true, models, append(inputs("1", "UTC", "x")[:2], teamRules([]uint8{1, 2}, []uint8{}))},
		{"data", false, false, models, append(inputs("1", "UTC", "x")[1:], func() Input { n := numbersIn([]any{"b", int64(7)}); n.Defines = false; return n }())},
		{"a mart", false, true, worldWith(t, with(twoKPIs, "marts/weighed.sql", twoKPIs["marts/weighed.sql"]+" AND 1")), inputs("1", "UTC", "x")},
		{"the shape of evidence", true, true, worldWith(t, with(twoKPIs, "marts/kpi_evidence.sql", world["marts/kpi_evidence.sql"]+" AND 0")), inputs("1", "UTC", "x")},
		{"a title", false, false, worldWith(t, with(twoKPIs, "kpis/big_numbers.sql", strings.Replace(world["kpis/big_numbers.sql"], "title: Big", "title: Great", 1))), inputs("1", "UTC", "x")},
	} {
		now := versions(c.models, c.inputs...)
		if (now[0] != first[0]) != c.big || (now[1] != first[1]) != c.weights {
			t.Errorf("%s changed: %v after %v", c.what, now, first)
		}
	}
}

// Every KPI of incidents reads tickets, and with them the rules of work, which
// change none of its figures.
func TestBuildDefinitionHasTheRulesOfWorkWhereTheirClassIsUsed(t *testing.T) {
	conn := database(t, "builds")
	rules := Input{Name: "rules", Title: "Rules", Grain: "one row per rule", Key: []string{"rank"}, Defines: true,
		Columns: []InputColumn{{"set", "String", "what it decides"}, {"rank", "UInt32", "its place"}}, Rows: Fixed([][]any{{"work", uint32(1)}, {"issues", uint32(1)}})}
	const tickets = `-- mart: tickets
-- title: Tickets
-- grain: one row per ticket
-- key: id
-- reads: numbers_in, rules
-- columns:
--   id: its id
--   work_class: its class
SELECT n AS id, (SELECT max(set) FROM rules) AS work_class FROM numbers_in`
	kpi := func(name, what string) string {
		return strings.NewReplacer("big_numbers", name, "reads: numbers_in", "reads: tickets", "n AS id, toFloat64(value)", "id, "+what, "FROM numbers_in", "FROM tickets").Replace(world["kpis/big_numbers.sql"])
	}
	models := worldWith(t, map[string]string{"marts/tickets.sql": tickets, "kpis/planned.sql": kpi("planned", "toFloat64(work_class = 'planned')"), "kpis/counted.sql": kpi("counted", "1.")})
	mustBuild(t, conn, models, numbersIn([]any{"a", int64(1)}), rules)
	want(t, conn, "SELECT kpi, content FROM definitions WHERE part = 'rules' ORDER BY kpi",
		`counted | [{"rank":1,"set":"issues"}]`, `planned | [{"rank":1,"set":"issues"},`+"\n"+`{"rank":1,"set":"work"}]`)
}

func with(files map[string]string, name, text string) map[string]string {
	out := map[string]string{name: text}
	for n, t := range files {
		if n != name {
			out[n] = t
		}
	}
	return out
}

// The order of a catalogue in the config, an owner, and how far an export is
// declared complete are no definition; what a word means is.
func TestBuildDefinitionLeavesOutWhatChangesNoFigure(t *testing.T) {
	content := func(in Input) string {
		rows, err := in.Rows(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return rule{&in, rows}.content(func([]any) bool { return true })
	}
	config := func(change func(*configs.Config)) map[string]string {
		cfg := &configs.Config{
			Services: []configs.Service{{Name: "web", Team: "Web", Owner: "Ann"}, {Name: "db", Team: "Data"}},
			Sources:  []configs.Source{{Name: "desk", Type: configs.TypeFile, Entity: "incident"}},
		}
		if change != nil {
			change(cfg)
		}
		out := map[string]string{}
		for _, in := range ConfigInputs(cfg, nil) {
			if in.recorded() {
				out[in.Name] = content(in)
			}
		}
		return out
	}
	before := config(nil)
	for what, c := range map[string]struct {
		change func(*configs.Config)
		want   []string
	}{
		"an owner":                   {func(c *configs.Config) { c.Services[0].Owner = "Bob" }, nil},
		"the order of services":      {func(c *configs.Config) { slices.Reverse(c.Services) }, nil},
		"how far an export reaches":  {func(c *configs.Config) { c.Sources[0].Covers.End = time.Unix(0, 0) }, nil},
		"who mends a service":        {func(c *configs.Config) { c.Services[1].L3Team = "Core" }, []string{"services"}},
		"that closing resolves":      {func(c *configs.Config) { c.Sources[0].ClosingResolves = true }, []string{"source_settings"}},
		"what counts as major":       {func(c *configs.Config) { c.Incidents.Major = []int{1} }, []string{"settings"}},
		"a target for one severity":  {func(c *configs.Config) { c.Targets = []configs.Target{{Severity: []int{1}}} }, []string{"targets"}},
		"another name for a service": {func(c *configs.Config) { c.Services[0].Aliases = []string{"www"} }, []string{"aliases"}},
	} {
		after := config(c.change)
		var got []string
		for name := range before {
			if after[name] != before[name] {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: want (-), got (+)\n%s", what, diff)
		}
	}
}
