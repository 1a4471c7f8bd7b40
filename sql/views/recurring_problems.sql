-- view:    recurring_problems
-- title:   What came back, what it cost, and what was promised against it
-- also:    repeat incidents, known errors, problem management
-- asks:    Which problems came back in this time, and was a fix promised or done?
-- grain:   one row per problem that came back in the time
-- params:
--   from DateTime64(3, 'UTC'): first moment
--   to DateTime64(3, 'UTC'): the first moment after it
-- columns:
--   means String: what makes its incidents the same: problem or duplicate link, alert key, service and cause, service and title; the first is the surest
--   name String: what they share
--   services Array(String): services that its incidents affected
--   incidents UInt64: how many, over the whole history
--   repeats UInt64: how many of them repeat an earlier one within 90 days
--   repeats_here UInt64: how many of them began in this time
--   last_at DateTime64(3, 'UTC'): when the last of them began
--   hours Float64: hours that they lasted together; those of two problems may overlap
--   fixes UInt64: how many action items were promised against it
--   fixes_open UInt64: how many of these are not done
--   came_back_after_closed UInt64: repeats when all of its fixes were done: the fix did not hold
--   keys Array(String): its incidents of this time, oldest first
-- reads:   known_issues, incidents, action_items
-- example: SELECT name, means, repeats_here, round(hours) AS hours, fixes, fixes_open FROM recurring_problems(from = '2026-07-01', to = '2026-10-01') ORDER BY hours DESC LIMIT 10
SELECT
    k.means AS means, k.name AS name, k.services AS services, toUInt64(k.incidents) AS incidents, toUInt64(k.repeats) AS repeats,
    count() AS repeats_here, toDateTime64(k.last_at, 3, 'UTC') AS last_at, toFloat64(k.hours) AS hours, length(k.fixes) AS fixes,
    toUInt64(arrayCount(f -> f IN (SELECT id FROM action_items WHERE isNull(resolved_at)), k.fixes)) AS fixes_open,
    toUInt64(k.came_back_after_closed) AS came_back_after_closed,
    arrayMap(x -> x.2, arraySort(groupArray((i.created_at, i.key)))) AS keys
FROM (SELECT *, arrayJoin(arraySlice(incident_ids, 2)) AS incident_id FROM known_issues) AS k
INNER JOIN incidents AS i ON i.id = k.incident_id
WHERE i.created_at >= {from:DateTime64(3, 'UTC')} AND i.created_at < {to:DateTime64(3, 'UTC')}
GROUP BY k.means, k.name, k.services, k.incidents, k.repeats, k.last_at, k.hours, k.fixes, k.came_back_after_closed
