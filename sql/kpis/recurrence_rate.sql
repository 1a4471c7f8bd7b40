-- kpi:      recurrence_rate_30d, recurrence_rate_90d
-- title:    Repeats within 30 days | Repeats within 90 days
-- also:     recurrence rate, repeat incidents
-- asks:     How often does the same thing break again?
-- kind:     rate
-- entity:   incident
-- better:   lower
-- counts:   of the incidents created in the period that can be judged, those that repeat one resolved at most so many days before; the same means, in this order: problem or duplicate link, alert key, service and cause, service and title
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already
-- reads:    incidents, sources
-- source:   Google SRE Workbook, postmortem practices: recurrence; the ladder is srekpi's own
-- tests:    value = 1
WITH
    candidates AS (
        SELECT *,
               multiIf(exercise = 1, 'exercise or planned maintenance',
                       merged_into != '', concat('merged into ', merged_into),
                       flap_of != '', concat('flap of ', flap_of), '') AS left_out
        FROM incidents
    ),
    -- An incident stands in a group for every rung that it can carry; empty
    -- never equals empty. With several services, one shared is enough.
    groups AS (
        SELECT id, created_at, resolved_at, rung, arrayJoin(names) AS name
        FROM (
            SELECT id, created_at, resolved_at, arrayJoin([
                (1, arrayConcat(if(problem_key = '', [], [problem_key]), repeats, if(id IN (SELECT arrayJoin(repeats) FROM candidates), [id], []))),
                (2, if(alert_key = '', [], [concat(alert_source, '|', alert_key)])),
                (3, if(cause = '', [], arrayMap(s -> concat(s, '|', lower(cause)), arrayFilter(s -> s != '', services)))),
                (4, if(title_key = '', [], arrayMap(s -> concat(s, '|', title_key), arrayFilter(s -> s != '', services))))
            ]) AS ladder, toUInt8(ladder.1) AS rung, ladder.2 AS names
            FROM candidates
            WHERE left_out = ''
        )
    ),
    -- The latest one of the group that was resolved before this one began. One
    -- resolved in the instant of its creation ends a millisecond later, so that
    -- it never repeats itself.
    earlier AS (
        SELECT rung, name, min(id) AS earlier_id, greatest(assumeNotNull(resolved_at), created_at + INTERVAL 1 MILLISECOND) AS ended_at
        FROM groups
        WHERE isNotNull(resolved_at)
        GROUP BY rung, name, ended_at -- several that ended at once: always the same one is named
    ),
    repeats AS (
        SELECT g.id AS id, g.rung AS rung, e.earlier_id AS earlier_id, dateDiff('millisecond', e.ended_at, g.created_at) / 86400000 AS gap
        FROM groups AS g
        ASOF LEFT JOIN earlier AS e ON e.rung = g.rung AND e.name = g.name AND e.ended_at <= g.created_at
    ),
    judged AS (
        SELECT id AS of_id, 1 AS can_be_judged,
               arraySort(groupArrayIf((rung, assumeNotNull(gap), assumeNotNull(earlier_id)), isNotNull(gap) AND gap <= 30)) AS within_30,
               arraySort(groupArrayIf((rung, assumeNotNull(gap), assumeNotNull(earlier_id)), isNotNull(gap) AND gap <= 90)) AS within_90
        FROM repeats
        GROUP BY of_id
    ),
    windows AS (
        SELECT c.*, ifNull(j.can_be_judged, 0) AS can_be_judged, s.collected_from AS collected_from,
               arrayJoin([(toUInt8(30), ifNull(j.within_30, [])), (toUInt8(90), ifNull(j.within_90, []))]) AS w,
               w.1 AS days, w.2 AS matches, matches[1] AS match,
               multiIf(c.left_out != '', '',
                       ifNull(c.created_at < collected_from + toIntervalDay(days), 1), 'too near the start of the collected history',
                       can_be_judged = 0 AND c.title_key != '', 'no service is stated, so its title cannot be compared',
                       can_be_judged = 0, 'title says nothing',
                       '') AS unknown
        FROM candidates AS c
        LEFT JOIN judged AS j ON j.of_id = c.id
        LEFT JOIN (SELECT source AS of_source, collected_from FROM sources) AS s ON s.of_source = c.source
    )
SELECT
    concat('recurrence_rate_', toString(days), 'd') AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(created_at) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(toUInt8(notEmpty(matches)))) AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    if(empty(matches) OR left_out != '' OR unknown != '', '', transform(match.1, [1, 2, 3, 4], ['problem or duplicate link', 'alert key', 'service and cause', 'service and title'], '')) AS basis,
    if(empty(matches) OR left_out != '' OR unknown != '', [], [match.3]) AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM windows
