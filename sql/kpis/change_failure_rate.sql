-- kpi:      change_failure_rate
-- title:    Change failure rate
-- also:     CFR, change fail percentage, DORA change failure rate
-- asks:     How many changes hurt?
-- kind:     rate
-- entity:   change
-- better:   lower
-- counts:   of the production changes completed in the period whose observation (72 hours, setting changes.observed_for) is over and whose outcome is recorded, those rolled back, unsuccessful, explicitly linked to an incident that they caused, or mended by a hotfix; those successful with issues too if the setting changes.issues_fail says so; a change counts once however many incidents
-- excludes: cancelled and rejected changes; other environments than production; not completed
-- dims:     risk, kind, type
-- reads:    change_facts, sources
-- source:   DORA metrics: change fail rate
-- tests:    value = 1; included = 0 OR settles_at >= at
WITH
    facts AS (
        SELECT c.*, s.collected_to AS collected_to,
               multiIf(observed_for = 3600, '1 hour is', observed_for % 3600 = 0, concat(toString(intDiv(observed_for, 3600)), ' hours are'),
                       concat(toString(intDiv(observed_for, 60)), ' minutes are')) AS they_are,
               if(failed = 1, basis, '') AS failure,
               multiIf(left_out != '', '',
                       ifNull(c.settles_at > collected_to, 1), concat('pending: ', they_are, ' not over', if(failure = '', '', ', failure confirmed: '), failure),
                       outcome_recorded = 0, concat('outcome not recorded', if(failure = '', '', ', though it failed: '), failure),
                       '') AS unknown
        FROM change_facts AS c
        LEFT JOIN (SELECT source AS of_source, collected_to FROM sources) AS s ON s.of_source = c.source
    )
SELECT
    'change_failure_rate' AS kpi, 'change' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL, toNullable(failed)) AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    basis,
    arrayConcat(incidents, hotfixes) AS refs,
    if(left_out = '', facts.settles_at, NULL) AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM facts
