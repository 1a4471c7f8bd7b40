-- mart:    data_health
-- title:   What the data lack, ranked by what mending it would narrow
-- grain:   one row per source and finding
-- key:     source, finding
-- reads:   kpi_evidence, kpis, sources, incidents, changes, tickets, worklogs
-- tests:   unique(source, finding); rows > 0; low <= high; low_after <= high_after; narrows >= 0 AND narrows <= 100; title != '' AND next_step != ''
-- note:    of the last 90 days before as_of, but for what sources tells of the
--          whole. Outcomes that are still to come are no defects and take no part;
--          those before which no history was collected widen the range, but
--          nobody can mend them, so they are no finding.
-- columns:
--   source: name of the source whose records lack it
--   finding: its short name; of rows whose outcome is not known, their entity and the reason in kpi_evidence
--   title: what the rows are, as a sentence goes on after their number, in the singular after 1
--   rows: how many lack it; of "behind" the hours. A record with one flaw that several KPIs leave it out for counts once
--   of: how many were looked at; 0 where that says nothing
--   kpi: the KPI that mending narrows most, or that would count the rows (of several the one that people know best); empty: none
--   low: the KPI over these 90 days, were every unknown outcome a miss; NULL: no KPI
--   high: the same, were every unknown outcome a hit
--   low_after: low, were these rows known and like the known ones; NULL where none is known
--   high_after: high, were these rows known and like the known ones
--   narrows: by how many points that would narrow the range from low to high
--   next_step: what to do about it; another where the source states the field in no record at all
--   examples: keys of up to three of the rows, the newest first
WITH
    {as_of:DateTime64(3, 'UTC')} AS now_known,
    now_known - INTERVAL 90 DAY AS since,
    30 * 60 AS twins_within, -- seconds
    ['time_to_resolve', 'time_to_mitigate', 'time_to_acknowledge', 'time_to_escalate', 'failed_change_recovery_time', 'within_target_rate', 'backlog'] AS known_best,
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
    -- Whether a source states a field in any record, however old.
    stated AS (
        SELECT source AS of_source, concat(entity, ': ', f.1) AS of_field, toUInt8(f.2) AS ever,
               concat('map ', f.1, ' in srekpi.yml (srekpi check lists what the source states), or let ', if(entity = 'incident', 'the ticket''s source', 'another source'), ' give it') AS map_it
        FROM (
            SELECT toString(i.source) AS source, 'incident' AS entity,
                   [('severity', max(i.severity > 0)), ('service', max(notEmpty(i.services))), ('team', max(notEmpty(i.teams))), ('cause', max(i.cause != '')),
                    ('who noticed first', max(i.detected_by != '')), ('whether customers were affected', max(isNotNull(i.customer_impact))),
                    ('when the impact began and ended', max(isNotNull(i.impact_started_at)) AND max(isNotNull(i.mitigated_at)))] AS fields
            FROM incidents AS i
            GROUP BY source
            UNION ALL
            SELECT toString(c.source) AS source, 'change' AS entity,
                   [('service', max(notEmpty(c.services))), ('outcome', max(c.outcome != '')), ('when it ended', max(isNotNull(c.ended_at)))] AS fields
            FROM changes AS c
            GROUP BY source
        )
        ARRAY JOIN fields AS f
    ),
    unknowns AS (
        SELECT source, concat(entity, ': ', why) AS finding, entity, why, kpi, rows, candidates, hits, known, unknown, part, examples,
               known + unknown AS whole, least(part / whole, 1) AS narrowing, if(known = 0, NULL, part * hits / known) AS likely
        FROM (
            SELECT source, entity, why, kpi, count() AS rows, sum(weight) AS part,
                   arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((assumeNotNull(at), key))), 1, 3)) AS examples
            FROM judged
            WHERE isNull(hit) AND NOT match(why, '^(too near the start|no history before)')
            GROUP BY source, entity, why, kpi
        ) AS u
        INNER JOIN totals AS t ON t.of_kpi = u.kpi
        INNER JOIN looked_at AS l ON l.of_kpi = u.kpi AND l.of_source = u.source
        WHERE known + unknown > 0
        ORDER BY narrowing DESC, kpi
        LIMIT 1 BY source, entity, why
    ),
    -- The field is as stated calls it; empty where no field is missing.
    advice AS (
        SELECT finding AS of_finding, title AS advised_title, field AS advised_field, next_step AS advised_step
        FROM values('finding String, title String, field String, next_step String',
            ('title says nothing', 'incidents whose title says nothing', '', 'say in the title what broke, or note the alert key, the cause or the problem'),
            ('no service is stated, so its title cannot be compared', 'incidents without a service, so that no title can be compared', 'service', 'state the service'),
            ('the source does not say whether it was reopened', 'incidents without a word on whether they came back', '', 'collect their history, or map the number of reopenings in srekpi.yml'),
            ('nobody noted who noticed first', 'incidents without a note of who noticed first', 'who noticed first', 'note who noticed first'),
            ('nothing tells when an incident reaches L3', 'incidents without a word on whether L3 was reached', '', 'name the L3 teams in srekpi.yml (teams, tier: L3), or collect the rota'),
            ('outside the calendar', 'incidents outside the business calendar', '', 'lengthen the calendar in srekpi.yml'),
            ('acknowledgement not known', 'incidents without a word on the acknowledgement', '', 'collect the pager, or map the time of the acknowledgement in srekpi.yml'),
            ('no post-mortems are collected', 'incidents due a post-mortem while none is collected', '', 'give the tickets of post-mortems the role postmortem in srekpi.yml'),
            ('outcome not recorded', 'changes without a recorded outcome', 'outcome', 'record how each change ended'),
            ('its end is not known', 'changes without an end', 'when it ended', 'record when each change ended'),
            ('no service is stated', 'changes without a service', 'service', 'state the service'),
            ('no incidents are collected', 'changes that no incident can be held against', '', 'add a source with entity: incident to srekpi.yml'),
            ('no rule of work fits its ticket', 'bookings on a ticket that no rule of work fits', '', 'add a rule under work.rules in srekpi.yml; srekpi check lists the kinds'),
            ('no rule of work fits it', 'tickets that no rule of work fits', '', 'add a rule under work.rules in srekpi.yml; srekpi check lists the kinds'),
            ('its ticket is not known', 'bookings on a ticket that is not collected', '', 'collect the projects of those tickets'),
            ('the zone of who was paged is not known', 'pages to somebody whose time zone is not known', '', 'set the time zone of each person in the pager'))
    ),
    held AS (
        SELECT toString(i.source) AS source, i.key AS key, i.created_at AS at, i.services AS services, i.teams AS teams, i.severity AS severity, i.cause AS cause, i.resolved_at AS resolved_at, i.impact_started_at AS impact_from, i.mitigated_at AS impact_to
        FROM incidents AS i
        WHERE i.exercise = 0 AND i.merged_into = '' AND i.flap_of = '' AND ifNull(i.created_at > since AND i.created_at <= now_known, 0)
    ),
    blanks AS (
        SELECT source, finding, title, rows, looked, kpi, if(ifNull(s.ever, 1), next_step, assumeNotNull(s.map_it)) AS next_step, examples
        FROM (
            SELECT source, blank.1 AS finding, blank.2 AS title, countIf(blank.3 = 1) AS rows, countIf(blank.3 < 2) AS looked, blank.4 AS field, blank.5 AS next_step, blank.6 AS kpi,
                   arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArrayIf((assumeNotNull(at), key), blank.3 = 1)), 1, 3)) AS examples
            FROM (
                -- The third is 1 for a blank, 0 for none, 2 where there is nothing to fill in yet.
                SELECT source, key, at, arrayJoin([
                    ('no severity', 'incidents without a severity', toUInt8(severity = 0), 'incident: severity', 'state the severity, or map the source''s words for it in srekpi.yml', ''),
                    ('no service', 'incidents without a service', toUInt8(empty(services)), 'incident: service', 'state the service', ''),
                    ('no team', 'incidents without a team', toUInt8(empty(teams)), 'incident: team', 'state the team', ''),
                    ('no cause', 'resolved incidents without a cause', toUInt8(if(isNull(resolved_at), 2, cause = '')), 'incident: cause', 'note the cause', ''),
                    ('no impact times', 'resolved incidents without a start or end of impact', toUInt8(if(isNull(resolved_at), 2, isNull(impact_from) OR isNull(impact_to))),
                     'incident: when the impact began and ended', 'note when the impact began and ended', 'time_to_mitigate')]) AS blank
                FROM held
                UNION ALL
                SELECT toString(c.source) AS source, c.key AS key, coalesce(c.ended_at, c.started_at) AS at,
                       ('no service of a change', 'changes without a service', toUInt8(empty(c.services)), 'change: service', 'state the service', '') AS blank
                FROM changes AS c
                WHERE ifNull(coalesce(c.ended_at, c.started_at) > since AND coalesce(c.ended_at, c.started_at) <= now_known, 0)
                UNION ALL
                SELECT splitByChar(':', e.id)[1] AS source, e.key AS key, e.at AS at,
                       ('no customer impact', 'incidents that do not say whether customers were affected', toUInt8(e.reason = 'not stated whether customers were affected'),
                        'incident: whether customers were affected', 'say whether customers were affected', 'impact_hours') AS blank
                FROM kpi_evidence AS e
                WHERE e.kpi = 'impact_hours' AND (e.included = 1 OR e.reason IN ('not stated whether customers were affected', 'no customer was affected')) AND ifNull(e.at > since AND e.at <= now_known, 0)
            )
            GROUP BY source, finding, title, field, next_step, kpi
        ) AS b
        LEFT JOIN stated AS s ON s.of_source = b.source AND s.of_field = b.field
        WHERE rows > 0
    ),
    -- Several KPIs leave out one record for one flaw, in other words where the
    -- resolution stands in for an end of impact that is not stated.
    wrong_times AS (
        SELECT source, why, argMin(kpi, (if(has(known_best, kpi), indexOf(known_best, kpi), 99), kpi)) AS kpi, count() AS rows,
               arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((at, key))), 1, 3)) AS examples
        FROM (
            SELECT splitByChar(':', e.id)[1] AS source, e.id AS id, if(e.reason LIKE 'mitigated %' AND e.basis LIKE '%to resolution%', 'resolved', splitByChar(' ', toString(e.reason))[1]) AS flaw,
                   argMin((toString(e.kpi), toString(e.reason)), (if(has(known_best, e.kpi), indexOf(known_best, e.kpi), 99), e.kpi)) AS best,
                   best.1 AS kpi, best.2 AS why, max(ifNull(e.at, since)) AS at, any(e.key) AS key
            FROM kpi_evidence AS e
            WHERE e.included = 0 AND (match(e.reason, '^(acknowledged|escalated|mitigated|recovered|resolved) before ')
                                      OR e.reason IN ('closed without a resolution time', 'the moment of the escalation is not known')) AND ifNull(e.at > since AND e.at <= now_known, 0)
            GROUP BY source, id, flaw
        )
        GROUP BY source, why
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
        -- Of what could not be read some never landed: it is no part of the records.
        ARRAY JOIN [
            ('not readable', 'records that could not be read', s.quarantined, toUInt64(0), 'see the reasons below, mend the records or the mapping, and run again'),
            ('not mapped', 'values that no map covers', s.unmapped, toUInt64(0), 'put the lines that srekpi check prints among the fields of the source in srekpi.yml'),
            ('behind', 'hours behind', toUInt64(greatest(ifNull(dateDiff('hour', s.collected_to, now_known), 0), 0)), toUInt64(0), 'run srekpi ingest; of a file, bring a newer export'),
            ('no range', 'source that does not tell which span it covers', toUInt64(isNull(s.collected_to)), toUInt64(0), 'finish a run of srekpi ingest, or say covers in srekpi.yml')] AS f
        WHERE f.3 > if(f.1 = 'behind', 24, 0)
    ),
    known_range AS (
        SELECT source, finding, coalesce(v.advised_title, concat(transform(entity, ['worklog', 'action_item', 'oncall_shift'], ['booking', 'action', 'shift'], entity), 's without a known outcome: ', why)) AS title,
               toUInt64(rows) AS rows, toUInt64(candidates) AS looked, kpi,
               toNullable(hits / whole) AS low, toNullable((hits + unknown) / whole) AS high,
               (hits + likely) / whole AS low_after, (hits + likely + greatest(unknown - part, 0)) / whole AS high_after,
               100 * narrowing AS narrows, if(ifNull(s.ever, 1), coalesce(v.advised_step, 'see the rows in the evidence'), assumeNotNull(s.map_it)) AS next_step, examples
        FROM unknowns AS u
        LEFT JOIN advice AS v ON v.of_finding = u.why
        LEFT JOIN stated AS s ON s.of_source = u.source AND s.of_field = concat(u.entity, ': ', v.advised_field)
    ),
    findings AS (
        SELECT source, finding, title, rows, looked AS of, kpi, low, high, low_after, high_after, narrows, next_step, examples FROM known_range
        UNION ALL
        SELECT source, finding, title, rows, looked AS of, '' AS kpi, NULL AS low, NULL AS high, NULL AS low_after, NULL AS high_after, 0. AS narrows, next_step, CAST([], 'Array(String)') AS examples FROM delivered
        UNION ALL
        SELECT source, finding, title, toUInt64(rows), toUInt64(looked) AS of, kpi, NULL, NULL, NULL, NULL, 0., next_step, examples FROM blanks
        UNION ALL
        SELECT source, why AS finding,
               transform(why, ['resolved before created', 'mitigated before it began', 'acknowledged before created', 'escalated before created', 'recovered before it ended',
                               'closed without a resolution time', 'the moment of the escalation is not known'],
                              ['incidents with a resolution before the creation', 'incidents with an end of impact before its start', 'incidents with an acknowledgement before the creation',
                               'incidents with an escalation before the creation', 'changes with a recovery before the end', 'incidents closed without a time of resolution',
                               'incidents that reached L3 at an unknown moment'], concat('records ', why)) AS title,
               toUInt64(rows), toUInt64(0) AS of, kpi, NULL, NULL, NULL, NULL, 0.,
               multiIf(why = 'closed without a resolution time', 'record the time of the resolution, or say closing_resolves in srekpi.yml',
                       why LIKE 'the moment%', 'record the time of the escalation, or collect the pages to L3',
                       'correct the times, or how they are mapped') AS next_step, examples
        FROM wrong_times
        UNION ALL
        SELECT source, 'twins' AS finding, 'incidents much like one of another source' AS title, toUInt64(count()), toUInt64(0) AS of, '' AS kpi, NULL, NULL, NULL, NULL, 0.,
               'link the two records, or map which record of the other source it is the same as' AS next_step,
               arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((assumeNotNull(at), concat(key, ' and ', other)))), 1, 3)) AS examples
        FROM twins GROUP BY source
        UNION ALL
        SELECT source, 'no hours booked' AS finding, 'tickets done without any booked hours' AS title, toUInt64(rows), toUInt64(looked) AS of, '' AS kpi, NULL, NULL, NULL, NULL, 0.,
               'book hours on them, or leave the source out of the work mix' AS next_step, examples
        FROM unbooked WHERE rows > 0
    )
-- A field that narrows a KPI and is blank beside it is named once.
SELECT source, finding, if(rows = 1, replaceOne(replaceRegexpOne(plural, '^((?:resolved )?[a-z_]+)s ', '\\1 '), ' that do not ', ' that does not '), plural) AS title,
       rows, of, kpi, low, high, low_after, high_after, narrows, next_step, examples
FROM (SELECT * EXCEPT title, title AS plural FROM findings ORDER BY narrows DESC, rows DESC, finding LIMIT 1 BY source, plural)
