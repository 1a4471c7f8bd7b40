-- staging:  stg_jira_incidents
-- title:    Jira issues that are incidents
-- type:     jira
-- entity:   issue
-- fields:   incident
-- only:     (source, id) IN (
--             SELECT source, id FROM stg_tickets WHERE role = 'incident'
--             UNION ALL SELECT source, id FROM stg_incidents
--             UNION ALL SELECT source, id FROM quarantine WHERE entity = 'issue')
-- fills:    stg_incidents
-- reads:    raw_records, stg_tickets, stg_incidents, quarantine
-- note:     an issue that is no incident any more stays, marked as filtered. One
--           that the ticket model cannot read may be an incident all the same.
SELECT
    source, id, version, run_id, seq, updated_at, deleted, role != 'incident' AND deleted = 0 AS filtered,
    key, url, title, services, teams, severity, major, customer_impact, environment, exercise, status,
    created_at, impact_started_at, acknowledged_at, escalated_at, mitigated_at, first_resolved_at, resolved_at, closed_at,
    reopen_count, reassignment_count, resolved_by, merged_into, alert_key, cause, fix_owner, caused_by_change, problem_key, detected_by,
    same_as,
    -- A key can change, an id cannot; people write keys.
    arrayFilter(x -> x != '', arrayFlatten(arrayMap(l -> [l.key, l.id], arrayFilter(l -> l.kind = 'caused_by', links)))) AS caused_by,
    arrayFilter(x -> x != '', arrayFlatten(arrayMap(l -> [l.key, l.id], arrayFilter(l -> l.kind = 'duplicates', links)))) AS duplicates,
    attributes, unmapped,
    bad AS reason
FROM mapped
WHERE role = 'incident' OR (source, id) IN (SELECT source, id FROM stg_tickets WHERE role = 'incident' UNION ALL SELECT source, id FROM stg_incidents)
