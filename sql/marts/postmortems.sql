-- mart:    postmortems
-- title:   Reviews of incidents, and whether they are done
-- grain:   one row per post-mortem
-- key:     id
-- reads:   tickets, ticket_incidents
-- tests:   unique(id); resolved_at <= {as_of:DateTime64(3, 'UTC')}
-- note:    one post-mortem may review several incidents, and an incident may
--          have several.
-- columns:
--   id: id of the ticket
--   source: name of the source in the config
--   key: what people call it
--   url: where to open it
--   title: as the source says it
--   incident_ids: ids of the incidents that its links or its parent name
--   created_at: when it was opened; NULL when not stated
--   resolved_at: when it was done; NULL while it is not
--   status: the source's own word
--   owner: who writes it; empty: nobody
SELECT
    t.id AS id, t.source AS source, t.key AS key, t.url AS url, t.title AS title, n.incident_ids AS incident_ids,
    t.created_at AS created_at, t.resolved_at AS resolved_at, t.status AS status, t.assignee AS owner
FROM (SELECT * FROM tickets WHERE role = 'postmortem') AS t
LEFT JOIN ticket_incidents AS n ON n.ticket_id = t.id
