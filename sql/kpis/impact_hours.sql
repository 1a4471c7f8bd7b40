-- kpi:      impact_hours
-- title:    Hours of customer impact
-- also:     downtime, customer impact hours, customer minutes
-- asks:     How long were customers hurt?
-- kind:     count
-- entity:   incident
-- better:   lower
-- counts:   hours of the customer-affecting incidents whose impact ended in the period, impact start (where it is not stated: created, of merged ones the earliest) to impact end (where it is not stated: final resolution); incidents of one time are added up
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; no customer was affected; not stated whether customers were affected, which is not none; closed without a resolution time; mitigated before it began
-- unit:     h
-- reads:    incidents
-- source:   Google SRE Book, embracing risk: unplanned downtime
-- tests:    value >= 0
WITH facts AS (
    SELECT *, coalesce(impact_started_at, started_at) AS began_at, coalesce(mitigated_at, resolved_at) AS ended_at,
           multiIf(exercise = 1, 'exercise or planned maintenance',
                   merged_into != '', concat('merged into ', merged_into),
                   flap_of != '', concat('flap of ', flap_of),
                   customer_impact = 0, 'no customer was affected',
                   isNull(customer_impact), 'not stated whether customers were affected',
                   isNull(ended_at) AND isNotNull(closed_at), 'closed without a resolution time',
                   ended_at < began_at, 'mitigated before it began',
                   '') AS left_out
    FROM incidents
)
SELECT
    'impact_hours' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    if(left_out = '', ended_at, coalesce(ended_at, closed_at, toNullable(created_at))) AS at,
    if(left_out = '', dateDiff('millisecond', began_at, ended_at) / 3600000, NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    multiIf(isNull(ended_at) AND isNotNull(closed_at), '',
            isNull(ended_at), if(isNull(impact_started_at), 'created, still open', 'impact start, still open'),
            isNotNull(impact_started_at), if(isNull(mitigated_at), 'impact start to resolution: no impact end', 'impact start to impact end'),
            if(isNull(mitigated_at), 'created to resolution: no impact start or end', 'created to impact end: no impact start')) AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    left_out AS reason
FROM facts
