-- mart:    identity_records
-- title:   The records of incidents and changes, by source
-- grain:   one row per current record that is known as of as_of
-- key:     entity, id
-- reads:   stg_incidents, stg_changes, incident_steps, source_settings, identity_order, aliases
-- tests:   unique(entity, id)
-- note:    for the models: what the records of several sources are joined by.
-- columns:
--   entity: incident or change
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   record_id: the source's immutable id
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services of the record, by the names of the config
--   teams: teams of the record, by the names of the config
--   severity: of an incident: 1 (worst) to 5, 0 unknown
--   created_at: when the record was opened; of an incident that does not state it, its first step tells it; NULL when not known
--   ended_at: as the record states it, if not later than as_of: of an incident resolved, else closed; of a change ended, else started
--   rank: 1 gives the row, others fill its blanks in this order
--   pager: 1: the source pages people
--   same_as: ids, keys or addresses that the record names as the same in other sources
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    -- What sources call a service or a team becomes the name that reports
    -- use; a name without an alias stays as it is.
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'service') AS service_names,
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'team') AS team_names,
    begun AS (
        SELECT record_id AS of_record, coalesce(minOrNullIf(at, kind = 'created'), min(at)) AS begun_at
        FROM incident_steps WHERE kind != 'note' GROUP BY of_record
    )
SELECT
    r.entity AS entity, r.mart_id AS id, r.of_source AS source, r.record_id AS record_id, r.name AS key, r.url AS url, r.title AS title,

    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), service_names.1, service_names.2, x), r.services)) AS services,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), team_names.1, team_names.2, x), r.teams)) AS teams,
    r.severity AS severity, r.created_at AS created_at, r.ended_at AS ended_at,
    ifNull(o.rank, toUInt32(4294967295)) AS rank, ifNull(o.pager, toUInt8(0)) AS pager, r.same_as AS same_as
FROM (
    SELECT 'incident' AS entity, concat(source, ':', id) AS mart_id, toString(source) AS of_source, id AS record_id, if(key = '', id, key) AS name,
           url, title, services, teams, severity, coalesce(i.created_at, b.begun_at) AS created_at,
           coalesce(if(resolved_at <= now_known, resolved_at, NULL), if(closed_at <= now_known, closed_at, NULL)) AS ended_at, same_as
    FROM (SELECT * FROM stg_incidents FINAL WHERE deleted = 0 AND filtered = 0) AS i
    LEFT JOIN begun AS b ON b.of_record = concat(i.source, ':', i.id)
    WHERE coalesce(i.created_at, b.begun_at) <= now_known
    UNION ALL
    SELECT 'change' AS entity, concat(source, ':', id) AS mart_id, toString(source) AS of_source, id AS record_id, if(key = '', id, key) AS name,
           url, title, services, teams, toUInt8(0) AS severity, created_at, coalesce(if(stg_changes.ended_at <= now_known, stg_changes.ended_at, NULL), if(started_at <= now_known, started_at, NULL)) AS ended_at, same_as
    FROM stg_changes FINAL
    WHERE deleted = 0 AND filtered = 0 AND ifNull(created_at <= now_known, 1)
) AS r
LEFT JOIN identity_order AS o ON o.source = r.of_source
WHERE r.of_source IN (SELECT source FROM source_settings)
