-- kpi:      escalation_rate
-- title:    Escalated to L3
-- also:     escalation rate, share of incidents that L2 could not solve
-- asks:     How often does an incident need L3?
-- kind:     rate
-- entity:   incident
-- better:   lower
-- counts:   of the incidents created in the period, those that reached L3; one that is still open and has not is not known yet, nor is one for which nothing tells escalations: neither its source nor an L3 shift nor an L3 team
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already
-- reads:    incidents, escalations, oncall_shifts, teams, services
-- source:   ITIL 4, incident management practice: escalated incidents
-- tests:    value = 1
WITH
    l3 AS (
        SELECT (SELECT count() FROM oncall_shifts WHERE tier = 'L3') + (SELECT count() FROM teams WHERE tier = 'L3')
             + (SELECT count() FROM services WHERE l3_team NOT IN ('', l2_team)) > 0 AS is_known
    ),
    facts AS (
        SELECT i.*, ifNull(e.means, '') AS means,
               multiIf(i.exercise = 1, 'exercise or planned maintenance',
                       i.merged_into != '', concat('merged into ', i.merged_into),
                       i.flap_of != '', concat('flap of ', i.flap_of),
                       '') AS left_out,
               multiIf(left_out != '' OR means != '', '',
                       (SELECT is_known FROM l3) = 0 AND i.source NOT IN (SELECT source FROM incidents WHERE isNotNull(escalated_at)), 'nothing tells when an incident reaches L3',
                       isNull(i.resolved_at) AND isNull(i.closed_at), 'still open, may yet escalate',
                       '') AS unknown
        FROM incidents AS i
        LEFT JOIN (SELECT incident_id, basis AS means FROM escalations) AS e ON e.incident_id = i.id
    )
SELECT
    'escalation_rate' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(created_at) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(toUInt8(means != ''))) AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    means AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM facts
