-- mart:    incident_steps
-- title:   The steps in the life of each incident record
-- grain:   one row per step of a record
-- key:     record_id, at, seq
-- reads:   stg_incident_events, stg_incidents, ticket_transitions
-- tests:   kind != ''; at <= {as_of:DateTime64(3, 'UTC')}
-- note:    for the models: what a pager's log and a ticket's history tell, in one
--          vocabulary. Analysts read incident_events, which knows the incident.
-- columns:
--   record_id: the source's name in the config, a colon, the record's immutable id
--   source: name of the source in the config
--   at: when it happened
--   seq: order of steps of one moment
--   kind: created, acknowledged, working, resolved, reopened, closed: states; escalated, mitigated, assigned, notified, merged, moved (to another status of a ticket), note, other: no states
--   actor: who did it, or who was paged, as the source says
--   detail: the source's own words
SELECT concat(e.source, ':', e.id) AS record_id, e.source AS source, assumeNotNull(e.at) AS at, e.seq AS seq,
       toString(e.kind) AS kind, e.actor AS actor, e.detail AS detail
FROM (SELECT * FROM stg_incident_events FINAL WHERE deleted = 0 AND kind != '' AND stg_incident_events.at <= {as_of:DateTime64(3, 'UTC')}) AS e
UNION ALL
-- A ticket that is an incident is acknowledged when work on it starts.
SELECT t.ticket_id AS record_id, t.source AS source, t.at AS at, toUInt64(t.position) AS seq,
       multiIf(t.kind = 'started', 'acknowledged', t.field = 'assignee', 'assigned', t.kind) AS kind, t.actor AS actor,
       concat(if(t.from_value = '', '–', t.from_value), ' → ', if(t.to_value = '', '–', t.to_value)) AS detail
FROM ticket_transitions AS t
WHERE (t.kind != '' OR t.field = 'assignee')
  AND t.ticket_id IN (SELECT concat(source, ':', id) FROM stg_incidents FINAL WHERE deleted = 0 AND filtered = 0)
