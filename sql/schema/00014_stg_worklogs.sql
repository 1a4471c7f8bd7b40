-- +goose Up
-- Time that people booked on tickets.
CREATE TABLE IF NOT EXISTS stg_worklogs (
    source     LowCardinality(String),
    id         String,
    version    UInt128,
    run_id     UInt64,
    seq        UInt64,
    updated_at Nullable(DateTime64(3, 'UTC')),
    deleted    UInt8,
    ticket_id  String                          COMMENT 'the ticket''s id in its source',
    person     String,
    started_at Nullable(DateTime64(3, 'UTC')),
    seconds    UInt32
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_worklogs;
