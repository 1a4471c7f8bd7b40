-- view:    changes_before_incident
-- title:   What was changed before an incident
-- also:    suspect changes, what changed, correlation of changes
-- asks:    Which changes ended shortly before this incident, and is any linked to it?
-- grain:   one row per change, the latest first
-- params:
--   incident String: its key or id
--   hours UInt32: how far to look back
-- columns:
--   change_id String: id of the change
--   key String: what people call it
--   title String: as the source says it
--   kind String: deployment, config, feature_flag …; empty when not stated
--   type String: standard, normal or emergency; empty when not stated
--   risk String: as the source rates it
--   outcome String: empty: not recorded
--   services Array(String): services that it changed
--   done_at DateTime64(3, 'UTC'): its end, else its start
--   lag Float64: seconds from then to the incident
--   same_service UInt8: 1 when it changed a service that the incident affected
--   linked String: explicit (a record says so), mentioned (a text cites it), suspected (by time alone), or empty. Time alone proves nothing: suspected_by_chance says how often it would fit anyway
--   url String: where to open it
-- reads:   changes, incidents, change_incident_links
-- example: SELECT key, title, duration_text(lag) AS before, same_service, linked FROM changes_before_incident(incident = 'INC-10001', hours = 24) ORDER BY same_service DESC, lag
SELECT
    c.id AS change_id, c.key AS key, c.title AS title, toString(c.kind) AS kind, toString(c.type) AS type, c.risk AS risk, toString(c.outcome) AS outcome, c.services AS services,
    assumeNotNull(coalesce(c.ended_at, c.started_at)) AS done_at, dateDiff('millisecond', done_at, i.created_at) / 1000 AS lag,
    toUInt8(hasAny(c.services, i.services)) AS same_service,
    multiIf(has(l.grades, 'explicit'), 'explicit', has(l.grades, 'mentioned'), 'mentioned', has(l.grades, 'suspected'), 'suspected', '') AS linked,
    c.url AS url
FROM changes AS c
CROSS JOIN (SELECT id, created_at, services FROM incidents WHERE key = {incident:String} OR id = {incident:String}) AS i
LEFT JOIN (SELECT change_id, incident_id, groupArray(toString(grade)) AS grades FROM change_incident_links GROUP BY ALL) AS l ON l.change_id = c.id AND l.incident_id = i.id
WHERE c.outcome NOT IN ('cancelled', 'rejected')
  AND coalesce(c.ended_at, c.started_at) <= i.created_at AND coalesce(c.ended_at, c.started_at) > i.created_at - toIntervalHour({hours:UInt32})
