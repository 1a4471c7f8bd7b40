-- mart:    worklogs
-- title:   Time booked on tickets
-- grain:   one row per worklog
-- key:     id
-- reads:   stg_worklogs, tickets, source_settings
-- tests:   unique(id); hours >= 0
-- note:    a worklog stays when its ticket is not known: the hours were worked.
-- columns:
--   id: the source's name in the config, a colon, the source's immutable id
--   source: name of the source in the config
--   ticket_id: id of the ticket
--   ticket_key: what people call the ticket; empty: the ticket is not known
--   person: who booked it
--   started_at: when the work began
--   hours: how long it took
--   role: of the ticket: incident, change, problem, postmortem, action_item or ticket; empty: the ticket is not known
--   type: the source's own type of the ticket
--   services: services of the ticket
--   service: the first of them
--   teams: teams of the ticket
--   team: the first of them
--   work_class: of the ticket: what kind of work it is; empty: no rule fits it, or it is not known
SELECT
    concat(w.source, ':', w.id) AS id, w.source AS source, w.of_ticket AS ticket_id, ifNull(t.key, '') AS ticket_key,
    w.person AS person, assumeNotNull(w.started_at) AS started_at, w.seconds / 3600 AS hours,
    ifNull(t.role, '') AS role, ifNull(t.type, '') AS type,
    t.services AS services, services[1] AS service, t.teams AS teams, teams[1] AS team,
    ifNull(t.work_class, '') AS work_class
FROM (
    SELECT *, concat(source, ':', ticket_id) AS of_ticket FROM stg_worklogs FINAL
    WHERE deleted = 0 AND started_at <= {as_of:DateTime64(3, 'UTC')} AND source IN (SELECT source FROM source_settings)
) AS w
LEFT JOIN tickets AS t ON t.id = w.of_ticket
