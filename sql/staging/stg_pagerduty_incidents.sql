-- staging:  stg_pagerduty_incidents
-- title:    PagerDuty incidents
-- type:     pagerduty
-- entity:   incident
-- fields:   incident
-- extract:
--   refers: external_references Array(Tuple(external_id Nullable(String), external_url Nullable(String)))
--   ended_because: resolve_reason.type Nullable(String)
--   parent_id: resolve_reason.incident.id Nullable(String)
--   changed_by: last_status_change_by.summary Nullable(String)
--   changer: last_status_change_by.type Nullable(String)
-- again:    SELECT id FROM stg_incident_events WHERE source = {source} AND kind = 'created' AND run_id IN ({runs})
-- fills:    stg_incidents
-- reads:    stg_incident_events
-- note:     when it was acknowledged and resolved is told by its log entries; where
--           they tell no resolution, by the incident, unless it is open again.
--           Who raised it stands there too, and may land in a later run than it.
SELECT
    source, id, version, run_id, seq, updated_at, deleted, 0 AS filtered,
    key, url, title, services, teams, severity, major, customer_impact, environment, exercise, status,
    created_at, impact_started_at, acknowledged_at, escalated_at, mitigated_at, first_resolved_at,
    if(m.status IN ('triggered', 'acknowledged'), NULL, m.resolved_at) AS resolved_at, closed_at,
    reopen_count, reassignment_count,
    multiIf(m.resolved_by != '' OR m.status != 'resolved', m.resolved_by,
            startsWith(ifNull(changer, ''), 'user'), ifNull(changed_by, ''),
            ifNull(changer, '') != '', 'auto', '') AS resolved_by,
    if(m.merged_into = '' AND ended_because = 'merge_resolve_reason', ifNull(parent_id, ''), m.merged_into) AS merged_into,
    -- PagerDuty makes up a key for what a person raised; it is no alert's.
    if((source, id) IN (SELECT source, id FROM stg_incident_events WHERE kind = 'created' AND actor NOT IN ('', 'auto')), '', m.alert_key) AS alert_key,
    cause, fix_owner, caused_by_change, problem_key,
    if(m.detected_by = '' AND (source, id) IN (SELECT source, id FROM stg_incident_events WHERE kind = 'created' AND actor = 'auto'), 'monitoring', m.detected_by) AS detected_by,
    arrayDistinct(arrayConcat(m.same_as, arrayFilter(x -> x != '', arrayFlatten(arrayMap(r -> [ifNull(r.external_id, ''), ifNull(r.external_url, '')], refers))))) AS same_as,
    attributes, unmapped,
    bad AS reason
FROM mapped AS m
