-- mart:    known_issues
-- title:   What keeps coming back
-- grain:   one row per rung and name with a repeat within 90 days
-- key:     id
-- reads:   repeats, incidents, action_items
-- tests:   unique(id); repeats >= 1; incidents > repeats; hours >= 0; hours_since_promised <= hours; came_back_while_open + came_back_after_closed <= repeats; incidents = length(incident_ids)
-- note:    a repeat counts in one issue, that of its lowest rung, with the one that
--          it repeats. That one may be a repeat of something else and stand there
--          too, so hours of two issues may overlap: each says what it cost, and
--          they do not add up. The start of the collected history does not matter
--          here: a repeat that was seen is one.
-- columns:
--   id: means and name
--   means: what makes its incidents the same: problem or duplicate link, alert key, service and cause, service and title
--   name: what they share, as in repeats
--   services: services that its incidents affected
--   incidents: how many incidents, the first of each chain of repeats too
--   repeats: how many of them repeat an earlier one
--   first_at: when the first of them began
--   last_at: when the last of them began
--   hours: hours that they lasted together, of open ones until as_of; one closed without a resolution time adds none
--   hours_since_promised: of these, the hours of those that came back while a fix was open
--   fixes: ids of the action items promised after its incidents, and of earlier promises that they came back under
--   came_back_while_open: repeats that began while a fix was open
--   came_back_after_closed: repeats that began when all of its fixes were done
--   incident_ids: its incidents, oldest first
WITH
    -- What it repeats is a member without a promise of its own, unless it repeats
    -- something of this name too.
    members AS (
        SELECT id, rung, name, any(means) AS means, max(repeating) AS is_repeat, groupArrayArray(under) AS fixed_by, max(state) AS fix_state
        FROM (
            SELECT arrayJoin([(incident_id, toUInt8(1)), (earlier_id, toUInt8(0))]) AS member, member.1 AS id, member.2 AS repeating,
                   rung, name, means, if(repeating = 1, fixes, []) AS under, if(repeating = 1, fix_state, '') AS state
            FROM repeats
        )
        GROUP BY id, rung, name
    ),
    promised AS (
        SELECT i.stands AS of_id, groupUniqArray(a.fix_id) AS fix_ids
        FROM (SELECT id AS fix_id, arrayJoin(incident_ids) AS incident_id FROM action_items) AS a
        INNER JOIN (SELECT id, multiIf(merged_into != '', merged_into, flap_of != '', flap_of, id) AS stands FROM incidents) AS i ON i.id = a.incident_id
        GROUP BY of_id
    ),
    told AS (
        SELECT m.id AS id, m.is_repeat AS is_repeat, m.rung AS rung, m.name AS name, m.means AS means, m.fixed_by AS fixed_by, m.fix_state AS fix_state,
               i.services AS services, i.created_at AS created_at, p.fix_ids AS fix_ids,
               if(isNull(i.resolved_at) AND isNotNull(i.closed_at), 0,
                  greatest(dateDiff('millisecond', i.started_at, ifNull(i.resolved_at, {as_of:DateTime64(3, 'UTC')})), 0)) AS milliseconds
        FROM members AS m
        INNER JOIN (SELECT id, services, created_at, started_at, resolved_at, closed_at FROM incidents) AS i ON i.id = m.id
        LEFT JOIN promised AS p ON p.of_id = m.id
    )
SELECT
    concat(any(told.means), '|', told.name) AS id, any(told.means) AS means, told.name AS name,
    arraySort(arrayDistinct(groupArrayArray(arrayFilter(s -> s != '', told.services)))) AS services,
    count() AS incidents, countIf(is_repeat = 1) AS repeats, min(created_at) AS first_at, max(created_at) AS last_at,
    sum(milliseconds) / 3600000 AS hours, sumIf(milliseconds, fix_state = 'while its fix was open') / 3600000 AS hours_since_promised,
    arraySort(arrayDistinct(groupArrayArray(arrayConcat(fixed_by, fix_ids)))) AS fixes,
    countIf(fix_state = 'while its fix was open') AS came_back_while_open, countIf(fix_state = 'after its fix was closed') AS came_back_after_closed,
    arrayMap(x -> x.2, arraySort(groupArray((created_at, told.id)))) AS incident_ids
FROM told
GROUP BY told.rung, told.name
