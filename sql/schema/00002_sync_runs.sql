-- +goose Up
-- One row per ingest run and source; read it with FINAL. A run that died is
-- closed by the next one, which keeps its rows.
CREATE TABLE IF NOT EXISTS sync_runs (
    run_id      UInt64,
    source      LowCardinality(String),
    entity      LowCardinality(String),
    started_at  DateTime64(3, 'UTC'),
    ended_at    Nullable(DateTime64(3, 'UTC'))  COMMENT 'NULL while it runs',
    status      LowCardinality(String)          COMMENT 'running, complete, failed, interrupted, or closed (died, closed by the next run)',
    records     UInt64                          COMMENT 'records landed by this run',
    quarantined UInt64                          COMMENT 'records of this run that could not be read',
    requests    UInt64,
    retries     UInt64,
    bytes       UInt64,
    message     String                          COMMENT 'why it failed, and the next step',
    version     UInt64                          COMMENT 'the highest is current'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, source);

-- +goose Down
DROP TABLE IF EXISTS sync_runs;
