-- mart:    incident_records
-- title:   What each record of an incident says
-- grain:   one row per record of an incident
-- key:     row_id, id
-- reads:   stg_incidents, incident_steps, identities, source_settings
-- tests:   unique(id)
-- note:    for the models; analysts read incidents. Names of services, teams and
--          causes are those of the source.
-- columns:
--   id: the source's name in the config, a colon, the record's immutable id
--   row_id: id of the record that gives the incident its row
--   rank: 1 gives the row, others fill its blanks in this order
--   pager: 1: the source pages people
--   source: name of its source in the config
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services that it affected
--   teams: teams that worked on it
--   severity: 1 (worst) to 5, 0 unknown
--   major: 1 or 0 where the record says so, else NULL
--   customer_impact: 1 or 0; NULL when not stated
--   environment: production, staging …; empty when not stated
--   exercise: 1 when the record says so
--   source_status: the source's own word
--   created_at: when the record was opened; where it does not state it, its first step
--   impact_started_at: when it began to hurt; NULL when not stated
--   acknowledged_at: first acknowledgement
--   escalated_at: first move to the next tier
--   mitigated_at: when it stopped hurting; NULL when not stated
--   first_resolved_at: first resolution, before any reopening; NULL when the source does not tell it
--   resolved_at: final resolution
--   settles: 1 when the record tells how the incident ended: by a resolution, or by one taken back
--   closed_at: end of the paperwork
--   reopen_count: how often it was reopened; NULL when the source does not say
--   first_reopened_at: the first reopening, from history
--   has_history: 1 when the source tells its life step by step, the resolution included
--   reassignment_count: how often it changed team; NULL when the source does not say
--   resolved_by: person, team or automation
--   alert_key: key of the alert that raised it
--   cause: cause category
--   fix_owner: team that owns the lasting fix
--   caused_by_change: key of the change that caused it
--   caused_by: keys or ids of all that the record says caused it
--   problem_key: key of the problem record
--   detected_by: monitoring, customer, staff …
--   attributes: further fields by name
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    -- The steps of a life, in order. A state is done (1) or not (0); escalating,
    -- mitigating and closing do not change it,
    -- unless the config says that closing resolves.
    lives AS (
        SELECT record_id, source IN (SELECT source FROM source_settings WHERE closing_resolves = 1) AS closing,
               min(at) AS begun, minOrNullIf(at, kind = 'created') AS created, minOrNullIf(at, kind = 'acknowledged') AS acknowledged,
               minOrNullIf(at, kind = 'escalated') AS escalated, minOrNullIf(at, kind = 'mitigated') AS mitigated, maxOrNullIf(at, kind = 'closed') AS closed,
               arraySort(s -> (s.1, s.2), groupArrayIf((at, seq, toUInt8(kind IN ('resolved', 'closed'))),
                   kind IN ('resolved', 'created', 'acknowledged', 'working', 'reopened') OR (kind = 'closed' AND closing))) AS states,
               states.3 AS done,
               arrayDifference(arrayPushFront(done, 0)) AS turns, -- 1: into done, -1: out of it; one longer than done
               states.1 AS moments,
               arrayFilter((m, t) -> t = 1, arrayPushFront(moments, moments[1]), turns) AS resolved,
               arrayFilter((m, t) -> t = -1, arrayPushFront(moments, moments[1]), turns) AS reopened
        FROM incident_steps
        WHERE kind != 'note'
        GROUP BY record_id, source
    ),
    told AS (
        SELECT record_id, toUInt8(notEmpty(states)) AS told, toUInt8(notEmpty(resolved)) AS tells_resolution,
               begun, created, acknowledged, escalated, mitigated, closed,
               if(empty(resolved), NULL, resolved[1]) AS first_resolved,
               if(empty(done) OR done[-1] = 0, NULL, resolved[-1]) AS last_resolved,
               if(empty(reopened), NULL, reopened[1]) AS first_reopened,
               toUInt32(length(reopened)) AS reopens_told
        FROM lives
    )
SELECT id, row_id, rank, pager, source, key, url, title, services, teams, severity, major, customer_impact, environment, exercise, source_status,
       created_at, impact_started_at, acknowledged_at, escalated_at, mitigated_at, first_resolved_at, resolved_at, settles, closed_at,
       reopen_count, first_reopened_at, has_history, reassignment_count, resolved_by, alert_key, cause, fix_owner, caused_by_change, caused_by,
       problem_key, detected_by, attributes
FROM (
    -- Each record as of as_of. Its history decides when it was resolved, unless
    -- that tells no resolution and the record states one.
    SELECT
        n.row_id AS row_id, n.rank AS rank, n.pager AS pager, concat(i.source, ':', i.id) AS id, i.source AS source,
        n.key AS key, i.url AS url, i.title AS title, i.services AS services, i.teams AS teams, i.severity AS severity,
        i.major AS major, i.customer_impact AS customer_impact, i.environment AS environment, i.exercise AS exercise, i.status AS source_status,
        coalesce(i.created_at, t.created, t.begun) AS created_at,
        if(i.impact_started_at <= now_known, i.impact_started_at, NULL) AS impact_started_at,
        if(coalesce(i.acknowledged_at, t.acknowledged) <= now_known, coalesce(i.acknowledged_at, t.acknowledged), NULL) AS acknowledged_at,
        if(coalesce(i.escalated_at, t.escalated) <= now_known, coalesce(i.escalated_at, t.escalated), NULL) AS escalated_at,
        if(coalesce(i.mitigated_at, t.mitigated) <= now_known, coalesce(i.mitigated_at, t.mitigated), NULL) AS mitigated_at,
        if(coalesce(i.closed_at, t.closed) <= now_known, coalesce(i.closed_at, t.closed), NULL) AS closed_at,
        toUInt8(ifNull(t.told, 0) = 1 AND (ifNull(t.tells_resolution, 0) = 1 OR ifNull(i.resolved_at > now_known, 1))) AS has_history,
        if(has_history = 1, t.first_reopened, NULL) AS first_reopened_at,
        if(has_history = 1, t.reopens_told, i.reopen_count) AS reopen_count,
        if(has_history = 1, t.last_resolved, coalesce(i.resolved_at, if(c.closing_resolves = 1, i.closed_at, NULL))) AS resolved,
        if(has_history = 1, t.first_resolved, coalesce(i.first_resolved_at, if(ifNull(i.reopen_count, 0) = 0, i.resolved_at, NULL))) AS first_resolved,
        if(resolved <= now_known, resolved, NULL) AS resolved_at,
        if(first_resolved <= now_known, first_resolved, NULL) AS first_resolved_at,
        -- It settles when the incident was resolved: by a resolution, or by one taken back.
        toUInt8(isNotNull(resolved_at) OR isNotNull(first_resolved_at) OR ifNull(t.first_reopened <= now_known, 0)) AS settles,
        i.reassignment_count AS reassignment_count, i.resolved_by AS resolved_by,
        i.alert_key AS alert_key, i.cause AS cause, i.fix_owner AS fix_owner, i.caused_by_change AS caused_by_change, i.caused_by AS caused_by,
        i.problem_key AS problem_key, i.detected_by AS detected_by, i.attributes AS attributes
    FROM (SELECT * FROM stg_incidents FINAL WHERE deleted = 0 AND filtered = 0) AS i
    INNER JOIN (SELECT * FROM identities WHERE entity = 'incident') AS n ON n.id = concat(i.source, ':', i.id)
    LEFT JOIN told AS t ON t.record_id = concat(i.source, ':', i.id)
    INNER JOIN source_settings AS c ON c.source = i.source -- a source that left the config leaves the KPIs, its records stay
    WHERE created_at <= now_known
)
