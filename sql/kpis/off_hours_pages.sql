-- kpi:      off_hours_pages
-- title:    Pages outside business hours
-- also:     off-hours pages, night pages, sleep interruptions, after-hours interruptions
-- asks:     How many pages cost somebody an evening, a weekend or their sleep?
-- kind:     rate
-- entity:   page
-- better:   lower
-- counts:   of the pages of the period, those in sleeping hours (22 to 8, every day) or else not in business hours (8 to 18, Monday to Friday, no holiday), by the clock where the person lives who was paged
-- excludes: exercises and planned maintenance; where that person's zone is not known, the page is unknown
-- dims:     band
-- reads:    pages, incidents, zone_offsets, calendar
-- source:   PagerDuty Analytics: business, off and sleep hour interruptions
-- tests:    value = 1
WITH
    local AS (
        SELECT p.incident_id AS incident_id, p.at AS paged_at, p.person_id AS person_id,
               if(z.until_at > p.at, p.at + toIntervalSecond(z.offset_seconds), NULL) AS wall,
               if(z.until_at > p.at, toDate(p.at + toIntervalSecond(z.offset_seconds)), NULL) AS wall_day
        FROM pages AS p
        ASOF LEFT JOIN zone_offsets AS z ON z.zone = p.time_zone AND z.from_at <= p.at
    ),
    banded AS (
        SELECT *,
               multiIf(isNull(wall), '',
                       toHour(wall) >= 22 OR toHour(wall) < 8, 'sleep',
                       toHour(wall) < 18 AND toDayOfWeek(wall) <= 5 AND wall_day NOT IN (SELECT day FROM calendar WHERE calendar = 'business' AND holiday != ''), 'business',
                       'off') AS band
        FROM local
    )
SELECT
    'off_hours_pages' AS kpi, 'page' AS entity,
    concat(b.incident_id, '|', b.person_id, '|', replaceOne(toString(b.paged_at), ' ', 'T'), 'Z') AS id,
    i.key AS key, i.title AS title, i.url AS url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(b.paged_at) AS at,
    toNullable(1.0) AS value,
    if(b.band = '' OR i.exercise = 1, NULL, toNullable(toUInt8(b.band != 'business'))) AS hit,
    map('service', i.services, 'team', i.teams, 'severity', [toString(i.severity)], 'band', if(b.band = '', [], [b.band])) AS dims,
    b.band AS basis,
    [b.incident_id] AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(i.exercise = 0) AS included,
    multiIf(i.exercise = 1, 'exercise or planned maintenance', b.band = '', 'the zone of who was paged is not known', '') AS reason
FROM banded AS b
INNER JOIN incidents AS i ON i.id = b.incident_id
