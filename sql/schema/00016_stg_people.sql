-- +goose Up
-- Responders, for their names and the zones that they live in.
CREATE TABLE IF NOT EXISTS stg_people (
    source    LowCardinality(String),
    id        String,
    version   UInt128,
    run_id    UInt64,
    seq       UInt64,
    deleted   UInt8,
    name      String,
    time_zone String     COMMENT 'IANA name; empty: not known'
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_people;
