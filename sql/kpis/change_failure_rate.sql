-- kpi:      change_failure_rate
-- title:    Change failure rate
-- also:     CFR, change fail percentage, DORA change failure rate
-- asks:     How many changes hurt?
-- kind:     rate
-- entity:   change
-- better:   lower
-- counts:   of the production changes completed in the period whose 72 hours of observation are over and whose outcome is recorded, those rolled back, unsuccessful, explicitly linked to an incident that they caused, or mended by a hotfix; a change counts once however many incidents
-- excludes: cancelled and rejected changes; other environments than production; not completed
-- dims:     risk, kind, type
-- reads:    changes, change_incident_links, sources, settings
-- source:   DORA metrics: change fail rate
-- tests:    value = 1; included = 0 OR settles_at > at
WITH
    caused AS (
        SELECT change_id, arraySort(groupUniqArray(incident_id)) AS incidents
        FROM change_incident_links WHERE grade = 'explicit' GROUP BY change_id
    ),
    mended AS (
        SELECT source AS of_source, parent_change AS of_key, arraySort(groupUniqArray(id)) AS hotfixes
        FROM changes
        WHERE parent_change NOT IN ('', key) AND outcome NOT IN ('cancelled', 'rejected') AND (isNotNull(started_at) OR isNotNull(ended_at)) GROUP BY source, parent_change
    ),
    facts AS (
        SELECT c.*, coalesce(c.ended_at, c.started_at) AS done_at, done_at + INTERVAL 72 HOUR AS settles, s.collected_to AS collected_to,
               l.incidents AS incidents, m.hotfixes AS hotfixes,
               multiIf(c.outcome IN ('failed', 'rolled_back'), replaceAll(c.outcome, '_', ' '),
                       notEmpty(incidents), 'caused an incident',
                       notEmpty(hotfixes), 'mended by a hotfix', '') AS failure,
               multiIf(c.outcome IN ('cancelled', 'rejected'), c.outcome,
                       c.environment != '' AND NOT has(splitByChar(',', ifNull(p.value, '')), lower(c.environment)), concat('not production: ', c.environment),
                       isNull(done_at) OR c.status = 'started', 'not completed', '') AS left_out,
               multiIf(left_out != '', '',
                       ifNull(settles > collected_to, 1), concat('pending: 72 hours are not over', if(failure = '', '', ', failure confirmed: '), failure),
                       c.outcome_recorded = 0, concat('outcome not recorded', if(failure = '', '', ', though it failed: '), failure),
                       '') AS unknown
        FROM changes AS c
        LEFT JOIN caused AS l ON l.change_id = c.id
        LEFT JOIN mended AS m ON m.of_source = c.source AND m.of_key = c.key
        LEFT JOIN (SELECT source AS of_source, collected_to FROM sources) AS s ON s.of_source = c.source
        CROSS JOIN (SELECT max(value) AS value FROM settings WHERE name = 'changes.production') AS p
    )
SELECT
    'change_failure_rate' AS kpi, 'change' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    coalesce(done_at, closed_at, created_at, planned_start) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(toUInt8(failure != ''))) AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    failure AS basis,
    arrayConcat(incidents, hotfixes) AS refs,
    if(left_out = '', settles, NULL) AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM facts
