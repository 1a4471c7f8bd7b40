-- staging:  stg_pagerduty_change_events
-- title:    Changes that were reported to PagerDuty
-- type:     pagerduty
-- entity:   change_event
-- fields:   change
-- extract:
--   refers: links Array(Tuple(href Nullable(String), text Nullable(String)))
-- fills:    stg_changes
-- note:     its links name the same change elsewhere; the first is where to open it.
SELECT
    source, id, version, run_id, seq, updated_at, deleted, 0 AS filtered,
    key, if(m.url = '', ifNull(refers[1].href, ''), m.url) AS url, title, services, teams, kind, type, risk, environment, labels,
    created_at, planned_start, planned_end, started_at, ended_at, closed_at, status, outcome, parent_change, caused_incidents,
    arrayDistinct(arrayConcat(m.same_as, arrayFilter(x -> x != '', arrayFlatten(arrayMap(r -> [ifNull(r.href, ''), ifNull(r.text, '')], refers))))) AS same_as,
    attributes, unmapped,
    bad AS reason
FROM mapped AS m
