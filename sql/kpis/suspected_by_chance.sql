-- kpi:      suspected_by_chance_4h, suspected_by_chance_24h, suspected_by_chance_72h
-- title:    Incident within 4 h of a change, by chance alone | Incident within 24 h of a change, by chance alone | Incident within 72 h of a change, by chance alone
-- also:     chance rate of suspected change failures
-- asks:     How often would an incident follow a change that it has nothing to do with?
-- kind:     average
-- entity:   change
-- unit:     change
-- better:   lower
-- counts:   for each change that suspected_change_failure judges, the chance that at least one incident begins on its services within so many hours, at the rate of the whole collected range: 1 - exp(-incidents per hour x hours)
-- excludes: changes that suspected_change_failure leaves out or does not know
-- dims:     risk, kind, type
-- reads:    change_facts, incidents, sources
-- source:   Poisson process at a constant rate
-- tests:    value BETWEEN 0 AND 1; included = 0 OR isNotNull(value)
WITH
    (SELECT (min(collected_from), max(collected_to)) FROM sources WHERE has(splitByRegexp(', *', entity), 'incident')) AS watched,
    dateDiff('millisecond', watched.1, watched.2) / 3600000 AS watched_hours,
    -- Incidents are counted once for each set of services that changes have, by
    -- the sets that the incidents have: there are far fewer sets than rows.
    changed AS (
        SELECT changed_set, arrayJoin(changed_set) AS service
        FROM (SELECT DISTINCT arraySort(arrayDistinct(arrayFilter(s -> s != '', services))) AS changed_set FROM change_facts WHERE left_out = '' AND unwatched = '')
    ),
    hurt AS (
        SELECT hurt_set, arrayJoin(hurt_set) AS service, incidents
        FROM (
            SELECT arraySort(arrayDistinct(arrayFilter(s -> s != '', services))) AS hurt_set, count() AS incidents
            FROM incidents
            WHERE exercise = 0 AND merged_into = '' AND flap_of = '' AND ifNull(created_at BETWEEN watched.1 AND watched.2, 0)
            GROUP BY hurt_set
        )
    ),
    rates AS (
        SELECT changed_set, sum(touching) / watched_hours AS per_hour
        FROM (
            SELECT c.changed_set AS changed_set, h.hurt_set AS hurt_set, any(h.incidents) AS touching
            FROM changed AS c
            INNER JOIN hurt AS h ON h.service = c.service
            GROUP BY c.changed_set, h.hurt_set
        )
        GROUP BY changed_set
    ),
    windows AS (
        SELECT c.*, arrayJoin([4, 24, 72]) AS hours, ifNull(r.per_hour, 0) AS per_hour,
               multiIf(left_out != '', left_out, unwatched != '', unwatched,
                       c.done_at + toIntervalHour(hours) > watched_to, concat('pending: ', toString(hours), ' hours are not over'), '') AS unjudged
        FROM change_facts AS c
        LEFT JOIN rates AS r ON r.changed_set = arraySort(arrayDistinct(arrayFilter(s -> s != '', c.services)))
    )
SELECT
    concat('suspected_by_chance_', toString(hours), 'h') AS kpi, 'change' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    at,
    if(unjudged = '', toNullable(1 - exp(-per_hour * hours)), NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    if(unjudged = '', 'the usual rate of incidents on its services', '') AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(unjudged = '') AS included,
    unjudged AS reason
FROM windows
