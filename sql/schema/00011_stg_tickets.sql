-- +goose Up
-- Every staged ticket, whatever it is for: incidents, changes, action items and
-- plain work all stand here, told apart by role. FINAL reads the current version.
CREATE TABLE IF NOT EXISTS stg_tickets (
    source          LowCardinality(String),
    id              String                          COMMENT 'the source''s immutable id',
    version         UInt128                         COMMENT 'updated_at in ms, then seq: the highest is current',
    run_id          UInt64,
    seq             UInt64,
    updated_at      Nullable(DateTime64(3, 'UTC')),
    deleted         UInt8,
    filtered        UInt8,
    key             String                          COMMENT 'what people call it; it can change',
    url             String,
    title           String,
    role            LowCardinality(String)          COMMENT 'incident, change, problem, postmortem, action_item or ticket, by the config''s rules',
    type            LowCardinality(String)          COMMENT 'the source''s own type of issue',
    project         LowCardinality(String),
    labels          Array(String),
    services        Array(String),
    teams           Array(String),
    status          LowCardinality(String)          COMMENT 'as the source says it',
    status_id       String,
    resolution      String,
    priority        String,
    assignee        String,
    reporter        String,
    parent          String                          COMMENT 'key of the epic or parent',
    sprints         Array(String),
    points          Nullable(Float64)               COMMENT 'story points',
    cause           String,
    created_at      Nullable(DateTime64(3, 'UTC')),
    resolved_at     Nullable(DateTime64(3, 'UTC'))  COMMENT 'the latest resolution that the record itself states',
    due_on          Nullable(Date)                  COMMENT 'the day that it was promised for',
    links           Array(Tuple(kind String, key String, id String)) COMMENT 'kind: caused_by, causes, duplicates, duplicated_by, or the source''s own words',
    attributes      Map(String, String),
    unmapped        Array(String)
) ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id);

-- +goose Down
DROP TABLE IF EXISTS stg_tickets;
