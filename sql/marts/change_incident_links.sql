-- mart:    change_incident_links
-- title:   Which change caused which incident, and how sure that is
-- grain:   one row per change, incident and grade
-- key:     change_id, incident_id, grade
-- reads:   changes, incidents
-- tests:   unique(change_id, incident_id, grade); grade IN ('explicit', 'mentioned', 'suspected')
-- note:    a grade says what the link rests on. Only explicit ones confirm a failure.
-- columns:
--   change_id: id of the change
--   incident_id: id of the incident
--   grade: explicit (a field of either record says so), mentioned (the incident's title cites the change), or suspected (service and time; none is made yet)
--   basis: the field or text that the link rests on
--   lag_seconds: from the end of the change (else its start) to the incident's creation; NULL when the change states neither
WITH
    -- A record is cited by its key, by its id here, or by its source's own id. A
    -- name that several records bear links nothing, unless one of them is of the
    -- citing source: 42 of one tool is not 42 of another.
    change_names AS (
        SELECT id AS change_id, source AS of_source, coalesce(ended_at, started_at) AS done_at, count() OVER (PARTITION BY name) AS bearers,
               arrayJoin(arrayDistinct([key, id, substring(id, length(source) + 2)])) AS name
        FROM changes
    ),
    incident_names AS (
        SELECT id AS incident_id, source AS of_source, created_at, count() OVER (PARTITION BY name) AS bearers,
               arrayJoin(arrayDistinct([key, id, substring(id, length(source) + 2)])) AS name
        FROM incidents
    ),
    cited AS (
        SELECT id AS incident_id, source AS by_source, created_at, caused_by_change AS name, 'explicit' AS grade, 'the incident''s caused_by_change' AS basis
        FROM incidents WHERE caused_by_change != ''
        UNION ALL
        SELECT id AS incident_id, source AS by_source, created_at, arrayJoin(extractAll(title, '\\bCHG\\d{7}\\b')) AS name, 'mentioned' AS grade, 'the incident''s title' AS basis
        FROM incidents
    ),
    found AS (
        SELECT n.change_id AS change_id, c.incident_id AS incident_id, c.grade AS grade, c.basis AS basis, c.created_at AS created_at, n.done_at AS done_at
        FROM cited AS c INNER JOIN change_names AS n ON n.name = c.name
        WHERE n.bearers = 1 OR n.of_source = c.by_source
        UNION ALL
        SELECT c.id, n.incident_id, 'explicit', 'the change''s caused_incidents', n.created_at, coalesce(c.ended_at, c.started_at)
        FROM (SELECT id, source, ended_at, started_at, arrayJoin(caused_incidents) AS name FROM changes) AS c
        INNER JOIN incident_names AS n ON n.name = c.name
        WHERE n.bearers = 1 OR n.of_source = c.source
    )
SELECT change_id, incident_id, toString(grade) AS grade, min(found.basis) AS basis,
       any(dateDiff('second', done_at, created_at)) AS lag_seconds
FROM found
GROUP BY change_id, incident_id, grade
