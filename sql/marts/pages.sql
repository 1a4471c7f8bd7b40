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
        SELECT i.row_id AS incident_id, any(s.source) AS source, s.at AS at, s.person_id AS person_id, any(s.person) AS person, any(s.time_zone) AS time_zone
        FROM (
            SELECT e.record_id AS record_id, e.source AS source, e.at AS at, ifNull(p.person_id, e.actor) AS person_id,
                   coalesce(nullIf(p.name, ''), e.actor) AS person, ifNull(p.time_zone, '') AS time_zone
            FROM (SELECT * FROM incident_steps WHERE kind = 'notified') AS e
            LEFT JOIN people AS p ON p.source = e.source AND p.named = e.actor
        ) AS s
        INNER JOIN (SELECT id, row_id FROM identities WHERE entity = 'incident') AS i ON i.id = s.record_id
        WHERE i.row_id IN (SELECT id FROM incidents)
        GROUP BY incident_id, at, person_id
    ),
    -- Each shift stands in every day that it touches, so that a page is held
    -- against the shifts of its day only; one without a start in the day 0.
    shifts AS (
        SELECT id, source, who, level, starts_at, ends_at,
               arrayJoin(if(isNull(starts_at), [toUInt32(0)],
                   range(toUInt32(toDate(assumeNotNull(starts_at))), toUInt32(toDate(least(ifNull(ends_at, {as_of:DateTime64(3, 'UTC')}), {as_of:DateTime64(3, 'UTC')}))) + 1))) AS day
        FROM (
            SELECT *, arrayJoin(arrayDistinct([person_id, person])) AS who FROM oncall_shifts WHERE ifNull(starts_at <= {as_of:DateTime64(3, 'UTC')}, 1)
        )
        WHERE who != ''
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
    held AS (
        SELECT p.incident_id AS of_incident, p.person_id AS of_person, p.at AS of_at,
               argMin(h.id, (h.level, if(isNull(h.starts_at), 1, 0), -toUnixTimestamp64Milli(ifNull(h.starts_at, p.at)), h.id)) AS shift_id
        FROM (SELECT *, arrayJoin([toUInt32(0), toUInt32(toDate(at))]) AS day FROM sent) AS p
        INNER JOIN shifts AS h ON h.source = p.source AND h.who = p.person_id AND h.day = p.day
        WHERE (p.source, p.person_id) NOT IN (SELECT source, name FROM shared) AND ifNull(h.starts_at <= p.at, 1) AND ifNull(h.ends_at > p.at, 1)
        GROUP BY of_incident, of_person, of_at
    )
SELECT
    s.incident_id AS incident_id, s.source AS source, s.at AS at, s.person_id AS person_id, s.person AS person, s.time_zone AS time_zone,
    ifNull(h.shift_id, '') AS shift_id,
    toUInt8(row_number() OVER (PARTITION BY s.incident_id, s.person_id ORDER BY s.at) = 1) AS first
FROM sent AS s
LEFT JOIN held AS h ON h.of_incident = s.incident_id AND h.of_person = s.person_id AND h.of_at = s.at
