-- mart:    action_items
-- title:   What was promised after incidents, by whom and until when
-- grain:   one row per action item
-- key:     id
-- reads:   tickets, ticket_transitions, ticket_incidents
-- tests:   unique(id); due_moves >= 0
-- columns:
--   id: id of the ticket
--   source: name of the source in the config
--   key: what people call it
--   url: where to open it
--   title: as the source says it
--   owner: who promised it; empty: nobody
--   team: team of the owner
--   services: services that it mends
--   incident_ids: ids of the incidents that its links or its parent name
--   created_at: when it was opened; NULL when not stated
--   first_due_on: the day that it was promised for at first; NULL: never promised
--   due_on: the day that it is promised for now; NULL: it has none
--   due_moves: how often that day was moved
--   resolved_at: when it was done; NULL while it is open
--   status: the source's own word
--   status_category: todo, doing or done; empty: not known
WITH
    promises AS (
        SELECT ticket_id,
               arrayMap(p -> (coalesce(toDateOrNull(left(p.2, 10)), toDateOrNull(left(p.3, 10))), coalesce(toDateOrNull(left(p.4, 10)), toDateOrNull(left(p.5, 10)))),
                        arraySort(p -> p.1, groupArray((position, from_id, from_value, to_id, to_value)))) AS moves,
               arrayCompact(arrayFilter(d -> isNotNull(d), arrayPushFront(arrayMap(m -> m.2, moves), moves[1].1))) AS days
        FROM ticket_transitions
        WHERE field = 'duedate' AND ticket_id IN (SELECT id FROM tickets WHERE role = 'action_item')
        GROUP BY ticket_id
    )
SELECT
    t.id AS id, t.source AS source, t.key AS key, t.url AS url, t.title AS title, t.assignee AS owner, t.team AS team, t.services AS services,
    n.incident_ids AS incident_ids, t.created_at AS created_at,
    if(empty(p.days), t.due_on, p.days[1]) AS first_due_on, t.due_on AS due_on,
    toUInt32(if(empty(p.days), 0, length(p.days) - 1)) AS due_moves,
    t.resolved_at AS resolved_at, t.status AS status, t.status_category AS status_category
FROM (SELECT * FROM tickets WHERE role = 'action_item') AS t
LEFT JOIN promises AS p ON p.ticket_id = t.id
LEFT JOIN ticket_incidents AS n ON n.ticket_id = t.id
