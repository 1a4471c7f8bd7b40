-- kpi:      time_to_acknowledge
-- title:    Time to acknowledge
-- also:     MTTA, mean time to acknowledge, response time
-- asks:     How long until somebody takes an incident?
-- kind:     duration
-- entity:   incident
-- better:   lower
-- counts:   incidents acknowledged by a person in the period, created to first acknowledgement, on a 24x7 clock; one that nobody acknowledged is carried on, also after its resolution, as never acknowledged
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; of sources that do not tell acknowledgements; resolved by itself before anybody acknowledged; acknowledged before created; never acknowledged and resolved before created
-- ended:    acknowledged
-- reads:    incidents
-- source:   ITIL 4, incident management practice: response time; PagerDuty, mean time to acknowledge
-- tests:    value >= 0
WITH facts AS (
    SELECT *,
           multiIf(exercise = 1, 'exercise or planned maintenance',
                   merged_into != '', concat('merged into ', merged_into),
                   flap_of != '', concat('flap of ', flap_of),
                   tells_acknowledgement = 0, 'the source does not tell acknowledgements',
                   isNull(acknowledged_at) AND isNotNull(resolved_at) AND lower(resolved_by) = 'auto', 'resolved by itself before anybody acknowledged',
                   acknowledged_at < created_at, 'acknowledged before created',
                   isNull(acknowledged_at) AND resolved_at < created_at, 'resolved before created',
                   '') AS left_out
    FROM incidents
)
SELECT
    'time_to_acknowledge' AS kpi, 'incident' AS entity, id, key, title, url,
    toNullable(created_at) AS from_at,
    if(left_out = '', acknowledged_at, coalesce(acknowledged_at, resolved_at, closed_at, toNullable(created_at))) AS at,
    if(left_out = '', dateDiff('millisecond', created_at, acknowledged_at) / 1000, NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    'created to first acknowledgement' AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    left_out AS reason
FROM facts
