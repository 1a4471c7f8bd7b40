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
--   actor: who did it, or who was paged, as the source says; auto: no person
--   detail: the source's own words
WITH
    known AS (SELECT * FROM stg_incident_events FINAL WHERE deleted = 0 AND kind != '' AND stg_incident_events.at <= {as_of:DateTime64(3, 'UTC')}),
    current AS (SELECT source, id, version FROM stg_incidents FINAL WHERE deleted = 0 AND filtered = 0)
SELECT concat(source, ':', id) AS record_id, source, assumeNotNull(known.at) AS at, seq, toString(known.kind) AS kind, actor, detail
FROM known
WHERE NOT (startsWith(event_id, 'comment/') OR startsWith(event_id, 'comment-own/'))
UNION ALL
-- A comment in an issue counts while the issue's current version carries it. It
-- is one step, though it may have been a record of its own at another time.
SELECT concat(source, ':', id) AS record_id, source, moment AS at, seq, word AS kind, actor, detail
FROM (
    SELECT e.source AS source, e.id AS id, splitByChar('/', e.event_id)[2] AS comment, e.version AS version,
           assumeNotNull(e.at) AS moment, e.seq AS seq, toString(e.kind) AS word, e.actor AS actor, e.detail AS detail
    FROM (SELECT * FROM known WHERE startsWith(event_id, 'comment/') OR startsWith(event_id, 'comment-own/')) AS e
    INNER JOIN current AS i ON i.source = e.source AND i.id = e.id
    WHERE startsWith(e.event_id, 'comment-own/') OR e.version >= i.version
    ORDER BY version DESC
    LIMIT 1 BY source, id, comment
)
UNION ALL
-- A ticket that is an incident is acknowledged when a person starts to work on
-- it: a start by an automation is none, so a later move into a doing status may be.
SELECT ticket_id AS record_id, source, at, toUInt64(position) AS seq,
       multiIf(takes = 1 AND taken = 0, 'acknowledged', kind_told = 'started', 'working', field = 'assignee', 'assigned', kind_told) AS kind, actor,
       concat(if(from_value = '', '–', from_value), ' → ', if(to_value = '', '–', to_value)) AS detail
FROM (
    SELECT *, countIf(takes = 1) OVER before AS taken
    FROM (
        SELECT * EXCEPT kind, kind AS kind_told,
               toUInt8(actor != 'auto' AND (kind = 'started' OR (kind = 'moved' AND to_category = 'doing' AND last_end != 'resolved'))) AS takes,
               anyLastIf(kind, kind IN ('resolved', 'reopened')) OVER before AS last_end
        FROM ticket_transitions
        WHERE ticket_id IN (SELECT concat(source, ':', id) FROM current)
        WINDOW before AS (PARTITION BY ticket_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    WINDOW before AS (PARTITION BY ticket_id ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
WHERE kind_told != '' OR field = 'assignee'
