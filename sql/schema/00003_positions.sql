-- +goose Up
-- How far each stream of a source has been read (a file, an API feed): moves
-- after each landed page, so that a run that died goes on where it was.
CREATE TABLE IF NOT EXISTS positions (
    source   LowCardinality(String),
    stream   String                  COMMENT 'a file''s path below the config''s folder, or a feed''s name',
    position String                  COMMENT 'JSON; only the source that wrote it reads it',
    run_id   UInt64,
    version  UInt64                  COMMENT 'the highest is current'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (source, stream);

-- +goose Down
DROP TABLE IF EXISTS positions;
