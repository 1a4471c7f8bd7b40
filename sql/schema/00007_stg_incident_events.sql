-- +goose Up
-- What happened to an incident and when, from sources that tell it step by step.
CREATE TABLE IF NOT EXISTS stg_incident_events (
    source   LowCardinality(String),
    id       String                     COMMENT 'the incident''s id in its source',
    event_id String                     COMMENT 'the source''s id of the event, or a hash of its content: a re-read file adds nothing',
    version  UInt128,
    run_id   UInt64,
    seq      UInt64,
    deleted  UInt8,
    at       Nullable(DateTime64(3, 'UTC')),
    kind     LowCardinality(String)     COMMENT 'created, acknowledged, escalated, mitigated, resolved, reopened, closed, working (any other not-done state), note',
    actor    String,
    detail   String,
    unmapped Array(String)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id, event_id);

-- +goose Down
DROP TABLE IF EXISTS stg_incident_events;
