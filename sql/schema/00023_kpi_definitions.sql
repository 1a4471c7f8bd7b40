-- +goose Up
-- Which definition each issued figure was made by, and what that definition
-- said, so that a later issue can name the rule that changed a figure.
ALTER TABLE published_values
    ADD COLUMN IF NOT EXISTS kpi_definition String COMMENT 'definition version of the KPI, see published_definitions; empty: issued before versions were kept per KPI' AFTER definition,
    ADD COLUMN IF NOT EXISTS landed_to      UInt64 COMMENT 'the last ingest run that had landed a record by then; 0: not noted' AFTER kpi_definition;

-- A definition is kept once, when the first figure made by it is issued.
CREATE TABLE IF NOT EXISTS published_definitions (
    kpi     LowCardinality(String),
    version String                  COMMENT 'as in published_values.kpi_definition',
    part    LowCardinality(String)  COMMENT 'a model, or a table of rules, that the KPI rests on',
    kind    LowCardinality(String)  COMMENT 'model or rule',
    hash    String                  COMMENT 'over the model''s query or the rules',
    content String                  COMMENT 'the rules as JSON rows; empty for a model' CODEC(ZSTD(3))
) ENGINE = MergeTree
ORDER BY (kpi, version, part);

-- +goose Down
DROP TABLE IF EXISTS published_definitions;
ALTER TABLE published_values DROP COLUMN IF EXISTS landed_to, DROP COLUMN IF EXISTS kpi_definition;
