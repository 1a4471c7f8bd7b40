-- staging:  stg_pagerduty_analytics
-- title:    What PagerDuty Analytics computes for each incident
-- type:     pagerduty
-- entity:   analytics
-- fills:    stg_pager_analytics
-- note:     null is not 0: it has not happened, or the account does not have it.
SELECT
    source, id, version, run_id, seq, updated_at, deleted,
    toUInt32OrNull(j.seconds_to_first_ack) AS seconds_to_first_ack,
    toUInt32OrNull(j.seconds_to_engage) AS seconds_to_engage,
    toUInt32OrNull(j.seconds_to_mobilize) AS seconds_to_mobilize,
    toUInt32OrNull(j.seconds_to_resolve) AS seconds_to_resolve,
    toUInt32OrNull(j.business_hour_interruptions) AS business_hour_interruptions,
    toUInt32OrNull(j.off_hour_interruptions) AS off_hour_interruptions,
    toUInt32OrNull(j.sleep_hour_interruptions) AS sleep_hour_interruptions,
    toUInt32OrNull(j.escalation_count) AS escalation_count,
    toUInt32OrNull(j.assignment_count) AS assignment_count,
    transform(ifNull(j.auto_resolved, ''), ['true', 'false'], [toNullable(toUInt8(1)), toNullable(toUInt8(0))], NULL) AS auto_resolved,
    arrayStringConcat(arrayMap(s -> concat(s.1, ': "', ifNull(s.2, ''), '" is not a number'), arrayFilter(s -> s.3 = 1 AND isNotNull(s.2), [
        ('seconds_to_first_ack', j.seconds_to_first_ack, isNull(seconds_to_first_ack)),
        ('seconds_to_engage', j.seconds_to_engage, isNull(seconds_to_engage)),
        ('seconds_to_mobilize', j.seconds_to_mobilize, isNull(seconds_to_mobilize)),
        ('seconds_to_resolve', j.seconds_to_resolve, isNull(seconds_to_resolve)),
        ('business_hour_interruptions', j.business_hour_interruptions, isNull(business_hour_interruptions)),
        ('off_hour_interruptions', j.off_hour_interruptions, isNull(off_hour_interruptions)),
        ('sleep_hour_interruptions', j.sleep_hour_interruptions, isNull(sleep_hour_interruptions)),
        ('escalation_count', j.escalation_count, isNull(escalation_count)),
        ('assignment_count', j.assignment_count, isNull(assignment_count))
    ])), '; ') AS reason
FROM (
    SELECT *, JSONExtract(payload, 'Tuple(
        seconds_to_first_ack Nullable(String), seconds_to_engage Nullable(String), seconds_to_mobilize Nullable(String), seconds_to_resolve Nullable(String),
        business_hour_interruptions Nullable(String), off_hour_interruptions Nullable(String), sleep_hour_interruptions Nullable(String),
        escalation_count Nullable(String), assignment_count Nullable(String), auto_resolved Nullable(String))') AS j
    FROM new_records
)
