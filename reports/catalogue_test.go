package reports

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// stated is a KPI whose evidence a test states itself, from that of another:
// the pages must carry a catalogue of thirty, of every kind.
type stated struct {
	name, title, kind, entity, better, unit, ended string
	stock                                          bool
	evidence                                       string // a query of the columns of kpi_evidence behind kpi; empty: none
}

// add puts it into the catalogue, unless a model has.
func (k stated) add(t testing.TB, conn driver.Conn) {
	t.Helper()
	var there, rows uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM kpis WHERE kpi = @kpi", clickhouse.Named("kpi", k.name)).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there == 0 {
		err := conn.Exec(t.Context(), `INSERT INTO kpis SELECT @kpi, @title, '', 'What it asks?', @kind, @entity, @better, 'what it counts', 'what it leaves out', @ended, @unit, @stock, 'a standard', []`,
			clickhouse.Named("kpi", k.name), clickhouse.Named("title", k.title), clickhouse.Named("kind", k.kind), clickhouse.Named("entity", k.entity),
			clickhouse.Named("better", k.better), clickhouse.Named("ended", k.ended), clickhouse.Named("unit", k.unit), clickhouse.Named("stock", b2u(k.stock)))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM kpi_evidence WHERE kpi = @kpi", clickhouse.Named("kpi", k.name)).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if rows > 0 || k.evidence == "" {
		return
	}
	if err := conn.Exec(t.Context(), `INSERT INTO kpi_evidence SELECT @kpi AS of_kpi, * FROM (`+k.evidence+`)`, clickhouse.Named("kpi", k.name)); err != nil {
		t.Fatalf("%s: %v", k.name, err)
	}
}

// Evidence made from that of the time to resolve and of the failure rate.
const (
	asIs       = `'incident' AS entity, id, key, title, url`
	tailOf     = `dims, basis, CAST([], 'Array(String)') AS refs, CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at`
	never      = `CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))')`
	noHit      = `CAST(NULL, 'Nullable(UInt8)')`
	ofResolve  = ` FROM kpi_evidence WHERE kpi = 'time_to_resolve'`
	ofCounted  = ` FROM kpi_evidence WHERE kpi = 'incident_count'`
	ofFailures = ` FROM kpi_evidence WHERE kpi = 'change_failure_rate'`
)

// scaled is a duration that is a part of the time to resolve.
func scaled(part string) string {
	return `SELECT ` + asIs + `, from_at, if(included = 1, addMilliseconds(from_at, toInt64(1000 * value * ` + part + `)), at) AS at, if(isNull(at), NULL, value * ` + part + `) AS value, ` + noHit + ` AS hit, ` + tailOf + `, included, reason` + ofResolve
}

// drawn is a rate among incidents whose hits and unknown ones are drawn by the id.
func drawn(hits, unknown int, reason string) string {
	return `SELECT ` + asIs + `, ` + never + ` AS from_at, at, toNullable(1.0) AS value,
		if(included = 0 OR cityHash64(id) % 100 < ` + itoa(unknown) + `, NULL, toNullable(toUInt8(cityHash64(id, 'hit') % 100 < ` + itoa(hits) + `))) AS hit, ` + tailOf + `,
		included, if(included = 1 AND isNull(hit), '` + reason + `', reason) AS reason` + ofCounted
}

// ofEntity turns incidents into another kind of record.
func ofEntity(entity, kindly string) string {
	return `SELECT '` + entity + `' AS entity, * EXCEPT (entity) FROM (` + kindly + `)`
}

func onChanges(hit, value, reason string) string {
	return `SELECT 'change' AS entity, id, key, title, url, ` + never + ` AS from_at, at, ` + value + ` AS value, ` + hit + ` AS hit, dims, 'same service within 24 h' AS basis, refs, ` + never + ` AS settles_at, included, if(included = 1 AND isNull(hit) AND '` + reason + `' != '', '` + reason + `', if(included = 1, '', reason)) AS reason` + ofFailures
}

func itoa(n int) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

// catalogueOf is every name of the catalogue's definition.
func catalogueOf() []stated {
	drawnHit := func(percent int) string {
		return `if(included = 0, NULL, toNullable(toUInt8(cityHash64(id, 's') % 100 < ` + itoa(percent) + `)))`
	}
	hours := `SELECT 'worklog' AS entity, id, key, title, url, ` + never + ` AS from_at, at, toNullable(0.5 + cityHash64(id, 'h') % 12) AS value,
		multiIf(cityHash64(id) % 10 = 0, NULL, toNullable(toUInt8(cityHash64(id, 'u') % 10 < 6))) AS hit, ` + tailOf + `, toUInt8(1) AS included, if(isNull(hit), 'no rule of work fits its ticket', '') AS reason` + ofCounted
	return []stated{
		{name: "time_to_acknowledge", title: "Time to acknowledge", kind: "duration", entity: "incident", better: "lower", ended: "acknowledged", evidence: scaled("0.05")},
		{name: "time_to_mitigate", title: "Time to mitigate", kind: "duration", entity: "incident", better: "lower", ended: "mitigated", evidence: scaled("0.6")},
		{name: "time_to_escalate", title: "Time to escalate", kind: "duration", entity: "incident", better: "lower", ended: "escalated", evidence: scaled("0.3")},
		{name: "failed_change_recovery_time", title: "Failed change recovery time", kind: "duration", entity: "change", better: "lower", ended: "recovered",
			evidence: `SELECT 'change' AS entity, e.id, e.key, e.title, e.url, e.at AS from_at, if(cityHash64(e.id) % 7 = 0, NULL, e.at + toIntervalMinute(10 + cityHash64(e.id) % 500)) AS at, if(isNull(at), NULL, 60. * (10 + cityHash64(e.id) % 500)) AS value,
				` + noHit + ` AS hit, e.dims, 'its incidents' AS basis, e.refs, ` + never + ` AS settles_at, toUInt8(1) AS included, '' AS reason FROM kpi_evidence AS e WHERE e.kpi = 'change_failure_rate' AND e.included = 1 AND ifNull(e.hit, 0) = 1`},
		{name: "escalation_rate", title: "Escalated to L3", kind: "rate", entity: "incident", better: "lower", evidence: drawn(20, 5, "still open, may yet escalate")},
		{name: "within_target_rate", title: "Within target", kind: "rate", entity: "incident", better: "higher", evidence: drawn(80, 3, "outside the calendar")},
		{name: "customer_detected_rate", title: "Noticed by customers first", kind: "rate", entity: "incident", better: "lower", evidence: drawn(30, 55, "nobody noted who noticed first")},
		{name: "postmortem_coverage", title: "Post-mortems in time", kind: "rate", entity: "incident", better: "higher", evidence: drawn(70, 0, "")},
		{name: "impact_hours", title: "Customer impact", kind: "count", entity: "incident", better: "lower", unit: "h", evidence: `SELECT ` + asIs + `, ` + never + ` AS from_at, at, value / 3600 AS value, ` + noHit + ` AS hit, ` + tailOf + `, included, reason` + ofResolve + ` AND isNotNull(at)`},
		{name: "backlog", title: "Backlog", kind: "count", entity: "incident", better: "lower", stock: true, evidence: `SELECT ` + asIs + `, from_at, at, toNullable(1.0) AS value, ` + noHit + ` AS hit, ` + tailOf + `, included, reason` + ofResolve},
		{name: "change_count", title: "Changes", kind: "count", entity: "change", better: "higher", evidence: onChanges(noHit, "toNullable(1.0)", "")},
		{name: "suspected_change_failure_4h", title: "Suspected within 4 h", kind: "rate", entity: "change", better: "lower", evidence: onChanges(drawnHit(10), "toNullable(1.0)", "its end is not known")},
		{name: "suspected_change_failure_24h", title: "Suspected within 24 h", kind: "rate", entity: "change", better: "lower", evidence: onChanges(drawnHit(35), "toNullable(1.0)", "its end is not known")},
		{name: "suspected_change_failure_72h", title: "Suspected within 72 h", kind: "rate", entity: "change", better: "lower", evidence: onChanges(drawnHit(60), "toNullable(1.0)", "its end is not known")},
		{name: "suspected_by_chance_4h", title: "By chance within 4 h", kind: "average", entity: "change", better: "lower", unit: "change", evidence: onChanges(noHit, "toNullable(0.09)", "")},
		{name: "suspected_by_chance_24h", title: "By chance within 24 h", kind: "average", entity: "change", better: "lower", unit: "change", evidence: onChanges(noHit, "toNullable(0.31)", "")},
		{name: "suspected_by_chance_72h", title: "By chance within 72 h", kind: "average", entity: "change", better: "lower", unit: "change", evidence: onChanges(noHit, "toNullable(0.58)", "")},
		{name: "unplanned_work_ratio", title: "Unplanned work", kind: "share", entity: "worklog", better: "lower", unit: "h", evidence: hours},
		{name: "unplanned_work_ratio_count", title: "Unplanned work, by tickets", kind: "share", entity: "ticket", better: "lower", unit: "tickets", evidence: ofEntity("ticket", hours)},
		{name: "unplanned_work_ratio_points", title: "Unplanned work, by points", kind: "share", entity: "ticket", better: "lower", unit: "points", evidence: ofEntity("ticket", hours)},
		{name: "pages_per_shift", title: "Pages per shift", kind: "average", entity: "oncall_shift", better: "lower", unit: "shift", evidence: `SELECT 'oncall_shift' AS entity, id, key, title, url, ` + never + ` AS from_at, at, toNullable(toFloat64(cityHash64(id) % 6)) AS value, ` + noHit + ` AS hit, ` + tailOf + `, toUInt8(1) AS included, '' AS reason` + ofCounted},
		{name: "off_hours_pages", title: "Pages out of hours", kind: "rate", entity: "page", better: "lower", evidence: ofEntity("page", drawn(40, 4, "the zone of who was paged is not known"))},
		{name: "action_closure_rate", title: "Actions closed in time", kind: "rate", entity: "action_item", better: "higher", evidence: ofEntity("action_item", drawn(60, 0, ""))},
	}
}

// whole is a company with every KPI of the catalogue.
func whole(c company) company {
	c.More = catalogueOf()
	for i := range c.Sources {
		if c.Sources[i].Name == "service-desk" {
			c.Sources[i].Entity = "incident, ticket, worklog, page, oncall_shift, action_item"
		}
	}
	return c
}
