-- mart:    recurrences
-- title:   What each incident shares with earlier ones
-- grain:   one row per incident, rung and thing that it may share
-- key:     at, incident_id, rung, name
-- reads:   incidents, action_items
-- tests:   unique(incident_id, rung, name); rung BETWEEN 1 AND 4; name != ''; gap_days >= 0; (earlier_id = '') = isNull(gap_days); (fix_state = '') = empty(fixes)
-- note:    the ladder of recurrence_rate, before any window is applied: an
--          incident without a row cannot be judged. Left-out ones (exercises, merged
--          ones, flaps) neither repeat nor are repeated.
-- columns:
--   incident_id: id of the incident
--   at: when it was created
--   rung: 1 problem or duplicate link, 2 alert key, 3 service and cause, 4 service and title; the lowest is the surest
--   means: the rung in words
--   name: what is shared: key of the problem or id of the duplicated incident; source and key of the alert; service and cause; service and title_key
--   earlier_id: the latest incident that bears the name and was resolved before this one began; empty: none
--   earlier_ended_at: when that one was resolved
--   gap_days: days from then until this one began; NULL: it repeats none
--   fixes: of one that repeats: action items promised before it began, after any earlier incident that bears the name
--   fix_state: 'while its fix was open' when any of these was, 'after its fix was closed' when all were done; empty: there is no fix, or no repeat
--   promised_at: when the earliest of those that were open was promised
WITH
    -- An incident stands in a group for every rung that it can carry; empty
    -- never equals empty. With several services, one shared is enough.
    groups AS (
        SELECT id, created_at, resolved_at, rung, arrayJoin(names) AS name
        FROM (
            SELECT id, created_at, resolved_at, arrayJoin([
                (1, arrayDistinct(arrayConcat(if(problem_key = '', [], [problem_key]), repeats, if(id IN (
                    SELECT arrayJoin(repeats) FROM incidents WHERE exercise = 0 AND merged_into = '' AND flap_of = ''), [id], [])))),
                (2, if(alert_key = '', [], [concat(alert_source, '|', alert_key)])),
                (3, if(cause = '', [], arrayMap(s -> concat(s, '|', lower(cause)), arrayDistinct(arrayFilter(s -> s != '', services))))),
                (4, if(title_key = '', [], arrayMap(s -> concat(s, '|', title_key), arrayDistinct(arrayFilter(s -> s != '', services)))))
            ]) AS ladder, toUInt8(ladder.1) AS rung, ladder.2 AS names
            FROM incidents
            WHERE exercise = 0 AND merged_into = '' AND flap_of = ''
        )
    ),
    -- The latest one of the group that was resolved before this one began. One
    -- resolved in the instant of its creation ends a millisecond later, so that
    -- it never repeats itself.
    earlier AS (
        SELECT rung, name, min(id) AS earlier_id, greatest(assumeNotNull(resolved_at), created_at + INTERVAL 1 MILLISECOND) AS ended_at
        FROM groups
        WHERE isNotNull(resolved_at)
        GROUP BY rung, name, ended_at -- several that ended at once: always the same one is named
    ),
    -- A promise made after a merged one or a flap is one for what stands for it.
    promises AS (
        SELECT a.fix_id AS fix_id, a.promised_at AS promised_at, a.done_at AS done_at, i.stands AS incident_id
        FROM (
            SELECT id AS fix_id, assumeNotNull(action_items.created_at) AS promised_at, action_items.resolved_at AS done_at, arrayJoin(incident_ids) AS incident_id
            FROM action_items WHERE isNotNull(action_items.created_at)
        ) AS a
        INNER JOIN (SELECT id, multiIf(merged_into != '', merged_into, flap_of != '', flap_of, id) AS stands FROM incidents) AS i ON i.id = a.incident_id
    ),
    fixes AS (
        SELECT rung, name, fix_id, promised_at, done_at, greatest(min(began), promised_at) AS stands_from
        FROM (
            SELECT rung, name, created_at AS began, arrayJoin(made) AS made_one, made_one.1 AS fix_id, made_one.2 AS promised_at, made_one.3 AS done_at
            FROM (SELECT id, created_at, rung, name FROM groups WHERE id IN (SELECT incident_id FROM promises)) AS g
            INNER JOIN (SELECT incident_id, groupUniqArray((fix_id, promises.promised_at, promises.done_at)) AS made FROM promises GROUP BY incident_id) AS p ON p.incident_id = g.id
        )
        GROUP BY rung, name, fix_id, promised_at, done_at
    ),
    tied AS (
        SELECT g.id AS of_id, g.rung AS of_rung, g.name AS of_name, arraySort(groupUniqArray(f.fix_id)) AS ids,
               max(ifNull(f.done_at > g.created_at, 1)) AS any_open,
               minOrNullIf(f.promised_at, ifNull(f.done_at > g.created_at, 1)) AS open_since
        FROM groups AS g
        INNER JOIN fixes AS f ON f.rung = g.rung AND f.name = g.name
        WHERE f.stands_from < g.created_at
        GROUP BY of_id, of_rung, of_name
    ),
    repeats AS (
        SELECT g.id AS id, g.created_at AS at, g.rung AS rung, g.name AS name, ifNull(e.earlier_id, '') AS earlier_id, if(earlier_id = '', NULL, e.ended_at) AS ended_at,
               dateDiff('millisecond', ended_at, g.created_at) / 86400000 AS gap
        FROM groups AS g
        ASOF LEFT JOIN earlier AS e ON e.rung = g.rung AND e.name = g.name AND e.ended_at <= g.created_at
    )
SELECT
    r.id AS incident_id, r.at AS at, r.rung AS rung,
    transform(r.rung, [1, 2, 3, 4], ['problem or duplicate link', 'alert key', 'service and cause', 'service and title'], '') AS means,
    r.name AS name, r.earlier_id AS earlier_id, r.ended_at AS earlier_ended_at, r.gap AS gap_days,
    if(r.earlier_id = '', [], t.ids) AS fixes,
    multiIf(empty(fixes), '', t.any_open = 1, 'while its fix was open', 'after its fix was closed') AS fix_state,
    if(empty(fixes), NULL, t.open_since) AS promised_at
FROM repeats AS r
LEFT JOIN tied AS t ON t.of_id = r.id AND t.of_rung = r.rung AND t.of_name = r.name
