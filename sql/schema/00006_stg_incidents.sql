-- +goose Up
-- Every staged version of every incident record, typed and source-neutral;
-- each staging model fills the columns that its source knows. FINAL reads the
-- current version.
CREATE TABLE IF NOT EXISTS stg_incidents (
    source             LowCardinality(String),
    id                 String                          COMMENT 'the source''s immutable id',
    version            UInt128                         COMMENT 'updated_at in ms, then seq: the highest is current',
    run_id             UInt64,
    seq                UInt64,
    updated_at         Nullable(DateTime64(3, 'UTC')),
    deleted            UInt8,
    filtered           UInt8                           COMMENT '1: left out by a row filter of the config',
    key                String,
    url                String,
    title              String,
    services           Array(String),
    teams              Array(String),
    severity           UInt8                           COMMENT '1 (worst) to 5, 0 unknown',
    major              Nullable(UInt8),
    customer_impact    Nullable(UInt8)                 COMMENT 'NULL: not stated, which is not "none"',
    environment        String,
    exercise           UInt8                           COMMENT '1: a drill, or inside planned maintenance',
    status             String                          COMMENT 'as the source says it',
    created_at         Nullable(DateTime64(3, 'UTC')),
    impact_started_at  Nullable(DateTime64(3, 'UTC')),
    acknowledged_at    Nullable(DateTime64(3, 'UTC')),
    escalated_at       Nullable(DateTime64(3, 'UTC')),
    mitigated_at       Nullable(DateTime64(3, 'UTC')),
    first_resolved_at  Nullable(DateTime64(3, 'UTC')),
    resolved_at        Nullable(DateTime64(3, 'UTC')),
    closed_at          Nullable(DateTime64(3, 'UTC')),
    reopen_count       Nullable(UInt32),
    reassignment_count Nullable(UInt32),
    resolved_by        String,
    merged_into        String                          COMMENT 'the source''s id or key of the parent',
    alert_key          String,
    cause              String,
    fix_owner          String,
    caused_by_change   String                          COMMENT 'key of the change that caused it',
    problem_key        String,
    detected_by        String,
    attributes         Map(String, String),
    unmapped           Array(String)                   COMMENT 'field=value of what no value map covers'
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_incidents;
