package reports

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// undone is an incident or a ticket that stood open at the end of a page; what a
// table shows of the few is read apart.
type undone struct {
	ID       string     `ch:"id"`
	Kind     string     `ch:"of_kind"` // incident or ticket
	Since    time.Time  `ch:"since"`
	Resolved *time.Time `ch:"resolved_at"` // after the end of the page
	Held     uint8      `ch:"is_held"`
	HeldFrom *time.Time `ch:"held_from"`
	Hops     *int64     `ch:"of_hops"` // nil: nothing tells them
	Escaped  *time.Time `ch:"escalated_at"`
	Waits    uint8      `ch:"of_waits"` // it reached L3, and nothing happened since
}

// undoneSome are those that stood open and are alike in kind, age, hops and whether
// they wait for L3: how many, and the first of them, each in a row.
type undoneSome struct {
	undone
	Place     uint64     `ch:"place"` // of the one; the counts below are the same in each row
	Band      uint8      `ch:"band"`  // of ages
	N         uint64     `ch:"n"`
	Major     uint64     `ch:"majors"`
	Unowned   uint64     `ch:"unowned"`
	Later     uint64     `ch:"resolved"`
	Untold    uint64     `ch:"untold"` // the status is that of now, not of the end
	AllHeld   uint64     `ch:"held"`
	HeldSince *time.Time `ch:"held_since"`
}

// undoneColumns read what stood open at @at. Work that has a block of its own
// (changes, promised actions, reviews) is no ticket here, and an incident's
// ticket is the incident. The tickets say how they stand now; the history is read
// of those that moved after @at, and of any record of an incident. Where nothing
// tells the status of that moment, the status of now stands in. Whoever has it
// first got it, each later one was handed it; a source's own count may be higher.
// The engine computes a table of WITH anew wherever its name stands, and a value
// once: the few incidents are a value, and those of them that reached L3.
const undoneColumns = `
	WITH (SELECT groupArray(value) FROM settings WHERE name = 'incidents.on_hold') AS on_hold,
	(SELECT groupArray(i.id) FROM incidents AS i WHERE i.created_at IS NOT NULL AND ` + countedIncident + openThere + `) AS ids_open,
	incidents_open AS (SELECT arrayJoin(ids_open) AS id),
	(SELECT groupArray((e.id, assumeNotNull(e.at), toUInt8(ifNull(x.answered_at < toDateTime64(@at, 3, 'UTC'), 0))))
		FROM (SELECT id, at FROM kpi_evidence AS k WHERE kpi = 'time_to_escalate' AND included = 1 AND k.at < toDateTime64(@at, 3, 'UTC') AND id IN (SELECT id FROM incidents_open)) AS e
		LEFT JOIN (SELECT incident_id, answered_at FROM escalations WHERE incident_id IN (SELECT id FROM incidents_open)) AS x ON x.incident_id = e.id) AS reached_l3,
	open AS (
		SELECT i.id AS id, 'incident' AS kind, toString(i.source) AS source, ifNull(i.started_at, assumeNotNull(i.created_at)) AS since, toNullable(i.resolved_at) AS resolved_at,
		       toUInt8(ifNull(i.major, has(@major, i.severity))) AS grave, toUInt8(trimBoth(toString(i.fix_owner)) = '') AS unowned, toString(i.source_status) AS status_now, toNullable(i.reassignment_count) AS counted,
		       CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS status_since, toUInt8(1) AS by_history
		FROM incidents AS i WHERE i.created_at IS NOT NULL AND ` + countedIncident + openThere + `
		UNION ALL
		SELECT t.id, 'ticket', toString(t.source), assumeNotNull(t.created_at), toNullable(t.resolved_at), toUInt8(0), toUInt8(trimBoth(t.assignee) = ''), toString(t.status), toNullable(t.reassignment_count),
		       toNullable(t.status_since), toUInt8(` + movedSince + `)
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
				SELECT t.id FROM tickets AS t WHERE ` + ticketOpen + ` AND ` + movedSince + ` UNION ALL SELECT id FROM incidents_open UNION ALL SELECT record FROM others)
		) AS t
		LEFT ANY JOIN others AS r ON r.record = t.ticket_id
		GROUP BY id
	),
	escalated AS (SELECT arrayJoin(reached_l3) AS reach, reach.1 AS id, reach.2 AS reached, reach.3 AS was_answered),
	telling AS (SELECT DISTINCT toString(source) AS source FROM ticket_transitions),
	stated AS (
		SELECT o.*, if(o.by_history = 1, if(ifNull(h.moves, 0) > 0, toNullable(h.moved_at), NULL), o.status_since) AS had_status_since,
		       toUInt8(if(o.kind = 'ticket', isNotNull(o.counted), ifNull(h.any_told, 0) > 0 OR o.source IN (SELECT source FROM telling))) AS told,
		       multiIf(o.kind = 'ticket' AND (told = 0 OR o.by_history = 0), toInt64(o.counted),
		               told = 0 AND isNull(o.counted), NULL,
		               toInt64(arrayMax([ifNull(h.got, 0) - if(ifNull(h.had_it_first, '') = '', 1, 0), if(o.kind = 'ticket', 0, toInt64(ifNull(o.counted, 0))), 0]))) AS hops,
		       multiIf(o.by_history = 0, o.status_now, ifNull(h.moves, 0) > 0, h.status_then, ifNull(h.later, 0) > 0, h.status_before, o.status_now) AS status
		FROM open AS o LEFT JOIN history AS h ON h.id = o.id
	),
	alike AS (
		SELECT s.id AS id, s.kind AS of_kind, assumeNotNull(s.since) AS since, s.resolved_at AS resolved_at, s.grave AS grave, s.unowned AS is_unowned,
		       toUInt8(has(on_hold, lowerUTF8(trimBoth(ifNull(s.status, ''))))) AS is_held,
		       if(is_held = 1, s.had_status_since, NULL) AS held_from, s.told AS told, s.hops AS of_hops,
		       if(ifNull(x.id, '') = '', NULL, toNullable(x.reached)) AS escalated_at, toUInt8(isNotNull(escalated_at) AND x.was_answered = 0) AS of_waits,
		       toUInt8(arrayCount(hours -> dateDiff('millisecond', since, toDateTime64(@at, 3, 'UTC')) >= hours * 3600000, @ages)) AS band
		FROM stated AS s LEFT JOIN escalated AS x ON x.id = s.id AND s.kind = 'incident'
	)
	SELECT of_kind, band, of_hops, of_waits, n, majors, unowned, resolved, untold, held, held_since,
	       toUInt64(place) AS place, one.1 AS since, one.2 AS id, one.3 AS resolved_at, one.4 AS is_held, one.5 AS held_from, one.6 AS escalated_at
	FROM (
		SELECT of_kind, band, of_hops, of_waits, count() AS n, countIf(grave = 1) AS majors, countIf(is_unowned = 1) AS unowned, countIf(isNotNull(alike.resolved_at)) AS resolved,
		       countIf(told = 0) AS untold, countIf(is_held = 1) AS held, min(alike.held_from) AS held_since,
		       arrayDistinct(arrayConcat(groupArraySorted(@most)((alike.since, alike.id, alike.resolved_at, is_held, alike.held_from, alike.escalated_at)),
		           arrayMap(w -> w.2, groupArraySortedIf(@most)((ifNull(alike.escalated_at, alike.since), (alike.since, alike.id, alike.resolved_at, is_held, alike.held_from, alike.escalated_at)), of_waits = 1)))) AS firsts
		FROM alike GROUP BY of_kind, band, of_hops, of_waits
	)
	ARRAY JOIN firsts AS one, arrayEnumerate(firsts) AS place
	ORDER BY since, of_kind, id`

// openThere says what makes an incident open at @at.
const openThere = `i.created_at < toDateTime64(@at, 3, 'UTC')
	AND (i.resolved_at IS NULL OR i.resolved_at >= toDateTime64(@at, 3, 'UTC'))
	AND (i.resolved_at IS NOT NULL OR i.closed_at IS NULL OR i.closed_at >= toDateTime64(@at, 3, 'UTC'))`

// movedSince says that a ticket's status or assignee changed at @at or later.
const movedSince = `ifNull(t.moved_at >= toDateTime64(@at, 3, 'UTC'), 0)`

// ticketOpen says the same of a ticket.
const ticketOpen = `t.role IN ('ticket', 'problem') AND t.created_at < toDateTime64(@at, 3, 'UTC') AND ifNull(t.resolved_at >= toDateTime64(@at, 3, 'UTC'), 1)
	AND (t.resolved_at IS NOT NULL OR t.status_category != 'done')`

// stoodOpen is what stood open at a moment.
type stoodOpen struct {
	incidents, tickets         int
	heldIncidents, heldTickets int
	resolved, untold, waits    int
	bands                      map[string][]undoneBand // by kind
	heldSince                  *time.Time              // the longest
	hops                       map[int64]int           // of those of which they are told
	rows                       []undone                // the oldest of each sort, oldest first
}

// undoneBand counts those of an age.
type undoneBand struct{ all, major, unowned int }

// undoneAt reads what stood open at a moment. The engine counts: a company with
// two million tickets has more than a hundred thousand open.
func (s *sheet) undoneAt(ctx context.Context, at time.Time) (*stoodOpen, error) {
	var hours []int
	for _, age := range ages[1:] {
		hours = append(hours, int(age.from.Hours()))
	}
	var rows []undoneSome
	if err := s.conn.Select(ctx, &rows, undoneColumns, moment("at", at), clickhouse.Named("major", severities(s.options.Major)), clickhouse.Named("ages", hours),
		clickhouse.Named("most", max(oldestShown, oldestTasks, handedShown, waitingShown))); err != nil {
		return nil, fmt.Errorf("read what stood open: %w", err)
	}
	out := &stoodOpen{hops: map[int64]int{}, bands: map[string][]undoneBand{"incident": make([]undoneBand, len(ages)), "ticket": make([]undoneBand, len(ages))}}
	for _, r := range rows {
		out.rows = append(out.rows, r.undone)
		if r.Place == 1 {
			out.add(r)
		}
	}
	return out, nil
}

func (o *stoodOpen) add(some undoneSome) {
	n := int(some.N)
	of := &o.bands[some.Kind][some.Band]
	of.all, of.major, of.unowned = of.all+n, of.major+int(some.Major), of.unowned+int(some.Unowned)
	if some.Kind == "ticket" {
		o.tickets, o.heldTickets = o.tickets+n, o.heldTickets+int(some.AllHeld)
	} else {
		o.incidents, o.heldIncidents = o.incidents+n, o.heldIncidents+int(some.AllHeld)
	}
	o.resolved, o.untold = o.resolved+int(some.Later), o.untold+int(some.Untold)
	if some.HeldSince != nil && (o.heldSince == nil || some.HeldSince.Before(*o.heldSince)) {
		o.heldSince = some.HeldSince
	}
	if some.Hops != nil {
		o.hops[*some.Hops] += n
	}
	if some.Waits == 1 {
		o.waits += n
	}
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
