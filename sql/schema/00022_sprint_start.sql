-- +goose Up
-- When the first sprint of a ticket began: what was created after that was not
-- planned for it.
ALTER TABLE stg_tickets
    ADD COLUMN IF NOT EXISTS sprint_started_at Nullable(DateTime64(3, 'UTC')) COMMENT 'the earliest start of its sprints; NULL: in none, or the source does not tell' AFTER sprints;

-- +goose Down
ALTER TABLE stg_tickets DROP COLUMN IF EXISTS sprint_started_at;
