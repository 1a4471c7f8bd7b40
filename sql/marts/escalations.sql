-- mart:    escalations
-- title:   Incidents that reached L3
-- grain:   one row per incident that reached L3
-- key:     incident_id
-- reads:   incidents, pages, oncall_shifts, teams, services
-- tests:   unique(incident_id); isNotNull(at) OR basis = 'an L3 team worked on it'
-- note:    who works on it tells that it reached L3, not when: without a time of
--          the source or of a page the moment stays unknown.
-- columns:
--   incident_id: id of the incident
--   at: when it first reached L3; NULL where only a team shows that it did
--   basis: what tells it: the source's escalation, paged an L3 shift, or an L3 team worked on it
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
    )
SELECT incident_id, min(moment) AS at, argMin(means, (isNull(moment), ifNull(moment, toDateTime64(0, 3, 'UTC')), rank)) AS basis
FROM (
    SELECT incident_id, toNullable(moment) AS moment, rank, means FROM timed
    UNION ALL
    SELECT incident_id, CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS moment, toUInt8(3) AS rank, 'an L3 team worked on it' AS means FROM worked
)
GROUP BY incident_id
