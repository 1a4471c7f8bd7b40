-- staging:  stg_pagerduty_people
-- title:    PagerDuty's responders
-- type:     pagerduty
-- entity:   user
-- fills:    stg_people
SELECT
    source, id, version, run_id, seq, deleted,
    coalesce(nullIf(j.name, ''), nullIf(j.summary, ''), '') AS name, ifNull(j.time_zone, '') AS time_zone,
    '' AS reason
FROM (
    SELECT *, JSONExtract(payload, 'Tuple(name Nullable(String), summary Nullable(String), time_zone Nullable(String))') AS j
    FROM new_records
)
