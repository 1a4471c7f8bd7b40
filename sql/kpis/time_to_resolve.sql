-- kpi:      time_to_resolve
-- title:    Time to resolve
-- also:     MTTR (resolve), mean time to resolve, resolution time
-- asks:     How long does an incident stay open?
-- kind:     duration
-- entity:   incident
-- better:   lower
-- counts:   incidents resolved in the period, created (of merged ones: the earliest) to final resolution, on a 24x7 clock
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; closed without a resolution time; resolved before created
-- ended:    resolved
-- reads:    incidents
-- source:   ITIL 4, incident management practice: time to resolve; final resolution so that a reopened incident counts its whole life
-- tests:    value >= 0
SELECT
    'time_to_resolve' AS kpi, 'incident' AS entity, id, key, title, url,
    toNullable(started_at) AS from_at,
    if(included = 1, resolved_at, coalesce(resolved_at, closed_at, toNullable(created_at))) AS at,
    if(included = 1, dateDiff('millisecond', started_at, resolved_at) / 1000, NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    if(started_at < created_at, 'earliest of the merged ones to final resolution', 'created to final resolution') AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(reason = '') AS included,
    multiIf(exercise = 1, 'exercise or planned maintenance',
            merged_into != '', concat('merged into ', merged_into),
            flap_of != '', concat('flap of ', flap_of),
            isNull(resolved_at) AND isNotNull(closed_at), 'closed without a resolution time',
            resolved_at < started_at, 'resolved before created',
            '') AS reason
FROM incidents
