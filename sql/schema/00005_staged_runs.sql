-- +goose Up
-- Which ingest runs a staging model has taken in, and with which text of the
-- model and its mapping: another hash rebuilds the model's rows from raw.
CREATE TABLE IF NOT EXISTS staged_runs (
    model  LowCardinality(String),
    source LowCardinality(String),
    run_id UInt64,
    hash   String
) ENGINE = MergeTree
ORDER BY (model, source, run_id);

-- +goose Down
DROP TABLE IF EXISTS staged_runs;
