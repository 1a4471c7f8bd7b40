-- mart:    pages
-- title:   Who was paged for which incident, and when
-- grain:   one row per incident, person and moment
-- key:     at, incident_id, person_id
-- reads:   incident_steps, identities, incidents, stg_people, oncall_shifts
-- tests:   unique(incident_id, at, person_id); first <= 1
-- note:    several messages of one moment (mail and telephone) are one page.
-- columns:
--   incident_id: id of the incident
--   source: name of the source that paged
--   at: when the page went out
--   person_id: the source's id of who was paged; the name where no id is known
--   person: name of who was paged
--   time_zone: where that person lives, an IANA name; empty: not known
--   shift_id: the shift of that person that holds the moment, the first level before others; empty: none
--   first: 1 for the first page of this incident to this person
WITH
    -- A person is named by id or by name; a name that several bear tells nobody.
    people AS (
        SELECT source, named, any(id) AS person_id, any(name) AS name, any(time_zone) AS time_zone
        FROM (
            SELECT source, id, name, time_zone, arrayJoin(arrayDistinct([id, name])) AS named FROM stg_people FINAL WHERE deleted = 0
        )
        WHERE named != ''
        GROUP BY source, named
        HAVING uniqExact(id) = 1
    ),
    sent AS (
        SELECT i.row_id AS incident_id, s.source AS source, s.at AS at, s.person_id AS person_id, s.person AS person, s.time_zone AS time_zone
        FROM (
            SELECT e.record_id AS record_id, e.source AS source, e.at AS at, ifNull(p.person_id, e.actor) AS person_id,
                   coalesce(nullIf(p.name, ''), e.actor) AS person, ifNull(p.time_zone, '') AS time_zone
            FROM (SELECT record_id, source, at, actor FROM incident_steps WHERE kind = 'notified') AS e
            LEFT JOIN people AS p ON p.source = e.source AND p.named = e.actor
        ) AS s
        INNER JOIN (SELECT id, row_id FROM identities WHERE entity = 'incident') AS i ON i.id = s.record_id
        WHERE i.row_id IN (SELECT id FROM incidents)
        LIMIT 1 BY incident_id, at, person_id
    ),
    -- Where only a name is known of who was paged, two that bear it have no shift.
    shared AS (
        SELECT source, name
        FROM (
            SELECT source, id, arrayJoin([id, name]) AS name FROM stg_people FINAL WHERE deleted = 0
            UNION ALL
            SELECT source, person_id AS id, arrayJoin([person_id, person]) AS name FROM oncall_shifts WHERE person_id != ''
        )
        GROUP BY source, name HAVING uniqExact(id) > 1
    ),
    -- What lasts beyond as_of lasts longer than any page here.
    shifts AS (
        SELECT id, source, arrayJoin(arrayDistinct([person_id, person])) AS who, level,
               {as_of:DateTime64(3, 'UTC')} + INTERVAL 1 DAY AS beyond,
               ifNull(starts_at, toDateTime64(0, 3, 'UTC')) AS from_at, least(ifNull(ends_at, beyond), beyond) AS until_at
        FROM oncall_shifts
        WHERE ifNull(starts_at <= {as_of:DateTime64(3, 'UTC')}, 1) AND who != '' AND (source, who) NOT IN (SELECT source, name FROM shared)
    ),
    -- The shift that a person has changes only where one starts or ends. Each
    -- stands in every day that it touches, so that such a moment is held against
    -- the shifts of its day only; one without a start in the day 0.
    turns AS (
        SELECT m.source AS source, m.who AS who, m.moment AS from_at,
               argMinIf(h.id, (h.level, -toUnixTimestamp64Milli(h.from_at), h.id), h.from_at <= m.moment AND h.until_at > m.moment) AS shift_id
        FROM (
            SELECT source, who, moment, arrayJoin([toUInt32(0), toUInt32(toDate(moment))]) AS day
            FROM (SELECT DISTINCT source, who, arrayJoin([from_at, until_at]) AS moment FROM shifts)
        ) AS m
        INNER JOIN (
            SELECT *, arrayJoin(if(toUnixTimestamp64Milli(from_at) = 0, [toUInt32(0)], range(toUInt32(toDate(from_at)), toUInt32(toDate(until_at)) + 1))) AS day FROM shifts
        ) AS h ON h.source = m.source AND h.who = m.who AND h.day = m.day
        GROUP BY source, who, from_at
    )
SELECT
    s.incident_id AS incident_id, CAST(s.source, 'String') AS source, s.at AS at, s.person_id AS person_id, s.person AS person, s.time_zone AS time_zone,
    ifNull(t.shift_id, '') AS shift_id,
    toUInt8(row_number() OVER (PARTITION BY s.incident_id, s.person_id ORDER BY s.at) = 1) AS first
FROM sent AS s
ASOF LEFT JOIN turns AS t ON t.source = s.source AND t.who = s.person_id AND t.from_at <= s.at
