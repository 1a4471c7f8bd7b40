-- staging:  stg_jira_tickets
-- title:    Jira issues, whatever they are for
-- type:     jira
-- entity:   issue
-- fields:   ticket
-- extract:
--   status_id: fields.status.id Nullable(String)
-- fills:    stg_tickets
-- reads:    raw_records
-- note:     reads raw_records for the issues that a rule's JQL fits.
SELECT
    source, id, version, run_id, seq, updated_at, deleted, 0 AS filtered,
    key, url, title, role, type, project, labels, services, teams,
    status, ifNull(status_id, '') AS status_id, resolution, priority, assignee, reporter, parent, sprints, sprint_started_at, points, cause,
    created_at, resolved_at, due_on, links, attributes, unmapped,
    bad AS reason
FROM mapped
