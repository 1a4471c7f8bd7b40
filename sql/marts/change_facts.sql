-- mart:    change_facts
-- title:   What the KPIs of changes rest on
-- grain:   one row per change
-- key:     id
-- reads:   changes, change_incident_links, sources, settings
-- tests:   unique(id); failed = 0 OR basis != ''; left_out != '' OR isNotNull(done_at)
-- note:    for the KPIs; analysts read changes.
-- columns:
--   id: id of the change
--   source: name of the source in the config
--   key: what people call it
--   url: where to open it
--   title: as the source says it
--   services: services that it changed
--   teams: teams that carried it out
--   kind: deployment, config, feature_flag, infrastructure, database, other; empty when not stated
--   type: standard, normal, emergency; empty when not stated
--   risk: as the source rates it
--   ended_at: when work ended; NULL when not stated
--   done_at: when it was done: its end, else its start
--   at: the moment that assigns it to a period: done_at, else closed, created, planned
--   left_out: why no KPI of changes counts it: cancelled, rejected, another environment than production, not completed
--   basis: how it failed: failed, rolled back, caused an incident, mended by a hotfix; or successful with issues, a failure only by setting changes.issues_fail
--   failed: 1 when it failed, whatever is still pending
--   outcome_recorded: 1 when the source says how it ended, or keeps incident links, so that silence means success
--   incidents: ids of the incidents that it is explicitly said to have caused
--   hotfixes: ids of the changes that mend it
--   hotfixed_at: when the last of these ended; NULL while none has
--   observed_for: seconds from done_at until its outcome is final (setting changes.observed_for)
--   settles_at: when that is
--   unwatched: why no incident that followed it could be seen: its end is not known, no service is stated, no incidents are collected; empty: one could
--   watched_to: incidents are collected up to here
WITH
    ifNull(toUInt32OrNull((SELECT max(value) FROM settings WHERE name = 'changes.observed_for')), 259200) AS window,
    (SELECT max(value) FROM settings WHERE name = 'changes.issues_fail') = '1' AS issues_fail,
    splitByChar(',', (SELECT max(value) FROM settings WHERE name = 'changes.production')) AS production,
    -- The incidents of all sources are one stream: one source may hold the changes,
    -- another the incidents.
    (SELECT (min(collected_from), max(collected_to)) FROM sources WHERE has(splitByRegexp(', *', entity), 'incident')) AS watched,
    caused AS (
        SELECT change_id, arraySort(groupUniqArray(incident_id)) AS incidents
        FROM change_incident_links WHERE grade = 'explicit' GROUP BY change_id
    ),
    mended AS (
        SELECT source AS of_source, parent_change AS of_key, arraySort(groupUniqArray(id)) AS hotfixes, max(ended_at) AS hotfixed_at
        FROM changes
        WHERE parent_change NOT IN ('', key) AND outcome NOT IN ('cancelled', 'rejected') AND (isNotNull(started_at) OR isNotNull(ended_at)) GROUP BY source, parent_change
    )
SELECT
    c.id AS id, c.source AS source, c.key AS key, c.url AS url, c.title AS title, c.services AS services, c.teams AS teams,
    c.kind AS kind, c.type AS type, c.risk AS risk,
    c.ended_at AS ended_at, coalesce(c.ended_at, c.started_at) AS done_at, coalesce(done_at, c.closed_at, c.created_at, c.planned_start) AS at,
    multiIf(c.outcome IN ('cancelled', 'rejected'), toString(c.outcome),
            c.environment != '' AND NOT has(production, lower(c.environment)), concat('not production: ', c.environment),
            isNull(done_at) OR c.status = 'started', 'not completed', '') AS left_out,
    multiIf(c.outcome IN ('failed', 'rolled_back'), replaceAll(c.outcome, '_', ' '),
            notEmpty(l.incidents), 'caused an incident',
            notEmpty(m.hotfixes), 'mended by a hotfix',
            c.outcome = 'successful_with_issues', 'successful with issues', '') AS basis,
    toUInt8(basis != '' AND (basis != 'successful with issues' OR issues_fail)) AS failed,
    c.outcome_recorded AS outcome_recorded, l.incidents AS incidents, m.hotfixes AS hotfixes, m.hotfixed_at AS hotfixed_at,
    window AS observed_for, done_at + toIntervalSecond(window) AS settles_at,
    multiIf(isNull(c.ended_at), 'its end is not known',
            empty(arrayFilter(s -> s != '', c.services)), 'no service is stated',
            ifNull(watched.1 < watched.2, 0) = 0, 'no incidents are collected', '') AS unwatched,
    watched.2 AS watched_to
FROM changes AS c
LEFT JOIN caused AS l ON l.change_id = c.id
LEFT JOIN mended AS m ON m.of_source = c.source AND m.of_key = c.key
