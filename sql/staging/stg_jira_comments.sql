-- staging:  stg_jira_comments
-- title:    What people wrote on Jira issues that are incidents
-- type:     jira
-- entity:   issue, comment
-- extract:
--   comments: fields.comment.comments Array(Tuple(id String, created Nullable(String), body String, author Tuple(displayName Nullable(String), name Nullable(String))))
--   said: created Nullable(String)
--   words: body Nullable(String)
--   writer: author.displayName Nullable(String)
-- only:     (source, splitByChar('/', id)[1]) IN (SELECT source, id FROM stg_tickets WHERE role = 'incident')
--             AND (entity = 'comment' OR JSONLength(payload, 'fields', 'comment', 'comments') > 0)
-- fills:    stg_incident_events
-- reads:    raw_records, stg_tickets
-- note:     an issue carries its first comments; those beyond are records of their
--           own, whose id is the issue's and the comment's. Which of the two a row
--           comes from shows in event_id, since a comment that an issue carries no
--           more has been deleted.
SELECT
    source, id, event_id, version, run_id, seq, deleted,
    if(match(created, '^\\d{4}-'), parseDateTime64BestEffortOrNull(created, 3, 'UTC'), NULL) AS at,
    'note' AS kind, actor, detail,
    CAST([], 'Array(String)') AS unmapped,
    if(isNull(at), concat('comment: "', created, '" is not a time'), '') AS reason
FROM (
    SELECT source, id, concat('comment/', c.id) AS event_id, version, run_id, seq, deleted,
           ifNull(c.created, '') AS created, coalesce(c.author.displayName, c.author.name, '') AS actor, c.body AS detail
    FROM (SELECT source, id, version, run_id, seq, deleted, arrayJoin(comments) AS c FROM mapped WHERE entity = 'issue' AND role = 'incident')
    UNION ALL
    SELECT source, splitByChar('/', id)[1] AS id, concat('comment-own/', splitByChar('/', mapped.id)[2]) AS event_id, version, run_id, seq, deleted,
           ifNull(said, '') AS created, ifNull(writer, '') AS actor, ifNull(words, '') AS detail
    FROM mapped WHERE entity = 'comment'
)
