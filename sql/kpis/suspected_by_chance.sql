-- kpi:      suspected_by_chance_4h, suspected_by_chance_24h, suspected_by_chance_72h
-- title:    Incident within 4 h of a change, by chance alone | Incident within 24 h of a change, by chance alone | Incident within 72 h of a change, by chance alone
-- also:     chance rate of suspected change failures
-- asks:     How often would an incident follow a change that it has nothing to do with?
-- kind:     average
-- entity:   change
-- unit:     change
-- better:   lower
-- counts:   for each change that suspected_change_failure judges, the chance that at least one incident begins on its services within so many hours, at the rate of the 90 days before it: 1 - exp(-incidents per hour x hours)
-- excludes: changes that suspected_change_failure leaves out or does not know; changes before which no history is collected
-- dims:     risk, kind, type
-- note:     the days before it, since a rate of all that is collected would move every
--           printed figure with each new day.
-- reads:    change_facts, incidents, sources
-- source:   Poisson process at a constant rate
-- tests:    value BETWEEN 0 AND 1; included = 0 OR isNotNull(value)
WITH
    (SELECT min(collected_from) FROM sources WHERE has(splitByRegexp(', *', entity), 'incident')) AS watched_from,
    -- For each set of services that changes have, the incidents that touch one of
    -- them, numbered: how many began in a stretch of time is the difference of the
    -- numbers at its ends.
    changed AS (
        SELECT changed_set, arrayJoin(changed_set) AS service
        FROM (SELECT DISTINCT arraySort(arrayDistinct(arrayFilter(s -> s != '', services))) AS changed_set FROM change_facts WHERE left_out = '' AND unwatched = '')
    ),
    hurt AS (
        SELECT id, created_at, arrayJoin(arrayDistinct(arrayFilter(s -> s != '', services))) AS service
        FROM incidents
        WHERE exercise = 0 AND merged_into = '' AND flap_of = '' AND ifNull(created_at >= watched_from, 0)
    ),
    touching AS (
        SELECT changed_set, began_at, max(nth) AS so_far
        FROM (
            SELECT changed_set, began_at, row_number() OVER (PARTITION BY changed_set ORDER BY began_at) AS nth
            FROM (
                SELECT DISTINCT c.changed_set AS changed_set, h.id AS id, h.created_at AS began_at
                FROM changed AS c
                INNER JOIN hurt AS h ON h.service = c.service
            )
        )
        GROUP BY changed_set, began_at
    ),
    stretches AS (
        SELECT *, arraySort(arrayDistinct(arrayFilter(s -> s != '', services))) AS its_set,
               assumeNotNull(coalesce(done_at, watched_to, toDateTime64(0, 3, 'UTC'))) AS until_at,
               assumeNotNull(greatest(until_at - INTERVAL 90 DAY, ifNull(watched_from, until_at))) AS since_at
        FROM change_facts
    ),
    rates AS (
        SELECT c.*, dateDiff('millisecond', c.since_at, c.until_at) / 3600000 AS hours_before,
               (ifNull(u.so_far, 0) - ifNull(f.so_far, 0)) / hours_before AS per_hour
        FROM stretches AS c
        ASOF LEFT JOIN touching AS u ON u.changed_set = c.its_set AND u.began_at < c.until_at
        ASOF LEFT JOIN touching AS f ON f.changed_set = c.its_set AND f.began_at < c.since_at
    ),
    windows AS (
        SELECT *, arrayJoin([4, 24, 72]) AS hours,
               multiIf(left_out != '', left_out, unwatched != '', unwatched,
                       done_at + toIntervalHour(hours) > watched_to, concat('pending: ', toString(hours), ' hours are not over'),
                       hours_before <= 0, 'no history before it is collected', '') AS unjudged
        FROM rates
    )
SELECT
    concat('suspected_by_chance_', toString(hours), 'h') AS kpi, 'change' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    at,
    if(unjudged = '', toNullable(1 - exp(-per_hour * hours)), NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    if(unjudged = '', 'the rate of the 90 days before', '') AS basis,
    CAST([], 'Array(String)') AS refs,
    if(left_out = '' AND unwatched = '', done_at + toIntervalHour(hours), NULL) AS settles_at,
    toUInt8(unjudged = '') AS included,
    unjudged AS reason
FROM windows
