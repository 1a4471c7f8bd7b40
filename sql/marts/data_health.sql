-- mart:    data_health
-- title:   What the data lack, ranked by what mending it would narrow
-- grain:   one row per source and finding
-- key:     source, finding
-- reads:   kpi_evidence, kpis, sources, incidents, changes, tickets, worklogs
-- tests:   unique(source, finding); rows > 0; low <= high; low_after <= high_after; narrows >= 0 AND narrows <= 100; title != '' AND next_step != ''
-- note:    of the last 90 days before as_of, but for what sources tells of the
--          whole. Outcomes that are still to come are no defects and take no part.
-- columns:
--   source: name of the source whose records lack it
--   finding: its short name; of rows whose outcome is not known, their entity and the reason in kpi_evidence
--   title: what the rows are, as a sentence goes on after their number
--   rows: how many lack it; of "behind" the hours
--   of: how many were looked at; 0 where that says nothing
--   kpi: the KPI that mending narrows most; of a duration that was left out its KPI; empty: none
--   low: the KPI over these 90 days, were every unknown outcome a miss; NULL: no KPI
--   high: the same, were every unknown outcome a hit
--   low_after: low, were these rows known and like the known ones; NULL where none is known
--   high_after: high, were these rows known and like the known ones
--   narrows: by how many points that would narrow the range from low to high
--   next_step: what to do about it
--   examples: keys of up to three of the rows, the newest first
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    now_known - INTERVAL 90 DAY AS since,
    30 * 60 AS twins_within, -- seconds
    -- A failure that is known and does not count yet lacks the same as the others.
    judged AS (
        SELECT toString(e.kpi) AS kpi, toString(e.entity) AS entity, splitByChar(':', e.id)[1] AS source, if(e.key = '', e.id, e.key) AS key, e.at AS at,
               ifNull(e.value, 0) AS weight, e.hit AS hit, splitByString(', though', toString(e.reason))[1] AS why
        FROM kpi_evidence AS e
        INNER JOIN (SELECT kpi AS of_kpi FROM kpis WHERE kind IN ('rate', 'share')) AS k ON k.of_kpi = e.kpi
        WHERE e.included = 1 AND ifNull(e.at > since AND e.at <= now_known, 0) AND ifNull(e.settles_at <= now_known, 1)
          AND NOT match(e.reason, '^(pending|still open|not due)')
    ),
    totals AS (
        SELECT kpi AS of_kpi, sumIf(weight, ifNull(hit, 0) = 1) AS hits, sumIf(weight, isNotNull(hit)) AS known, sumIf(weight, isNull(hit)) AS unknown
        FROM judged
        GROUP BY kpi
    ),
    looked_at AS (SELECT kpi AS of_kpi, source AS of_source, count() AS candidates FROM judged GROUP BY kpi, source),
    unknowns AS (
        SELECT source, concat(entity, ': ', why) AS finding, entity, why, kpi, rows, candidates, hits, known, unknown, part, examples,
               known + unknown AS whole, least(part / whole, 1) AS narrowing, if(known = 0, NULL, part * hits / known) AS likely
        FROM (
            SELECT source, entity, why, kpi, count() AS rows, sum(weight) AS part,
                   arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((assumeNotNull(at), key))), 1, 3)) AS examples
            FROM judged
            WHERE isNull(hit)
            GROUP BY source, entity, why, kpi
        ) AS u
        INNER JOIN totals AS t ON t.of_kpi = u.kpi
        INNER JOIN looked_at AS l ON l.of_kpi = u.kpi AND l.of_source = u.source
        WHERE known + unknown > 0
        ORDER BY narrowing DESC, kpi
        LIMIT 1 BY source, entity, why
    ),
    advice AS (
        SELECT finding AS of_finding, title AS advised_title, next_step AS advised_step
        FROM values('finding String, title String, next_step String',
            ('title says nothing', 'incidents whose title says nothing', 'say in the title what broke, or note the alert key, the cause or the problem'),
            ('no service is stated, so its title cannot be compared', 'incidents without a service', 'state the service'),
            ('too near the start of the collected history', 'incidents too near the start of the history to be judged', 'collect an earlier history'),
            ('the source does not say whether it was reopened', 'incidents of which nothing says whether they were reopened', 'collect their history, or map reopen_count'),
            ('nobody noted who noticed first', 'incidents without a note of who noticed first', 'fill in detected_by'),
            ('nothing tells when an incident reaches L3', 'incidents of which nothing tells whether they reached L3', 'name the L3 teams in srekpi.yml (teams, tier: L3), or collect the rota'),
            ('outside the calendar', 'incidents outside the business calendar', 'lengthen the calendar in srekpi.yml'),
            ('acknowledgement not known', 'incidents of which nothing tells the acknowledgement', 'collect the pager, or map acknowledged_at'),
            ('no post-mortems are collected', 'incidents due a post-mortem, and none is collected', 'give the tickets of post-mortems the role postmortem in srekpi.yml'),
            ('outcome not recorded', 'changes without a recorded outcome', 'record how each change ended'),
            ('its end is not known', 'changes without an end', 'record when each change ended'),
            ('no service is stated', 'changes without a service', 'state the service'),
            ('no incidents are collected', 'changes that no incident can be held against', 'add a source with entity: incident to srekpi.yml'),
            ('no rule of work fits its ticket', 'bookings on tickets that no rule of work fits', 'add a rule to work.rules in srekpi.yml; srekpi check lists what none fits'),
            ('its ticket is not known', 'bookings on tickets that are not collected', 'collect the projects of those tickets'),
            ('the zone of who was paged is not known', 'pages to people whose time zone is not known', 'set the time zone of each person in the pager'))
    ),
    held AS (
        SELECT toString(i.source) AS source, i.key AS key, i.created_at AS at, i.services AS services, i.teams AS teams, i.severity AS severity, i.cause AS cause, i.resolved_at AS resolved_at
        FROM incidents AS i
        WHERE i.exercise = 0 AND i.merged_into = '' AND i.flap_of = '' AND ifNull(i.created_at > since AND i.created_at <= now_known, 0)
    ),
    blanks AS (
        SELECT source, blank.1 AS finding, blank.2 AS title, countIf(blank.3 = 1) AS rows, countIf(blank.3 < 2) AS looked, blank.4 AS next_step,
               arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArrayIf((assumeNotNull(at), key), blank.3 = 1)), 1, 3)) AS examples
        FROM (
            -- The third is 1 for a blank, 0 for none, 2 where there is nothing to fill in yet.
            SELECT source, key, at, arrayJoin([
                ('no severity', 'incidents without a severity', toUInt8(severity = 0), 'state the severity, or map the source''s words in srekpi.yml (values)'),
                ('no service', 'incidents without a service', toUInt8(empty(services)), 'state the service'),
                ('no team', 'incidents without a team', toUInt8(empty(teams)), 'state the team'),
                ('no cause', 'resolved incidents without a cause', toUInt8(if(isNull(resolved_at), 2, cause = '')), 'fill in the cause')]) AS blank
            FROM held
            UNION ALL
            SELECT toString(c.source) AS source, c.key AS key, coalesce(c.ended_at, c.started_at) AS at,
                   ('no service of a change', 'changes without a service', toUInt8(empty(c.services)), 'state the service') AS blank
            FROM changes AS c
            WHERE ifNull(coalesce(c.ended_at, c.started_at) > since AND coalesce(c.ended_at, c.started_at) <= now_known, 0)
        )
        GROUP BY source, finding, title, next_step
    ),
    wrong_times AS (
        SELECT splitByChar(':', e.id)[1] AS source, toString(e.kpi) AS kpi, toString(e.reason) AS why, count() AS rows,
               arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((ifNull(e.at, since), e.key))), 1, 3)) AS examples
        FROM kpi_evidence AS e
        WHERE e.included = 0 AND (match(e.reason, '^(acknowledged|escalated|mitigated|recovered|resolved) before ')
                                  OR e.reason IN ('closed without a resolution time', 'the moment of the escalation is not known')) AND ifNull(e.at > since AND e.at <= now_known, 0)
        GROUP BY source, kpi, why
        ORDER BY rows DESC, kpi
        LIMIT 1 BY source, why
    ),
    -- Each incident and the last one before it of every other source on one of
    -- its services. Joined ones are one row, so they are no twins any more.
    twins AS (
        SELECT a.source AS source, a.at AS at, a.key AS key, min(b.key) AS other
        FROM (SELECT source, at, key, arrayJoin(arrayDistinct(services)) AS service, arrayJoin((SELECT groupUniqArray(toString(source)) FROM sources)) AS beside FROM held) AS a
        ASOF INNER JOIN (SELECT source, at, key, arrayJoin(arrayDistinct(services)) AS service FROM held) AS b ON b.service = a.service AND b.source = a.beside AND b.at <= a.at
        WHERE a.beside != a.source AND dateDiff('second', b.at, a.at) <= twins_within
        GROUP BY source, at, key
    ),
    unbooked AS (
        SELECT toString(t.source) AS source, count() AS looked, countIf(w.of_ticket IS NULL) AS rows,
               arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArrayIf((assumeNotNull(t.resolved_at), t.key), w.of_ticket IS NULL)), 1, 3)) AS examples
        FROM tickets AS t
        LEFT JOIN (SELECT DISTINCT toNullable(ticket_id) AS of_ticket FROM worklogs) AS w ON w.of_ticket = t.id
        WHERE ifNull(t.resolved_at > since AND t.resolved_at <= now_known, 0) AND t.source IN (SELECT source FROM worklogs)
        GROUP BY source
    ),
    delivered AS (
        SELECT toString(s.source) AS source, s.collected_to AS to_at, f.1 AS finding, f.2 AS title, toUInt64(f.3) AS rows, toUInt64(f.4) AS looked, f.5 AS next_step
        FROM sources AS s
        ARRAY JOIN [
            ('not readable', 'records that could not be read', s.quarantined, s.records, 'see the reasons below, mend the records or the mapping, and run again'),
            ('not mapped', 'values that no map covers', s.unmapped, toUInt64(0), 'add the lines that srekpi check prints to values in srekpi.yml'),
            ('behind', 'hours behind', toUInt64(greatest(ifNull(dateDiff('hour', s.collected_to, now_known), 0), 0)), toUInt64(0), 'run srekpi ingest; of a file, bring a newer export'),
            ('no range', 'source that does not tell which span it covers', toUInt64(isNull(s.collected_to)), toUInt64(0), 'finish a run of srekpi ingest, or say covers in srekpi.yml')] AS f
        WHERE f.3 > if(f.1 = 'behind', 24, 0)
    ),
    known_range AS (
        SELECT source, finding, coalesce(v.advised_title, concat(entity, 's: ', why)) AS title, toUInt64(rows) AS rows, toUInt64(candidates) AS looked, kpi,
               toNullable(hits / whole) AS low, toNullable((hits + unknown) / whole) AS high,
               (hits + likely) / whole AS low_after, (hits + likely + greatest(unknown - part, 0)) / whole AS high_after,
               100 * narrowing AS narrows, coalesce(v.advised_step, 'see the rows in the evidence') AS next_step, examples
        FROM unknowns AS u
        LEFT JOIN advice AS v ON v.of_finding = u.why
    )
SELECT source, finding, title, rows, looked AS of, kpi, low, high, low_after, high_after, narrows, next_step, examples FROM known_range
UNION ALL
SELECT source, finding, title, rows, looked AS of, '' AS kpi, NULL AS low, NULL AS high, NULL AS low_after, NULL AS high_after, 0. AS narrows, next_step, CAST([], 'Array(String)') AS examples FROM delivered
UNION ALL
SELECT source, finding, title, toUInt64(rows), toUInt64(looked) AS of, '' AS kpi, NULL, NULL, NULL, NULL, 0., next_step, examples FROM blanks WHERE rows > 0
UNION ALL
SELECT source, why AS finding, multiIf(why LIKE 'the moment%', 'records of which the moment of the escalation is not known', concat('records ', why)) AS title, toUInt64(rows), toUInt64(0) AS of, kpi, NULL, NULL, NULL, NULL, 0.,
       if(why = 'closed without a resolution time', 'record when they were resolved, or say closing_resolves in srekpi.yml', 'correct their times, or how they are mapped') AS next_step, examples
FROM wrong_times
UNION ALL
SELECT source, 'twins' AS finding, 'incidents much like one of another source' AS title, toUInt64(count()), toUInt64(0) AS of, '' AS kpi, NULL, NULL, NULL, NULL, 0.,
       'link the two records, or map same_as' AS next_step,
       arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((assumeNotNull(at), concat(key, ' and ', other)))), 1, 3)) AS examples
FROM twins GROUP BY source
UNION ALL
SELECT source, 'no hours booked' AS finding, 'tickets done without any booked hours' AS title, toUInt64(rows), toUInt64(looked) AS of, '' AS kpi, NULL, NULL, NULL, NULL, 0.,
       'book hours on them, or leave the source out of the work mix' AS next_step, examples
FROM unbooked WHERE rows > 0
