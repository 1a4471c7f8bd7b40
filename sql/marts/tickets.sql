-- mart:    tickets
-- title:   Tickets, whatever they are for
-- grain:   one row per ticket
-- key:     id
-- reads:   stg_tickets, stg_ticket_transitions, stg_statuses, ticket_transitions, source_settings, rules, aliases
-- tests:   unique(id); created_at <= {as_of:DateTime64(3, 'UTC')}; resolved_at <= {as_of:DateTime64(3, 'UTC')}; sprint_started_at <= {as_of:DateTime64(3, 'UTC')}; (work_class = '') = (work_rule = 0)
-- note:    what changed later than as_of is taken back: status, resolution,
--          assignee, priority and due date are those of as_of. Other fields are
--          those of the newest version.
-- columns:
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   role: incident, change, problem, postmortem, action_item or ticket, by the config's rules
--   type: the source's own type of issue
--   project: key of its project
--   labels: free labels
--   services: services that it is about, by the names of the config
--   service: the first of them
--   teams: teams that work on it, by the names of the config
--   team: the first of them
--   status: the source's own word, as of as_of
--   status_category: todo, doing or done; empty: not known
--   status_since: when it got that status; NULL where its history does not tell
--   resolution: how it was resolved, in the source's own word; empty while it is not
--   priority: as the source says it
--   assignee: who has it
--   reassignment_count: how often it passed from one person to the next; NULL when its source tells no history
--   moved_at: when its status or its assignee last changed; NULL where its history tells no change
--   reporter: who asked for it
--   parent: key of the epic or parent
--   sprints: sprints that it was planned in
--   sprint_started_at: when the first of them began; NULL: in none, none has begun, or the source does not tell
--   points: story points; NULL: not estimated
--   cause: cause category
--   created_at: when it was opened; NULL when not stated
--   started_at: first move into a status that means doing; NULL when the history does not tell one
--   first_resolved_at: first resolution; NULL when the source does not tell it
--   resolved_at: final resolution: the last one that was not taken back; NULL while it is open
--   reopen_count: how often it was reopened; NULL when it was resolved and no history tells how
--   due_on: the day that it is promised for
--   links: kind (caused_by, causes, duplicates, duplicated_by, or the source's own words), key and id of linked tickets
--   attributes: further fields by name
--   work_class: what kind of work it is, by the first rule of the set work that fits; empty: none fits, it is unclassified
--   work_rule: rank of that rule; 0: none
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    (
        SELECT arraySort(r -> r.1, groupArray((rank, result, arrayMap(x -> lowerUTF8(x), sources), arrayMap(x -> lowerUTF8(x), roles), arrayMap(x -> lowerUTF8(x), projects),
                                               arrayMap(x -> lowerUTF8(x), types), arrayMap(x -> lowerUTF8(x), labels), after_sprint_start)))
        FROM rules WHERE set = 'work'
    ) AS work_rules,
    -- What sources call a service, a team or a cause becomes the name that reports
    -- use; a name without an alias stays as it is.
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'service') AS service_names,
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'team') AS team_names,
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'cause') AS cause_names,
    categories AS (
        SELECT source, concat('#', id) AS named, toString(any(category)) AS means
        FROM stg_statuses FINAL WHERE category != '' GROUP BY source, named
        UNION ALL
        SELECT source, name AS named, toString(any(category)) AS means
        FROM stg_statuses FINAL WHERE category != '' AND name != '' GROUP BY source, named HAVING uniqExact(category) = 1
    ),
    -- The first change after as_of names the value that stood then.
    later AS (
        SELECT source, id,
               countIf(field = 'status') > 0 AS moves, argMinIf((from_id, from_value), (at, seq, event_id), field = 'status') AS status_then,
               countIf(field = 'resolution') > 0 AS resolves, argMinIf(from_value, (at, seq, event_id), field = 'resolution') AS resolution_then,
               countIf(field = 'assignee') > 0 AS assigns, argMinIf(from_value, (at, seq, event_id), field = 'assignee') AS assignee_then,
               countIf(field = 'priority') > 0 AS ranks, argMinIf(from_value, (at, seq, event_id), field = 'priority') AS priority_then,
               countIf(field = 'duedate') > 0 AS dates, argMinIf(coalesce(toDateOrNull(left(from_id, 10)), toDateOrNull(left(from_value, 10))), (at, seq, event_id), field = 'duedate') AS due_then
        FROM stg_ticket_transitions FINAL
        WHERE deleted = 0 AND at > now_known
        GROUP BY source, id
    ),
    -- A history that begins with a reopening has lost its first resolution. Of a
    -- tuple the engine keeps a text for each ticket, so turn and time are apart.
    told AS (
        SELECT ticket_id,
               minOrNullIf(at, starts) AS started,
               toUInt32(countIf(turn = 2)) AS reopens,
               argMinIf(turn, position, turn > 0) AS first_turn, argMinIf(at, position, turn > 0) AS first_turn_at,
               argMaxIf(turn, position, turn > 0) AS last_turn, argMaxIf(at, position, turn > 0) AS last_turn_at,
               maxOrNullIf(at, is_status) AS status_since, maxOrNullIf(at, is_status OR is_handed) AS moved_at,
               countIf(is_handed AND somebodys) AS got_it, argMinIf(was_nobodys, position, is_handed) AS first_was_nobodys
        FROM (
            SELECT ticket_id, position, at, to_category = 'doing' AS starts, toUInt8(indexOf(['resolved', 'reopened'], kind)) AS turn,
                   field = 'status' AS is_status, field = 'assignee' AS is_handed, to_value != '' AS somebodys, from_value = '' AS was_nobodys
            FROM ticket_transitions
            WHERE kind != '' OR field = 'assignee'
        )
        GROUP BY ticket_id
    ),
    facts AS (
        SELECT t.*, concat(t.source, ':', t.id) AS mart_id,
               ifNull(if(l.moves = 1, tupleElement(l.status_then, 2), t.status), '') AS status_now,
               ifNull(if(l.moves = 1, tupleElement(l.status_then, 1), t.status_id), '') AS status_id_now,
               if(status_id_now != '', concat('#', status_id_now), status_now) AS status_named,
               ifNull(if(l.resolves = 1, l.resolution_then, t.resolution), '') AS resolution_now,
               ifNull(if(l.assigns = 1, l.assignee_then, t.assignee), '') AS assignee_now,
               ifNull(if(l.ranks = 1, l.priority_then, t.priority), '') AS priority_now,
               if(l.dates = 1, l.due_then, t.due_on) AS due_now,
               if(t.resolved_at <= now_known, t.resolved_at, NULL) AS resolved_stated,
               if(t.sprint_started_at <= now_known, t.sprint_started_at, NULL) AS sprint_started,
               -- Of a rule every condition that it gives must hold.
               arrayFirst(r -> (empty(r.3) OR has(r.3, lowerUTF8(t.source))) AND (empty(r.4) OR has(r.4, lowerUTF8(t.role)))
                           AND (empty(r.5) OR has(r.5, lowerUTF8(t.project))) AND (empty(r.6) OR has(r.6, lowerUTF8(t.type)))
                           AND (empty(r.7) OR hasAny(r.7, arrayMap(x -> lowerUTF8(x), t.labels)))
                           AND (r.8 = 0 OR ifNull(t.created_at > sprint_started, 0)), work_rules) AS work
        FROM (
            SELECT * FROM stg_tickets FINAL
            WHERE deleted = 0 AND filtered = 0 AND source IN (SELECT source FROM source_settings) AND ifNull(created_at <= now_known, 1)
        ) AS t
        LEFT JOIN later AS l ON l.source = t.source AND l.id = t.id
    )
SELECT
    f.mart_id AS id, f.source AS source, if(f.key = '', f.id, f.key) AS key, f.url AS url, f.title AS title,
    toString(f.role) AS role, toString(f.type) AS type, toString(f.project) AS project, f.labels AS labels,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), service_names.1, service_names.2, x), f.services)) AS services, services[1] AS service,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), team_names.1, team_names.2, x), f.teams)) AS teams, teams[1] AS team,
    toString(f.status_now) AS status, ifNull(c.means, '') AS status_category, h.status_since AS status_since, f.resolution_now AS resolution,
    f.priority_now AS priority, f.assignee_now AS assignee,
    if(f.source IN (SELECT source FROM ticket_transitions), toNullable(toUInt32(greatest(toInt64(ifNull(h.got_it, 0)) - ifNull(h.first_was_nobodys, 0), 0))), NULL) AS reassignment_count,
    h.moved_at AS moved_at, f.reporter AS reporter,
    f.parent AS parent, f.sprints AS sprints, f.sprint_started AS sprint_started_at, f.points AS points, transform(lowerUTF8(f.cause), cause_names.1, cause_names.2, f.cause) AS cause,
    f.created_at AS created_at, h.started AS started_at,
    -- What the record states stands where the history does not tell it.
    multiIf(h.first_turn = 1, h.first_turn_at, h.first_turn = 2, NULL, f.resolved_stated) AS first_resolved_at,
    multiIf(h.last_turn = 1, h.last_turn_at,
            h.last_turn = 2, if(f.resolved_stated > h.last_turn_at, f.resolved_stated, NULL),
            f.resolved_stated) AS resolved_at,
    if(isNotNull(f.resolved_stated) AND ifNull(h.first_turn, 0) = 0, NULL, ifNull(h.reopens, toUInt32(0))) AS reopen_count,
    f.due_now AS due_on, f.links AS links, f.attributes AS attributes,
    f.work.2 AS work_class, f.work.1 AS work_rule
FROM facts AS f
LEFT JOIN told AS h ON h.ticket_id = f.mart_id
LEFT JOIN categories AS c ON c.source = f.source AND c.named = f.status_named
