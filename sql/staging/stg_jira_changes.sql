-- staging:  stg_jira_changes
-- title:    Jira issues that are changes
-- type:     jira
-- entity:   issue
-- fields:   change
-- only:     (source, id) IN (
--             SELECT source, id FROM stg_tickets WHERE role = 'change'
--             UNION ALL SELECT source, id FROM stg_changes
--             UNION ALL SELECT source, id FROM quarantine WHERE entity = 'issue')
-- fills:    stg_changes
-- reads:    raw_records, stg_tickets, stg_changes, quarantine
-- note:     an issue that is no change any more stays, marked as filtered. One
--           that the ticket model cannot read may be a change all the same.
SELECT
    source, id, version, run_id, seq, updated_at, deleted, role != 'change' AND deleted = 0 AS filtered,
    key, url, title, services, teams, kind, type, risk, environment, labels,
    created_at, planned_start, planned_end, started_at, ended_at, closed_at, status, outcome, parent_change,
    arrayDistinct(arrayConcat(caused_incidents,
        arrayFilter(x -> x != '', arrayFlatten(arrayMap(l -> [l.key, l.id], arrayFilter(l -> l.kind = 'causes', links)))))) AS caused_incidents,
    same_as, attributes, unmapped,
    bad AS reason
FROM mapped
WHERE role = 'change' OR (source, id) IN (SELECT source, id FROM stg_tickets WHERE role = 'change' UNION ALL SELECT source, id FROM stg_changes)
