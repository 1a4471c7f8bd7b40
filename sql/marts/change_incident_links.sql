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
--   grade: explicit (a field of either record says so), mentioned (the incident's title cites the change) or suspected (service and time)
--   basis: the field or text that the link rests on
--   lag_seconds: from the end of the change (else its start) to the incident's creation; NULL when the change states neither
WITH
    -- A record is cited by its key, by its id here, or by its source's own id;
    -- not by a short number, which the records of two tools may share.
    named AS (
        SELECT id AS change_id, coalesce(ended_at, started_at) AS done_at, arrayJoin(names) AS name
        FROM (SELECT *, substring(id, length(source) + 2) AS bare,
                     arrayDistinct(if(match(bare, '[A-Za-z]') OR length(bare) >= 6, [key, id, bare], [key, id])) AS names FROM changes)
    ),
    cited AS (
        SELECT id AS incident_id, created_at, caused_by_change AS name, 'explicit' AS grade, 'the incident''s caused_by_change' AS basis
        FROM incidents WHERE caused_by_change != ''
        UNION ALL
        SELECT id AS incident_id, created_at, arrayJoin(extractAll(title, '\\bCHG\\d{7}\\b')) AS name, 'mentioned' AS grade, 'the incident''s title' AS basis
        FROM incidents
    ),
    found AS (
        SELECT n.change_id AS change_id, c.incident_id AS incident_id, c.grade AS grade, c.basis AS basis, c.created_at AS created_at, n.done_at AS done_at
        FROM cited AS c INNER JOIN named AS n ON n.name = c.name
        UNION ALL
        SELECT c.id, i.id, 'explicit', 'the change''s caused_incidents', i.created_at, coalesce(c.ended_at, c.started_at)
        FROM (SELECT id, ended_at, started_at, arrayJoin(caused_incidents) AS name FROM changes) AS c
        INNER JOIN (
            SELECT id, created_at, arrayJoin(names) AS name
            FROM (SELECT *, substring(id, length(source) + 2) AS bare,
                         arrayDistinct(if(match(bare, '[A-Za-z]') OR length(bare) >= 6, [key, id, bare], [key, id])) AS names FROM incidents)
        ) AS i ON i.name = c.name
    )
SELECT change_id, incident_id, toString(grade) AS grade, min(found.basis) AS basis,
       any(dateDiff('second', done_at, created_at)) AS lag_seconds
FROM found
GROUP BY change_id, incident_id, grade
