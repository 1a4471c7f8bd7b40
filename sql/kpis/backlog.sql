-- kpi:      backlog
-- title:    Open incidents
-- also:     backlog, unresolved incidents, work in progress
-- asks:     How many incidents stand open?
-- kind:     count
-- entity:   incident
-- better:   lower
-- counts:   incidents that were created (of merged ones: the earliest) before the period's end and were not finally resolved before it; one that was reopened has been open all the while
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; closed without a resolution time; resolved before created
-- stock:    yes
-- reads:    incidents
-- source:   ITIL 4, incident management practice: backlog of unresolved incidents
-- tests:    value = 1
WITH facts AS (
    SELECT *,
           multiIf(exercise = 1, 'exercise or planned maintenance',
                   merged_into != '', concat('merged into ', merged_into),
                   flap_of != '', concat('flap of ', flap_of),
                   isNull(resolved_at) AND isNotNull(closed_at), 'closed without a resolution time',
                   resolved_at < started_at, 'resolved before created',
                   '') AS left_out
    FROM incidents
)
SELECT
    'backlog' AS kpi, 'incident' AS entity, id, key, title, url,
    toNullable(started_at) AS from_at,
    if(left_out = '', resolved_at, coalesce(resolved_at, closed_at, toNullable(created_at))) AS at,
    toNullable(1.0) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    if(started_at < created_at, 'earliest of the merged ones to final resolution', 'created to final resolution') AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    left_out AS reason
FROM facts
