package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// undone is an incident or a ticket that stood open at the end of a page, as
// narrow as counting allows; what a table shows of the few is read apart.
type undone struct {
	ID       string     `ch:"id"`
	Kind     string     `ch:"kind"` // incident or ticket
	Since    time.Time  `ch:"since"`
	Resolved *time.Time `ch:"resolved_at"` // after the end of the page
	Major    uint8      `ch:"grave"`
	Unowned  uint8      `ch:"unowned"`
	Held     uint8      `ch:"held"`
	HeldFrom *time.Time `ch:"held_from"`
	Told     uint8      `ch:"told"` // the status is that of the end, not of now
	Hops     *int64     `ch:"hops"` // nil: nothing tells them
	Escaped  *time.Time `ch:"escalated_at"`
	Touched  uint8      `ch:"touched"` // something happened since
}

// undoneColumns read what stood open at @at. Work that has a block of its own
// (changes, promised actions, reviews) is no ticket here, and an incident's
// ticket is the incident. Its history is that of any of its records; where none
// tells the status of that moment, the status of now stands in. Whoever has it
// first got it, each later one was handed it; a source's own count may be higher.
// The engine computes a table of WITH anew wherever its name stands, and a value
// once: the few incidents are a value.
const undoneColumns = `
	WITH words AS (SELECT groupArray(value) AS on_hold FROM settings WHERE name = 'incidents.on_hold'),
	(SELECT groupArray(i.id) FROM incidents AS i WHERE i.created_at IS NOT NULL AND ` + countedIncident + openThere + `) AS ids_open,
	incidents_open AS (SELECT arrayJoin(ids_open) AS id),
	open AS (
		SELECT i.id AS id, 'incident' AS kind, toString(i.source) AS source, ifNull(i.started_at, assumeNotNull(i.created_at)) AS since, toNullable(i.resolved_at) AS resolved_at,
		       toUInt8(ifNull(i.major, has(@major, i.severity))) AS grave, toUInt8(trimBoth(toString(i.fix_owner)) = '') AS unowned, toString(i.source_status) AS status_now, toNullable(i.reassignment_count) AS counted
		FROM incidents AS i WHERE i.created_at IS NOT NULL AND ` + countedIncident + openThere + `
		UNION ALL
		SELECT t.id, 'ticket', toString(t.source), assumeNotNull(t.created_at), toNullable(t.resolved_at), toUInt8(0), toUInt8(trimBoth(t.assignee) = ''), toString(t.status), CAST(NULL, 'Nullable(UInt32)')
		FROM tickets AS t WHERE ` + ticketOpen + `
	),
	others AS (
		SELECT incident_id AS of_id, concat(toString(source), ':', record_id) AS record FROM incident_sources WHERE incident_id IN (SELECT id FROM incidents_open) AND record != incident_id
	),
	history AS (
		SELECT if(ifNull(r.of_id, '') = '', t.ticket_id, r.of_id) AS id, count() AS any_told,
		       countIf(field = 'status' AND t.at < toDateTime64(@at, 3, 'UTC')) AS moves, countIf(field = 'status' AND t.at >= toDateTime64(@at, 3, 'UTC')) AS later,
		       argMaxIf(to_value, (t.at, position), field = 'status' AND t.at < toDateTime64(@at, 3, 'UTC')) AS status_then,
		       maxIf(t.at, field = 'status' AND t.at < toDateTime64(@at, 3, 'UTC')) AS moved_at,
		       argMinIf(from_value, (t.at, position), field = 'status' AND t.at >= toDateTime64(@at, 3, 'UTC')) AS status_before,
		       toInt64(countIf(field = 'assignee' AND to_value != '' AND t.at < toDateTime64(@at, 3, 'UTC'))) AS got,
		       argMinIf(from_value, (t.at, position), field = 'assignee' AND t.at < toDateTime64(@at, 3, 'UTC')) AS had_it_first
		FROM (
			SELECT * FROM ticket_transitions WHERE field IN ('status', 'assignee') AND ticket_id IN (
				SELECT t.id FROM tickets AS t WHERE ` + ticketOpen + ` UNION ALL SELECT id FROM incidents_open UNION ALL SELECT record FROM others)
		) AS t
		LEFT ANY JOIN others AS r ON r.record = t.ticket_id
		GROUP BY id
	),
	escalated AS (
		SELECT id, assumeNotNull(e.at) AS reached FROM kpi_evidence AS e
		WHERE kpi = 'time_to_escalate' AND included = 1 AND e.at < toDateTime64(@at, 3, 'UTC') AND id IN (SELECT id FROM incidents_open)
	),
	-- The pager assigns in the moment in which it escalates: that is no answer.
	answered AS (
		SELECT DISTINCT x.id AS id FROM escalated AS x
		INNER JOIN (SELECT * FROM incident_events WHERE incident_id IN (SELECT id FROM incidents_open)) AS e ON e.incident_id = x.id
		WHERE e.at > x.reached + toIntervalSecond(if(e.kind IN ('assigned', 'moved'), 60, 0)) AND e.at < toDateTime64(@at, 3, 'UTC')
			AND e.kind NOT IN ('created', 'impact_started', 'notified', 'escalated', 'merged', 'other') AND (e.kind != 'note' OR e.actor != 'auto')
	),
	telling AS (SELECT DISTINCT toString(source) AS source FROM ticket_transitions),
	stated AS (
		SELECT o.*, ifNull(h.moves, 0) AS moves, h.moved_at AS moved_at, ifNull(h.got, 0) AS got, ifNull(h.had_it_first, '') AS had_it_first,
		       toUInt8(ifNull(h.any_told, 0) > 0 OR o.source IN (SELECT source FROM telling)) AS told,
		       multiIf(ifNull(h.moves, 0) > 0, h.status_then, ifNull(h.later, 0) > 0, h.status_before, o.status_now) AS status
		FROM open AS o LEFT JOIN history AS h ON h.id = o.id
	)
	SELECT s.id AS id, s.kind AS kind, assumeNotNull(s.since) AS since, s.resolved_at AS resolved_at, assumeNotNull(s.grave) AS grave, assumeNotNull(s.unowned) AS unowned,
	       toUInt8(has((SELECT on_hold FROM words), lowerUTF8(trimBoth(ifNull(s.status, ''))))) AS held,
	       if(held = 1 AND s.moves > 0, toNullable(s.moved_at), NULL) AS held_from, s.told AS told,
	       if(s.told = 0 AND isNull(s.counted), NULL, toNullable(toInt64(arrayMax([s.got - if(s.had_it_first = '', 1, 0), toInt64(ifNull(s.counted, 0)), 0])))) AS hops,
	       if(ifNull(x.id, '') = '', NULL, toNullable(x.reached)) AS escalated_at, toUInt8(s.id IN (SELECT id FROM answered)) AS touched
	FROM stated AS s LEFT JOIN escalated AS x ON x.id = s.id AND s.kind = 'incident'
	ORDER BY since, kind, id`

// openThere says what makes an incident open at @at.
const openThere = `i.created_at < toDateTime64(@at, 3, 'UTC')
	AND (i.resolved_at IS NULL OR i.resolved_at >= toDateTime64(@at, 3, 'UTC'))
	AND (i.resolved_at IS NOT NULL OR i.closed_at IS NULL OR i.closed_at >= toDateTime64(@at, 3, 'UTC'))`

// ticketOpen says the same of a ticket.
const ticketOpen = `t.role IN ('ticket', 'problem') AND t.created_at < toDateTime64(@at, 3, 'UTC') AND ifNull(t.resolved_at >= toDateTime64(@at, 3, 'UTC'), 1)
	AND (t.resolved_at IS NOT NULL OR t.status_category != 'done')`

// undoneAt reads what stood open at a moment, oldest first.
func (s *sheet) undoneAt(ctx context.Context, at time.Time) ([]undone, error) {
	var rows []undone
	if err := s.conn.Select(ctx, &rows, undoneColumns, moment("at", at), clickhouse.Named("major", severities(s.options.Major))); err != nil {
		return nil, fmt.Errorf("read what stood open: %w", err)
	}
	return rows, nil
}

// shownOf is what a table shows of an incident or a ticket.
type shownOf struct {
	ID       string   `ch:"id"`
	Key      string   `ch:"key"`
	URL      string   `ch:"url"`
	Title    string   `ch:"title"`
	Severity uint8    `ch:"severity"`
	Services []string `ch:"services"`
	Teams    []string `ch:"teams"`
}

func (s *sheet) shownRowsOf(ctx context.Context, ids []string) (map[string]shownOf, error) {
	var rows []shownOf
	err := s.conn.Select(ctx, &rows, `SELECT id, key, url, title, toUInt8(severity) AS severity, services, teams FROM incidents WHERE id IN @ids
		UNION ALL SELECT id, key, url, title, toUInt8(0) AS severity, services, teams FROM tickets WHERE id IN @ids AND role IN ('ticket', 'problem')`, clickhouse.Named("ids", ids))
	if err != nil {
		return nil, fmt.Errorf("read the oldest open ones: %w", err)
	}
	out := map[string]shownOf{}
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, nil
}

func (r shownOf) place() place {
	return place{Text: incident{ID: r.ID, Key: r.Key}.name(), URL: link(r.URL)}
}
func (r shownOf) where() string { return clip(strings.Join(r.Services, ", "), 80) }
func (r shownOf) who() string   { return clip(strings.Join(r.Teams, ", "), 80) }
