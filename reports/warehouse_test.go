package reports

import (
	"context"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/sql"
	"github.com/srekpi/srekpi/sql/warehouse"
)

// plainTables have the columns of the analysts' contract, without builds and
// views: what a page reads, filled by a test.
var plainTables = []string{
	`CREATE TABLE incidents (id String, source String, key String, url String, title String, services Array(String), service String, teams Array(String), team String,
		severity UInt8, major UInt8, customer_impact Nullable(UInt8), environment String, exercise UInt8, status String, source_status String,
		created_at DateTime64(3, 'UTC'), started_at DateTime64(3, 'UTC'), impact_started_at Nullable(DateTime64(3, 'UTC')), acknowledged_at Nullable(DateTime64(3, 'UTC')),
		escalated_at Nullable(DateTime64(3, 'UTC')), mitigated_at Nullable(DateTime64(3, 'UTC')), first_resolved_at Nullable(DateTime64(3, 'UTC')),
		resolved_at Nullable(DateTime64(3, 'UTC')), closed_at Nullable(DateTime64(3, 'UTC')), reopen_count Nullable(UInt32), first_reopened_at Nullable(DateTime64(3, 'UTC')),
		has_history UInt8, tells_acknowledgement UInt8 DEFAULT 1, reassignment_count Nullable(UInt32), resolved_by String, merged_into String, flap_of String, alert_key String, alert_source String, title_key String, cause String,
		fix_owner String, caused_by_change String, caused_by Array(String), problem_key String, repeats Array(String), detected_by String, attributes Map(String, String)) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE changes (id String, source String, key String, url String, title String, services Array(String), service String, teams Array(String), team String,
		kind String, type String, risk String, environment String, labels Array(String), created_at Nullable(DateTime64(3, 'UTC')), planned_start Nullable(DateTime64(3, 'UTC')),
		planned_end Nullable(DateTime64(3, 'UTC')), started_at Nullable(DateTime64(3, 'UTC')), ended_at Nullable(DateTime64(3, 'UTC')), closed_at Nullable(DateTime64(3, 'UTC')),
		status String, source_status String, outcome String, outcome_recorded UInt8, parent_change String, caused_incidents Array(String), attributes Map(String, String)) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE change_incident_links (change_id String, incident_id String, grade String, basis String, lag_seconds Nullable(Int64)) ENGINE = MergeTree ORDER BY change_id`,
	`CREATE TABLE incident_sources (incident_id String, source String, record_id String, basis String) ENGINE = MergeTree ORDER BY incident_id`,
	`CREATE TABLE identities (entity String, id String, key String, url String, row_id String) ENGINE = MergeTree ORDER BY (entity, id)`,
	`CREATE TABLE tickets (id String, source String, key String, url String, title String, role String, services Array(String), teams Array(String), points Nullable(Float64),
		created_at Nullable(DateTime64(3, 'UTC')), resolved_at Nullable(DateTime64(3, 'UTC')), status String, status_category String, assignee String, work_class String,
		status_since Nullable(DateTime64(3, 'UTC')), reassignment_count Nullable(UInt32), moved_at Nullable(DateTime64(3, 'UTC'))) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE action_items (id String, source String, key String, url String, title String, owner String, team String, services Array(String), incident_ids Array(String), created_at Nullable(DateTime64(3, 'UTC')),
		first_due_on Nullable(Date), due_on Nullable(Date), due_moves UInt32, resolved_at Nullable(DateTime64(3, 'UTC')), status String, status_category String) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE incident_events (incident_id String, source String, at DateTime64(3, 'UTC'), kind String, actor String, detail String, basis String) ENGINE = MergeTree ORDER BY (incident_id, at)`,
	`CREATE TABLE ticket_transitions (ticket_id String, source String, event_id String, position UInt32, at DateTime64(3, 'UTC'), actor String, field String, from_id String, from_value String,
			to_id String, to_value String, from_category String, to_category String, kind String) ENGINE = MergeTree ORDER BY (ticket_id, position)`,
	`CREATE TABLE postmortems (id String, source String, key String, url String, title String, incident_ids Array(String), created_at Nullable(DateTime64(3, 'UTC')),
			resolved_at Nullable(DateTime64(3, 'UTC')), status String, owner String) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE pages (incident_id String, source String, at DateTime64(3, 'UTC'), person_id String, person String, time_zone String, shift_id String, first UInt8) ENGINE = MergeTree ORDER BY at`,
	`CREATE TABLE oncall_shifts (id String, source String, person_id String, person String, time_zone String, schedule String, policy String, level UInt8, tier String,
			starts_at Nullable(DateTime64(3, 'UTC')), ends_at Nullable(DateTime64(3, 'UTC'))) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE zone_offsets (zone String, from_at DateTime64(3, 'UTC'), until_at DateTime64(3, 'UTC'), offset_seconds Int32) ENGINE = MergeTree ORDER BY (zone, from_at)`,
	`CREATE TABLE cab_windows (name String, starts_at DateTime64(3, 'UTC'), ends_at DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY starts_at`,
	`CREATE TABLE worklogs (id String, source String, ticket_id String, ticket_key String, person String, started_at DateTime64(3, 'UTC'), hours Float64,
		services Array(String), teams Array(String), work_class String) ENGINE = MergeTree ORDER BY id`,
	`CREATE TABLE data_health (source String, finding String, title String, rows UInt64, of UInt64, kpi String, low Nullable(Float64), high Nullable(Float64),
		low_after Nullable(Float64), high_after Nullable(Float64), narrows Float64, next_step String, examples Array(String)) ENGINE = MergeTree ORDER BY (source, finding)`,
	`CREATE TABLE periods (period String, period_start Date, starts_at DateTime64(3, 'UTC'), ends_at DateTime64(3, 'UTC'), label String) ENGINE = MergeTree ORDER BY (period, period_start)`,
	`CREATE TABLE kpis (kpi String, title String, also String, asks String, kind String, entity String, better String, counts String, excludes String, ended String, unit String, stock UInt8, source String, dims Array(String)) ENGINE = MergeTree ORDER BY kpi`,
	`CREATE TABLE sources (source String, type String, entity String, collected_from Nullable(DateTime64(3, 'UTC')), collected_to Nullable(DateTime64(3, 'UTC')),
		records UInt64, staged UInt64, filtered UInt64, quarantined UInt64, unmapped UInt64) ENGINE = MergeTree ORDER BY source`,
	`CREATE TABLE services (service String, team String, l2_team String, l3_team String, tier String, owner String, runbook String, calendar String) ENGINE = MergeTree ORDER BY service`,
	`CREATE TABLE annotations (at DateTime64(3, 'UTC'), title String, scope String) ENGINE = MergeTree ORDER BY at`,
	`CREATE TABLE settings (name String, value String) ENGINE = MergeTree ORDER BY name`,
	`CREATE TABLE definitions (kpi String, version String, part String, kind String, hash String, content String) ENGINE = MergeTree ORDER BY (kpi, part)`,
	`CREATE TABLE kpi_evidence (kpi String, entity String, id String, key String, title String, url String, from_at Nullable(DateTime64(3, 'UTC')), at Nullable(DateTime64(3, 'UTC')),
		value Nullable(Float64), hit Nullable(UInt8), dims Map(String, Array(String)), basis String, refs Array(String), settles_at Nullable(DateTime64(3, 'UTC')), included UInt8, reason String) ENGINE = MergeTree ORDER BY (kpi, id)`,
	`CREATE TABLE kpi_values (kpi String, stat String, period String, period_start Date, dim String, dim_value String, value Nullable(Float64), low Nullable(Float64), high Nullable(Float64),
		k Nullable(Float64), n Nullable(Float64), unknown Float64, open UInt64, excluded UInt64, complete UInt8) ENGINE = MergeTree ORDER BY (kpi, stat, period, period_start)`,
}

// calendarTable is no plain table: the KPIs that read it have nothing behind them
// but in the tests that fill it.
const calendarTable = `CREATE TABLE calendar (calendar String, day Date, holiday String, starts_at DateTime64(3, 'UTC'), ends_at DateTime64(3, 'UTC'), workday UInt32) ENGINE = MergeTree ORDER BY (calendar, day)`

// escalationsTable is none either: tests state the KPIs that read it.
const escalationsTable = `CREATE TABLE escalations (incident_id String, at Nullable(DateTime64(3, 'UTC')), basis String, answered_at Nullable(DateTime64(3, 'UTC'))) ENGINE = MergeTree ORDER BY incident_id`

// martsMade are the marts that stand between these tables and the KPIs.
var martsMade = []string{"change_facts", "recurrences", "repeats"}

// company is what a test's warehouse holds.
type company struct {
	AsOf      time.Time
	From      time.Time
	Incidents []incidentRow
	Changes   []changeRow
	Links     []linkRow
	Sources   []source
	Notes     []annotation
	Held      []heldRow
	More      []stated // KPIs that no model of the catalogue makes from these rows

	With []func(*testing.T, driver.Conn) // fills tables that one block alone reads, before the models run
	Also []string                        // the same by statements, where a benchmark fills too
}

// openWarehouse opens an embedded warehouse that holds nothing yet; a missing
// engine fails the test.
func openWarehouse(t testing.TB) driver.Conn {
	t.Helper()
	return stored(t, "empty", func(*warehouse.Warehouse) {})
}

// fill stores a company, then makes its evidence and values with the project's
// own models, so that a page is tested on figures that could be true.
func fill(t testing.TB, conn driver.Conn, c company) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"join_use_nulls": 1}))
	run := func(query string, args ...any) {
		t.Helper()
		if err := conn.Exec(ctx, query, args...); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
	}
	for _, ddl := range plainTables {
		run(ddl)
	}
	run(escalationsTable)
	insert(t, conn, "incidents", c.Incidents)
	insert(t, conn, "changes", c.Changes)
	insert(t, conn, "change_incident_links", c.Links)
	insert(t, conn, "sources", c.Sources)
	insert(t, conn, "annotations", c.Notes)
	insert(t, conn, "quarantine", c.Held)
	for _, rows := range c.With {
		rows(t.(*testing.T), conn)
	}
	for _, query := range c.Also {
		run(query)
	}
	run("INSERT INTO settings VALUES ('changes.production', 'production')")
	type period struct {
		Kind     string    `ch:"period"`
		Start    time.Time `ch:"period_start"`
		StartsAt time.Time `ch:"starts_at"`
		EndsAt   time.Time `ch:"ends_at"`
		Label    string    `ch:"label"`
	}
	var periods []period
	for _, p := range metrics.Periods(melbourne, tuesday, c.From, c.AsOf) {
		periods = append(periods, period{p.Kind, p.Start, p.StartsAt, p.EndsAt, p.Label})
	}
	insert(t, conn, "periods", periods)
	run(`INSERT INTO builds (id, as_of, definition, started_at, ended_at) VALUES (1, toDateTime64(@asof, 3, 'UTC'), '4be1f0a97c3d22e8b1', now64(3), now64(3))`, moment("asof", c.AsOf))
	files, err := fs.Glob(sql.Models(), "kpis/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	query := func(file string) string {
		t.Helper()
		text, err := fs.ReadFile(sql.Models(), file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), "{as_of:DateTime64(3, 'UTC')}", "toDateTime64('"+c.AsOf.UTC().Format("2006-01-02 15:04:05.000")+"', 3, 'UTC')")
	}
	for _, mart := range martsMade {
		run("CREATE TABLE " + mart + " ENGINE = MergeTree ORDER BY tuple() AS " + query("marts/"+mart+".sql"))
	}
	for _, file := range files {
		text := query(file)
		keys := catalogue(t, conn, text)
		if !made(keys["reads"]) {
			continue // in the catalogue, and nothing behind it
		}
		run("INSERT INTO kpi_evidence " + text)
	}
	for _, row := range c.More {
		row.add(t, conn)
	}
	for _, mart := range []string{"kpi_values", "data_health"} {
		run("INSERT INTO " + mart + " " + query("marts/"+mart+".sql"))
	}
}

func insert[T any](t testing.TB, conn driver.Conn, table string, rows []T) {
	t.Helper()
	if len(rows) == 0 {
		return
	}
	if err := warehouse.Insert(context.WithoutCancel(t.Context()), conn, table, rows); err != nil {
		t.Fatal(err)
	}
}

var headerLine = regexp.MustCompile(`(?m)^-- ([a-z]+): +(.+)$`)

// catalogue fills the table kpis from a model's header, as a build does.
func catalogue(t testing.TB, conn driver.Conn, text string) map[string]string {
	t.Helper()
	keys := map[string]string{}
	for _, m := range headerLine.FindAllStringSubmatch(text, -1) {
		keys[m[1]] = strings.TrimSpace(m[2])
	}
	titles := strings.Split(keys["title"], " | ")
	for i, name := range strings.Split(keys["kpi"], ", ") {
		err := conn.Exec(t.Context(), `INSERT INTO kpis SELECT @kpi, @title, @also, @asks, @kind, @entity, @better, @counts, @excludes, @ended, @unit, @stock, @source, []`,
			clickhouse.Named("kpi", name), clickhouse.Named("title", titles[min(i, len(titles)-1)]), clickhouse.Named("also", keys["also"]),
			clickhouse.Named("asks", keys["asks"]), clickhouse.Named("kind", keys["kind"]), clickhouse.Named("entity", keys["entity"]),
			clickhouse.Named("better", keys["better"]), clickhouse.Named("counts", keys["counts"]), clickhouse.Named("excludes", keys["excludes"]),
			clickhouse.Named("ended", keys["ended"]), clickhouse.Named("unit", keys["unit"]), clickhouse.Named("stock", b2u(keys["stock"] == "yes")), clickhouse.Named("source", keys["source"]))
		if err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

// made says whether a company fills all tables that a model reads.
func made(reads string) bool {
	for _, table := range strings.Split(reads, ", ") {
		if !slices.Contains(martsMade, table) && !slices.ContainsFunc(plainTables, func(ddl string) bool { return strings.HasPrefix(ddl, "CREATE TABLE "+table+" (") }) {
			return false
		}
	}
	return true
}
