-- mart:    incident_events
-- title:   What happened to each incident, step by step
-- grain:   one row per step
-- key:     incident_id, at, kind
-- reads:   incidents, incident_steps, identities
-- tests:   kind != ''
-- columns:
--   incident_id: id of the incident
--   source: name of the source that tells it
--   at: when it happened
--   kind: created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working, assigned, notified, merged, moved (to another status of a ticket), note or other
--   actor: who did it, or who was paged, as the source says
--   detail: the source's own words
--   basis: event (the source told the step) or field (from a time in the record)
WITH
    ['created', 'impact_started', 'acknowledged', 'escalated', 'mitigated', 'resolved', 'closed'] AS fields,
    told AS (
        SELECT n.row_id AS incident_id, s.source AS source, s.at AS at, s.kind AS kind, s.actor AS actor, s.detail AS detail
        FROM incident_steps AS s
        INNER JOIN (SELECT id, row_id FROM identities WHERE entity = 'incident') AS n ON n.id = s.record_id
        WHERE n.row_id IN (SELECT id FROM incidents)
    ),
    -- Which fields of an incident its events tell, a bit for each.
    covered AS (
        SELECT incident_id, groupBitOr(bitShiftLeft(toUInt8(1), indexOf(fields, kind) - 1)) AS bits
        FROM told WHERE has(fields, kind) GROUP BY incident_id
    )
SELECT incident_id, source, at, kind, actor, detail, 'event' AS basis
FROM told
UNION ALL
SELECT id AS incident_id, source, assumeNotNull(step.2) AS at, fields[step.1] AS kind, '' AS actor, '' AS detail, 'field' AS basis
FROM (
    SELECT i.id AS id, i.source AS source, ifNull(c.bits, 0) AS bits,
           arrayJoin(arrayZip(arrayEnumerate(fields), [toNullable(i.created_at), i.impact_started_at, i.acknowledged_at, i.escalated_at, i.mitigated_at, i.resolved_at, i.closed_at])) AS step
    FROM incidents AS i
    LEFT JOIN covered AS c ON c.incident_id = i.id
)
WHERE isNotNull(step.2) AND NOT bitTest(bits, step.1 - 1)
