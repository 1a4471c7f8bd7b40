package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/sql/model/oracle"
)

// mutant is a fault planted into a model: a piece of its SQL that stands there
// once, what it becomes, and the file of KPIs that shows it.
type mutant struct{ does, model, old, new, shows string }

var mutants = []mutant{
	{"merged incidents count", "time_to_resolve", "merged_into != '', concat('merged into ', merged_into),", "0, '',", "time_to_resolve"},
	{"the first resolution instead of the final one", "time_to_resolve", "dateDiff('millisecond', started_at, resolved_at)", "dateDiff('millisecond', started_at, first_resolved_at)", "time_to_resolve"},
	{"milliseconds for seconds", "time_to_resolve", "resolved_at) / 1000", "resolved_at) / 1", "time_to_resolve"},
	{"a parent starts when it was created itself", "incidents", "least(created_at, ifNull(s.earliest, created_at)) AS started_at", "created_at AS started_at", "time_to_resolve"},
	{"the acknowledgement of the first in order instead of the pager's", "incident_facts", "argMinIf(base.acknowledged_at, (1 - pager, rank)", "argMinIf(base.acknowledged_at, (0, rank)", "time_to_acknowledge"},
	{"what is open is dropped", "time_to_acknowledge", "FROM facts", "FROM facts WHERE left_out != '' OR isNotNull(acknowledged_at)", "time_to_acknowledge"},
	{"the impact is paused until it is created", "time_to_mitigate", "coalesce(impact_started_at, started_at) AS began_at", "greatest(coalesce(impact_started_at, started_at), created_at) AS began_at", "time_to_mitigate"},
	{"exercises count", "incident_count", "exercise = 1, 'exercise or planned maintenance',", "0, '',", "incident_count"},
	{"flaps count", "incident_count", "flap_of != '', concat('flap of ', flap_of),", "0, '',", "incident_count"},
	{"a flap comes after exactly 30 minutes too", "incidents", "created_at < resolved_before +", "created_at <= resolved_before +", "incident_count"},
	{"incidents are counted instead of changes", "change_failure_rate", "toNullable(1.0) AS value", "toNullable(greatest(1.0, toFloat64(length(incidents)))) AS value", "change_failure_rate"},
	{"silence is read as success", "change_failure_rate", "outcome_recorded = 0, concat(", "0, concat(", "change_failure_rate"},
	{"a change that is not over counts", "change_failure_rate", "ifNull(c.settles_at > collected_to, 1), concat(", "0, concat(", "change_failure_rate"},
	{"a hotfix mends nothing", "change_facts", "notEmpty(m.hotfixes), 'mended by a hotfix',", "0, '',", "change_failure_rate"},
	{"the last moment of the window does not count", "change_incident_links", "multiIf(b.created_at <= e.done_at + INTERVAL 4 HOUR", "multiIf(b.created_at < e.done_at + INTERVAL 4 HOUR", "suspected_change_failure"},
	{"an empty service equals an empty service", "recurrences", "lower(cause)), arrayDistinct(arrayFilter(s -> s != '', services))", "lower(cause)), arrayDistinct(services)", "recurrence_rate"},
	{"exactly 30 days are too long", "recurrence_rate", "gap_days <= 30", "gap_days < 30", "recurrence_rate"},
	{"the counter is read where a history tells", "reopen_rate", "if(has_history = 1, ifNull(first_reopened_at <= settles, 0), ifNull(reopen_count, 0) > 0)", "ifNull(reopen_count, 0) > 0", "reopen_rate"},
	{"business hours are read as hours", "within_target_rate", "if(clock = 'calendar', open_resolved - open_created,", "if(0, open_resolved - open_created,", "within_target_rate"},
	{"an unknown hit counts as none", "kpi_values", "if(isNotNull(hit), exact, 0) AS exact_known", "exact AS exact_known", "reopen_rate"},
	{"a joined record ends after as_of", "identity_records", "if(resolved_at <= now_known, resolved_at, NULL)", "resolved_at", "time_to_resolve"},
	{"a name that two bear has a shift", "pages", " AND (source, who) NOT IN (SELECT source, name FROM shared)", "", "pages_per_shift"},
	{"what leads into a circle of merges is merged into any of it", "incidents", "arrayMin(arraySlice(way, indexOf(way, way[-1]))) AS root", "if(has(arraySlice(way, 2), child), arrayMin(way), way[-1]) AS root", "incident_count"},
	{"a period begins after its first moment", "kpi_values", "bound >= toUnixTimestamp64Milli(spans[nth].3)", "bound > toUnixTimestamp64Milli(spans[nth].3)", "incident_count"},
	{"open durations are not carried", "kpi_values", "if(isNull(at), after_all, roundDown", "if(isNull(at), before_all, roundDown", "time_to_resolve"},
}

// Each planted fault makes the SQL say something else than the oracle, so that
// such a fault could not come in unseen.
func TestOracleKillsMutants(t *testing.T) {
	conn := ground(t)
	c := settle(t, conn, oracle.Plan{Name: "mutants", Seed: 5, First: 2001, Worlds: 150})
	if err := buildWorlds(conn, c, shared.models); err != nil {
		t.Fatal(err)
	}
	differences, err := compareWorlds(conn, c, shared.models)
	if err != nil {
		t.Fatal(err)
	}
	report(t, differences)
	// Without a fault there is none to see, on the same way.
	control := mutant{"nothing", "kpi_values", "bound >= toUnixTimestamp64Milli(spans[nth].3)", "bound  >= toUnixTimestamp64Milli(spans[nth].3)", "recurrence_rate"}
	for _, m := range append([]mutant{control}, mutants...) {
		t.Run(m.does, func(t *testing.T) {
			models := m.plant(t)
			standFor(t, conn, c, models)
			if err := buildWorlds(conn, c, models); err != nil {
				t.Fatal(err)
			}
			differences, err := compareWorlds(conn, c, models)
			if err != nil {
				t.Fatal(err)
			}
			if m == control {
				report(t, differences)
				return
			}
			if len(differences) == 0 {
				t.Errorf("the oracle sees no difference")
			}
			for _, d := range differences[:min(1, len(differences))] {
				t.Logf("%d differences, the first: %s", len(differences), d)
			}
		})
	}
}

// plant makes the models that the KPI rests on, with the fault. Their checks are
// left out: it is the oracle that has to see it.
func (m mutant) plant(t *testing.T) []*Model {
	t.Helper()
	needed := map[string]bool{Evidence: true, "sources": true}
	if m.model == "kpi_values" {
		needed["kpi_values"] = true
	}
	var need func(name string)
	need = func(name string) {
		needed[name] = true
		for _, real := range shared.models {
			if real.Name == name {
				for _, r := range real.Reads {
					need(r)
				}
			}
		}
	}
	need(m.shows)
	for _, name := range []string{Evidence, "sources"} {
		need(name)
	}
	var models []*Model
	planted := false
	for _, real := range shared.models {
		if !needed[real.Name] {
			continue
		}
		changed := *real
		changed.Checks = nil
		if real.Name == m.model {
			if n := strings.Count(real.SQL, m.old); n != 1 {
				t.Fatalf("%s holds %q %d times, not once: plant the fault again in its new text", real.File, m.old, n)
			}
			changed.SQL, planted = strings.Replace(real.SQL, m.old, m.new, 1), true
		}
		models = append(models, &changed)
	}
	if !planted {
		t.Fatalf("%s does not rest on %s", m.shows, m.model)
	}
	return models
}

// standFor says that the tables stand as these models want them, which a changed
// text would have the next build find out one by one.
func standFor(t *testing.T, conn driver.Conn, c *oracle.Company, models []*Model) {
	t.Helper()
	inputs := append(ConfigInputs(c.Config, nil), CatalogueInput(models), periods(nil))
	nodes, err := ordered(nodesOf(models, inputs))
	if err != nil {
		t.Fatal(err)
	}
	structure, err := structureOf(t.Context(), conn, nodes, &Queries{})
	if err != nil {
		t.Fatal(err)
	}
	mustExec(t, conn, "INSERT INTO builds (id, structure) SELECT toUInt32(max(id) + 1), ? FROM builds", structure)
	if !slices.ContainsFunc(nodes, func(n *node) bool { return n.name == Evidence }) {
		t.Fatal("there is no evidence to compare")
	}
}
