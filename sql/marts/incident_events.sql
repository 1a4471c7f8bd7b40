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
WITH told AS (
    SELECT n.row_id AS incident_id, s.source AS source, s.at AS at, s.kind AS kind, s.actor AS actor, s.detail AS detail
    FROM incident_steps AS s
    INNER JOIN (SELECT id, row_id FROM identities WHERE entity = 'incident') AS n ON n.id = s.record_id
    WHERE n.row_id IN (SELECT id FROM incidents)
)
SELECT incident_id, source, at, kind, actor, detail, 'event' AS basis
FROM told
UNION ALL
SELECT id AS incident_id, source, assumeNotNull(step.2) AS at, step.1 AS kind, '' AS actor, '' AS detail, 'field' AS basis
FROM (
    SELECT id, source, arrayJoin([
        ('created', toNullable(created_at)), ('impact_started', impact_started_at), ('acknowledged', acknowledged_at),
        ('escalated', escalated_at), ('mitigated', mitigated_at), ('resolved', resolved_at), ('closed', closed_at)]) AS step
    FROM incidents
)
WHERE isNotNull(step.2) AND (id, step.1) NOT IN (
    SELECT incident_id, kind FROM told WHERE kind IN ('created', 'impact_started', 'acknowledged', 'escalated', 'mitigated', 'resolved', 'closed'))
