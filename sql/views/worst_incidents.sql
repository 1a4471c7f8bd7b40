-- view:    worst_incidents
-- title:   The worst incidents of a stretch of time
-- also:    major incidents, top incidents, post-mortem candidates
-- asks:    What hurt most, what caused it, and was it reviewed?
-- grain:   one row per incident: majors first, then by severity, then the longest
-- params:
--   from DateTime64(3, 'UTC'): first moment of creation
--   to DateTime64(3, 'UTC'): the first moment after it
--   top UInt32: how many
-- columns:
--   rank UInt64: place, from 1
--   id String: id of the incident
--   key String: what people call it
--   title String: as the source says it
--   services Array(String): services that it affected
--   severity UInt8: 1 (worst) to 5, 0 unknown, which ranks last
--   major UInt8: 1 when declared major
--   customer_impact Nullable(UInt8): 1 or 0; NULL: not stated, which is not "none"
--   created_at DateTime64(3, 'UTC'): when it was opened
--   lasted Nullable(Float64): seconds from its start to its final resolution; of an open one until as_of; NULL: closed without a resolution time
--   is_open UInt8: 1 while it is not resolved: it lasts on
--   reopen_count Nullable(UInt32): how often it was reopened; NULL: the source does not say
--   caused_by_changes Array(String): keys of changes that a record says caused it
--   postmortem String: its review: none, open or done
--   url String: where to open it
-- reads:   incidents, change_incident_links, changes, postmortems, builds
-- example: SELECT rank, key, title, severity, duration_text(lasted) AS lasted, caused_by_changes, postmortem FROM worst_incidents(from = '2026-09-01', to = '2026-10-01', top = 10) ORDER BY rank
SELECT
    row_number() OVER (ORDER BY i.major DESC, if(i.severity = 0, 9, i.severity), lasted DESC, i.id) AS rank,
    i.id AS id, i.key AS key, i.title AS title, i.services AS services, i.severity AS severity, i.major AS major, i.customer_impact AS customer_impact, i.created_at AS created_at,
    dateDiff('millisecond', i.started_at, multiIf(isNotNull(i.resolved_at), i.resolved_at, isNotNull(i.closed_at), NULL, (SELECT argMax(as_of, id) FROM builds))) / 1000 AS lasted,
    toUInt8(isNull(i.resolved_at) AND isNull(i.closed_at)) AS is_open, i.reopen_count AS reopen_count, c.keys AS caused_by_changes,
    multiIf(i.id IN (SELECT arrayJoin(incident_ids) FROM postmortems WHERE isNotNull(resolved_at)), 'done',
            i.id IN (SELECT arrayJoin(incident_ids) FROM postmortems), 'open', 'none') AS postmortem,
    i.url AS url
FROM incidents AS i
LEFT JOIN (
    SELECT l.incident_id AS incident_id, arraySort(groupUniqArray(c.key)) AS keys
    FROM change_incident_links AS l INNER JOIN changes AS c ON c.id = l.change_id WHERE l.grade = 'explicit' GROUP BY incident_id
) AS c ON c.incident_id = i.id
WHERE i.created_at >= {from:DateTime64(3, 'UTC')} AND i.created_at < {to:DateTime64(3, 'UTC')} AND i.exercise = 0 AND i.merged_into = '' AND i.flap_of = ''
ORDER BY rank
LIMIT {top:UInt32}
