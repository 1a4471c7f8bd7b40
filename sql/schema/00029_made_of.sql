-- +goose Up
-- A build of the very same is not made again: see sql/model/madeof.go.
ALTER TABLE builds ADD COLUMN IF NOT EXISTS made_of String
    COMMENT 'hash over all that its rows follow from: the clock, models, rules, staged rows and collected ranges' AFTER structure;

-- +goose Down
ALTER TABLE builds DROP COLUMN IF EXISTS made_of;
