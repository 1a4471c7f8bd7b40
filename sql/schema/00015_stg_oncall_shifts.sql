-- +goose Up
-- Who is, was and will be on call.
CREATE TABLE IF NOT EXISTS stg_oncall_shifts (
    source    LowCardinality(String),
    id        String,
    version   UInt128,
    run_id    UInt64,
    seq       UInt64,
    deleted   UInt8,
    person_id String,
    person    String,
    schedule  String                          COMMENT 'empty: always on call, without a schedule',
    policy    String                          COMMENT 'the escalation policy',
    level     UInt8                           COMMENT 'of the policy: 1 is called first',
    starts_at Nullable(DateTime64(3, 'UTC'))  COMMENT 'NULL: always',
    ends_at   Nullable(DateTime64(3, 'UTC'))
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_oncall_shifts;
