-- +goose Up
-- A payload can be emptied once it is old and staged. What ingest still asks of
-- such a record stays beside it.
ALTER TABLE raw_records
    ADD COLUMN IF NOT EXISTS rest String COMMENT 'of an emptied payload, as JSON: what ingest still asks of the record' AFTER payload,
    ADD COLUMN IF NOT EXISTS told String ALIAS if(payload = '', rest, payload) COMMENT 'the payload, or what is left of it';

-- +goose Down
ALTER TABLE raw_records DROP COLUMN IF EXISTS told, DROP COLUMN IF EXISTS rest;
