-- mart:    incidents
-- title:   Incidents
-- grain:   one row per incident, whatever its source
-- key:     id
-- reads:   stg_incidents, stg_incident_events, source_settings, settings
-- tests:   unique(id); created_at <= {as_of:DateTime64(3, 'UTC')}; severity <= 5
-- note:    nothing later than as_of is known here: such times are NULL, and the
--          status is derived again from what is left.
-- columns:
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   key: what people call it; the id where the source has no other name
--   url: where to open it
--   title: as the source says it
--   services: services that it affected
--   service: the first of them
--   teams: teams that worked on it
--   team: the first of them
--   severity: 1 (worst) to 5, 0 unknown
--   major: 1 when declared major; where the source does not say, by severity (setting incidents.major)
--   customer_impact: 1 or 0; NULL when not stated, which is not "none"
--   environment: production, staging …; empty when not stated
--   exercise: 1 for a drill or inside planned maintenance
--   status: open, acknowledged, mitigated, resolved, closed (without a resolution time) or merged, as of as_of
--   source_status: the source's own word
--   created_at: when the record was opened; a parent of merged ones keeps its own
--   started_at: created_at, or that of the earliest incident merged into it: where its duration starts
--   impact_started_at: when it began to hurt; NULL when not stated
--   acknowledged_at: first acknowledgement
--   escalated_at: first move to the next tier
--   mitigated_at: when it stopped hurting; NULL when not stated
--   first_resolved_at: first resolution, before any reopening; NULL when the source does not tell it
--   resolved_at: final resolution: the last one that was not taken back
--   closed_at: end of the paperwork; not a resolution unless the source's closing_resolves is set
--   reopen_count: how often it was reopened; NULL when the source does not say
--   first_reopened_at: the first reopening, from history; NULL where there is only a counter
--   has_history: 1 when the source tells its life step by step
--   reassignment_count: how often it changed team; NULL when the source does not say
--   resolved_by: person, team or automation
--   merged_into: id of the incident that stands for it; empty while that one is not known
--   flap_of: id of the incident whose episode it belongs to: same alert key, created within 30 minutes of the last resolution
--   alert_key: key of the alert that raised it
--   title_key: the words of the title that name a problem, see below; empty when it says nothing
--   cause: cause category
--   fix_owner: team that owns the lasting fix
--   caused_by_change: key of the change that caused it
--   problem_key: key of the problem record
--   detected_by: monitoring, customer, staff …
--   attributes: further fields by name
WITH
    -- The steps of a life, in order. A state is done (1) or not (0); escalating,
    -- mitigating and closing do not change it,
    -- unless the config says that closing resolves.
    lives AS (
        SELECT source, id, source IN (SELECT source FROM source_settings WHERE closing_resolves = 1) AS closing,
               arraySort(s -> (s.1, s.2), groupArray((assumeNotNull(at), seq, kind))) AS steps,
               arrayFilter(s -> s.3 IN ('resolved', 'created', 'acknowledged', 'working', 'reopened') OR (s.3 = 'closed' AND closing), steps) AS states,
               arrayMap(s -> toUInt8(s.3 IN ('resolved', 'closed')), states) AS done,
               arrayMap((d, before) -> toUInt8(d = 1 AND before = 0), done, arrayPushFront(arrayPopBack(done), 0)) AS resolves,
               arrayMap((d, before) -> toUInt8(d = 0 AND before = 1), done, arrayPushFront(arrayPopBack(done), 0)) AS reopens,
               arrayMap(s -> s.1, states) AS moments,
               arrayFilter((m, r) -> r = 1, moments, resolves) AS resolved,
               arrayFilter((m, r) -> r = 1, moments, reopens) AS reopened
        FROM stg_incident_events FINAL
        WHERE at <= {as_of:DateTime64(3, 'UTC')} AND kind NOT IN ('', 'note') AND deleted = 0
        GROUP BY source, id
    ),
    told AS (
        SELECT source, id, 1 AS told,
               steps[1].1 AS begun,
               arrayFirstOrNull(s -> s.3 = 'created', steps).1 AS created,
               arrayFirstOrNull(s -> s.3 = 'acknowledged', steps).1 AS acknowledged,
               arrayFirstOrNull(s -> s.3 = 'escalated', steps).1 AS escalated,
               arrayFirstOrNull(s -> s.3 = 'mitigated', steps).1 AS mitigated,
               arrayLastOrNull(s -> s.3 = 'closed', steps).1 AS closed,
               if(empty(resolved), NULL, resolved[1]) AS first_resolved,
               if(empty(done) OR done[-1] = 0, NULL, resolved[-1]) AS last_resolved,
               if(empty(reopened), NULL, reopened[1]) AS first_reopened,
               toUInt32(length(reopened)) AS reopens_told
        FROM lives
    ),
    base AS (
        SELECT
            concat(i.source, ':', i.id) AS id, i.source AS source, i.id AS source_id,
            if(i.key = '', i.id, i.key) AS key, i.url AS url, i.title AS title, i.services AS services, i.teams AS teams, i.severity AS severity,
            coalesce(i.major, toUInt8(has(splitByChar(',', ifNull(m.value, '')), toString(i.severity)))) AS major,
            i.customer_impact AS customer_impact, i.environment AS environment, i.exercise AS exercise, i.status AS source_status,
            coalesce(i.created_at, t.created, t.begun) AS created_at,
            i.impact_started_at AS impact_stated,
            coalesce(i.acknowledged_at, t.acknowledged) AS acknowledged,
            coalesce(i.escalated_at, t.escalated) AS escalated,
            coalesce(i.mitigated_at, t.mitigated) AS mitigated,
            coalesce(i.closed_at, t.closed) AS closed,
            ifNull(t.told, 0) AS has_history,
            t.first_reopened AS first_reopened_at,
            if(has_history, t.reopens_told, i.reopen_count) AS reopen_count,
            if(has_history, t.last_resolved, coalesce(i.resolved_at, if(c.closing_resolves = 1, i.closed_at, NULL))) AS resolved,
            if(has_history, t.first_resolved, coalesce(i.first_resolved_at, if(ifNull(i.reopen_count, 0) = 0, i.resolved_at, NULL))) AS first_resolved,
            i.reassignment_count AS reassignment_count, i.resolved_by AS resolved_by, i.merged_into AS merged_key,
            i.alert_key AS alert_key, i.cause AS cause, i.fix_owner AS fix_owner, i.caused_by_change AS caused_by_change,
            i.problem_key AS problem_key, i.detected_by AS detected_by, i.attributes AS attributes
        FROM (SELECT * FROM stg_incidents FINAL WHERE deleted = 0 AND filtered = 0) AS i
        LEFT JOIN told AS t ON t.source = i.source AND t.id = i.id
        INNER JOIN (SELECT * FROM source_settings WHERE entity = 'incident') AS c ON c.source = i.source -- a source that left the config leaves the KPIs, its records stay
        CROSS JOIN (SELECT max(value) AS value FROM settings WHERE name = 'incidents.major') AS m
        WHERE created_at <= {as_of:DateTime64(3, 'UTC')}
    ),
    -- A parent is named by its id or by its key.
    records AS (
        SELECT source, concat(source, ':', id) AS mart_id, arrayDistinct([id, if(key = '', id, key)]) AS names, merged_into AS merged_key
        FROM stg_incidents FINAL
        WHERE deleted = 0 AND filtered = 0 AND ifNull(created_at <= {as_of:DateTime64(3, 'UTC')}, 1)
    ),
    parents AS (
        SELECT source AS of_source, arrayJoin(names) AS name, min(mart_id) AS parent_id FROM records GROUP BY of_source, name
    ),
    merges AS MATERIALIZED (
        SELECT r.mart_id AS child, p.parent_id AS into
        FROM (SELECT * FROM records WHERE merged_key != '') AS r
        INNER JOIN parents AS p ON p.of_source = r.source AND p.name = r.merged_key
        WHERE p.parent_id != r.mart_id
    ),
    -- Merged into a merged one: the last parent stands for all. In a circle the
    -- smallest id does. A parent that is not known merges nothing: an outage must
    -- not vanish because its parent was never collected.
    chains AS (
        SELECT m.child AS child, arrayFilter(x -> x != '', [m.into, ifNull(m2.into, ''), ifNull(m3.into, ''), ifNull(m4.into, ''), ifNull(m5.into, '')]) AS up,
               if(has(up, child), arrayMin(up), up[-1]) AS root
        FROM merges AS m
        LEFT JOIN merges AS m2 ON m2.child = m.into
        LEFT JOIN merges AS m3 ON m3.child = m2.into
        LEFT JOIN merges AS m4 ON m4.child = m3.into
        LEFT JOIN merges AS m5 ON m5.child = m4.into
    ),
    known AS (
        SELECT
            b.*,
            if(ifNull(p.root, '') = b.id, '', ifNull(p.root, '')) AS parent,
            if(acknowledged <= {as_of:DateTime64(3, 'UTC')}, acknowledged, NULL) AS acknowledged_at,
            if(escalated <= {as_of:DateTime64(3, 'UTC')}, escalated, NULL) AS escalated_at,
            if(mitigated <= {as_of:DateTime64(3, 'UTC')}, mitigated, NULL) AS mitigated_at,
            if(closed <= {as_of:DateTime64(3, 'UTC')}, closed, NULL) AS closed_at,
            if(resolved <= {as_of:DateTime64(3, 'UTC')}, resolved, NULL) AS resolved_at,
            if(first_resolved <= {as_of:DateTime64(3, 'UTC')}, first_resolved, NULL) AS first_resolved_at,
            if(impact_stated <= {as_of:DateTime64(3, 'UTC')}, impact_stated, NULL) AS impact_started_at
        FROM base AS b
        LEFT JOIN chains AS p ON p.child = b.id
    ),
    -- An alert that comes back within 30 minutes of its resolution is the same
    -- episode. The first row of the episode stands for it.
    pulses AS (
        SELECT id, alert_key, source, created_at,
               lagInFrame(toNullable(resolved_at)) OVER w AS resolved_before,
               toUInt8(ifNull(created_at >= resolved_before AND created_at < resolved_before + INTERVAL 30 MINUTE, 0)) AS continues
        FROM known
        WHERE alert_key != '' AND exercise = 0 AND parent = ''
        WINDOW w AS (PARTITION BY source, alert_key ORDER BY created_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    ),
    flaps AS (
        SELECT id, first_value(id) OVER (PARTITION BY source, alert_key, episode ORDER BY created_at, id) AS episode_id
        FROM (
            SELECT *, sum(toUInt32(1 - continues)) OVER (PARTITION BY source, alert_key ORDER BY created_at, id) AS episode
            FROM pulses
        )
        QUALIFY continues = 1
    ),
    starts AS (
        SELECT parent AS id, min(created_at) AS earliest FROM known WHERE parent != '' AND exercise = 0 GROUP BY parent
    ),
    -- A title's key is what is left of it without ids, hosts, numbers and dates,
    -- boilerplate, stop words, and the names of services and teams.
    names AS (
        SELECT arrayDistinct(groupArrayArray(extractAll(lowerUTF8(name), '\\pL{3,}'))) AS words
        FROM (
            SELECT DISTINCT arrayJoin(arrayConcat(services, teams)) AS name FROM known
        )
    ),
    phrases AS (
        SELECT arraySort(x -> -length(x), groupArray(lowerUTF8(value))) AS openings FROM settings WHERE name = 'recurrence.boilerplate'
    ),
    titles AS (
        SELECT id,
               arrayFold((text, opening) -> replaceAll(text, opening, ' '), (SELECT openings FROM phrases), lowerUTF8(title)) AS plain,
               replaceRegexpAll(plain, '\\S*([0-9_@/]|\\pL\\.\\pL)\\S*', ' ') AS without_ids,
               arrayDistinct(arrayFilter(w -> w NOT IN (
                   'the', 'and', 'for', 'with', 'from', 'into', 'our', 'are', 'was', 'has', 'have', 'been', 'being', 'not', 'all', 'any', 'some', 'due', 'via', 'this', 'that', 'when', 'while',
                   'incident', 'incidents', 'issue', 'issues', 'problem', 'problems', 'disruption', 'disruptions', 'outage', 'outages', 'degraded', 'degradation', 'performance', 'availability', 'partial', 'major', 'minor', 'critical', 'service', 'services', 'several', 'multiple', 'various', 'intermittent', 'elevated', 'increased', 'experiencing', 'affecting', 'affected', 'impacting', 'impacted', 'impact', 'users', 'user', 'customers', 'customer', 'investigating', 'alert', 'alarm', 'prod', 'production',
                   'january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december', 'jan', 'feb', 'mar', 'apr', 'jun', 'jul', 'aug', 'sep', 'sept', 'oct', 'nov', 'dec',
                   'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun', 'utc')
                   AND NOT has((SELECT words FROM names), w), extractAll(without_ids, '\\pL{3,}'))) AS words
        FROM known
    )
SELECT
    k.id AS id, k.source AS source, k.key AS key, k.url AS url, k.title AS title,
    k.services AS services, k.services[1] AS service, k.teams AS teams, k.teams[1] AS team,
    k.severity AS severity, k.major AS major, k.customer_impact AS customer_impact, k.environment AS environment, k.exercise AS exercise,
    multiIf(k.parent != '', 'merged', isNotNull(k.resolved_at), 'resolved', isNotNull(k.closed_at), 'closed',
            isNotNull(k.mitigated_at), 'mitigated', isNotNull(k.acknowledged_at), 'acknowledged', 'open') AS status,
    k.source_status AS source_status,
    assumeNotNull(k.created_at) AS created_at,
    least(created_at, ifNull(s.earliest, created_at)) AS started_at,
    k.impact_started_at AS impact_started_at, k.acknowledged_at AS acknowledged_at, k.escalated_at AS escalated_at,
    k.mitigated_at AS mitigated_at, k.first_resolved_at AS first_resolved_at, k.resolved_at AS resolved_at, k.closed_at AS closed_at,
    k.reopen_count AS reopen_count, k.first_reopened_at AS first_reopened_at, toUInt8(k.has_history) AS has_history,
    k.reassignment_count AS reassignment_count, k.resolved_by AS resolved_by,
    k.parent AS merged_into, ifNull(f.episode_id, '') AS flap_of, k.alert_key AS alert_key,
    if(length(t.words) >= 2, arrayStringConcat(t.words, ' '), '') AS title_key,
    k.cause AS cause, k.fix_owner AS fix_owner, k.caused_by_change AS caused_by_change,
    k.problem_key AS problem_key, k.detected_by AS detected_by, k.attributes AS attributes
FROM known AS k
LEFT JOIN flaps AS f ON f.id = k.id
LEFT JOIN starts AS s ON s.id = k.id
LEFT JOIN titles AS t ON t.id = k.id
