-- example: promises_overdue
-- title:   Action items that are overdue
-- asks:    What did we promise after incidents and not do in time?
-- reads:   action_items, incidents, builds
-- read:    due_moves says how often the day was moved: a promise that moves is not kept either.
SELECT a.key, a.title, a.owner, a.team, a.due_on, dateDiff('day', a.due_on, b.as_of) AS days_late, a.due_moves, i.keys AS after_incidents
FROM action_items AS a
CROSS JOIN (SELECT argMax(as_of, id) AS as_of FROM builds) AS b
LEFT JOIN (
    SELECT x.id AS id, groupArray(i.key) AS keys
    FROM (SELECT id, arrayJoin(incident_ids) AS incident_id FROM action_items) AS x INNER JOIN incidents AS i ON i.id = x.incident_id GROUP BY x.id
) AS i ON i.id = a.id
WHERE isNull(a.resolved_at) AND a.due_on < toDate(b.as_of)
ORDER BY days_late DESC, a.key
