-- +goose Up
-- What each issued report printed, frozen.
CREATE TABLE IF NOT EXISTS published_values (
    document     LowCardinality(String)          COMMENT 'weekly or monthly',
    period_start Date                            COMMENT 'in the reporting zone',
    issued_at    DateTime64(3, 'UTC'),
    data_as_of   DateTime64(3, 'UTC'),
    definition   String                          COMMENT 'definition version of the build behind it',
    of_period    Date                            COMMENT 'first day of the period that the value is of: a rate that settles late is printed for an earlier one',
    kpi          LowCardinality(String),
    stat         LowCardinality(String),
    dim          LowCardinality(String),
    dim_value    String,
    value        Nullable(Float64),
    low          Nullable(Float64)               COMMENT 'lower end of the interval, or of a share''s range',
    high         Nullable(Float64),
    k            Nullable(Float64),
    n            Nullable(Float64),
    unknown      Float64,
    open         UInt64,
    excluded     UInt64,
    complete     UInt8                           COMMENT '1: nothing in it could settle differently any more',
    verdict      String
) ENGINE = MergeTree
ORDER BY (document, period_start, kpi, stat, dim, dim_value);

-- +goose Down
DROP TABLE IF EXISTS published_values;
