CREATE TABLE srekpi.build_annotations
(
    `build` UInt32 COMMENT 'the build that made the row',
    `at` DateTime64(3, 'UTC') COMMENT 'when it took effect',
    `title` String COMMENT 'what changed',
    `scope` String COMMENT 'a service, a team or a KPI; empty: everything'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (at, title)
SETTINGS index_granularity = 8192
COMMENT 'Dated events of policy, drawn on charts';

CREATE TABLE srekpi.build_change_incident_links
(
    `build` UInt32 COMMENT 'the build that made the row',
    `change_id` String COMMENT 'id of the change',
    `incident_id` String COMMENT 'id of the incident',
    `grade` String COMMENT 'explicit (a field of either record says so), mentioned (the incident\'s title cites the change), or suspected (service and time; none is made yet)',
    `basis` String COMMENT 'the field or text that the link rests on',
    `lag_seconds` Nullable(Int64) COMMENT 'from the end of the change (else its start) to the incident\'s creation; NULL when the change states neither'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (change_id, incident_id, grade)
SETTINGS index_granularity = 8192
COMMENT 'Which change caused which incident, and how sure that is';

CREATE TABLE srekpi.build_changes
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it changed',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that carried it out',
    `team` String COMMENT 'the first of them',
    `kind` String COMMENT 'deployment, config, feature_flag, infrastructure, database, other; empty when not stated',
    `type` String COMMENT 'standard, normal, emergency; empty when not stated',
    `risk` String COMMENT 'as the source rates it',
    `environment` String COMMENT 'empty when not stated, which counts as production',
    `labels` Array(String) COMMENT 'free labels',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened',
    `planned_start` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the planned window',
    `planned_end` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the planned window',
    `started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work began',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work ended: the moment of the change',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork',
    `outcome` String COMMENT 'successful, successful_with_issues, failed, rolled_back, cancelled, rejected; empty: not recorded',
    `status` String COMMENT 'planned, started, done, cancelled or rejected, as of as_of',
    `source_status` String COMMENT 'the source\'s own word',
    `outcome_recorded` UInt8 COMMENT '1 when the source says how it ended, or is declared to carry incident links (links: true), so that silence means success',
    `parent_change` String COMMENT 'key of the change that this one mends',
    `caused_incidents` Array(String) COMMENT 'keys of incidents that the record says it caused',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS index_granularity = 8192
COMMENT 'Changes to production and elsewhere';

CREATE TABLE srekpi.build_incident_events
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `kind` String COMMENT 'created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working or note',
    `actor` String COMMENT 'who did it, as the source says',
    `detail` String COMMENT 'the source\'s own words',
    `basis` String COMMENT 'event (the source told the step) or field (from a time in the record)'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (incident_id, at, kind)
SETTINGS index_granularity = 8192
COMMENT 'What happened to each incident, step by step';

CREATE TABLE srekpi.build_incident_sources
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id of the record',
    `basis` String COMMENT 'why the record belongs to the incident'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (incident_id, source, record_id)
SETTINGS index_granularity = 8192
COMMENT 'The records behind each incident';

CREATE TABLE srekpi.build_incidents
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that worked on it',
    `team` String COMMENT 'the first of them',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` UInt8 COMMENT '1 when declared major; where the source does not say, by severity (setting incidents.major)',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated, which is not "none"',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 for a drill or inside planned maintenance',
    `status` String COMMENT 'open, acknowledged, mitigated, resolved, closed (without a resolution time) or merged, as of as_of',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when the record was opened; a parent of merged ones keeps its own',
    `started_at` DateTime64(3, 'UTC') COMMENT 'created_at, or that of the earliest incident merged into it: where its duration starts',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution: the last one that was not taken back',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork; not a resolution unless the source\'s closing_resolves is set',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history; NULL where there is only a counter',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merged_into` String COMMENT 'id of the incident that stands for it; empty while that one is not known',
    `flap_of` String COMMENT 'id of the incident whose episode it belongs to: same alert key, created within 30 minutes of the last resolution',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `title_key` String COMMENT 'the words of the title that name a problem, see below; empty when it says nothing',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `problem_key` String COMMENT 'key of the problem record',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS index_granularity = 8192
COMMENT 'Incidents';

CREATE TABLE srekpi.build_kpi_evidence
(
    `build` UInt32 COMMENT 'the build that made the row',
    `kpi` String COMMENT 'name of the KPI',
    `entity` String COMMENT 'what the candidate is: incident, change …',
    `id` String COMMENT 'id of the candidate in its mart',
    `key` String COMMENT 'what people call it',
    `title` String COMMENT 'as the source says it',
    `url` String COMMENT 'where to open it',
    `from_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of a duration; NULL for other kinds',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the moment that assigns the row to a period; NULL while it is still open',
    `value` Nullable(Float64) COMMENT 'seconds for a duration, else its weight; NULL while unknown',
    `hit` Nullable(UInt8) COMMENT '1 or 0, whether it counts in a rate\'s numerator; NULL when that is not, or not yet, known',
    `dims` Map(String, Array(String)) COMMENT 'dimension to values: service, team, severity and what the KPI adds',
    `basis` String COMMENT 'the rule or rung that decided',
    `refs` Array(String) COMMENT 'ids of the repeated, causing or paging records',
    `settles_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the outcome becomes final; NULL: it is final',
    `included` UInt8 COMMENT '1 when it counts',
    `reason` String COMMENT 'why it is left out, or why hit is unknown'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (kpi, id)
SETTINGS index_granularity = 8192
COMMENT 'The rows behind every KPI';

CREATE TABLE srekpi.build_kpi_values
(
    `build` UInt32 COMMENT 'the build that made the row',
    `kpi` String COMMENT 'name of the KPI',
    `stat` String COMMENT 'median, p90, mean, max, sum or count of a duration; else rate, share, count or average',
    `period` String COMMENT 'week or month',
    `period_start` Date COMMENT 'its first day in the reporting zone',
    `dim` String COMMENT 'all, service, team, severity, and what the KPI adds',
    `dim_value` String COMMENT 'the value of the dimension; empty for all',
    `value` Nullable(Float64) COMMENT 'seconds for a duration, 0 to 1 for a rate or share, else as counted; NULL on an empty set. A count is 0 in a collected period, NULL in one that was not collected',
    `low` Nullable(Float64) COMMENT 'lower end of a share\'s range; NULL for other kinds',
    `high` Nullable(Float64) COMMENT 'upper end of a share\'s range; NULL for other kinds',
    `k` Nullable(Float64) COMMENT 'numerator of a rate or share',
    `n` Nullable(Float64) COMMENT 'denominator of a rate or share; rows behind a count; finished durations; units of an average; NULL in a period that was not collected',
    `unknown` Float64 COMMENT 'of a rate or share, the value of the rows that count but whose hit is not, or not yet, known',
    `open` UInt64 COMMENT 'durations that were still running at the period\'s end',
    `excluded` UInt64 COMMENT 'rows of the period that were left out, each with its reason in kpi_evidence',
    `complete` UInt8 COMMENT '1 when the period is over, inside the collected range, and nothing in it can settle differently'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (kpi, stat, period, period_start, dim, dim_value)
SETTINGS index_granularity = 8192
COMMENT 'The value of every KPI, by week and month, over all and by dimension';

CREATE TABLE srekpi.build_kpis
(
    `build` UInt32 COMMENT 'the build that made the row',
    `kpi` String COMMENT 'its name, as in kpi_values',
    `title` String COMMENT 'its name, as in reports',
    `also` String COMMENT 'other names that people search for',
    `asks` String COMMENT 'the question that it answers',
    `kind` String COMMENT 'duration, rate, share, count or average',
    `entity` String COMMENT 'what its candidates are',
    `better` String COMMENT 'lower or higher',
    `counts` String COMMENT 'what counts',
    `excludes` String COMMENT 'what is left out',
    `ended` String COMMENT 'what happened to a duration that counts: resolved',
    `unit` String COMMENT 'of a count or share that is no mere number; of an average, what it is per',
    `source` String COMMENT 'docs or standard that the definition follows',
    `dims` Array(String) COMMENT 'the dimensions that it is computed by',
    `file` String COMMENT 'the file that lists its evidence'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (kpi)
SETTINGS index_granularity = 8192
COMMENT 'The KPI catalogue';

CREATE TABLE srekpi.build_periods
(
    `build` UInt32 COMMENT 'the build that made the row',
    `period` String COMMENT 'week or month',
    `period_start` Date COMMENT 'its first day in the reporting zone',
    `starts_at` DateTime64(3, 'UTC') COMMENT 'its first moment',
    `ends_at` DateTime64(3, 'UTC') COMMENT 'the first moment after it',
    `label` String COMMENT 'how reports call it'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (period, period_start)
SETTINGS index_granularity = 8192
COMMENT 'Weeks and months of the reporting zone';

CREATE TABLE srekpi.build_services
(
    `build` UInt32 COMMENT 'the build that made the row',
    `service` String COMMENT 'its name, as in incidents and changes',
    `team` String COMMENT 'the owning team',
    `l2_team` String COMMENT 'who takes it first',
    `l3_team` String COMMENT 'who mends it',
    `tier` String COMMENT 'how much depends on it',
    `owner` String COMMENT 'who answers for it',
    `runbook` String COMMENT 'where to read what to do'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (service)
SETTINGS index_granularity = 8192
COMMENT 'The service catalogue of the config';

CREATE TABLE srekpi.build_settings
(
    `build` UInt32 COMMENT 'the build that made the row',
    `name` String COMMENT 'path of the setting in the config',
    `value` String COMMENT 'its value; numbers of a list are joined by commas, texts of a list have a row each'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (name, value)
SETTINGS index_granularity = 8192
COMMENT 'Settings of the config that models rest on';

CREATE TABLE srekpi.build_source_settings
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source',
    `type` String COMMENT 'file …',
    `entity` String COMMENT 'what its records are',
    `closing_resolves` UInt8 COMMENT '1: a record closed without a resolution time counts as resolved when closed',
    `links` UInt8 COMMENT '1: the source is known to carry incident links, so that silence means success',
    `covers_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range that it is declared complete for',
    `covers_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range',
    `mapping` String COMMENT 'hash over how its records are read: another one is another definition'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source)
SETTINGS index_granularity = 8192
COMMENT 'What the config says of each source';

CREATE TABLE srekpi.build_sources
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source in the config',
    `type` String COMMENT 'file …',
    `entity` String COMMENT 'what its records are: incident, change',
    `collected_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range in which nothing is missing: what config says it covers, else the earliest record',
    `collected_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range, at most as_of: what config says, else the latest time in it',
    `records` UInt64 COMMENT 'distinct records landed, however many versions of each',
    `staged` UInt64 COMMENT 'current records that could be read',
    `filtered` UInt64 COMMENT 'of these, left out by a row filter',
    `quarantined` UInt64 COMMENT 'records that could not be read',
    `unmapped` UInt64 COMMENT 'values that no value map covers'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source)
SETTINGS index_granularity = 8192
COMMENT 'What each source has delivered, and for which range';

CREATE TABLE srekpi.builds
(
    `id` UInt32,
    `as_of` DateTime64(3, 'UTC'),
    `definition` String COMMENT 'hash over the models and rules of this build',
    `structure` String COMMENT 'what the columns of its tables follow from: while it stays the same nothing is created or altered',
    `started_at` DateTime64(3, 'UTC'),
    `ended_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY id
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.goose_db_version
(
    `version_id` Int64,
    `is_applied` UInt8,
    `date` Date DEFAULT now(),
    `tstamp` DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY (version_id)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.positions
(
    `source` LowCardinality(String),
    `stream` String COMMENT 'a file\'s path below the config\'s folder, or a feed\'s name',
    `position` String COMMENT 'JSON; only the source that wrote it reads it',
    `run_id` UInt64,
    `version` UInt64 COMMENT 'the highest is current'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (source, stream)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.published_values
(
    `document` LowCardinality(String) COMMENT 'weekly or monthly',
    `period_start` Date COMMENT 'in the reporting zone',
    `issued_at` DateTime64(3, 'UTC'),
    `data_as_of` DateTime64(3, 'UTC'),
    `definition` String COMMENT 'definition version of the build behind it',
    `of_period` Date COMMENT 'first day of the period that the value is of: a rate that settles late is printed for an earlier one',
    `kpi` LowCardinality(String),
    `stat` LowCardinality(String),
    `dim` LowCardinality(String),
    `dim_value` String,
    `value` Nullable(Float64),
    `low` Nullable(Float64) COMMENT 'lower end of the interval, or of a share\'s range',
    `high` Nullable(Float64),
    `k` Nullable(Float64),
    `n` Nullable(Float64),
    `unknown` Float64,
    `open` UInt64,
    `excluded` UInt64,
    `complete` UInt8 COMMENT '1: nothing in it could settle differently any more',
    `verdict` String
)
ENGINE = MergeTree
ORDER BY (document, period_start, kpi, stat, dim, dim_value)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.quarantine
(
    `source` LowCardinality(String),
    `entity` LowCardinality(String),
    `id` String COMMENT 'empty when even the id could not be read',
    `file` String COMMENT 'for a file source: where the row is',
    `line` UInt64,
    `step` LowCardinality(String) DEFAULT 'staging' COMMENT 'what could not read it: ingest (the row itself) or staging (a value in it)',
    `reason` String,
    `payload` String CODEC(ZSTD(3)),
    `first_seen` DateTime64(3, 'UTC') COMMENT 'fetched_at of the run that saw it first'
)
ENGINE = MergeTree
ORDER BY (source, entity, id, file, line, reason)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.raw_records
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `entity` LowCardinality(String) COMMENT 'what the record is: incident, change …',
    `id` String COMMENT 'the source\'s immutable id of the record',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'version that the source states; NULL: the order of landing decides',
    `fetched_at` DateTime64(3, 'UTC') COMMENT 'when it was read',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `payload` String COMMENT 'the record, as received' CODEC(ZSTD(3)),
    `deleted` UInt8 COMMENT '1: the source no longer shows the record'
)
ENGINE = MergeTree
ORDER BY (source, entity, id, seq)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.staged_runs
(
    `model` LowCardinality(String),
    `source` LowCardinality(String),
    `run_id` UInt64,
    `hash` String
)
ENGINE = MergeTree
ORDER BY (model, source, run_id)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.stg_changes
(
    `source` LowCardinality(String),
    `id` String,
    `version` UInt128,
    `run_id` UInt64,
    `seq` UInt64,
    `updated_at` Nullable(DateTime64(3, 'UTC')),
    `deleted` UInt8,
    `filtered` UInt8,
    `key` String,
    `url` String,
    `title` String,
    `services` Array(String),
    `teams` Array(String),
    `kind` String COMMENT 'deployment, config, feature_flag, infrastructure, database, other, or empty',
    `type` String COMMENT 'standard, normal, emergency, or empty',
    `risk` String,
    `environment` String,
    `labels` Array(String),
    `created_at` Nullable(DateTime64(3, 'UTC')),
    `planned_start` Nullable(DateTime64(3, 'UTC')),
    `planned_end` Nullable(DateTime64(3, 'UTC')),
    `started_at` Nullable(DateTime64(3, 'UTC')),
    `ended_at` Nullable(DateTime64(3, 'UTC')),
    `closed_at` Nullable(DateTime64(3, 'UTC')),
    `status` String,
    `outcome` String COMMENT 'successful, successful_with_issues, failed, rolled_back, cancelled, rejected, or empty: not recorded',
    `parent_change` String COMMENT 'key of the change that this one mends',
    `caused_incidents` Array(String) COMMENT 'keys of incidents that the record says it caused',
    `attributes` Map(String, String),
    `unmapped` Array(String)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.stg_incident_events
(
    `source` LowCardinality(String),
    `id` String COMMENT 'the incident\'s id in its source',
    `event_id` String COMMENT 'the source\'s id of the event, or a hash of its content: a re-read file adds nothing',
    `version` UInt128,
    `run_id` UInt64,
    `seq` UInt64,
    `deleted` UInt8,
    `at` Nullable(DateTime64(3, 'UTC')),
    `kind` LowCardinality(String) COMMENT 'created, acknowledged, escalated, mitigated, resolved, reopened, closed, working (any other not-done state), note',
    `actor` String,
    `detail` String,
    `unmapped` Array(String)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id, event_id)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.stg_incidents
(
    `source` LowCardinality(String),
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64,
    `seq` UInt64,
    `updated_at` Nullable(DateTime64(3, 'UTC')),
    `deleted` UInt8,
    `filtered` UInt8 COMMENT '1: left out by a row filter of the config',
    `key` String,
    `url` String,
    `title` String,
    `services` Array(String),
    `teams` Array(String),
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` Nullable(UInt8),
    `customer_impact` Nullable(UInt8) COMMENT 'NULL: not stated, which is not "none"',
    `environment` String,
    `exercise` UInt8 COMMENT '1: a drill, or inside planned maintenance',
    `status` String COMMENT 'as the source says it',
    `created_at` Nullable(DateTime64(3, 'UTC')),
    `impact_started_at` Nullable(DateTime64(3, 'UTC')),
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')),
    `escalated_at` Nullable(DateTime64(3, 'UTC')),
    `mitigated_at` Nullable(DateTime64(3, 'UTC')),
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')),
    `resolved_at` Nullable(DateTime64(3, 'UTC')),
    `closed_at` Nullable(DateTime64(3, 'UTC')),
    `reopen_count` Nullable(UInt32),
    `reassignment_count` Nullable(UInt32),
    `resolved_by` String,
    `merged_into` String COMMENT 'the source\'s id or key of the parent',
    `alert_key` String,
    `cause` String,
    `fix_owner` String,
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `problem_key` String,
    `detected_by` String,
    `attributes` Map(String, String),
    `unmapped` Array(String) COMMENT 'field=value of what no value map covers'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192;

CREATE TABLE srekpi.sync_runs
(
    `run_id` UInt64,
    `source` LowCardinality(String),
    `entity` LowCardinality(String),
    `started_at` DateTime64(3, 'UTC'),
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'NULL while it runs',
    `status` LowCardinality(String) COMMENT 'running, complete, failed, interrupted, or closed (died, closed by the next run)',
    `records` UInt64 COMMENT 'records landed by this run',
    `quarantined` UInt64 COMMENT 'records of this run that could not be read',
    `requests` UInt64,
    `retries` UInt64,
    `bytes` UInt64,
    `message` String COMMENT 'why it failed, and the next step',
    `version` UInt64 COMMENT 'the highest is current'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, source)
SETTINGS index_granularity = 8192;

CREATE VIEW srekpi.annotations
(
    `at` DateTime64(3, 'UTC') COMMENT 'when it took effect',
    `title` String COMMENT 'what changed',
    `scope` String COMMENT 'a service, a team or a KPI; empty: everything'
)
AS SELECT
    at,
    title,
    scope
FROM srekpi.build_annotations
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.change_incident_links
(
    `change_id` String COMMENT 'id of the change',
    `incident_id` String COMMENT 'id of the incident',
    `grade` String COMMENT 'explicit (a field of either record says so), mentioned (the incident\'s title cites the change), or suspected (service and time; none is made yet)',
    `basis` String COMMENT 'the field or text that the link rests on',
    `lag_seconds` Nullable(Int64) COMMENT 'from the end of the change (else its start) to the incident\'s creation; NULL when the change states neither'
)
AS SELECT
    change_id,
    incident_id,
    grade,
    basis,
    lag_seconds
FROM srekpi.build_change_incident_links
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.changes
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it changed',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that carried it out',
    `team` String COMMENT 'the first of them',
    `kind` String COMMENT 'deployment, config, feature_flag, infrastructure, database, other; empty when not stated',
    `type` String COMMENT 'standard, normal, emergency; empty when not stated',
    `risk` String COMMENT 'as the source rates it',
    `environment` String COMMENT 'empty when not stated, which counts as production',
    `labels` Array(String) COMMENT 'free labels',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened',
    `planned_start` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the planned window',
    `planned_end` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the planned window',
    `started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work began',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work ended: the moment of the change',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork',
    `outcome` String COMMENT 'successful, successful_with_issues, failed, rolled_back, cancelled, rejected; empty: not recorded',
    `status` String COMMENT 'planned, started, done, cancelled or rejected, as of as_of',
    `source_status` String COMMENT 'the source\'s own word',
    `outcome_recorded` UInt8 COMMENT '1 when the source says how it ended, or is declared to carry incident links (links: true), so that silence means success',
    `parent_change` String COMMENT 'key of the change that this one mends',
    `caused_incidents` Array(String) COMMENT 'keys of incidents that the record says it caused',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
AS SELECT
    id,
    source,
    key,
    url,
    title,
    services,
    service,
    teams,
    team,
    kind,
    type,
    risk,
    environment,
    labels,
    created_at,
    planned_start,
    planned_end,
    started_at,
    ended_at,
    closed_at,
    outcome,
    status,
    source_status,
    outcome_recorded,
    parent_change,
    caused_incidents,
    attributes
FROM srekpi.build_changes
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incident_events
(
    `incident_id` String COMMENT 'id of the incident',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `kind` String COMMENT 'created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working or note',
    `actor` String COMMENT 'who did it, as the source says',
    `detail` String COMMENT 'the source\'s own words',
    `basis` String COMMENT 'event (the source told the step) or field (from a time in the record)'
)
AS SELECT
    incident_id,
    at,
    kind,
    actor,
    detail,
    basis
FROM srekpi.build_incident_events
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incident_sources
(
    `incident_id` String COMMENT 'id of the incident',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id of the record',
    `basis` String COMMENT 'why the record belongs to the incident'
)
AS SELECT
    incident_id,
    source,
    record_id,
    basis
FROM srekpi.build_incident_sources
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incidents
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that worked on it',
    `team` String COMMENT 'the first of them',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` UInt8 COMMENT '1 when declared major; where the source does not say, by severity (setting incidents.major)',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated, which is not "none"',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 for a drill or inside planned maintenance',
    `status` String COMMENT 'open, acknowledged, mitigated, resolved, closed (without a resolution time) or merged, as of as_of',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when the record was opened; a parent of merged ones keeps its own',
    `started_at` DateTime64(3, 'UTC') COMMENT 'created_at, or that of the earliest incident merged into it: where its duration starts',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution: the last one that was not taken back',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork; not a resolution unless the source\'s closing_resolves is set',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history; NULL where there is only a counter',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merged_into` String COMMENT 'id of the incident that stands for it; empty while that one is not known',
    `flap_of` String COMMENT 'id of the incident whose episode it belongs to: same alert key, created within 30 minutes of the last resolution',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `title_key` String COMMENT 'the words of the title that name a problem, see below; empty when it says nothing',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `problem_key` String COMMENT 'key of the problem record',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
AS SELECT
    id,
    source,
    key,
    url,
    title,
    services,
    service,
    teams,
    team,
    severity,
    major,
    customer_impact,
    environment,
    exercise,
    status,
    source_status,
    created_at,
    started_at,
    impact_started_at,
    acknowledged_at,
    escalated_at,
    mitigated_at,
    first_resolved_at,
    resolved_at,
    closed_at,
    reopen_count,
    first_reopened_at,
    has_history,
    reassignment_count,
    resolved_by,
    merged_into,
    flap_of,
    alert_key,
    title_key,
    cause,
    fix_owner,
    caused_by_change,
    problem_key,
    detected_by,
    attributes
FROM srekpi.build_incidents
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.kpi_evidence
(
    `kpi` String COMMENT 'name of the KPI',
    `entity` String COMMENT 'what the candidate is: incident, change …',
    `id` String COMMENT 'id of the candidate in its mart',
    `key` String COMMENT 'what people call it',
    `title` String COMMENT 'as the source says it',
    `url` String COMMENT 'where to open it',
    `from_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of a duration; NULL for other kinds',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the moment that assigns the row to a period; NULL while it is still open',
    `value` Nullable(Float64) COMMENT 'seconds for a duration, else its weight; NULL while unknown',
    `hit` Nullable(UInt8) COMMENT '1 or 0, whether it counts in a rate\'s numerator; NULL when that is not, or not yet, known',
    `dims` Map(String, Array(String)) COMMENT 'dimension to values: service, team, severity and what the KPI adds',
    `basis` String COMMENT 'the rule or rung that decided',
    `refs` Array(String) COMMENT 'ids of the repeated, causing or paging records',
    `settles_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the outcome becomes final; NULL: it is final',
    `included` UInt8 COMMENT '1 when it counts',
    `reason` String COMMENT 'why it is left out, or why hit is unknown'
)
AS SELECT
    kpi,
    entity,
    id,
    key,
    title,
    url,
    from_at,
    at,
    value,
    hit,
    dims,
    basis,
    refs,
    settles_at,
    included,
    reason
FROM srekpi.build_kpi_evidence
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.kpi_values
(
    `kpi` String COMMENT 'name of the KPI',
    `stat` String COMMENT 'median, p90, mean, max, sum or count of a duration; else rate, share, count or average',
    `period` String COMMENT 'week or month',
    `period_start` Date COMMENT 'its first day in the reporting zone',
    `dim` String COMMENT 'all, service, team, severity, and what the KPI adds',
    `dim_value` String COMMENT 'the value of the dimension; empty for all',
    `value` Nullable(Float64) COMMENT 'seconds for a duration, 0 to 1 for a rate or share, else as counted; NULL on an empty set. A count is 0 in a collected period, NULL in one that was not collected',
    `low` Nullable(Float64) COMMENT 'lower end of a share\'s range; NULL for other kinds',
    `high` Nullable(Float64) COMMENT 'upper end of a share\'s range; NULL for other kinds',
    `k` Nullable(Float64) COMMENT 'numerator of a rate or share',
    `n` Nullable(Float64) COMMENT 'denominator of a rate or share; rows behind a count; finished durations; units of an average; NULL in a period that was not collected',
    `unknown` Float64 COMMENT 'of a rate or share, the value of the rows that count but whose hit is not, or not yet, known',
    `open` UInt64 COMMENT 'durations that were still running at the period\'s end',
    `excluded` UInt64 COMMENT 'rows of the period that were left out, each with its reason in kpi_evidence',
    `complete` UInt8 COMMENT '1 when the period is over, inside the collected range, and nothing in it can settle differently'
)
AS SELECT
    kpi,
    stat,
    period,
    period_start,
    dim,
    dim_value,
    value,
    low,
    high,
    k,
    n,
    unknown,
    open,
    excluded,
    complete
FROM srekpi.build_kpi_values
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.kpis
(
    `kpi` String COMMENT 'its name, as in kpi_values',
    `title` String COMMENT 'its name, as in reports',
    `also` String COMMENT 'other names that people search for',
    `asks` String COMMENT 'the question that it answers',
    `kind` String COMMENT 'duration, rate, share, count or average',
    `entity` String COMMENT 'what its candidates are',
    `better` String COMMENT 'lower or higher',
    `counts` String COMMENT 'what counts',
    `excludes` String COMMENT 'what is left out',
    `ended` String COMMENT 'what happened to a duration that counts: resolved',
    `unit` String COMMENT 'of a count or share that is no mere number; of an average, what it is per',
    `source` String COMMENT 'docs or standard that the definition follows',
    `dims` Array(String) COMMENT 'the dimensions that it is computed by',
    `file` String COMMENT 'the file that lists its evidence'
)
AS SELECT
    kpi,
    title,
    also,
    asks,
    kind,
    entity,
    better,
    counts,
    excludes,
    ended,
    unit,
    source,
    dims,
    file
FROM srekpi.build_kpis
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.periods
(
    `period` String COMMENT 'week or month',
    `period_start` Date COMMENT 'its first day in the reporting zone',
    `starts_at` DateTime64(3, 'UTC') COMMENT 'its first moment',
    `ends_at` DateTime64(3, 'UTC') COMMENT 'the first moment after it',
    `label` String COMMENT 'how reports call it'
)
AS SELECT
    period,
    period_start,
    starts_at,
    ends_at,
    label
FROM srekpi.build_periods
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.services
(
    `service` String COMMENT 'its name, as in incidents and changes',
    `team` String COMMENT 'the owning team',
    `l2_team` String COMMENT 'who takes it first',
    `l3_team` String COMMENT 'who mends it',
    `tier` String COMMENT 'how much depends on it',
    `owner` String COMMENT 'who answers for it',
    `runbook` String COMMENT 'where to read what to do'
)
AS SELECT
    service,
    team,
    l2_team,
    l3_team,
    tier,
    owner,
    runbook
FROM srekpi.build_services
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.settings
(
    `name` String COMMENT 'path of the setting in the config',
    `value` String COMMENT 'its value; numbers of a list are joined by commas, texts of a list have a row each'
)
AS SELECT
    name,
    value
FROM srekpi.build_settings
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.source_settings
(
    `source` String COMMENT 'name of the source',
    `type` String COMMENT 'file …',
    `entity` String COMMENT 'what its records are',
    `closing_resolves` UInt8 COMMENT '1: a record closed without a resolution time counts as resolved when closed',
    `links` UInt8 COMMENT '1: the source is known to carry incident links, so that silence means success',
    `covers_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range that it is declared complete for',
    `covers_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range',
    `mapping` String COMMENT 'hash over how its records are read: another one is another definition'
)
AS SELECT
    source,
    type,
    entity,
    closing_resolves,
    links,
    covers_from,
    covers_to,
    mapping
FROM srekpi.build_source_settings
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.sources
(
    `source` String COMMENT 'name of the source in the config',
    `type` String COMMENT 'file …',
    `entity` String COMMENT 'what its records are: incident, change',
    `collected_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range in which nothing is missing: what config says it covers, else the earliest record',
    `collected_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range, at most as_of: what config says, else the latest time in it',
    `records` UInt64 COMMENT 'distinct records landed, however many versions of each',
    `staged` UInt64 COMMENT 'current records that could be read',
    `filtered` UInt64 COMMENT 'of these, left out by a row filter',
    `quarantined` UInt64 COMMENT 'records that could not be read',
    `unmapped` UInt64 COMMENT 'values that no value map covers'
)
AS SELECT
    source,
    type,
    entity,
    collected_from,
    collected_to,
    records,
    staged,
    filtered,
    quarantined,
    unmapped
FROM srekpi.build_sources
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

