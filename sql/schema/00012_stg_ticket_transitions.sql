-- +goose Up
-- Each change of a ticket's field that says something about its life.
CREATE TABLE IF NOT EXISTS stg_ticket_transitions (
    source     LowCardinality(String),
    id         String                     COMMENT 'the ticket''s id in its source',
    event_id   String                     COMMENT 'the source''s id of the change, and its place in it',
    version    UInt128,
    run_id     UInt64,
    seq        UInt64,
    deleted    UInt8,
    at         Nullable(DateTime64(3, 'UTC')),
    actor      String,
    field      LowCardinality(String)     COMMENT 'status, resolution, assignee, priority, duedate, sprint, key, type, labels',
    from_id    String,
    from_value String,
    to_id      String,
    to_value   String
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id, event_id);

-- +goose Down
DROP TABLE IF EXISTS stg_ticket_transitions;
