-- kpi:      within_target_rate
-- title:    Within target
-- also:     SLA met, SLA compliance, service level target
-- asks:     How often are incidents acknowledged and resolved in time?
-- kind:     rate
-- entity:   incident
-- better:   higher
-- counts:   of the incidents finally resolved in the period that a target of the config is for (the first that fits), those acknowledged and resolved within it, on its clock: 24x7, or the business hours of the service's calendar; resolved within the time to acknowledge is acknowledged in time
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; no target for it; closed without a resolution time; resolved before created
-- reads:    incidents, targets, services, calendar
-- source:   ITIL 4, service level management practice: resolution within target
-- tests:    value = 1
WITH
    ranked AS (
        SELECT arraySort(groupArray((rank, severities, services, acknowledge_within, resolve_within, clock))) AS list FROM targets
    ),
    fitted AS (
        SELECT *, arrayFirst(t -> (empty(t.2) OR has(t.2, severity)) AND (empty(t.3) OR hasAny(t.3, services)), (SELECT list FROM ranked)) AS target,
               target.1 > 0 AS has_target, target.4 AS acknowledge_within, target.5 AS resolve_within, target.6 AS clock
        FROM incidents
    ),
    -- The first of its services that the catalogue has says when its people work.
    -- An incident on the other clock has no calendar, and so no business time.
    hours AS (
        SELECT f.id AS of_id, if(argMin(s.calendar, f.place) = '', 'business', argMin(s.calendar, f.place)) AS name
        FROM (SELECT id, arrayJoin(arrayEnumerate(services)) AS place, services[place] AS service FROM fitted WHERE clock = 'calendar') AS f
        INNER JOIN services AS s ON s.service = f.service
        GROUP BY of_id
    ),
    placed AS (
        SELECT f.*, if(f.clock = 'calendar', ifNull(h.name, 'business'), '') AS calendar_name,
               ifNull(f.acknowledged_at, f.created_at) AS acknowledged_or, ifNull(f.resolved_at, f.created_at) AS resolved_or
        FROM fitted AS f
        LEFT JOIN hours AS h ON h.of_id = f.id
    ),
    -- Business seconds of the calendar up to each of the three moments; NULL outside its days.
    measured AS (
        SELECT p.*,
               if(p.created_at < c.ends_at, c.open_before + least(greatest(dateDiff('millisecond', c.opens_at, p.created_at), 0), dateDiff('millisecond', c.opens_at, c.closes_at)) / 1000, NULL) AS open_created,
               if(p.acknowledged_or < a.ends_at, a.open_before + least(greatest(dateDiff('millisecond', a.opens_at, p.acknowledged_or), 0), dateDiff('millisecond', a.opens_at, a.closes_at)) / 1000, NULL) AS open_acknowledged,
               if(p.resolved_or < r.ends_at, r.open_before + least(greatest(dateDiff('millisecond', r.opens_at, p.resolved_or), 0), dateDiff('millisecond', r.opens_at, r.closes_at)) / 1000, NULL) AS open_resolved
        FROM placed AS p
        ASOF LEFT JOIN calendar AS c ON c.calendar = p.calendar_name AND c.starts_at <= p.created_at
        ASOF LEFT JOIN calendar AS a ON a.calendar = p.calendar_name AND a.starts_at <= p.acknowledged_or
        ASOF LEFT JOIN calendar AS r ON r.calendar = p.calendar_name AND r.starts_at <= p.resolved_or
    ),
    judged AS (
        SELECT *,
               if(clock = 'calendar', open_resolved - open_created, dateDiff('millisecond', created_at, resolved_at) / 1000) AS resolved_in,
               if(clock = 'calendar', open_acknowledged - open_created, dateDiff('millisecond', created_at, acknowledged_at) / 1000) AS acknowledged_in,
               -- of each part: 1 in time, 0 late, NULL not known; a part without a target holds
               if(isNull(resolve_within), 1, resolved_in <= resolve_within) AS resolved_in_time,
               multiIf(isNull(acknowledge_within), toNullable(1),
                       isNotNull(acknowledged_at), acknowledged_in <= acknowledge_within,
                       isNull(resolved_in), NULL,
                       resolved_in <= acknowledge_within, 1,
                       tells_acknowledgement = 0, NULL,
                       0) AS acknowledged_in_time,
               multiIf(exercise = 1, 'exercise or planned maintenance',
                       merged_into != '', concat('merged into ', merged_into),
                       flap_of != '', concat('flap of ', flap_of),
                       NOT has_target, 'no target for it',
                       isNull(resolved_at) AND isNotNull(closed_at), 'closed without a resolution time',
                       resolved_at < created_at, 'resolved before created',
                       '') AS left_out,
               left_out = '' AND isNotNull(resolved_at) AND (ifNull(acknowledged_in_time = 0, 0) OR ifNull(resolved_in_time = 0, 0)) AS late,
               multiIf(left_out != '' OR late, '',
                       isNull(resolved_at), 'still open',
                       clock = 'calendar' AND (isNull(resolved_in_time) OR isNull(acknowledged_in_time) AND (isNotNull(acknowledged_at) OR isNull(resolved_in))), 'outside the calendar',
                       isNull(acknowledged_in_time), 'acknowledgement not known',
                       '') AS unknown
        FROM measured
    )
SELECT
    'within_target_rate' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    if(left_out = '', resolved_at, coalesce(resolved_at, closed_at, toNullable(created_at))) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(toUInt8(NOT late))) AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    concat(if(late, 'late: ', ''), arrayStringConcat(arrayFilter(part -> part != '', [
        if(if(late, ifNull(acknowledged_in_time = 0, 0), isNotNull(acknowledge_within)), 'acknowledge', ''),
        if(if(late, ifNull(resolved_in_time = 0, 0), isNotNull(resolve_within)), 'resolve', '')]), ' and ')) AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM judged
