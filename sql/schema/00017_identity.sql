-- +goose Up
-- What joins the records of several sources into one incident or change.
ALTER TABLE stg_incidents
    ADD COLUMN IF NOT EXISTS same_as Array(String) COMMENT 'ids, keys or URLs of the same incident in other sources',
    ADD COLUMN IF NOT EXISTS caused_by Array(String) COMMENT 'keys or ids of what the record says caused it: changes, problems, incidents',
    ADD COLUMN IF NOT EXISTS duplicates Array(String) COMMENT 'keys or ids of incidents or problems that it repeats';
ALTER TABLE stg_changes
    ADD COLUMN IF NOT EXISTS same_as Array(String) COMMENT 'ids, keys or URLs of the same change in other sources';

-- +goose Down
ALTER TABLE stg_incidents DROP COLUMN IF EXISTS same_as, DROP COLUMN IF EXISTS caused_by, DROP COLUMN IF EXISTS duplicates;
ALTER TABLE stg_changes DROP COLUMN IF EXISTS same_as;
