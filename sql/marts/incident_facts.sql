-- mart:    incident_facts
-- title:   What the records of each incident say together
-- grain:   one row per incident, before merging, flaps and titles are looked at
-- key:     id
-- reads:   stg_incidents, stg_incident_events, stg_ticket_transitions, stg_statuses, stg_tickets, incident_records, identities, tickets, aliases
-- tests:   unique(id)
-- note:    for the models; analysts read incidents. Records of several sources
--          that name each other are one row: for each field the first in
--          identity.order that states it.
-- columns:
--   id: id of the record that gives the row
--   source: name of its source in the config
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services that it affected, by the names of the config
--   teams: teams that worked on it, by the names of the config
--   severity: 1 (worst) to 5, 0 unknown
--   major: 1 or 0 where a record says so, else NULL
--   customer_impact: 1 or 0; NULL when not stated
--   environment: production, staging …; empty when not stated
--   exercise: 1 when any record says so
--   source_status: the source's own word
--   created_at: when the record was opened, by the pager where one of the records is a pager's
--   impact_started_at: when it began to hurt; NULL when not stated
--   acknowledged_at: first acknowledgement, by the pager where it tells one
--   tells_acknowledgement: 1 when a source of it tells acknowledgements: a pager, or one of which any record states its own
--   escalated_at: first move to the next tier
--   mitigated_at: when it stopped hurting; NULL when not stated
--   first_resolved_at: first resolution, before any reopening; NULL when the source does not tell it
--   resolved_at: final resolution, by the first record that tells how it ended
--   closed_at: end of the paperwork
--   reopen_count: how often it was reopened; NULL when the source does not say
--   first_reopened_at: the first reopening, from history
--   has_history: 1 when the source tells its life step by step, the resolution included
--   reassignment_count: how often it changed team; NULL when the source does not say
--   resolved_by: person, team or automation
--   merges_into: id of the incident that a record says it is merged into
--   alert_key: key of the alert that raised it
--   alert_source: the source whose key that is
--   cause: cause category
--   fix_owner: team that owns the lasting fix
--   caused_by_change: key of the change that caused it
--   caused_by: keys or ids of all that its records say caused it
--   problem_key: key of the problem record: as stated, else of a problem ticket that it names as its cause or as what it repeats
--   repeats: ids of incidents of the same source that it is said to duplicate
--   detected_by: monitoring, customer, staff …
--   attributes: further fields by name
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    -- What sources call a service, a team or a cause becomes the name that reports
    -- use; a name without an alias stays as it is.
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'service') AS service_names,
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'team') AS team_names,
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'cause') AS cause_names,
    -- The records of one incident become its row: for each field the first in
    -- order that states it. The pager knows best when it began and who took it;
    -- how it ended comes whole from the first record that settles it, so that
    -- one that was reopened and is open stays open.
    several AS (SELECT row_id FROM identities WHERE entity = 'incident' AND row_id != id),
    acknowledging AS (SELECT source FROM incident_records WHERE isNotNull(acknowledged_at) GROUP BY source),
    -- Most incidents have one record, which need not be aggregated.
    joined AS (
        SELECT
            row_id AS id, source, key, url, title, services, teams, severity, major, customer_impact, environment, exercise, source_status,
            base.created_at AS created_at, base.impact_started_at AS impact_started_at, base.acknowledged_at AS acknowledged_at,
            toUInt8(pager = 1 OR source IN acknowledging) AS tells_acknowledgement, base.escalated_at AS escalated_at, base.mitigated_at AS mitigated_at,
            base.resolved_at AS resolved_at, base.first_resolved_at AS first_resolved_at, base.first_reopened_at AS first_reopened_at, base.reopen_count AS reopen_count,
            base.has_history AS has_history, base.closed_at AS closed_at, reassignment_count, resolved_by,
            alert_key, if(alert_key = '', '', source) AS alert_source, cause, fix_owner, caused_by_change, arrayDistinct(base.caused_by) AS caused_by,
            problem_key, detected_by, attributes
        FROM incident_records AS base
        WHERE row_id NOT IN several
        UNION ALL
        SELECT id, source, key, url, title, services, teams, severity, major, customer_impact, environment, exercise, source_status,
               created_at, impact_started_at, acknowledged_at, tells_acknowledgement, escalated_at, mitigated_at,
               resolved_at, first_resolved_at, first_reopened_at, reopen_count, has_history, closed_at, reassignment_count, resolved_by,
               alert_key, alert_source, cause, fix_owner, caused_by_change, caused_by, problem_key, detected_by, attributes
        FROM (
        SELECT
            row_id AS id, argMin(source, rank) AS source, argMin(key, rank) AS key,
            argMinIf(url, rank, url != '') AS url, argMinIf(title, rank, title != '') AS title,
            argMinIf(services, rank, notEmpty(services)) AS services, argMinIf(teams, rank, notEmpty(teams)) AS teams,
            argMinIf(severity, rank, severity != 0) AS severity, argMinIf(major, rank, isNotNull(major)) AS major,
            argMinIf(customer_impact, rank, isNotNull(customer_impact)) AS customer_impact,
            argMinIf(environment, rank, environment != '') AS environment, max(exercise) AS exercise,
            argMinIf(source_status, rank, source_status != '') AS source_status,
            if(max(pager) = 1, minIf(base.created_at, pager = 1), argMin(base.created_at, rank)) AS created_at,
            argMinIf(base.impact_started_at, (1 - pager, rank), isNotNull(base.impact_started_at)) AS impact_started_at,
            argMinIf(base.acknowledged_at, (1 - pager, rank), isNotNull(base.acknowledged_at)) AS acknowledged_at,
            toUInt8(max(pager = 1 OR base.source IN acknowledging)) AS tells_acknowledgement,
            argMinIf(base.escalated_at, (1 - pager, rank), isNotNull(base.escalated_at)) AS escalated_at,
            argMinIf(base.mitigated_at, rank, isNotNull(base.mitigated_at)) AS mitigated_at,
            argMin((base.resolved_at, base.first_resolved_at, base.first_reopened_at, base.reopen_count, base.has_history, base.closed_at), (1 - settles, rank)) AS ending,
            ending.1 AS resolved_at,
            if(max(settles) = 1, ending.2, argMinIf(base.first_resolved_at, rank, isNotNull(base.first_resolved_at))) AS first_resolved_at,
            ending.3 AS first_reopened_at, ending.4 AS reopen_count, ending.5 AS has_history,
            if(max(settles) = 1 AND isNull(resolved_at), ending.6, argMinIf(base.closed_at, rank, isNotNull(base.closed_at))) AS closed_at,
            argMinIf(reassignment_count, rank, isNotNull(reassignment_count)) AS reassignment_count,
            argMinIf(resolved_by, rank, resolved_by != '') AS resolved_by,
            argMinIf(alert_key, rank, alert_key != '') AS alert_key, argMinIf(base.source, rank, base.alert_key != '') AS alert_source,
            argMinIf(cause, rank, cause != '') AS cause, argMinIf(fix_owner, rank, fix_owner != '') AS fix_owner,
            argMinIf(caused_by_change, rank, caused_by_change != '') AS caused_by_change,
            arrayDistinct(arrayFlatten(arrayMap(r -> r.2, arraySort(r -> r.1, groupArray((rank, base.caused_by)))))) AS caused_by,
            argMinIf(problem_key, rank, problem_key != '') AS problem_key, argMinIf(detected_by, rank, detected_by != '') AS detected_by,
            arrayFold((all, r) -> mapUpdate(all, r.2), arrayReverseSort(r -> r.1, groupArray((rank, base.attributes))), CAST(map(), 'Map(String, String)')) AS attributes
        FROM incident_records AS base
        WHERE row_id IN several
        GROUP BY row_id
        )
    ),
    mentions AS (
        SELECT i.source AS source, n.id AS record_id, n.row_id AS row_id, n.rank AS rank, i.merged_into AS merged_key, i.caused_by AS caused_by, i.duplicates AS duplicates
        FROM (
            SELECT * FROM stg_incidents FINAL
            WHERE deleted = 0 AND filtered = 0 AND (merged_into != '' OR notEmpty(stg_incidents.caused_by) OR notEmpty(stg_incidents.duplicates))
        ) AS i
        INNER JOIN (SELECT * FROM identities WHERE entity = 'incident') AS n ON n.id = concat(i.source, ':', i.id)
    ),
    -- A record is named by its source's own id or by its key. Few are named at all.
    names AS (
        SELECT of_source, name, argMin(row_id, id) AS named_id
        FROM (
            SELECT source AS of_source, arrayJoin(arrayDistinct([record_id, key])) AS name, row_id, id
            FROM identities WHERE entity = 'incident'
        )
        WHERE (of_source, name) IN (SELECT source, arrayJoin(arrayPushBack(duplicates, merged_key)) FROM mentions)
        GROUP BY of_source, name
    ),
    -- A merge ends a record: it is not known before the last end that the whole
    -- history tells. Where none tells an end, it counts always. A ticket whose
    -- workflow never sets the resolution ends by a move into a done status.
    finals AS (
        SELECT source, concat('#', id) AS named FROM stg_statuses FINAL WHERE category = 'done'
        UNION ALL
        SELECT source, name AS named FROM stg_statuses FINAL WHERE category != '' AND name != '' GROUP BY source, named HAVING uniqExact(category) = 1 AND any(category) = 'done'
    ),
    -- Few records are merged, and of few of them something lies behind as_of.
    ahead AS (
        SELECT source, id FROM stg_incidents
        WHERE merged_into != '' AND (source, id) IN (
            SELECT source, id FROM stg_incident_events WHERE stg_incident_events.at > now_known
            UNION ALL
            SELECT source, id FROM stg_ticket_transitions WHERE stg_ticket_transitions.at > now_known)
    ),
    later AS (
        SELECT concat(source, ':', id) AS record_id
        FROM (
            SELECT source, id, stg_incident_events.at AS at FROM stg_incident_events FINAL
            WHERE deleted = 0 AND kind IN ('resolved', 'merged') AND (source, id) IN ahead
            UNION ALL
            SELECT source, id, stg_ticket_transitions.at AS at FROM stg_ticket_transitions FINAL
            WHERE deleted = 0 AND field = 'resolution' AND (to_id != '' OR to_value != '') AND (source, id) IN ahead
            UNION ALL
            SELECT source, id, stg_ticket_transitions.at AS at FROM stg_ticket_transitions FINAL
            WHERE deleted = 0 AND field = 'status' AND (source, id) IN ahead
              AND (source, if(to_id != '', concat('#', to_id), to_value)) IN finals AND (source, if(from_id != '', concat('#', from_id), from_value)) NOT IN finals
              AND (source, id) NOT IN (SELECT source, id FROM stg_ticket_transitions FINAL WHERE deleted = 0 AND field = 'resolution' AND (source, id) IN ahead)
              AND (source, id) NOT IN (SELECT source, id FROM stg_tickets FINAL WHERE (resolution != '' OR isNotNull(resolved_at)) AND (source, id) IN ahead)
        )
        GROUP BY source, id
        HAVING max(at) > now_known
    ),
    merges AS (
        SELECT m.row_id AS id, argMin(n.named_id, m.rank) AS into
        FROM (SELECT * FROM mentions WHERE merged_key != '' AND record_id NOT IN (SELECT record_id FROM later)) AS m
        INNER JOIN names AS n ON n.of_source = m.source AND n.name = m.merged_key
        WHERE n.named_id != m.row_id
        GROUP BY id
    ),
    duplicated AS (
        SELECT m.row_id AS id, arraySort(groupUniqArray(n.named_id)) AS ids
        FROM (SELECT source, row_id, arrayJoin(duplicates) AS name FROM mentions) AS m
        INNER JOIN names AS n ON n.of_source = m.source AND n.name = m.name
        WHERE n.named_id != m.row_id
        GROUP BY id
    ),
    problems AS (
        SELECT m.row_id AS id, argMin(p.key, (m.rank, m.place, p.key)) AS found
        FROM (
            SELECT source, row_id, rank, named.1 AS name, named.2 AS place
            FROM (SELECT source, row_id, rank, arrayConcat(caused_by, duplicates) AS all, arrayJoin(arrayZip(all, arrayEnumerate(all))) AS named FROM mentions)
        ) AS m
        INNER JOIN (
            SELECT source, key, arrayJoin(arrayDistinct([key, substring(id, length(source) + 2)])) AS name FROM tickets WHERE role = 'problem'
        ) AS p ON p.source = m.source AND p.name = m.name
        GROUP BY id
    )
SELECT
    j.id AS id, j.source AS source, j.key AS key, j.url AS url, j.title AS title,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), service_names.1, service_names.2, x), j.services)) AS services,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), team_names.1, team_names.2, x), j.teams)) AS teams,
    j.severity AS severity, j.major AS major, j.customer_impact AS customer_impact, j.environment AS environment, j.exercise AS exercise,
    j.source_status AS source_status, assumeNotNull(j.created_at) AS created_at, j.impact_started_at AS impact_started_at,
    j.acknowledged_at AS acknowledged_at, j.tells_acknowledgement AS tells_acknowledgement, j.escalated_at AS escalated_at, j.mitigated_at AS mitigated_at,
    j.first_resolved_at AS first_resolved_at, j.resolved_at AS resolved_at, j.closed_at AS closed_at,
    j.reopen_count AS reopen_count, j.first_reopened_at AS first_reopened_at, j.has_history AS has_history,
    j.reassignment_count AS reassignment_count, j.resolved_by AS resolved_by, ifNull(m.into, '') AS merges_into,
    j.alert_key AS alert_key, j.alert_source AS alert_source, transform(lowerUTF8(j.cause), cause_names.1, cause_names.2, j.cause) AS cause,
    transform(lowerUTF8(j.fix_owner), team_names.1, team_names.2, j.fix_owner) AS fix_owner,
    j.caused_by_change AS caused_by_change, j.caused_by AS caused_by,
    if(j.problem_key = '', ifNull(p.found, ''), j.problem_key) AS problem_key, d.ids AS repeats,
    j.detected_by AS detected_by, j.attributes AS attributes
FROM joined AS j
LEFT JOIN merges AS m ON m.id = j.id
LEFT JOIN problems AS p ON p.id = j.id
LEFT JOIN duplicated AS d ON d.id = j.id
