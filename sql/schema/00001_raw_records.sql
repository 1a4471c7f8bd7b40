-- +goose Up
-- Every record as the source sent it, append-only. The current version of a
-- record is the one with the highest (updated_at, seq).
CREATE TABLE IF NOT EXISTS raw_records (
    source     LowCardinality(String)           COMMENT 'name of the source in the config',
    entity     LowCardinality(String)           COMMENT 'what the record is: incident, change …',
    id         String                           COMMENT 'the source''s immutable id of the record',
    updated_at Nullable(DateTime64(3, 'UTC'))   COMMENT 'version that the source states; NULL: the order of landing decides',
    fetched_at DateTime64(3, 'UTC')             COMMENT 'when it was read',
    run_id     UInt64                           COMMENT 'the ingest run that landed it',
    seq        UInt64                           COMMENT 'order of landing within its source',
    payload    String                           COMMENT 'the record, as received' CODEC(ZSTD(3)),
    deleted    UInt8                            COMMENT '1: the source no longer shows the record'
) ENGINE = MergeTree
ORDER BY (source, entity, id, seq);

-- +goose Down
DROP TABLE IF EXISTS raw_records;
