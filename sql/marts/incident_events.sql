-- mart:    incident_events
-- title:   What happened to each incident, step by step
-- grain:   one row per step
-- key:     incident_id, at, kind
-- reads:   incidents, stg_incident_events
-- tests:   kind != ''
-- columns:
--   incident_id: id of the incident
--   at: when it happened
--   kind: created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working or note
--   actor: who did it, as the source says
--   detail: the source's own words
--   basis: event (the source told the step) or field (from a time in the record)
WITH told AS (
    SELECT concat(source, ':', id) AS incident_id, assumeNotNull(at) AS at, kind, actor, detail
    FROM stg_incident_events FINAL
    WHERE deleted = 0 AND kind != '' AND stg_incident_events.at <= {as_of:DateTime64(3, 'UTC')}
)
SELECT t.incident_id AS incident_id, t.at AS at, toString(t.kind) AS kind, t.actor AS actor, t.detail AS detail, 'event' AS basis
FROM told AS t
INNER JOIN incidents AS i ON i.id = t.incident_id
UNION ALL
SELECT id AS incident_id, assumeNotNull(step.2) AS at, step.1 AS kind, '' AS actor, '' AS detail, 'field' AS basis
FROM (
    SELECT id, arrayJoin([
        ('created', toNullable(created_at)), ('impact_started', impact_started_at), ('acknowledged', acknowledged_at),
        ('escalated', escalated_at), ('mitigated', mitigated_at), ('resolved', resolved_at), ('closed', closed_at)]) AS step
    FROM incidents
)
WHERE isNotNull(step.2) AND (id, step.1) NOT IN (SELECT incident_id, toString(kind) FROM told)
