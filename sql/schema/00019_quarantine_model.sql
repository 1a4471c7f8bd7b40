-- +goose Up
-- Which staging model could not read a record: several read the same records,
-- and each releases only its own. What is held already is asked for again.
ALTER TABLE quarantine
    ADD COLUMN IF NOT EXISTS model LowCardinality(String) COMMENT 'the staging model that could not read it; empty for ingest' AFTER step;
ALTER TABLE quarantine DELETE WHERE step = 'staging' SETTINGS mutations_sync = 2;
TRUNCATE TABLE staged_runs;

-- +goose Down
ALTER TABLE quarantine DROP COLUMN IF EXISTS model;
