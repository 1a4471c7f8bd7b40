-- +goose Up
-- Records that could not be read, kept with their reason until somebody mends
-- the source or the mapping. A quarantined version replaces nothing.
CREATE TABLE IF NOT EXISTS quarantine (
    source     LowCardinality(String),
    entity     LowCardinality(String),
    id         String                     COMMENT 'empty when even the id could not be read',
    file       String                     COMMENT 'for a file source: where the row is',
    line       UInt64,
    step       LowCardinality(String) DEFAULT 'staging' COMMENT 'what could not read it: ingest (the row itself) or staging (a value in it)',
    reason     String,
    payload    String CODEC(ZSTD(3)),
    first_seen DateTime64(3, 'UTC')       COMMENT 'fetched_at of the run that saw it first'
) ENGINE = MergeTree
ORDER BY (source, entity, id, file, line, reason);

-- +goose Down
DROP TABLE IF EXISTS quarantine;
