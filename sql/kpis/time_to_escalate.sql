-- kpi:      time_to_escalate
-- title:    Time to escalate
-- also:     time to L3, escalation time
-- asks:     How long until an incident reaches L3?
-- kind:     duration
-- entity:   incident
-- better:   lower
-- counts:   incidents that first reached L3 in the period, created to that moment, on a 24x7 clock; basis says what tells it
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; never reached L3; the moment of the escalation is not known; escalated before created
-- ended:    escalated
-- reads:    incidents, escalations
-- source:   ITIL 4, incident management practice: escalation to the next level of support
-- tests:    value >= 0
WITH facts AS (
    SELECT i.*, e.at AS escalation_at, ifNull(e.means, '') AS means,
           multiIf(i.exercise = 1, 'exercise or planned maintenance',
                   i.merged_into != '', concat('merged into ', i.merged_into),
                   i.flap_of != '', concat('flap of ', i.flap_of),
                   means = '', 'never reached L3',
                   isNull(escalation_at), 'the moment of the escalation is not known',
                   escalation_at < i.created_at, 'escalated before created',
                   '') AS left_out
    FROM incidents AS i
    LEFT JOIN (SELECT incident_id, at, basis AS means FROM escalations) AS e ON e.incident_id = i.id
)
SELECT
    'time_to_escalate' AS kpi, 'incident' AS entity, id, key, title, url,
    toNullable(created_at) AS from_at,
    coalesce(escalation_at, resolved_at, closed_at, toNullable(created_at)) AS at,
    if(left_out = '', dateDiff('millisecond', created_at, escalation_at) / 1000, NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    means AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    left_out AS reason
FROM facts
