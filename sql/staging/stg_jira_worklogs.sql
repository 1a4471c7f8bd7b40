-- staging:  stg_jira_worklogs
-- title:    Time booked on Jira issues
-- type:     jira
-- entity:   worklog
-- fills:    stg_worklogs
SELECT
    source, id, version, run_id, seq, updated_at, deleted,
    ifNull(j.issueId, '') AS ticket_id,
    coalesce(nullIf(j.author.displayName, ''), nullIf(j.author.name, ''), '') AS person,
    if(match(ifNull(j.started, ''), '^\\d{4}-'), parseDateTime64BestEffortOrNull(j.started, 3, 'UTC'), NULL) AS started_at,
    ifNull(toUInt32OrNull(j.timeSpentSeconds), 0) AS seconds,
    multiIf(
        ticket_id = '', 'issueId is empty',
        isNull(started_at), concat('started: "', ifNull(j.started, ''), '" is not a time'),
        isNull(toUInt32OrNull(j.timeSpentSeconds)), concat('timeSpentSeconds: "', ifNull(j.timeSpentSeconds, ''), '" is not a number of seconds'),
        '') AS reason
FROM (
    SELECT *, JSONExtract(payload, 'Tuple(
        issueId Nullable(String), started Nullable(String), timeSpentSeconds Nullable(String),
        author Tuple(displayName Nullable(String), name Nullable(String)))') AS j
    FROM new_records
)
