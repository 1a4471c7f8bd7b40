-- +goose Up
-- Every staged change record, typed and source-neutral. FINAL reads the current version.
CREATE TABLE IF NOT EXISTS stg_changes (
    source           LowCardinality(String),
    id               String,
    version          UInt128,
    run_id           UInt64,
    seq              UInt64,
    updated_at       Nullable(DateTime64(3, 'UTC')),
    deleted          UInt8,
    filtered         UInt8,
    key              String,
    url              String,
    title            String,
    services         Array(String),
    teams            Array(String),
    kind             String                          COMMENT 'deployment, config, feature_flag, infrastructure, database, other, or empty',
    type             String                          COMMENT 'standard, normal, emergency, or empty',
    risk             String,
    environment      String,
    labels           Array(String),
    created_at       Nullable(DateTime64(3, 'UTC')),
    planned_start    Nullable(DateTime64(3, 'UTC')),
    planned_end      Nullable(DateTime64(3, 'UTC')),
    started_at       Nullable(DateTime64(3, 'UTC')),
    ended_at         Nullable(DateTime64(3, 'UTC')),
    closed_at        Nullable(DateTime64(3, 'UTC')),
    status           String,
    outcome          String                          COMMENT 'successful, successful_with_issues, failed, rolled_back, cancelled, rejected, or empty: not recorded',
    parent_change    String                          COMMENT 'key of the change that this one mends',
    caused_incidents Array(String)                   COMMENT 'keys of incidents that the record says it caused',
    attributes       Map(String, String),
    unmapped         Array(String)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_changes;
