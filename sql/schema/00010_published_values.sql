-- +goose Up
-- What each issued report printed, frozen.
CREATE TABLE IF NOT EXISTS published_values (
    document     LowCardinality(String)          COMMENT 'weekly or monthly',
    period_start Date                            COMMENT 'in the reporting zone',
    issued_at    DateTime64(3, 'UTC'),
    data_as_of   DateTime64(3, 'UTC'),
    definition   String                          COMMENT 'definition version of the build behind it',
    kpi          LowCardinality(String),
    stat         LowCardinality(String),
    dim          LowCardinality(String),
    dim_value    String,
    value        Nullable(Float64),
    low          Nullable(Float64)               COMMENT 'lower end of the interval, or of a share''s range',
    high         Nullable(Float64),
    k            Nullable(Float64),
    n            Nullable(Float64),
    unknown      UInt64,
    open         UInt64,
    excluded     UInt64,
    verdict      String
) ENGINE = MergeTree
ORDER BY (document, period_start, kpi, stat, dim, dim_value);

-- +goose Down
DROP TABLE IF EXISTS published_values;
