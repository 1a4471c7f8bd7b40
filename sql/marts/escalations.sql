-- mart:    escalations
-- title:   Incidents that reached L3
-- grain:   one row per incident that reached L3
-- key:     incident_id
-- reads:   incidents, incident_events, pages, oncall_shifts, teams, services
-- tests:   unique(incident_id); isNotNull(at) OR basis = 'an L3 team worked on it'; answered_at > at
-- note:    who works on it tells that it reached L3, not when: without a time of
--          the source or of a page the moment stays unknown.
-- columns:
--   incident_id: id of the incident
--   at: when it first reached L3; NULL where only a team shows that it did
--   basis: what tells it: the source's escalation, paged an L3 shift, or an L3 team worked on it
--   answered_at: the first step after that moment which somebody took; NULL: no source tells one, or the moment is not known
WITH
    timed AS (
        SELECT id AS incident_id, assumeNotNull(escalated_at) AS moment, toUInt8(1) AS rank, 'the source''s escalation' AS means
        FROM incidents WHERE isNotNull(escalated_at)
        UNION ALL
        SELECT incident_id, at AS moment, toUInt8(2) AS rank, 'paged an L3 shift' AS means
        FROM pages
        WHERE shift_id IN (SELECT id FROM oncall_shifts WHERE tier = 'L3')
    ),
    -- A team that takes a service's incidents first is no escalation of them.
    worked AS (
        SELECT DISTINCT w.id AS incident_id
        FROM (SELECT id, services, arrayJoin(teams) AS team FROM incidents) AS w
        WHERE w.team IN (SELECT team FROM teams WHERE tier = 'L3') AND w.team != ''
        UNION DISTINCT
        SELECT DISTINCT w.id AS incident_id
        FROM (SELECT id, teams, arrayJoin(services) AS service FROM incidents) AS w
        INNER JOIN services AS s ON s.service = w.service
        WHERE s.l3_team NOT IN ('', s.l2_team) AND has(w.teams, s.l3_team)
    ),
    -- The pager assigns in the moment in which it escalates: that is no answer.
    answered AS (
        SELECT e.incident_id AS incident_id, min(e.at) AS answered_at
        FROM (
            SELECT incident_id, at, if(kind IN ('assigned', 'moved'), 60, 0) AS with_it FROM incident_events
            WHERE kind NOT IN ('created', 'impact_started', 'notified', 'escalated', 'merged', 'other') AND (kind != 'note' OR actor != 'auto')
        ) AS e
        INNER JOIN (SELECT incident_id, min(moment) AS reached FROM timed GROUP BY incident_id) AS t ON t.incident_id = e.incident_id
        WHERE e.at > t.reached + toIntervalSecond(e.with_it)
        GROUP BY incident_id
    )
SELECT f.incident_id AS incident_id, f.at AS at, f.basis AS basis, a.answered_at AS answered_at
FROM (
    SELECT incident_id, min(moment) AS at, argMin(means, (isNull(moment), ifNull(moment, toDateTime64(0, 3, 'UTC')), rank)) AS basis
    FROM (
        SELECT incident_id, toNullable(moment) AS moment, rank, means FROM timed
        UNION ALL
        SELECT incident_id, CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS moment, toUInt8(3) AS rank, 'an L3 team worked on it' AS means FROM worked
    )
    GROUP BY incident_id
) AS f
LEFT JOIN answered AS a ON a.incident_id = f.incident_id
