-- +goose Up
-- What a pager's vendor computes for each incident. NULL is not 0: it was not
-- sent, or has not happened.
CREATE TABLE IF NOT EXISTS stg_pager_analytics (
    source     LowCardinality(String),
    id         String                          COMMENT 'the incident''s id in its source',
    version    UInt128,
    run_id     UInt64,
    seq        UInt64,
    updated_at Nullable(DateTime64(3, 'UTC'))  COMMENT 'when the vendor computed it',
    deleted    UInt8,
    seconds_to_first_ack        Nullable(UInt32),
    seconds_to_engage           Nullable(UInt32),
    seconds_to_mobilize         Nullable(UInt32),
    seconds_to_resolve          Nullable(UInt32),
    business_hour_interruptions Nullable(UInt32),
    off_hour_interruptions      Nullable(UInt32),
    sleep_hour_interruptions    Nullable(UInt32),
    escalation_count            Nullable(UInt32),
    assignment_count            Nullable(UInt32),
    auto_resolved               Nullable(UInt8)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_pager_analytics;
