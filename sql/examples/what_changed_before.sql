-- example: what_changed_before
-- title:   What was changed before each major incident?
-- asks:    Which changes of the same service ended within a day before a major incident?
-- reads:   incidents, changes, change_incident_links
-- read:    A change with linked = 'explicit' is named as the cause by a record. The others came close in time only, which many
--          harmless changes do: the KPI suspected_by_chance_24h says how often.
SELECT i.key AS incident, i.title AS what_broke, c.key AS change, c.title AS what_changed, duration_text(dateDiff('second', c.ended_at, i.created_at)) AS before,
       if((c.id, i.id) IN (SELECT change_id, incident_id FROM change_incident_links WHERE grade = 'explicit'), 'explicit', '') AS linked
FROM incidents AS i CROSS JOIN changes AS c
WHERE i.major = 1 AND i.exercise = 0 AND i.merged_into = '' AND c.outcome NOT IN ('cancelled', 'rejected')
  AND c.ended_at <= i.created_at AND c.ended_at > i.created_at - INTERVAL 24 HOUR AND hasAny(c.services, i.services)
ORDER BY i.created_at DESC, c.ended_at DESC
