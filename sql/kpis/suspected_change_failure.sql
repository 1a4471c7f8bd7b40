-- kpi:      suspected_change_failure_4h, suspected_change_failure_24h, suspected_change_failure_72h
-- title:    Incident within 4 h of a change | Incident within 24 h of a change | Incident within 72 h of a change
-- also:     suspected change failure rate, change-related incidents
-- asks:     After how many changes did something break?
-- kind:     rate
-- entity:   change
-- better:   lower
-- counts:   of the production changes completed in the period, those after whose end an incident began on one of their services within so many hours; a suspicion, to be read beside what chance alone gives (suspected_by_chance)
-- excludes: cancelled and rejected changes; other environments than production; not completed
-- dims:     risk, kind, type
-- reads:    change_facts, change_incident_links
-- source:   srekpi's own; change failure rate counts confirmed failures only
-- tests:    value = 1; included = 0 OR settles_at > at
WITH
    -- In the order in which they came, so that each window has a first part of them.
    followed AS (
        SELECT change_id, arraySort((i, l) -> (l, i), groupArray(incident_id), groupArray(assumeNotNull(lag_seconds))) AS incidents,
               countIf(basis = 'same service within 4 h') AS within_4, countIf(basis IN ('same service within 4 h', 'same service within 24 h')) AS within_24
        FROM change_incident_links WHERE grade = 'suspected'
        GROUP BY change_id
    ),
    windows AS (
        SELECT c.*, arrayJoin([(4, arraySlice(f.incidents, 1, f.within_4)), (24, arraySlice(f.incidents, 1, f.within_24)), (72, f.incidents)]) AS w,
               w.1 AS hours, w.2 AS suspects, c.done_at + toIntervalHour(hours) AS settles,
               multiIf(left_out != '', '', unwatched != '', unwatched,
                       settles > watched_to, concat('pending: ', toString(hours), ' hours are not over'), '') AS unknown
        FROM change_facts AS c
        LEFT JOIN followed AS f ON f.change_id = c.id
    )
SELECT
    concat('suspected_change_failure_', toString(hours), 'h') AS kpi, 'change' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(toUInt8(notEmpty(suspects)))) AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    if(left_out != '' OR empty(suspects), '', concat('same service within ', toString(hours), ' h')) AS basis,
    if(left_out = '', suspects, []) AS refs,
    if(left_out = '', settles, NULL) AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM windows
