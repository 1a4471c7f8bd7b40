-- +goose Up
-- One row publishes a whole set of marts and KPI tables: their views show the
-- rows whose build is max(id).
CREATE TABLE IF NOT EXISTS builds (
    id         UInt32,
    as_of      DateTime64(3, 'UTC'),
    definition String                    COMMENT 'hash over the models and rules of this build',
    structure  String                    COMMENT 'what the columns of its tables follow from: while it stays the same nothing is created or altered',
    started_at DateTime64(3, 'UTC'),
    ended_at   DateTime64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY id;

-- +goose Down
DROP TABLE IF EXISTS builds;
