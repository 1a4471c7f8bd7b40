-- staging:  stg_jira_comments
-- title:    What people wrote on Jira issues that are incidents
-- type:     jira
-- entity:   issue
-- extract:
--   comments: fields.comment.comments Array(Tuple(id String, created Nullable(String), body String, author Tuple(displayName Nullable(String), name Nullable(String))))
-- only:     (source, id) IN (SELECT source, id FROM stg_tickets WHERE role = 'incident')
-- fills:    stg_incident_events
-- reads:    raw_records, stg_tickets
SELECT
    source, id, concat('comment/', comment.id) AS event_id, version, run_id, seq, deleted,
    if(match(ifNull(comment.created, ''), '^\\d{4}-'), parseDateTime64BestEffortOrNull(comment.created, 3, 'UTC'), NULL) AS at,
    'note' AS kind, coalesce(comment.author.displayName, comment.author.name, '') AS actor, comment.body AS detail,
    CAST([], 'Array(String)') AS unmapped,
    if(isNull(at), concat('comment: "', ifNull(comment.created, ''), '" is not a time'), '') AS reason
FROM (
    SELECT source, id, version, run_id, seq, deleted, arrayJoin(comments) AS comment
    FROM mapped
    WHERE role = 'incident'
)
