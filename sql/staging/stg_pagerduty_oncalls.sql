-- staging:  stg_pagerduty_oncalls
-- title:    Who is, was and will be on call in PagerDuty
-- type:     pagerduty
-- entity:   oncall
-- fills:    stg_oncall_shifts
-- note:     an entry without start and end is always on call.
SELECT
    source, id, version, run_id, seq, deleted,
    ifNull(j.user.id, '') AS person_id, coalesce(nullIf(j.user.summary, ''), nullIf(j.user.name, ''), '') AS person,
    coalesce(nullIf(j.schedule.summary, ''), nullIf(j.schedule.name, ''), '') AS schedule,
    coalesce(nullIf(j.escalation_policy.summary, ''), nullIf(j.escalation_policy.name, ''), '') AS policy,
    ifNull(toUInt8OrNull(j.escalation_level), 0) AS level,
    if(match(ifNull(j.start, ''), '^\\d{4}-'), parseDateTime64BestEffortOrNull(j.start, 3, 'UTC'), NULL) AS starts_at,
    if(match(ifNull(j.end, ''), '^\\d{4}-'), parseDateTime64BestEffortOrNull(j.end, 3, 'UTC'), NULL) AS ends_at,
    multiIf(
        person_id = '', 'user is empty',
        isNull(starts_at) AND ifNull(j.start, '') != '', concat('start: "', ifNull(j.start, ''), '" is not a time'),
        isNull(ends_at) AND ifNull(j.end, '') != '', concat('end: "', ifNull(j.end, ''), '" is not a time'),
        '') AS reason
FROM (
    SELECT *, JSONExtract(payload, 'Tuple(
        user Tuple(id Nullable(String), summary Nullable(String), name Nullable(String)),
        schedule Tuple(summary Nullable(String), name Nullable(String)),
        escalation_policy Tuple(summary Nullable(String), name Nullable(String)),
        escalation_level Nullable(String), start Nullable(String), `end` Nullable(String))') AS j
    FROM new_records
)
