-- mart:    ticket_transitions
-- title:   What changed on each ticket, and which changes resolved or reopened it
-- grain:   one row per change of one field
-- key:     ticket_id, position
-- reads:   stg_ticket_transitions, stg_statuses, stg_tickets, source_settings
-- tests:   kind IN ('', 'resolved', 'reopened', 'started', 'moved'); at <= {as_of:DateTime64(3, 'UTC')}
-- note:    the resolution field decides what resolves. Only a ticket whose
--          workflow never sets it is judged by its moves between statuses.
-- columns:
--   ticket_id: id of the ticket
--   source: name of the source in the config
--   event_id: the source's id of the change, and its place in it
--   position: place among the changes of its ticket, from 1
--   at: when it happened
--   actor: who did it
--   field: status, resolution, assignee, priority, duedate, sprint, key, type, labels
--   from_id: the source's id of the old value
--   from_value: the old value, as people read it
--   to_id: the source's id of the new value
--   to_value: the new value, as people read it
--   from_category: of a status: todo, doing or done; empty: not known, which is not "not done"
--   to_category: the same of the new status
--   kind: resolved, reopened, started (the first move into a doing status, unless resolved before), moved (any other move), or empty for all else
WITH
    -- A status is known by its id. Where a change names no id, by its name, if
    -- all statuses of that name mean the same.
    categories AS (
        SELECT source, concat('#', id) AS named, toString(any(category)) AS means
        FROM stg_statuses FINAL WHERE category != '' GROUP BY source, named
        UNION ALL
        SELECT source, name AS named, toString(any(category)) AS means
        FROM stg_statuses FINAL WHERE category != '' AND name != '' GROUP BY source, named HAVING uniqExact(category) = 1
    ),
    current AS (
        SELECT source, id, toUInt8(resolution != '' OR isNotNull(resolved_at)) AS states_one
        FROM stg_tickets FINAL
        WHERE deleted = 0 AND filtered = 0 AND source IN (SELECT source FROM source_settings)
    ),
    told AS (
        SELECT t.source AS source, t.id AS id, t.event_id AS event_id, t.seq AS seq, assumeNotNull(t.at) AS at, t.actor AS actor, toString(t.field) AS field,
               t.from_id AS from_id, t.from_value AS from_value, t.to_id AS to_id, t.to_value AS to_value,
               ifNull(f.means, '') AS from_category, ifNull(s.means, '') AS to_category, c.states_one AS states_one,
               toUInt8(from_id != '' OR from_value != '') AS was_set, toUInt8(to_id != '' OR to_value != '') AS is_set
        FROM (
            SELECT *, if(field != 'status', '', if(from_id != '', concat('#', from_id), from_value)) AS from_name,
                   if(field != 'status', '', if(to_id != '', concat('#', to_id), to_value)) AS to_name
            FROM stg_ticket_transitions FINAL WHERE deleted = 0 AND isNotNull(at)
        ) AS t
        INNER JOIN current AS c ON c.source = t.source AND c.id = t.id
        LEFT JOIN categories AS f ON f.source = t.source AND f.named = t.from_name
        LEFT JOIN categories AS s ON s.source = t.source AND s.named = t.to_name
    ),
    -- Which way a workflow tells a resolution shows in the whole history; all
    -- else looks back only. A status of unknown category is passed over: what
    -- held before it still holds.
    placed AS (
        SELECT *,
               row_number() OVER (PARTITION BY source, id ORDER BY at, seq, event_id) AS position,
               toUInt8(states_one = 1 OR max(field = 'resolution') OVER (PARTITION BY source, id ORDER BY at, seq, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) = 1) AS by_resolution,
               if(from_category != '', from_category, ifNull(anyLast(nullIf(if(to_category != '', to_category, from_category), '')) OVER before, '')) AS category_before,
               countIf(to_category = 'doing') OVER before AS doing_before,
               ifNull(anyLast(if(field = 'resolution', toNullable(is_set), NULL)) OVER before, 0) AS held
        FROM told
        WINDOW before AS (PARTITION BY source, id ORDER BY at, seq, event_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
SELECT
    concat(source, ':', id) AS ticket_id, source, event_id, toUInt32(position) AS position, at, actor, field,
    from_id, from_value, to_id, to_value, from_category, to_category,
    multiIf(field = 'resolution', multiIf(was_set = 0 AND is_set = 1, 'resolved', was_set = 1 AND is_set = 0, 'reopened', ''),
            field != 'status', '',
            by_resolution = 0 AND to_category = 'done' AND category_before IN ('todo', 'doing'), 'resolved',
            by_resolution = 0 AND to_category IN ('todo', 'doing') AND category_before = 'done', 'reopened',
            to_category = 'doing' AND doing_before = 0 AND held = 0, 'started',
            'moved') AS kind
FROM placed
WHERE at <= {as_of:DateTime64(3, 'UTC')}
