-- +goose Up
-- For an API, the range in which a complete run has left nothing out.
ALTER TABLE sync_runs
    ADD COLUMN IF NOT EXISTS covers_from Nullable(DateTime64(3, 'UTC')) COMMENT 'how far the run reached back; NULL for files, whose range is read from their records',
    ADD COLUMN IF NOT EXISTS covers_to Nullable(DateTime64(3, 'UTC')) COMMENT 'when the run began, by the source''s clock';

-- +goose Down
ALTER TABLE sync_runs DROP COLUMN IF EXISTS covers_from, DROP COLUMN IF EXISTS covers_to;
