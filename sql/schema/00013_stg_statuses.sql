-- +goose Up
-- The statuses that a source's workflows use, and what they mean.
CREATE TABLE IF NOT EXISTS stg_statuses (
    source   LowCardinality(String),
    id       String,
    version  UInt128,
    run_id   UInt64,
    seq      UInt64,
    deleted  UInt8,
    name     String,
    category LowCardinality(String)     COMMENT 'todo, doing, done; empty: not known'
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_statuses;
