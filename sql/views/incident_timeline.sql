-- view:    incident_timeline
-- title:   What happened in one incident, step by step
-- also:    timeline, chronology
-- asks:    Who did what, and how long after the start?
-- grain:   one row per step
-- params:
--   incident String: its key or id
-- columns:
--   incident_id String: id of the incident
--   at DateTime64(3, 'UTC'): when it happened
--   after Float64: seconds since the incident was opened; below 0 before it
--   kind String: created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working, assigned, notified, merged, moved, note or other
--   actor String: who did it, or who was paged
--   detail String: the source's own words
--   source String: which source tells it
--   basis String: event (the source told the step) or field (from a time in the record)
-- reads:   incident_events, incidents
-- example: SELECT duration_text(after) AS after, kind, actor, detail FROM incident_timeline(incident = 'INC-10001') ORDER BY at
SELECT
    e.incident_id AS incident_id, e.at AS at, dateDiff('millisecond', i.created_at, e.at) / 1000 AS after,
    toString(e.kind) AS kind, e.actor AS actor, e.detail AS detail, toString(e.source) AS source, toString(e.basis) AS basis
FROM incident_events AS e
INNER JOIN incidents AS i ON i.id = e.incident_id
WHERE i.key = {incident:String} OR i.id = {incident:String}
