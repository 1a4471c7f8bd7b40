-- staging:  stg_pagerduty_log_entries
-- title:    The steps in the life of PagerDuty incidents
-- type:     pagerduty
-- entity:   log_entry
-- fills:    stg_incident_events
-- note:     only a person acknowledges: what an integration says of itself means
--           that somebody or something works on it. Who is no person is called auto.
--           A notification's actor is who was paged.
SELECT
    source, ifNull(j.incident.id, '') AS id, raw_id AS event_id, version, run_id, seq, deleted, at,
    multiIf(
        type = 'acknowledge', if(by_person, 'acknowledged', 'working'),
        startsWith(type, 'merge'), 'merged',
        transform(type,
            ['trigger', 'unacknowledge', 'snooze', 'escalate', 'assign', 'delegate', 'notify', 'annotate', 'resolve', 'reopen'],
            ['created', 'working', 'working', 'escalated', 'assigned', 'assigned', 'notified', 'note', 'resolved', 'reopened'], 'other')) AS kind,
    multiIf(
        kind = 'notified', coalesce(nullIf(j.user.summary, ''), nullIf(j.user.name, ''), extract(summary, '^Notified (.+?)(?: by [a-zA-Z ]+)?\\.$')),
        by_person, ifNull(j.agent.summary, ''),
        ifNull(j.agent.type, '') != '', 'auto', '') AS actor,
    if(kind = 'note', coalesce(nullIf(j.channel.content, ''), nullIf(j.channel.summary, ''), nullIf(j.note, ''), summary), summary) AS detail,
    if(kind = 'other' AND type NOT IN ('exhaust_escalation_path', 'repeat_escalation_path', 'reach_ack_limit', 'reach_trigger_limit', 'urgency_change', 'priority_change',
            'status_update', 'responder_request', 'responder_accept', 'responder_decline', 'field_value_change', 'custom_field_value_change', 'change_workflow', 'link', 'unlink'),
        [concat('type=', type)], CAST([], 'Array(String)')) AS unmapped,
    multiIf(id = '', 'incident is empty', type = '', 'type is empty', isNull(at), concat('created_at: "', ifNull(j.created_at, ''), '" is not a time'), '') AS reason
FROM (
    SELECT
        source, raw_id, version, run_id, seq, deleted, j,
        replaceRegexpOne(ifNull(j.type, ''), '_log_entry(_reference)?$', '') AS type,
        startsWith(ifNull(j.agent.type, ''), 'user') AS by_person,
        ifNull(j.summary, '') AS summary,
        if(match(ifNull(j.created_at, ''), '^\\d{4}-'), parseDateTime64BestEffortOrNull(j.created_at, 3, 'UTC'), NULL) AS at
    FROM (
        SELECT *, id AS raw_id, JSONExtract(payload, 'Tuple(
            type Nullable(String), created_at Nullable(String), summary Nullable(String), note Nullable(String),
            incident Tuple(id Nullable(String)),
            agent Tuple(type Nullable(String), summary Nullable(String)),
            user Tuple(summary Nullable(String), name Nullable(String)),
            channel Tuple(content Nullable(String), summary Nullable(String)))') AS j
        FROM new_records
    )
)
