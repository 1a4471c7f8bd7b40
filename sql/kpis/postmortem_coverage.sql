-- kpi:      postmortem_coverage
-- title:    Post-mortems done in time
-- also:     postmortem coverage, incident review rate, PIR completion
-- asks:     Do we learn from what hurt?
-- kind:     rate
-- entity:   incident
-- better:   higher
-- counts:   of the resolved incidents that require a post-mortem and whose working days for it (10 unless configured) ended in the period, those with one that was done by then
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; none required; not resolved yet
-- reads:    incidents, postmortems, settings, calendar
-- source:   Google SRE Book, postmortem culture; the ten working days are srekpi's own
-- tests:    value = 1; included = 0 OR settles_at = at OR reason = 'outside the calendar'
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    ifNull((SELECT max(value) FROM settings WHERE name = 'postmortems.required'), '') AS required,
    ifNull(toUInt32OrNull((SELECT max(value) FROM settings WHERE name = 'postmortems.within_workdays')), 10) AS within_workdays,
    (SELECT count() FROM postmortems) AS collected,
    days AS (SELECT calendar AS of_calendar, starts_at, ends_at, workday FROM calendar WHERE calendar = 'business'),
    -- A day off has the number of the working day before it.
    deadlines AS (SELECT workday AS nth, argMin(ends_at, starts_at) AS due FROM days GROUP BY nth),
    reviews AS (
        SELECT arrayJoin(incident_ids) AS incident_id, arraySort(groupArray(id)) AS ids, countIf(isNull(resolved_at)) AS unfinished, min(resolved_at) AS first_done
        FROM postmortems GROUP BY incident_id
    ),
    resolved_on AS (
        SELECT i.*, if(d.ends_at > i.resolved_at, d.workday + within_workdays, NULL) AS due_workday
        FROM (SELECT *, 'business' AS by_calendar, ifNull(resolved_at, toDateTime64(0, 3, 'UTC')) AS resolved_then FROM incidents) AS i
        ASOF LEFT JOIN days AS d ON d.of_calendar = i.by_calendar AND d.starts_at <= i.resolved_then
    ),
    facts AS (
        SELECT i.*, l.due AS due, r.ids AS reviews, r.first_done AS first_done,
               multiIf(i.exercise = 1, 'exercise or planned maintenance',
                       i.merged_into != '', concat('merged into ', i.merged_into),
                       i.flap_of != '', concat('flap of ', i.flap_of),
                       if(required = '', i.major = 0, NOT has(splitByChar(',', replaceAll(required, ' ', '')), toString(i.severity))), 'none required',
                       isNull(i.resolved_at) AND isNotNull(i.closed_at), 'closed without a resolution time',
                       isNull(i.resolved_at), 'not resolved yet',
                       '') AS left_out,
               multiIf(empty(reviews), 'none', isNull(first_done), 'unfinished', isNull(due), '', first_done <= due, 'done in time', 'done late') AS state,
               multiIf(left_out != '', '',
                       isNull(due), 'outside the calendar',
                       due > now_known, concat('pending: its ', toString(within_workdays), ' working days are not over', if(state = 'done in time', ', done already', '')),
                       collected = 0, 'no post-mortems are collected',
                       '') AS unknown
        FROM resolved_on AS i
        LEFT JOIN deadlines AS l ON l.nth = i.due_workday
        LEFT JOIN reviews AS r ON r.incident_id = i.id
    )
SELECT
    'postmortem_coverage' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    coalesce(due, resolved_at, closed_at, toNullable(created_at)) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(toUInt8(state = 'done in time'))) AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    if(left_out = '', state, '') AS basis,
    reviews AS refs,
    if(left_out = '', due, NULL) AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM facts
