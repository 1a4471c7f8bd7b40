-- kpi:      failed_change_recovery_time
-- title:    Time to recover from a failed change
-- also:     MTTR (recovery), failed deployment recovery time, time to restore service
-- asks:     How long does a change that hurts keep hurting?
-- kind:     duration
-- entity:   change
-- better:   lower
-- counts:   failed production changes recovered in the period, from the change's end, else its start, until the last incident that it caused was mitigated, else resolved; without such an incident until its last hotfix ended; on a 24x7 clock
-- excludes: changes that did not fail; changes of which nothing tells when the service recovered; recovered before the change ended
-- ended:    recovered
-- dims:     risk, kind, type
-- reads:    change_facts, incidents
-- source:   DORA metrics: failed deployment recovery time
-- tests:    value >= 0; included = 0 OR isNotNull(from_at)
WITH
    -- An incident merged into another ended with that one.
    ends AS (
        SELECT c.change_id AS change_id, arraySort(groupUniqArray(s.id)) AS incidents,
               countIf(isNull(coalesce(s.mitigated_at, s.resolved_at))) AS going_on, max(coalesce(s.mitigated_at, s.resolved_at)) AS over_at
        FROM (SELECT id AS change_id, arrayJoin(change_facts.incidents) AS incident_id FROM change_facts WHERE failed = 1 AND left_out = '') AS c
        INNER JOIN (SELECT id, if(merged_into = '', id, merged_into) AS stands FROM incidents) AS i ON i.id = c.incident_id
        INNER JOIN (SELECT id, mitigated_at, resolved_at FROM incidents) AS s ON s.id = i.stands
        GROUP BY c.change_id
    ),
    facts AS (
        SELECT c.* EXCEPT (basis, incidents), e.incidents AS ended_with,
               multiIf(notEmpty(ended_with), 'its incidents', notEmpty(hotfixes), 'its hotfixes', '') AS means,
               multiIf(means = 'its incidents', if(e.going_on > 0, NULL, e.over_at), means = 'its hotfixes', hotfixed_at, NULL) AS recovered_at,
               multiIf(means = '', 'nothing tells when it was recovered',
                       ifNull(recovered_at < done_at, 0), 'recovered before it ended', '') AS left
        FROM (SELECT * FROM change_facts WHERE failed = 1 AND left_out = '') AS c
        LEFT JOIN ends AS e ON e.change_id = c.id
    )
SELECT
    'failed_change_recovery_time' AS kpi, 'change' AS entity, id, key, title, url,
    done_at AS from_at,
    if(left = '', recovered_at, done_at) AS at,
    if(left = '', dateDiff('millisecond', done_at, recovered_at) / 1000, NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    means AS basis,
    if(means = 'its incidents', ended_with, hotfixes) AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left = '') AS included,
    left AS reason
FROM facts
