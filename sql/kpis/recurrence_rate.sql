-- kpi:      recurrence_rate_30d, recurrence_rate_90d
-- title:    Repeats within 30 days | Repeats within 90 days
-- also:     recurrence rate, repeat incidents
-- asks:     How often does the same thing break again?
-- kind:     rate
-- entity:   incident
-- better:   lower
-- counts:   of the incidents created in the period that can be judged, those that repeat one resolved at most so many days before; the same means, in this order: problem or duplicate link, alert key, service and cause, service and title
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already
-- reads:    incidents, recurrences, sources
-- source:   Google SRE Workbook, postmortem practices: recurrence; the ladder is srekpi's own
-- tests:    value = 1
WITH
    judged AS (
        SELECT incident_id AS of_id, 1 AS can_be_judged,
               arraySort(groupArrayIf((rung, assumeNotNull(gap_days), earlier_id, means), gap_days <= 30)) AS within_30,
               arraySort(groupArrayIf((rung, assumeNotNull(gap_days), earlier_id, means), gap_days <= 90)) AS within_90
        FROM recurrences
        GROUP BY of_id
    ),
    windows AS (
        SELECT c.*, ifNull(j.can_be_judged, 0) AS can_be_judged, s.collected_from AS collected_from,
               multiIf(exercise = 1, 'exercise or planned maintenance',
                       merged_into != '', concat('merged into ', merged_into),
                       flap_of != '', concat('flap of ', flap_of), '') AS left_out,
               arrayJoin([(toUInt8(30), ifNull(j.within_30, [])), (toUInt8(90), ifNull(j.within_90, []))]) AS w,
               w.1 AS days, w.2 AS matches, matches[1] AS match,
               multiIf(left_out != '', '',
                       ifNull(c.created_at < collected_from + toIntervalDay(days), 1), 'too near the start of the collected history',
                       can_be_judged = 0 AND c.title_key != '', 'no service is stated, so its title cannot be compared',
                       can_be_judged = 0, 'title says nothing',
                       '') AS unknown
        FROM incidents AS c
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
    if(empty(matches) OR left_out != '' OR unknown != '', '', match.4) AS basis,
    if(empty(matches) OR left_out != '' OR unknown != '', [], [match.3]) AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM windows
