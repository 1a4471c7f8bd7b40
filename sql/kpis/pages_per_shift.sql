-- kpi:      pages_per_shift
-- title:    Pages per shift
-- also:     on-call load, incidents per on-call shift, pager load
-- asks:     How heavy is a shift?
-- kind:     average
-- entity:   oncall_shift
-- better:   lower
-- counts:   distinct incidents (no exercises) that paged the person on call during the shift; a shift that several escalation policies or levels name is one
-- excludes: shifts that are not over; endless shifts, which people never leave
-- unit:     shift
-- dims:     tier, schedule
-- reads:    oncall_shifts, pages, incidents
-- source:   Google SRE Book, being on-call: at most two incidents per shift
-- tests:    included = 0 OR value >= 0
-- note:     a week is final when the last shift that began in it is over: the tally
--           of one that hands over on its last day is not left out for good. Every
--           incident counts that paged the person, also by another rota:
--           it is the load of the person, not of the rota.
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    shifts AS (
        SELECT min(id) AS shift_id, source, person_id, arrayDistinct([person_id, any(person)]) AS who, schedule, starts_at, ends_at,
               arraySort(groupUniqArray(toString(tier))) AS tiers,
               multiIf(isNull(starts_at) OR isNull(ends_at), 'an endless shift', ends_at > now_known, 'the shift is not over', '') AS left_out
        FROM oncall_shifts
        WHERE ifNull(starts_at <= now_known, 1)
        GROUP BY source, person_id, schedule, starts_at, ends_at
    ),
    -- Each shift stands in every day that it touches, so that a page is held
    -- against the shifts of its day only.
    paged AS (
        SELECT s.shift_id AS of_shift, arraySort(groupUniqArray(p.incident_id)) AS incidents
        FROM (SELECT source, person_id, at, incident_id, shift_id AS held_by, toUInt32(toDate(at)) AS day FROM pages WHERE incident_id NOT IN (SELECT id FROM incidents WHERE exercise = 1)) AS p
        INNER JOIN (
            SELECT shift_id, source, person_id, name, assumeNotNull(starts_at) AS from_at, assumeNotNull(ends_at) AS until_at,
                   arrayJoin(range(toUInt32(toDate(from_at)), toUInt32(toDate(until_at)) + 1)) AS day
            FROM (SELECT *, arrayJoin(arrayFilter(n -> n != '', who)) AS name FROM shifts WHERE left_out = '')
        ) AS s ON s.source = p.source AND s.name = p.person_id AND s.day = p.day
        WHERE p.at >= s.from_at AND p.at < s.until_at
          AND (s.name = s.person_id OR p.held_by != '') -- a name that two bear tells nobody, and has no shift in pages
        GROUP BY of_shift
    )
SELECT
    'pages_per_shift' AS kpi, 'oncall_shift' AS entity, s.shift_id AS id, s.schedule AS key, s.schedule AS title, '' AS url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(ifNull(s.starts_at, now_known)) AS at,
    if(s.left_out = '', toNullable(toFloat64(length(p.incidents))), NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', CAST([], 'Array(String)'), 'team', [], 'tier', s.tiers, 'schedule', if(s.schedule = '', [], [s.schedule])) AS dims,
    '' AS basis,
    p.incidents AS refs,
    s.ends_at AS settles_at,
    toUInt8(s.left_out = '') AS included,
    s.left_out AS reason
FROM shifts AS s
LEFT JOIN paged AS p ON p.of_shift = s.shift_id
