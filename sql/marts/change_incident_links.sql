-- mart:    change_incident_links
-- title:   Which change caused which incident, and how sure that is
-- grain:   one row per change, incident and grade
-- key:     grade, change_id, incident_id
-- reads:   changes, incidents, identities, incident_steps, settings
-- tests:   unique(change_id, incident_id, grade); grade IN ('explicit', 'mentioned', 'suspected'); grade != 'suspected' OR lag_seconds BETWEEN 0 AND 259200
-- note:    a grade says what the link rests on. Only explicit ones confirm a failure.
-- columns:
--   change_id: id of the change
--   incident_id: id of the incident
--   grade: explicit (a field of either record says so), mentioned (the incident's title or a note cites the change by a pattern of changes.cited_as), or suspected (it came to a service within 72 hours after a production change there ended)
--   basis: the field or text that the link rests on; of a suspected one the smallest of 4, 24 and 72 hours
--   lag_seconds: from the end of the change (else its start) to the incident's creation; NULL when the change states neither
WITH
    pattern AS (
        SELECT concat('(', arrayStringConcat(if(empty(groupArray(value)), ['\\bCHG\\d{7}\\b'],
                   arrayMap(p -> concat(if(match(p, '^[(?:]*([A-Za-z0-9]|\\\\[dw])'), '\\b', ''), '(?:', p, ')\\b'), groupArray(value))), '|'), ')') AS any_of
        FROM settings WHERE name = 'changes.cited_as'
    ),
    cited AS (
        SELECT 'change' AS entity, id AS by_id, name, 'explicit' AS grade, 'the incident''s caused_by_change' AS basis
        FROM (SELECT id, caused_by_change AS name FROM incidents WHERE caused_by_change != '')
        UNION ALL
        SELECT 'change' AS entity, id AS by_id, arrayJoin(caused_by) AS name, 'explicit' AS grade, 'the incident''s links' AS basis
        FROM incidents
        UNION ALL
        SELECT 'change' AS entity, row_id AS by_id, arrayJoin(extractAll(title, (SELECT any_of FROM pattern))) AS name, 'mentioned' AS grade, 'the incident''s title' AS basis
        FROM (SELECT row_id, title FROM identities WHERE entity = 'incident')
        UNION ALL
        SELECT 'change' AS entity, i.row_id AS by_id, s.name AS name, 'mentioned' AS grade, 'a note of the incident' AS basis
        FROM (SELECT record_id, arrayJoin(extractAll(detail, (SELECT any_of FROM pattern))) AS name FROM incident_steps WHERE kind = 'note') AS s
        INNER JOIN (SELECT id, row_id FROM identities WHERE entity = 'incident') AS i ON i.id = s.record_id
        UNION ALL
        SELECT 'incident' AS entity, id AS by_id, arrayJoin(caused_incidents) AS name, 'explicit' AS grade, 'the change''s caused_incidents' AS basis
        FROM changes
    ),
    -- A record is cited by its key, by its id here, or by its source's own id. A
    -- name of several changes links nothing, unless one of them is of a source
    -- that the citing record is of: 42 of one tool is not 42 of another.
    -- Few names are cited: both joins keep those in memory, not all records.
    named AS (
        SELECT c.entity AS entity, c.by_id AS by_id, c.grade AS grade, c.basis AS basis, c.name AS name,
               groupUniqArray((n.row_id, n.source)) AS bearers, uniqExact(n.row_id) AS rows
        FROM (SELECT entity, row_id, source, arrayJoin(arrayDistinct([key, id, record_id])) AS name FROM identities) AS n
        INNER JOIN cited AS c ON c.entity = n.entity AND c.name = n.name
        GROUP BY entity, by_id, grade, basis, name
    ),
    found AS (
        SELECT entity, by_id, grade, basis,
               arrayJoin(arrayDistinct(arrayMap(b -> b.1, arrayFilter(b -> rows = 1 OR has(sources, b.2), bearers)))) AS named_id
        FROM (
            SELECT n.entity AS entity, n.by_id AS by_id, n.grade AS grade, n.basis AS basis, n.name AS name,
                   any(n.rows) AS rows, any(n.bearers) AS bearers, groupUniqArray(o.source) AS sources
            FROM (SELECT if(entity = 'change', 'incident', 'change') AS cites, row_id, source FROM identities) AS o
            INNER JOIN named AS n ON n.entity = o.cites AND n.by_id = o.row_id
            GROUP BY entity, by_id, grade, basis, name
        )
    ),
    -- Both stand in spans of 72 hours: what follows within 72 hours lies in the
    -- same span or in the next one.
    ended AS (
        SELECT id, assumeNotNull(ended_at) AS done_at, services, arrayJoin(services) AS service,
               arrayJoin([0, 1]) + intDiv(toUnixTimestamp(done_at), 259200) AS span
        FROM changes
        WHERE isNotNull(ended_at) AND outcome NOT IN ('cancelled', 'rejected')
          AND (environment = '' OR has(splitByChar(',', (SELECT max(value) FROM settings WHERE name = 'changes.production')), lower(environment)))
    ),
    begun AS (
        SELECT id, created_at, services, arrayJoin(services) AS service, intDiv(toUnixTimestamp(created_at), 259200) AS span
        FROM incidents
        WHERE exercise = 0 AND merged_into = '' AND flap_of = ''
    ),
    pairs AS (
        SELECT if(entity = 'change', named_id, by_id) AS change_id, if(entity = 'change', by_id, named_id) AS incident_id, grade, basis FROM found
    )
SELECT p.change_id AS change_id, p.incident_id AS incident_id, toString(p.grade) AS grade, min(p.basis) AS basis,
       any(dateDiff('second', coalesce(c.ended_at, c.started_at), i.created_at)) AS lag_seconds
FROM pairs AS p
INNER JOIN changes AS c ON c.id = p.change_id
INNER JOIN incidents AS i ON i.id = p.incident_id
GROUP BY change_id, incident_id, grade
UNION ALL
-- Two that share several services meet once, at the first that they share: these
-- pairs are so many that nothing is left to be sorted out behind the join.
SELECT e.id AS change_id, b.id AS incident_id, 'suspected' AS grade,
       multiIf(b.created_at <= e.done_at + INTERVAL 4 HOUR, 'same service within 4 h', b.created_at <= e.done_at + INTERVAL 24 HOUR, 'same service within 24 h', 'same service within 72 h') AS basis,
       toNullable(dateDiff('second', e.done_at, b.created_at)) AS lag_seconds
FROM begun AS b
INNER JOIN ended AS e ON e.service = b.service AND e.span = b.span
WHERE e.service != '' AND b.created_at >= e.done_at AND b.created_at <= e.done_at + INTERVAL 72 HOUR
  AND (length(b.services) = 1 OR length(e.services) = 1 OR arrayFirst(s -> s != '' AND has(e.services, s), b.services) = b.service)
