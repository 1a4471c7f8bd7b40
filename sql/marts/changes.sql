-- mart:    changes
-- title:   Changes to production and elsewhere
-- grain:   one row per change, whatever its source
-- key:     id
-- reads:   stg_changes, identities, source_settings, aliases
-- tests:   unique(id)
-- note:    nothing later than as_of is known here, but for plans. Records of
--          several sources are one row where they name each other: for each field
--          the first in identity.order that states it.
-- columns:
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services that it changed, by the names of the config
--   service: the first of them
--   teams: teams that carried it out, by the names of the config
--   team: the first of them
--   kind: deployment, config, feature_flag, infrastructure, database, other; empty when not stated
--   type: standard, normal, emergency; empty when not stated
--   risk: as the source rates it
--   environment: empty when not stated, which counts as production
--   labels: free labels
--   created_at: when the record was opened
--   planned_start: start of the planned window
--   planned_end: end of the planned window
--   started_at: when work began
--   ended_at: when work ended: the moment of the change
--   closed_at: end of the paperwork
--   status: planned, started, done, cancelled or rejected, as of as_of
--   source_status: the source's own word
--   outcome: successful, successful_with_issues, failed, rolled_back, cancelled, rejected; empty: not recorded
--   outcome_recorded: 1 when the source says how it ended, or is declared to carry incident links (links: true), so that silence means success
--   parent_change: key of the change that this one mends
--   caused_incidents: keys of incidents that the record says it caused
--   attributes: further fields by name
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    -- What sources call a service or a team becomes the name that reports
    -- use; a name without an alias stays as it is.
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'service') AS service_names,
    (SELECT (arrayPushBack(groupArray(alias), ''), arrayPushBack(groupArray(name), '')) FROM aliases WHERE kind = 'team') AS team_names,
    base AS (
        SELECT c.* EXCEPT (source, key), n.row_id AS row_id, n.rank AS rank, n.source AS source, n.key AS key, s.links AS keeps_links
        FROM (SELECT * FROM stg_changes FINAL WHERE deleted = 0 AND filtered = 0) AS c
        INNER JOIN (SELECT id, source, key, rank, row_id FROM identities WHERE entity = 'change') AS n ON n.id = concat(c.source, ':', c.id)
        INNER JOIN source_settings AS s ON s.source = c.source
    ),
    several AS (SELECT row_id FROM identities WHERE entity = 'change' AND row_id != id),
    -- Most changes have one record, which need not be aggregated.
    joined AS (
        SELECT row_id, source, key, url, title, services, teams, kind, type, risk, environment, labels, base.created_at AS created_at,
               planned_start, planned_end, base.started_at AS started_at, base.ended_at AS ended_at, base.closed_at AS closed_at,
               status, outcome, keeps_links, parent_change, arrayDistinct(base.caused_incidents) AS caused_incidents, attributes
        FROM base
        WHERE row_id NOT IN several
        UNION ALL
        SELECT row_id, argMin(source, rank) AS source, argMin(key, rank) AS key, argMinIf(url, rank, url != '') AS url, argMinIf(title, rank, title != '') AS title,
               argMinIf(services, rank, notEmpty(services)) AS services, argMinIf(teams, rank, notEmpty(teams)) AS teams,
               argMinIf(kind, rank, kind != '') AS kind, argMinIf(type, rank, type != '') AS type, argMinIf(risk, rank, risk != '') AS risk,
               argMinIf(environment, rank, environment != '') AS environment, argMinIf(labels, rank, notEmpty(labels)) AS labels,
               argMinIf(created_at, rank, isNotNull(created_at)) AS created_at,
               argMinIf(planned_start, rank, isNotNull(planned_start)) AS planned_start, argMinIf(planned_end, rank, isNotNull(planned_end)) AS planned_end,
               argMinIf(started_at, rank, isNotNull(started_at)) AS started_at, argMinIf(ended_at, rank, isNotNull(ended_at)) AS ended_at,
               argMinIf(closed_at, rank, isNotNull(closed_at)) AS closed_at,
               argMinIf(status, rank, status != '') AS status, argMinIf(outcome, rank, outcome != '') AS outcome, max(keeps_links) AS keeps_links,
               argMinIf(parent_change, rank, parent_change != '') AS parent_change,
               arrayDistinct(arrayFlatten(arrayMap(r -> r.2, arraySort(r -> r.1, groupArray((rank, base.caused_incidents)))))) AS caused_incidents,
               arrayFold((all, r) -> mapUpdate(all, r.2), arrayReverseSort(r -> r.1, groupArray((rank, base.attributes))), CAST(map(), 'Map(String, String)')) AS attributes
        FROM base
        WHERE row_id IN several
        GROUP BY row_id
    )
SELECT
    c.row_id AS id, c.source AS source, c.key AS key, c.url AS url, c.title AS title,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), service_names.1, service_names.2, x), c.services)) AS services, services[1] AS service,
    arrayDistinct(arrayMap(x -> transform(lowerUTF8(x), team_names.1, team_names.2, x), c.teams)) AS teams, teams[1] AS team,
    c.kind AS kind, c.type AS type, c.risk AS risk, c.environment AS environment, c.labels AS labels,
    c.created_at AS created_at, c.planned_start AS planned_start, c.planned_end AS planned_end,
    if(c.started_at <= now_known, c.started_at, NULL) AS started_at,
    if(c.ended_at <= now_known, c.ended_at, NULL) AS ended_at,
    if(c.closed_at <= now_known, c.closed_at, NULL) AS closed_at,
    -- What is known of the end is known only once it has ended.
    if(coalesce(c.ended_at, c.closed_at, c.started_at, c.created_at) > now_known, '', c.outcome) AS outcome,
    multiIf(outcome IN ('cancelled', 'rejected'), outcome, isNotNull(ended_at), 'done',
            isNotNull(started_at) AND outcome != '', 'done', isNotNull(started_at), 'started', 'planned') AS status,
    c.status AS source_status,
    toUInt8(outcome != '' OR c.keeps_links = 1) AS outcome_recorded,
    c.parent_change AS parent_change, c.caused_incidents AS caused_incidents, c.attributes AS attributes
FROM joined AS c
