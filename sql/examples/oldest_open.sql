-- example: oldest_open
-- title:   What has stood open longest
-- asks:    Which incidents are open, for how long, and does anybody work on them?
-- reads:   incidents, incident_events, kpi_evidence, builds
-- read:    quiet_for is the time since the last step that a source told. severity 0 is unknown, not harmless.
SELECT i.key, i.title, i.services, i.severity, i.status, duration_text(dateDiff('second', i.started_at, b.as_of)) AS open_for,
       duration_text(dateDiff('second', e.last_step, b.as_of)) AS quiet_for
FROM incidents AS i
CROSS JOIN (SELECT argMax(as_of, id) AS as_of FROM builds) AS b
INNER JOIN (SELECT incident_id, max(at) AS last_step FROM incident_events GROUP BY incident_id) AS e ON e.incident_id = i.id
WHERE i.id IN (SELECT id FROM kpi_evidence WHERE kpi = 'backlog' AND included = 1 AND isNull(at))
ORDER BY i.started_at
