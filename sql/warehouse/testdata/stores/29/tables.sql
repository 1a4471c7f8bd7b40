CREATE TABLE srekpi.build_action_items
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'id of the ticket',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `owner` String COMMENT 'who promised it; empty: nobody',
    `team` String COMMENT 'team of the owner',
    `services` Array(String) COMMENT 'services that it mends',
    `incident_ids` Array(String) COMMENT 'ids of the incidents that its links or its parent name',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was opened; NULL when not stated',
    `first_due_on` Nullable(Date) COMMENT 'the day that it was promised for at first; NULL: never promised',
    `due_on` Nullable(Date) COMMENT 'the day that it is promised for now; NULL: it has none',
    `due_moves` UInt32 COMMENT 'how often that day was moved',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was done; NULL while it is open',
    `status` String COMMENT 'the source\'s own word',
    `status_category` String COMMENT 'todo, doing or done; empty: not known'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read action_items. What was promised after incidents, by whom and until when';

CREATE TABLE srekpi.build_aliases
(
    `build` UInt32 COMMENT 'the build that made the row',
    `kind` String COMMENT 'service, team or cause',
    `alias` String COMMENT 'what a source may call it, in small letters; its own name is one',
    `name` String COMMENT 'what reports call it'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (kind, alias)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read aliases. What sources call a service, a team or a cause, and what reports call it';

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
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read annotations. Dated events of policy, drawn on charts';

CREATE TABLE srekpi.build_cab_windows
(
    `build` UInt32 COMMENT 'the build that made the row',
    `name` String COMMENT 'as in the config',
    `starts_at` DateTime64(3, 'UTC') COMMENT 'its first moment',
    `ends_at` DateTime64(3, 'UTC') COMMENT 'the first moment after it'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (name, starts_at)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read cab_windows. The windows in which changes go out';

CREATE TABLE srekpi.build_calendar
(
    `build` UInt32 COMMENT 'the build that made the row',
    `calendar` String COMMENT 'name of the calendar; business holds where none is named',
    `day` Date COMMENT 'the date in the calendar\'s zone',
    `starts_at` DateTime64(3, 'UTC') COMMENT 'its midnight',
    `ends_at` DateTime64(3, 'UTC') COMMENT 'the midnight after it',
    `opens_at` DateTime64(3, 'UTC') COMMENT 'when business begins; on a day off the same as closes_at',
    `closes_at` DateTime64(3, 'UTC') COMMENT 'when business ends',
    `holiday` String COMMENT 'name of the holiday; empty: none',
    `workday` UInt32 COMMENT 'how many working days there were up to and with this one; a day off has the number of the one before it',
    `open_before` Float64 COMMENT 'business seconds of all days before this one'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (calendar, day)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read calendar. Days, business hours and holidays';

CREATE TABLE srekpi.build_change_facts
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'id of the change',
    `source` String COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it changed',
    `teams` Array(String) COMMENT 'teams that carried it out',
    `kind` String COMMENT 'deployment, config, feature_flag, infrastructure, database, other; empty when not stated',
    `type` String COMMENT 'standard, normal, emergency; empty when not stated',
    `risk` String COMMENT 'as the source rates it',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work ended; NULL when not stated',
    `done_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was done: its end, else its start',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the moment that assigns it to a period: done_at, else closed, created, planned',
    `left_out` String COMMENT 'why no KPI of changes counts it: cancelled, rejected, another environment than production, not completed',
    `basis` String COMMENT 'how it failed: failed, rolled back, caused an incident, mended by a hotfix; or successful with issues, a failure only by setting changes.issues_fail',
    `failed` Nullable(UInt8) COMMENT '1 when it failed, whatever is still pending',
    `outcome_recorded` UInt8 COMMENT '1 when the source says how it ended, or keeps incident links, so that silence means success',
    `incidents` Array(String) COMMENT 'ids of the incidents that it is explicitly said to have caused',
    `hotfixes` Array(String) COMMENT 'ids of the changes that mend it',
    `hotfixed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the last of these ended; NULL while none has',
    `observed_for` UInt32 COMMENT 'seconds from done_at until its outcome is final (setting changes.observed_for)',
    `settles_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when that is',
    `unwatched` String COMMENT 'why no incident that followed it could be seen: its end is not known, no service is stated, no incidents are collected; empty: one could',
    `watched_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'incidents are collected up to here'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read change_facts. What the KPIs of changes rest on';

CREATE TABLE srekpi.build_change_incident_links
(
    `build` UInt32 COMMENT 'the build that made the row',
    `change_id` String COMMENT 'id of the change',
    `incident_id` String COMMENT 'id of the incident',
    `grade` String COMMENT 'explicit (a field of either record says so), mentioned (the incident\'s title or a note cites the change by a pattern of changes.cited_as), or suspected (it came to a service within 72 hours after a production change there ended)',
    `basis` String COMMENT 'the field or text that the link rests on; of a suspected one the smallest of 4, 24 and 72 hours',
    `lag_seconds` Nullable(Int64) COMMENT 'from the end of the change (else its start) to the incident\'s creation; NULL when the change states neither'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (change_id, incident_id, grade)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read change_incident_links. Which change caused which incident, and how sure that is';

CREATE TABLE srekpi.build_changes
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` String COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it changed, by the names of the config',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that carried it out, by the names of the config',
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
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read changes. Changes to production and elsewhere';

CREATE TABLE srekpi.build_data_health
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source whose records lack it',
    `finding` String COMMENT 'its short name; of rows whose outcome is not known, their entity and the reason in kpi_evidence',
    `title` String COMMENT 'what the rows are, as a sentence goes on after their number, in the singular after 1',
    `rows` UInt64 COMMENT 'how many lack it; of "behind" the hours. A record with one flaw that several KPIs leave it out for counts once',
    `of` UInt64 COMMENT 'how many were looked at; 0 where that says nothing',
    `kpi` String COMMENT 'the KPI that mending narrows most, or that would count the rows (of several the one that people know best); empty: none',
    `low` Nullable(Float64) COMMENT 'the KPI over these 90 days, were every unknown outcome a miss; NULL: no KPI',
    `high` Nullable(Float64) COMMENT 'the same, were every unknown outcome a hit',
    `low_after` Nullable(Float64) COMMENT 'low, were these rows known and like the known ones; NULL where none is known',
    `high_after` Nullable(Float64) COMMENT 'high, were these rows known and like the known ones',
    `narrows` Float64 COMMENT 'by how many points that would narrow the range from low to high',
    `next_step` String COMMENT 'what to do about it; another where the source states the field in no record at all',
    `examples` Array(String) COMMENT 'keys of up to three of the rows, the newest first'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source, finding)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read data_health. What the data lack, ranked by what mending it would narrow';

CREATE TABLE srekpi.build_definitions
(
    `build` UInt32 COMMENT 'the build that made the row',
    `kpi` String COMMENT 'name of the KPI',
    `version` String COMMENT 'its definition version: a hash over all its parts',
    `part` String COMMENT 'a model, or a table of rules',
    `kind` String COMMENT 'model or rule',
    `hash` String COMMENT 'over the model\'s query or the rules',
    `content` String COMMENT 'the rules as JSON rows, those that matter to the KPI; empty for a model'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (kpi, part)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read definitions. What the figures of each KPI follow from';

CREATE TABLE srekpi.build_escalations
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it first reached L3; NULL where only a team shows that it did',
    `basis` String COMMENT 'what tells it: the source\'s escalation, paged an L3 shift, or an L3 team worked on it'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (incident_id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read escalations. Incidents that reached L3';

CREATE TABLE srekpi.build_identities
(
    `build` UInt32 COMMENT 'the build that made the row',
    `entity` String COMMENT 'incident or change',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services of the record',
    `teams` Array(String) COMMENT 'teams of the record',
    `severity` UInt8 COMMENT 'of an incident: 1 (worst) to 5, 0 unknown',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; of an incident that does not state it, its first step tells it; NULL when not known',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'as the record states it, if not later than as_of: of an incident resolved, else closed; of a change ended, else started',
    `rank` UInt32 COMMENT '1 gives the row, others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: the source pages people',
    `row_id` String COMMENT 'id of the row that stands for the record; its own where no other does',
    `basis` String COMMENT 'why the record belongs to that row: its own record, or which record it names or is named by'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (entity, id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read identities. Which records are one incident or one change';

CREATE TABLE srekpi.build_identity_order
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source',
    `rank` UInt32 COMMENT '1 gives the row, the others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: it pages people, so start and acknowledgement come from it'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read identity_order. Which source speaks for an incident or change that several hold';

CREATE TABLE srekpi.build_identity_pairs
(
    `build` UInt32 COMMENT 'the build that made the row',
    `entity` String COMMENT 'incident or change',
    `a` String COMMENT 'id of one record',
    `a_source` String COMMENT 'its source',
    `a_rank` UInt32 COMMENT 'its source\'s rank',
    `b` String COMMENT 'id of the other record',
    `b_source` String COMMENT 'its source',
    `b_rank` UInt32 COMMENT 'its source\'s rank',
    `names` UInt8 COMMENT '1 when a names b, 0 when only b names a'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (entity, a, b)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read identity_pairs. Records of two sources that name each other';

CREATE TABLE srekpi.build_identity_records
(
    `build` UInt32 COMMENT 'the build that made the row',
    `entity` String COMMENT 'incident or change',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services of the record, by the names of the config',
    `teams` Array(String) COMMENT 'teams of the record, by the names of the config',
    `severity` UInt8 COMMENT 'of an incident: 1 (worst) to 5, 0 unknown',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; of an incident that does not state it, its first step tells it; NULL when not known',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'as the record states it, if not later than as_of: of an incident resolved, else closed; of a change ended, else started',
    `rank` UInt32 COMMENT '1 gives the row, others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: the source pages people',
    `same_as` Array(String) COMMENT 'ids, keys or addresses that the record names as the same in other sources'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (entity, id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read identity_records. The records of incidents and changes, by source';

CREATE TABLE srekpi.build_incident_events
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `source` String COMMENT 'name of the source that tells it',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `kind` String COMMENT 'created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working, assigned, notified, merged, moved (to another status of a ticket), note or other',
    `actor` String COMMENT 'who did it, or who was paged, as the source says',
    `detail` String COMMENT 'the source\'s own words',
    `basis` String COMMENT 'event (the source told the step) or field (from a time in the record)'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (incident_id, at, kind)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read incident_events. What happened to each incident, step by step';

CREATE TABLE srekpi.build_incident_facts
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'id of the record that gives the row',
    `source` String COMMENT 'name of its source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected, by the names of the config',
    `teams` Array(String) COMMENT 'teams that worked on it, by the names of the config',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` Nullable(UInt8) COMMENT '1 or 0 where a record says so, else NULL',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 when any record says so',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when the record was opened, by the pager where one of the records is a pager\'s',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement, by the pager where it tells one',
    `tells_acknowledgement` UInt8 COMMENT '1 when a source of it tells acknowledgements: a pager, or one of which any record states its own',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution, by the first record that tells how it ended',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step, the resolution included',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merges_into` String COMMENT 'id of the incident that a record says it is merged into',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `alert_source` String COMMENT 'the source whose key that is',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `caused_by` Array(String) COMMENT 'keys or ids of all that its records say caused it',
    `problem_key` String COMMENT 'key of the problem record: as stated, else of a problem ticket that it names as its cause or as what it repeats',
    `repeats` Array(String) COMMENT 'ids of incidents of the same source that it is said to duplicate',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read incident_facts. What the records of each incident say together';

CREATE TABLE srekpi.build_incident_records
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the record\'s immutable id',
    `row_id` String COMMENT 'id of the record that gives the incident its row',
    `rank` UInt32 COMMENT '1 gives the row, others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: the source pages people',
    `source` LowCardinality(String) COMMENT 'name of its source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected',
    `teams` Array(String) COMMENT 'teams that worked on it',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` Nullable(UInt8) COMMENT '1 or 0 where the record says so, else NULL',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 when the record says so',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; where it does not state it, its first step',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution',
    `settles` UInt8 COMMENT '1 when the record tells how the incident ended: by a resolution, or by one taken back',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step, the resolution included',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `caused_by` Array(String) COMMENT 'keys or ids of all that the record says caused it',
    `problem_key` String COMMENT 'key of the problem record',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (row_id, id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read incident_records. What each record of an incident says';

CREATE TABLE srekpi.build_incident_sources
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id of the record',
    `basis` String COMMENT 'why the record belongs to the incident: its own record, or which record it names or is named by'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (incident_id, source, record_id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read incident_sources. The records behind each incident';

CREATE TABLE srekpi.build_incident_steps
(
    `build` UInt32 COMMENT 'the build that made the row',
    `record_id` String COMMENT 'the source\'s name in the config, a colon, the record\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `seq` UInt64 COMMENT 'order of steps of one moment',
    `kind` String COMMENT 'created, acknowledged, working, resolved, reopened, closed: states; escalated, mitigated, assigned, notified, merged, moved (to another status of a ticket), note, other: no states',
    `actor` String COMMENT 'who did it, or who was paged, as the source says; auto: no person',
    `detail` String COMMENT 'the source\'s own words'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (record_id, at, seq)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read incident_steps. The steps in the life of each incident record';

CREATE TABLE srekpi.build_incidents
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` String COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected, by the names of the config',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that worked on it, by the names of the config',
    `team` String COMMENT 'the first of them',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` UInt8 COMMENT '1 when declared major; where the source does not say, by severity (setting incidents.major)',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated, which is not "none"',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 for a drill or inside planned maintenance',
    `status` String COMMENT 'open, acknowledged, mitigated, resolved, closed (without a resolution time) or merged, as of as_of',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when the record was opened, by the pager where one of its records is a pager\'s; a parent of merged ones keeps its own',
    `started_at` DateTime64(3, 'UTC') COMMENT 'created_at, or that of the earliest incident merged into it: where its duration starts',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement, by the pager where it tells one',
    `tells_acknowledgement` UInt8 COMMENT '1 when a source of it tells acknowledgements, so that none means nobody acknowledged it',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution: the last one that was not taken back',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork; not a resolution unless the source\'s closing_resolves is set',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history; NULL where there is only a counter',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step, the resolution included',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merged_into` String COMMENT 'id of the incident that stands for it; empty while that one is not known',
    `flap_of` String COMMENT 'id of the incident whose episode it belongs to: same alert key, created within 30 minutes (setting incidents.flaps_within) of the last resolution',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `alert_source` String COMMENT 'the source whose key that is',
    `title_key` String COMMENT 'the words of the title that name a problem, see below; empty when it says nothing',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `caused_by` Array(String) COMMENT 'keys or ids of all that its records say caused it: changes, problems, incidents',
    `problem_key` String COMMENT 'key of the problem record: as stated, else of a problem ticket that it names as cause or as what it repeats',
    `repeats` Array(String) COMMENT 'ids of incidents of the same source that it is said to duplicate',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (created_at, id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read incidents. Incidents';

CREATE TABLE srekpi.build_known_issues
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'means and name',
    `means` String COMMENT 'what makes its incidents the same: problem or duplicate link, alert key, service and cause, service and title',
    `name` String COMMENT 'what they share, as in recurrences',
    `services` Array(String) COMMENT 'services that its incidents affected',
    `incidents` UInt64 COMMENT 'how many incidents, the first of each chain of repeats too',
    `repeats` UInt64 COMMENT 'how many of them repeat an earlier one',
    `first_at` DateTime64(3, 'UTC') COMMENT 'when the first of them began',
    `last_at` DateTime64(3, 'UTC') COMMENT 'when the last of them began',
    `hours` Float64 COMMENT 'hours that they lasted together, of open ones until as_of; one closed without a resolution time adds none',
    `hours_since_promised` Float64 COMMENT 'of these, the hours of those that came back while a fix was open',
    `fixes` Array(String) COMMENT 'ids of the action items promised after its incidents, and of earlier promises that they came back under',
    `came_back_while_open` UInt64 COMMENT 'repeats that began while a fix was open',
    `came_back_after_closed` UInt64 COMMENT 'repeats that began when all of its fixes were done',
    `incident_ids` Array(String) COMMENT 'its incidents, oldest first'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read known_issues. What keeps coming back';

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
ORDER BY (kpi, at, id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read kpi_evidence. The rows behind every KPI';

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
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read kpi_values. The value of every KPI, by week and month, over all and by dimension';

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
    `stock` UInt8 COMMENT '1 for a count of what stands open at the end of a period, not of what happened in it',
    `source` String COMMENT 'docs or standard that the definition follows',
    `dims` Array(String) COMMENT 'the dimensions that it is computed by',
    `file` String COMMENT 'the file that lists its evidence'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (kpi)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read kpis. The KPI catalogue';

CREATE TABLE srekpi.build_oncall_shifts
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `person_id` String COMMENT 'the source\'s id of the person',
    `person` String COMMENT 'name of the person',
    `time_zone` String COMMENT 'where the person lives, an IANA name; empty: not known',
    `schedule` String COMMENT 'the rota; empty: on call without one',
    `policy` String COMMENT 'the escalation policy',
    `level` UInt8 COMMENT 'of the policy: 1 is called first',
    `tier` String COMMENT 'L2 for level 1, L3 above it',
    `starts_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the shift; NULL: always on call',
    `ends_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the shift; NULL: no end'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read oncall_shifts. Who is, was and will be on call';

CREATE TABLE srekpi.build_pager_analytics
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `source` LowCardinality(String) COMMENT 'name of the source that tells it',
    `seconds_to_first_ack` Nullable(UInt32) COMMENT 'from its creation to the first acknowledgement',
    `seconds_to_engage` Nullable(UInt32) COMMENT 'from the first acknowledgement to that of the last responder; the vendor has it for several responders only',
    `seconds_to_mobilize` Nullable(UInt32) COMMENT 'from its creation to the acknowledgement of the last responder; for several responders only',
    `seconds_to_resolve` Nullable(UInt32) COMMENT 'from its creation to its resolution; NULL: not resolved',
    `business_hour_interruptions` Nullable(UInt32) COMMENT 'pages that interrupted a responder from 8 to 18 on a working day, where the responder lives',
    `off_hour_interruptions` Nullable(UInt32) COMMENT 'pages outside of business and sleep hours',
    `sleep_hour_interruptions` Nullable(UInt32) COMMENT 'pages from 22 to 8',
    `escalation_count` Nullable(UInt32) COMMENT 'how often it was escalated',
    `assignment_count` Nullable(UInt32) COMMENT 'how often it was assigned',
    `auto_resolved` Nullable(UInt8) COMMENT '1 when no person resolved it, else 0',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the vendor computed it'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (incident_id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read pager_analytics. What the pager\'s vendor computes for each incident';

CREATE TABLE srekpi.build_pages
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `source` String COMMENT 'name of the source that paged',
    `at` DateTime64(3, 'UTC') COMMENT 'when the page went out',
    `person_id` String COMMENT 'the source\'s id of who was paged; the name where no id is known',
    `person` String COMMENT 'name of who was paged',
    `time_zone` String COMMENT 'where that person lives, an IANA name; empty: not known',
    `shift_id` String COMMENT 'the shift of that person that holds the moment, the first level before others; empty: none',
    `first` UInt8 COMMENT '1 for the first page of this incident to this person'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (at, incident_id, person_id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read pages. Who was paged for which incident, and when';

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
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read periods. Weeks and months of the reporting zone';

CREATE TABLE srekpi.build_postmortems
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'id of the ticket',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `incident_ids` Array(String) COMMENT 'ids of the incidents that its links or its parent name',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was opened; NULL when not stated',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was done; NULL while it is not',
    `status` String COMMENT 'the source\'s own word',
    `owner` String COMMENT 'who writes it; empty: nobody'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read postmortems. Reviews of incidents, and whether they are done';

CREATE TABLE srekpi.build_recurrences
(
    `build` UInt32 COMMENT 'the build that made the row',
    `incident_id` String COMMENT 'id of the incident',
    `at` DateTime64(3, 'UTC') COMMENT 'when it was created',
    `rung` UInt8 COMMENT '1 problem or duplicate link, 2 alert key, 3 service and cause, 4 service and title; the lowest is the surest',
    `means` String COMMENT 'the rung in words',
    `name` String COMMENT 'what is shared: key of the problem or id of the duplicated incident; source and key of the alert; service and cause; service and title_key',
    `earlier_id` String COMMENT 'the latest incident that bears the name and was resolved before this one began; empty: none',
    `earlier_ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when that one was resolved',
    `gap_days` Nullable(Float64) COMMENT 'days from then until this one began; NULL: it repeats none',
    `fixes` Array(String) COMMENT 'of one that repeats: action items promised before it began, after any earlier incident that bears the name',
    `fix_state` String COMMENT '\'while its fix was open\' when any of these was, \'after its fix was closed\' when all were done; empty: there is no fix, or no repeat',
    `promised_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the earliest of those that were open was promised'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (at, incident_id, rung, name)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read recurrences. What each incident shares with earlier ones';

CREATE TABLE srekpi.build_rules
(
    `build` UInt32 COMMENT 'the build that made the row',
    `set` String COMMENT 'what the rule decides: issues (which issue is what), work (what kind of work a ticket is)',
    `sources` Array(String) COMMENT 'names of the sources whose records it judges; empty: all',
    `rank` UInt32 COMMENT 'its place: of those that fit, the first decides',
    `result` String COMMENT 'what a record that fits is',
    `roles` Array(String) COMMENT 'roles of a ticket, any of which fits; empty: all do',
    `projects` Array(String) COMMENT 'keys of projects, any of which fits; empty: all do',
    `types` Array(String) COMMENT 'the source\'s types, any of which fits; empty: all do',
    `labels` Array(String) COMMENT 'labels, any of which fits; empty: all do',
    `after_sprint_start` UInt8 COMMENT '1: only tickets created after the start of the sprint that they were put in',
    `jql` String COMMENT 'a question that Jira answers in every run; empty: none'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (set, sources, rank)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read rules. The rules of the config, in their order';

CREATE TABLE srekpi.build_services
(
    `build` UInt32 COMMENT 'the build that made the row',
    `service` String COMMENT 'its name, as in incidents and changes',
    `team` String COMMENT 'the owning team',
    `l2_team` String COMMENT 'who takes it first',
    `l3_team` String COMMENT 'who mends it',
    `tier` String COMMENT 'how much depends on it',
    `owner` String COMMENT 'who answers for it',
    `runbook` String COMMENT 'where to read what to do',
    `calendar` String COMMENT 'when its people work: a name in calendar'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (service)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read services. The service catalogue of the config';

CREATE TABLE srekpi.build_settings
(
    `build` UInt32 COMMENT 'the build that made the row',
    `name` String COMMENT 'path of the setting in the config',
    `value` String COMMENT 'its value; lengths of time in seconds; numbers of a list are joined by commas, texts of a list have a row each'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (name, value)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read settings. Settings of the config that models rest on';

CREATE TABLE srekpi.build_source_settings
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source',
    `type` String COMMENT 'file, jira or pagerduty',
    `entity` String COMMENT 'what its records fill; several are parted by commas',
    `closing_resolves` UInt8 COMMENT '1: a record closed without a resolution time counts as resolved when closed',
    `links` UInt8 COMMENT '1: the source is known to carry incident links, so that silence means success',
    `covers_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range that it is declared complete for',
    `covers_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range',
    `mapping` String COMMENT 'hash over how its records are read: another one is another definition'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read source_settings. What the config says of each source';

CREATE TABLE srekpi.build_sources
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source in the config',
    `type` String COMMENT 'file, jira, pagerduty …',
    `entity` String COMMENT 'what its records are: incident, change, ticket; several joined by commas',
    `collected_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range in which nothing is missing: what config says it covers, else of a file the earliest record, of an API how far its complete runs reached back',
    `collected_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range, at most as_of: what config says, else of a file the latest time in it, of an API the start of its last complete run',
    `records` UInt64 COMMENT 'distinct records landed, however many versions of each; lists of names (users, fields, statuses) and steps of a life are none',
    `staged` UInt64 COMMENT 'current records that could be read',
    `filtered` UInt64 COMMENT 'of these, left out by a row filter',
    `quarantined` UInt64 COMMENT 'records that could not be read',
    `unmapped` UInt64 COMMENT 'values that no value map covers'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read sources. What each source has delivered, and for which range';

CREATE TABLE srekpi.build_targets
(
    `build` UInt32 COMMENT 'the build that made the row',
    `rank` UInt32 COMMENT 'its place: of those that fit an incident, the first counts',
    `severities` Array(UInt8) COMMENT 'severities that it is for; empty: all',
    `services` Array(String) COMMENT 'services that it is for; empty: all',
    `acknowledge_within` Nullable(Float64) COMMENT 'seconds; NULL: no target',
    `resolve_within` Nullable(Float64) COMMENT 'seconds; NULL: no target',
    `clock` String COMMENT '24x7, or calendar: business hours of the service\'s calendar'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (rank)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read targets. How fast incidents are to be acknowledged and resolved';

CREATE TABLE srekpi.build_teams
(
    `build` UInt32 COMMENT 'the build that made the row',
    `team` String COMMENT 'its name, as in incidents and changes',
    `tier` String COMMENT 'L2, L3 or empty: an incident that reaches an L3 team is escalated'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (team)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read teams. The teams of the config';

CREATE TABLE srekpi.build_ticket_incidents
(
    `build` UInt32 COMMENT 'the build that made the row',
    `ticket_id` String COMMENT 'id of the ticket',
    `incident_ids` Array(String) COMMENT 'ids of the incidents that its links or its parent name'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (ticket_id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read ticket_incidents. Which incidents a promise or a review is about';

CREATE TABLE srekpi.build_ticket_transitions
(
    `build` UInt32 COMMENT 'the build that made the row',
    `ticket_id` String COMMENT 'id of the ticket',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `event_id` String COMMENT 'the source\'s id of the change, and its place in it',
    `position` UInt32 COMMENT 'place among the changes of its ticket, from 1',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `actor` String COMMENT 'who did it',
    `field` LowCardinality(String) COMMENT 'status, resolution, assignee, priority, duedate, sprint, key, type, labels',
    `from_id` String COMMENT 'the source\'s id of the old value',
    `from_value` String COMMENT 'the old value, as people read it',
    `to_id` String COMMENT 'the source\'s id of the new value',
    `to_value` String COMMENT 'the new value, as people read it',
    `from_category` String COMMENT 'of a status: todo, doing or done; empty: not known, which is not "not done"',
    `to_category` String COMMENT 'the same of the new status',
    `kind` String COMMENT 'resolved, reopened, started (the first move into a doing status, unless resolved before), moved (any other move), or empty for all else'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (ticket_id, position)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read ticket_transitions. What changed on each ticket, and which changes resolved or reopened it';

CREATE TABLE srekpi.build_tickets
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `role` LowCardinality(String) COMMENT 'incident, change, problem, postmortem, action_item or ticket, by the config\'s rules',
    `type` LowCardinality(String) COMMENT 'the source\'s own type of issue',
    `project` LowCardinality(String) COMMENT 'key of its project',
    `labels` Array(String) COMMENT 'free labels',
    `services` Array(String) COMMENT 'services that it is about, by the names of the config',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that work on it, by the names of the config',
    `team` String COMMENT 'the first of them',
    `status` String COMMENT 'the source\'s own word, as of as_of',
    `status_category` String COMMENT 'todo, doing or done; empty: not known',
    `resolution` String COMMENT 'how it was resolved, in the source\'s own word; empty while it is not',
    `priority` String COMMENT 'as the source says it',
    `assignee` String COMMENT 'who has it',
    `reporter` String COMMENT 'who asked for it',
    `parent` String COMMENT 'key of the epic or parent',
    `sprints` Array(String) COMMENT 'sprints that it was planned in',
    `sprint_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the first of them began; NULL: in none, none has begun, or the source does not tell',
    `points` Nullable(Float64) COMMENT 'story points; NULL: not estimated',
    `cause` String COMMENT 'cause category',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was opened; NULL when not stated',
    `started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move into a status that means doing; NULL when the history does not tell one',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution: the last one that was not taken back; NULL while it is open',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when it was resolved and no history tells how',
    `due_on` Nullable(Date) COMMENT 'the day that it is promised for',
    `links` Array(Tuple(
        kind String,
        key String,
        id String)) COMMENT 'kind (caused_by, causes, duplicates, duplicated_by, or the source\'s own words), key and id of linked tickets',
    `attributes` Map(String, String) COMMENT 'further fields by name',
    `work_class` String COMMENT 'what kind of work it is, by the first rule of the set work that fits; empty: none fits, it is unclassified',
    `work_rule` UInt32 COMMENT 'rank of that rule; 0: none'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read tickets. Tickets, whatever they are for';

CREATE TABLE srekpi.build_value_maps
(
    `build` UInt32 COMMENT 'the build that made the row',
    `source` String COMMENT 'name of the source',
    `entity` String COMMENT 'incident, change or ticket',
    `field` String COMMENT 'the field of ours that it fills: severity, cause, outcome …',
    `value` String COMMENT 'the source\'s own word',
    `meaning` String COMMENT 'what it is read as'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (source, entity, field, value)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read value_maps. How each source\'s own words are read';

CREATE TABLE srekpi.build_worklogs
(
    `build` UInt32 COMMENT 'the build that made the row',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `ticket_id` String COMMENT 'id of the ticket',
    `ticket_key` String COMMENT 'what people call the ticket; empty: the ticket is not known',
    `person` String COMMENT 'who booked it',
    `started_at` DateTime64(3, 'UTC') COMMENT 'when the work began',
    `hours` Float64 COMMENT 'how long it took',
    `role` LowCardinality(String) COMMENT 'of the ticket: incident, change, problem, postmortem, action_item or ticket; empty: the ticket is not known',
    `type` LowCardinality(String) COMMENT 'the source\'s own type of the ticket',
    `services` Array(String) COMMENT 'services of the ticket',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams of the ticket',
    `team` String COMMENT 'the first of them',
    `work_class` String COMMENT 'of the ticket: what kind of work it is; empty: no rule fits it, or it is not known'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (id)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read worklogs. Time booked on tickets';

CREATE TABLE srekpi.build_zone_offsets
(
    `build` UInt32 COMMENT 'the build that made the row',
    `zone` String COMMENT 'IANA name, as in pages and oncall_shifts; a name that is none has no row',
    `from_at` DateTime64(3, 'UTC') COMMENT 'the moment from which the clocks showed this',
    `until_at` DateTime64(3, 'UTC') COMMENT 'the first moment after it',
    `offset_seconds` Int32 COMMENT 'what to add to UTC to get the time on the wall'
)
ENGINE = MergeTree
PARTITION BY build
ORDER BY (zone, from_at)
SETTINGS allow_nullable_key = 1, max_bytes_to_merge_at_max_space_in_pool = 8388608, index_granularity = 8192
COMMENT 'internal: the rows of every build; read zone_offsets. How far clocks were ahead of UTC where responders live';

CREATE TABLE srekpi.builds
(
    `id` UInt32 COMMENT 'number of the build',
    `as_of` DateTime64(3, 'UTC') COMMENT 'the moment that it was computed for: nothing later is known to it',
    `definition` String COMMENT 'hash over the models and rules of this build',
    `structure` String COMMENT 'what the columns of its tables follow from: while it stays the same nothing is created or altered',
    `made_of` String COMMENT 'hash over all that its rows follow from: the clock, models, rules, staged rows and collected ranges',
    `started_at` DateTime64(3, 'UTC') COMMENT 'when the build began',
    `ended_at` DateTime64(3, 'UTC') COMMENT 'when it was published'
)
ENGINE = MergeTree
ORDER BY id
SETTINGS index_granularity = 8192
COMMENT 'state: one row per published build; views show the rows of the newest, as_of says for when it was computed';

CREATE TABLE srekpi.forgotten
(
    `pseudonym` String COMMENT 'what stands in the place of the person',
    `hash` String COMMENT 'HMAC-SHA256 over the words of a name, id or address, in hex',
    `words` UInt8 COMMENT 'how many words those are',
    `alone` UInt8 COMMENT '1: one word that counts only as a whole value or a mention, as @ada',
    `first_hint` UInt16 COMMENT '16 bits over the first word, which let ingest pass other texts; hidden by the key',
    `whole_hint` UInt16 COMMENT 'the same over all words',
    `key_id` String COMMENT 'tells which key it was: the same in all rows',
    `forgotten_at` DateTime64(3, 'UTC') COMMENT 'when that was asked for',
    `swept` UInt8 COMMENT '1: all that was stored by then is rewritten',
    `version` UInt64 COMMENT 'counts how often the list was stored; the highest of a row counts'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (pseudonym, hash)
SETTINGS index_granularity = 8192
COMMENT 'state: who was forgotten, as keyed hashes; the key is not stored';

CREATE TABLE srekpi.goose_db_version
(
    `version_id` Int64,
    `is_applied` UInt8,
    `date` Date DEFAULT now(),
    `tstamp` DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY (version_id)
SETTINGS index_granularity = 8192
COMMENT 'internal, state: the migrations that were applied';

CREATE TABLE srekpi.positions
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `stream` String COMMENT 'a file\'s path below the config\'s folder, or a feed\'s name',
    `position` String COMMENT 'JSON; only the source that wrote it reads it',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `version` UInt64 COMMENT 'the highest is current'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (source, stream)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000
COMMENT 'internal, state: how far each stream of a source has been read; read it with FINAL';

CREATE TABLE srekpi.published_definitions
(
    `kpi` LowCardinality(String) COMMENT 'name of the KPI',
    `version` String COMMENT 'as in published_values.kpi_definition',
    `part` LowCardinality(String) COMMENT 'a model, or a table of rules, that the KPI rests on',
    `kind` LowCardinality(String) COMMENT 'model or rule',
    `hash` String COMMENT 'over the model\'s query or the rules',
    `content` String COMMENT 'the rules as JSON rows; empty for a model' CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (kpi, version, part)
SETTINGS index_granularity = 8192
COMMENT 'state: what each definition behind an issued figure said';

CREATE TABLE srekpi.published_values
(
    `document` LowCardinality(String) COMMENT 'weekly or monthly',
    `period_start` Date COMMENT 'in the reporting zone',
    `issued_at` DateTime64(3, 'UTC') COMMENT 'when the report was issued',
    `data_as_of` DateTime64(3, 'UTC') COMMENT 'data cut-off of the report',
    `definition` String COMMENT 'definition version of the build behind it',
    `kpi_definition` String COMMENT 'definition version of the KPI, see published_definitions; empty: issued before versions were kept per KPI',
    `landed_to` UInt64 COMMENT 'the last ingest run that had landed a record by then; 0: not noted',
    `of_period` Date COMMENT 'first day of the period that the value is of: a rate that settles late is printed for an earlier one',
    `kpi` LowCardinality(String) COMMENT 'name of the KPI',
    `stat` LowCardinality(String) COMMENT 'median, p90, rate, share, count …',
    `dim` LowCardinality(String) COMMENT 'all, service, team, severity …',
    `dim_value` String COMMENT 'value of the dimension; empty for all',
    `value` Nullable(Float64) COMMENT 'as printed: seconds for a duration, 0 to 1 for a rate or share; NULL: none, or not collected',
    `low` Nullable(Float64) COMMENT 'lower end of the interval, or of a share\'s range',
    `high` Nullable(Float64) COMMENT 'upper end of the interval, or of a share\'s range',
    `k` Nullable(Float64) COMMENT 'numerator of a rate or share',
    `n` Nullable(Float64) COMMENT 'denominator, or the rows behind the figure',
    `unknown` Float64 COMMENT 'of a rate or share, what counted but was not, or not yet, known',
    `open` UInt64 COMMENT 'durations that were still running at the period\'s end',
    `excluded` UInt64 COMMENT 'rows that were left out',
    `complete` UInt8 COMMENT '1: nothing in it could settle differently any more',
    `verdict` String COMMENT 'what the report said of it'
)
ENGINE = MergeTree
ORDER BY (document, period_start, kpi, stat, dim, dim_value)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000
COMMENT 'state: every figure that an issued report printed, frozen';

CREATE TABLE srekpi.quarantine
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `entity` LowCardinality(String) COMMENT 'what the record was to be: incident, change …',
    `id` String COMMENT 'empty when even the id could not be read',
    `file` String COMMENT 'for a file source: where the row is',
    `line` UInt64 COMMENT 'of a file: the line; 0 for an API',
    `step` LowCardinality(String) DEFAULT 'staging' COMMENT 'what could not read it: ingest (the row itself) or staging (a value in it)',
    `model` LowCardinality(String) COMMENT 'the staging model that could not read it; empty for ingest',
    `reason` String COMMENT 'why it could not be read, and what was found there',
    `payload` String COMMENT 'the record, as received' CODEC(ZSTD(3)),
    `first_seen` DateTime64(3, 'UTC') COMMENT 'fetched_at of the run that saw it first'
)
ENGINE = MergeTree
ORDER BY (source, entity, id, file, line, reason)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000
COMMENT 'landing: records that could not be read, with the reason; fixed records leave it';

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
    `rest` String COMMENT 'of an emptied payload, as JSON: what ingest still asks of the record',
    `deleted` UInt8 COMMENT '1: the source no longer shows the record',
    `told` String ALIAS if(payload = '', rest, payload) COMMENT 'the payload, or what is left of it'
)
ENGINE = MergeTree
ORDER BY (source, entity, id, seq)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000
COMMENT 'landing: every record as the source sent it, append-only; the current version of one is the highest (updated_at, seq)';

CREATE TABLE srekpi.staged_runs
(
    `model` LowCardinality(String) COMMENT 'name of the staging model',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `run_id` UInt64 COMMENT 'the ingest run that was taken in',
    `hash` String COMMENT 'over the model and its mapping; another one stages its records again'
)
ENGINE = MergeTree
ORDER BY (model, source, run_id)
SETTINGS index_granularity = 8192
COMMENT 'internal, state: which ingest runs each staging model has taken in';

CREATE TABLE srekpi.stg_changes
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'version that the source states; NULL: the order of landing decides',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `filtered` UInt8 COMMENT '1: left out by a row filter of the config',
    `key` String COMMENT 'what people call it; it can change',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services, as the source calls them',
    `teams` Array(String) COMMENT 'teams, as the source calls them',
    `kind` String COMMENT 'deployment, config, feature_flag, infrastructure, database, other, or empty',
    `type` String COMMENT 'standard, normal, emergency, or empty',
    `risk` String COMMENT 'as the source rates it',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `labels` Array(String) COMMENT 'free labels',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; NULL when not stated',
    `planned_start` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the planned window',
    `planned_end` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the planned window',
    `started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work began',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work ended',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork; NULL when not stated',
    `status` String COMMENT 'as the source says it',
    `outcome` String COMMENT 'successful, successful_with_issues, failed, rolled_back, cancelled, rejected, or empty: not recorded',
    `parent_change` String COMMENT 'key of the change that this one mends',
    `caused_incidents` Array(String) COMMENT 'keys of incidents that the record says it caused',
    `attributes` Map(String, String) COMMENT 'further fields by name',
    `unmapped` Array(String) COMMENT 'field=value of what no value map covers',
    `same_as` Array(String) COMMENT 'ids, keys or URLs of the same change in other sources'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every version of each change record, typed; read changes';

CREATE TABLE srekpi.stg_incident_events
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the incident\'s id in its source',
    `event_id` String COMMENT 'the source\'s id of the event, or a hash of its content: a re-read file adds nothing',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it happened',
    `kind` LowCardinality(String) COMMENT 'created, acknowledged, escalated, mitigated, resolved, reopened, closed, working (any other not-done state), note',
    `actor` String COMMENT 'who did it, as the source says',
    `detail` String COMMENT 'the source\'s own words',
    `unmapped` Array(String) COMMENT 'field=value of what no value map covers'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id, event_id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every version of each step of an incident; read incident_events';

CREATE TABLE srekpi.stg_incidents
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'version that the source states; NULL: the order of landing decides',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `filtered` UInt8 COMMENT '1: left out by a row filter of the config',
    `key` String COMMENT 'what people call it; it can change',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services, as the source calls them',
    `teams` Array(String) COMMENT 'teams, as the source calls them',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` Nullable(UInt8) COMMENT '1 or 0 where the source says so; NULL: it does not',
    `customer_impact` Nullable(UInt8) COMMENT 'NULL: not stated, which is not "none"',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1: a drill, or inside planned maintenance',
    `status` String COMMENT 'as the source says it',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; NULL when not stated',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution; NULL while there is none',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork; NULL when not stated',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL: the source does not say',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL: the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merged_into` String COMMENT 'the source\'s id or key of the parent',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `cause` String COMMENT 'cause category, as the source says it',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `problem_key` String COMMENT 'key of the problem record',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name',
    `unmapped` Array(String) COMMENT 'field=value of what no value map covers',
    `same_as` Array(String) COMMENT 'ids, keys or URLs of the same incident in other sources',
    `caused_by` Array(String) COMMENT 'keys or ids of what the record says caused it: changes, problems, incidents',
    `duplicates` Array(String) COMMENT 'keys or ids of incidents or problems that it repeats'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every version of each incident record, typed; read incidents';

CREATE TABLE srekpi.stg_oncall_shifts
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `person_id` String COMMENT 'the source\'s id of the person',
    `person` String COMMENT 'name of the person',
    `schedule` String COMMENT 'empty: always on call, without a schedule',
    `policy` String COMMENT 'the escalation policy',
    `level` UInt8 COMMENT 'of the policy: 1 is called first',
    `starts_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'NULL: always',
    `ends_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the shift; NULL: no end'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every version of each shift; read oncall_shifts';

CREATE TABLE srekpi.stg_pager_analytics
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the incident\'s id in its source',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the vendor computed it',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `seconds_to_first_ack` Nullable(UInt32) COMMENT 'from its creation to the first acknowledgement',
    `seconds_to_engage` Nullable(UInt32) COMMENT 'from the first acknowledgement to that of the last responder',
    `seconds_to_mobilize` Nullable(UInt32) COMMENT 'from its creation to the acknowledgement of the last responder',
    `seconds_to_resolve` Nullable(UInt32) COMMENT 'from its creation to its resolution',
    `business_hour_interruptions` Nullable(UInt32) COMMENT 'pages from 8 to 18 on a working day, where the responder lives',
    `off_hour_interruptions` Nullable(UInt32) COMMENT 'pages outside of business and sleep hours',
    `sleep_hour_interruptions` Nullable(UInt32) COMMENT 'pages from 22 to 8',
    `escalation_count` Nullable(UInt32) COMMENT 'how often it was escalated',
    `assignment_count` Nullable(UInt32) COMMENT 'how often it was assigned',
    `auto_resolved` Nullable(UInt8) COMMENT '1 when no person resolved it'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: what a pager\'s vendor computes for each incident; read pager_analytics';

CREATE TABLE srekpi.stg_people
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `name` String COMMENT 'name of the person',
    `time_zone` String COMMENT 'IANA name; empty: not known'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: responders, for their names and zones';

CREATE TABLE srekpi.stg_statuses
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `name` String COMMENT 'as people read it',
    `category` LowCardinality(String) COMMENT 'todo, doing, done; empty: not known'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: the statuses of a source\'s workflows and what they mean';

CREATE TABLE srekpi.stg_ticket_transitions
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the ticket\'s id in its source',
    `event_id` String COMMENT 'the source\'s id of the change, and its place in it',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it happened',
    `actor` String COMMENT 'who did it, as the source says',
    `field` LowCardinality(String) COMMENT 'status, resolution, assignee, priority, duedate, sprint, key, type, labels',
    `from_id` String COMMENT 'the source\'s id of the old value',
    `from_value` String COMMENT 'the old value, as people read it',
    `to_id` String COMMENT 'the source\'s id of the new value',
    `to_value` String COMMENT 'the new value, as people read it'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id, event_id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every change of a ticket\'s field; read ticket_transitions';

CREATE TABLE srekpi.stg_tickets
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'version that the source states; NULL: the order of landing decides',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `filtered` UInt8 COMMENT '1: left out by a row filter of the config',
    `key` String COMMENT 'what people call it; it can change',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `role` LowCardinality(String) COMMENT 'incident, change, problem, postmortem, action_item or ticket, by the config\'s rules',
    `type` LowCardinality(String) COMMENT 'the source\'s own type of issue',
    `project` LowCardinality(String) COMMENT 'key of its project',
    `labels` Array(String) COMMENT 'free labels',
    `services` Array(String) COMMENT 'services, as the source calls them',
    `teams` Array(String) COMMENT 'teams, as the source calls them',
    `status` LowCardinality(String) COMMENT 'as the source says it',
    `status_id` String COMMENT 'the source\'s id of the status',
    `resolution` String COMMENT 'how it was resolved, in the source\'s own word; empty while it is not',
    `priority` String COMMENT 'as the source says it',
    `assignee` String COMMENT 'who has it',
    `reporter` String COMMENT 'who asked for it',
    `parent` String COMMENT 'key of the epic or parent',
    `sprints` Array(String) COMMENT 'sprints that it was planned in',
    `sprint_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the earliest start of its sprints; NULL: in none, or the source does not tell',
    `points` Nullable(Float64) COMMENT 'story points',
    `cause` String COMMENT 'cause category, as the source says it',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; NULL when not stated',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the latest resolution that the record itself states',
    `due_on` Nullable(Date) COMMENT 'the day that it was promised for',
    `links` Array(Tuple(
        kind String,
        key String,
        id String)) COMMENT 'kind: caused_by, causes, duplicates, duplicated_by, or the source\'s own words',
    `attributes` Map(String, String) COMMENT 'further fields by name',
    `unmapped` Array(String) COMMENT 'field=value of what no value map covers'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every version of each ticket, whatever it is for; read tickets';

CREATE TABLE srekpi.stg_worklogs
(
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `id` String COMMENT 'the source\'s immutable id',
    `version` UInt128 COMMENT 'updated_at in ms, then seq: the highest is current',
    `run_id` UInt64 COMMENT 'the ingest run that landed it',
    `seq` UInt64 COMMENT 'order of landing within its source',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'version that the source states; NULL: the order of landing decides',
    `deleted` UInt8 COMMENT '1: the source no longer shows it',
    `ticket_id` String COMMENT 'the ticket\'s id in its source',
    `person` String COMMENT 'who booked it',
    `started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the work began',
    `seconds` UInt32 COMMENT 'how long it took'
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY source
ORDER BY (source, id)
SETTINGS index_granularity = 8192
COMMENT 'internal, staging: every version of each booking of time; read worklogs';

CREATE TABLE srekpi.sync_runs
(
    `run_id` UInt64 COMMENT 'number of the run, in order of time',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `entity` LowCardinality(String) COMMENT 'what its records are; several are parted by commas',
    `started_at` DateTime64(3, 'UTC') COMMENT 'when the run began',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'NULL while it runs',
    `status` LowCardinality(String) COMMENT 'running, complete, failed, interrupted, or closed (died, closed by the next run)',
    `records` UInt64 COMMENT 'records landed by this run',
    `quarantined` UInt64 COMMENT 'records of this run that could not be read',
    `requests` UInt64 COMMENT 'requests sent to the source',
    `retries` UInt64 COMMENT 'of these, such as were sent again',
    `bytes` UInt64 COMMENT 'bytes received',
    `message` String COMMENT 'why it failed, and the next step',
    `version` UInt64 COMMENT 'the highest is current',
    `covers_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'how far the run reached back; NULL for files, whose range is read from their records',
    `covers_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the run began, by the source\'s clock'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, source)
SETTINGS index_granularity = 8192, non_replicated_deduplication_window = 1000
COMMENT 'landing: one row per ingest run and source; read it with FINAL';

CREATE VIEW srekpi.action_items
(
    `id` String COMMENT 'id of the ticket',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `owner` String COMMENT 'who promised it; empty: nobody',
    `team` String COMMENT 'team of the owner',
    `services` Array(String) COMMENT 'services that it mends',
    `incident_ids` Array(String) COMMENT 'ids of the incidents that its links or its parent name',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was opened; NULL when not stated',
    `first_due_on` Nullable(Date) COMMENT 'the day that it was promised for at first; NULL: never promised',
    `due_on` Nullable(Date) COMMENT 'the day that it is promised for now; NULL: it has none',
    `due_moves` UInt32 COMMENT 'how often that day was moved',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was done; NULL while it is open',
    `status` String COMMENT 'the source\'s own word',
    `status_category` String COMMENT 'todo, doing or done; empty: not known'
)
COMMENT 'What was promised after incidents, by whom and until when'
AS SELECT
    id,
    source,
    key,
    url,
    title,
    owner,
    team,
    services,
    incident_ids,
    created_at,
    first_due_on,
    due_on,
    due_moves,
    resolved_at,
    status,
    status_category
FROM srekpi.build_action_items
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.aliases
(
    `kind` String COMMENT 'service, team or cause',
    `alias` String COMMENT 'what a source may call it, in small letters; its own name is one',
    `name` String COMMENT 'what reports call it'
)
COMMENT 'What sources call a service, a team or a cause, and what reports call it'
AS SELECT
    kind,
    alias,
    name
FROM srekpi.build_aliases
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.annotations
(
    `at` DateTime64(3, 'UTC') COMMENT 'when it took effect',
    `title` String COMMENT 'what changed',
    `scope` String COMMENT 'a service, a team or a KPI; empty: everything'
)
COMMENT 'Dated events of policy, drawn on charts'
AS SELECT
    at,
    title,
    scope
FROM srekpi.build_annotations
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.cab_windows
(
    `name` String COMMENT 'as in the config',
    `starts_at` DateTime64(3, 'UTC') COMMENT 'its first moment',
    `ends_at` DateTime64(3, 'UTC') COMMENT 'the first moment after it'
)
COMMENT 'The windows in which changes go out'
AS SELECT
    name,
    starts_at,
    ends_at
FROM srekpi.build_cab_windows
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.calendar
(
    `calendar` String COMMENT 'name of the calendar; business holds where none is named',
    `day` Date COMMENT 'the date in the calendar\'s zone',
    `starts_at` DateTime64(3, 'UTC') COMMENT 'its midnight',
    `ends_at` DateTime64(3, 'UTC') COMMENT 'the midnight after it',
    `opens_at` DateTime64(3, 'UTC') COMMENT 'when business begins; on a day off the same as closes_at',
    `closes_at` DateTime64(3, 'UTC') COMMENT 'when business ends',
    `holiday` String COMMENT 'name of the holiday; empty: none',
    `workday` UInt32 COMMENT 'how many working days there were up to and with this one; a day off has the number of the one before it',
    `open_before` Float64 COMMENT 'business seconds of all days before this one'
)
COMMENT 'Days, business hours and holidays'
AS SELECT
    calendar,
    day,
    starts_at,
    ends_at,
    opens_at,
    closes_at,
    holiday,
    workday,
    open_before
FROM srekpi.build_calendar
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.change_facts
(
    `id` String COMMENT 'id of the change',
    `source` String COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it changed',
    `teams` Array(String) COMMENT 'teams that carried it out',
    `kind` String COMMENT 'deployment, config, feature_flag, infrastructure, database, other; empty when not stated',
    `type` String COMMENT 'standard, normal, emergency; empty when not stated',
    `risk` String COMMENT 'as the source rates it',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when work ended; NULL when not stated',
    `done_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was done: its end, else its start',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the moment that assigns it to a period: done_at, else closed, created, planned',
    `left_out` String COMMENT 'why no KPI of changes counts it: cancelled, rejected, another environment than production, not completed',
    `basis` String COMMENT 'how it failed: failed, rolled back, caused an incident, mended by a hotfix; or successful with issues, a failure only by setting changes.issues_fail',
    `failed` Nullable(UInt8) COMMENT '1 when it failed, whatever is still pending',
    `outcome_recorded` UInt8 COMMENT '1 when the source says how it ended, or keeps incident links, so that silence means success',
    `incidents` Array(String) COMMENT 'ids of the incidents that it is explicitly said to have caused',
    `hotfixes` Array(String) COMMENT 'ids of the changes that mend it',
    `hotfixed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the last of these ended; NULL while none has',
    `observed_for` UInt32 COMMENT 'seconds from done_at until its outcome is final (setting changes.observed_for)',
    `settles_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when that is',
    `unwatched` String COMMENT 'why no incident that followed it could be seen: its end is not known, no service is stated, no incidents are collected; empty: one could',
    `watched_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'incidents are collected up to here'
)
COMMENT 'What the KPIs of changes rest on'
AS SELECT
    id,
    source,
    key,
    url,
    title,
    services,
    teams,
    kind,
    type,
    risk,
    ended_at,
    done_at,
    at,
    left_out,
    basis,
    failed,
    outcome_recorded,
    incidents,
    hotfixes,
    hotfixed_at,
    observed_for,
    settles_at,
    unwatched,
    watched_to
FROM srekpi.build_change_facts
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.change_incident_links
(
    `change_id` String COMMENT 'id of the change',
    `incident_id` String COMMENT 'id of the incident',
    `grade` String COMMENT 'explicit (a field of either record says so), mentioned (the incident\'s title or a note cites the change by a pattern of changes.cited_as), or suspected (it came to a service within 72 hours after a production change there ended)',
    `basis` String COMMENT 'the field or text that the link rests on; of a suspected one the smallest of 4, 24 and 72 hours',
    `lag_seconds` Nullable(Int64) COMMENT 'from the end of the change (else its start) to the incident\'s creation; NULL when the change states neither'
)
COMMENT 'Which change caused which incident, and how sure that is'
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
    `source` String COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it changed, by the names of the config',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that carried it out, by the names of the config',
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
COMMENT 'Changes to production and elsewhere'
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

CREATE VIEW srekpi.changes_before_incident
(
    `change_id` String COMMENT 'id of the change',
    `key` String COMMENT 'what people call it',
    `title` String COMMENT 'as the source says it',
    `kind` String COMMENT 'deployment, config, feature_flag …; empty when not stated',
    `type` String COMMENT 'standard, normal or emergency; empty when not stated',
    `risk` String COMMENT 'as the source rates it',
    `outcome` String COMMENT 'empty: not recorded',
    `services` Array(String) COMMENT 'services that it changed',
    `done_at` DateTime64(3, 'UTC') COMMENT 'its end, else its start',
    `lag` Float64 COMMENT 'seconds from then to the incident',
    `same_service` UInt8 COMMENT '1 when it changed a service that the incident affected',
    `linked` String COMMENT 'explicit (a record says so), mentioned (a text cites it), suspected (by time alone), or empty. Time alone proves nothing: suspected_by_chance says how often it would fit anyway',
    `url` String COMMENT 'where to open it'
)
COMMENT 'What was changed before an incident'
AS SELECT
    c.id AS change_id,
    c.key AS key,
    c.title AS title,
    toString(c.kind) AS kind,
    toString(c.type) AS type,
    c.risk AS risk,
    toString(c.outcome) AS outcome,
    c.services AS services,
    assumeNotNull(coalesce(c.ended_at, c.started_at)) AS done_at,
    dateDiff('millisecond', done_at, i.created_at) / 1000 AS lag,
    toUInt8(hasAny(c.services, i.services)) AS same_service,
    multiIf(has(l.grades, 'explicit'), 'explicit', has(l.grades, 'mentioned'), 'mentioned', has(l.grades, 'suspected'), 'suspected', '') AS linked,
    c.url AS url
FROM srekpi.changes AS c
CROSS JOIN
(
    SELECT
        id,
        created_at,
        services
    FROM srekpi.incidents
    WHERE (key = {incident:String}) OR (id = {incident:String})
) AS i
LEFT JOIN
(
    SELECT
        change_id,
        incident_id,
        groupArray(toString(grade)) AS grades
    FROM srekpi.change_incident_links
    GROUP BY ALL
) AS l ON (l.change_id = c.id) AND (l.incident_id = i.id)
WHERE (c.outcome NOT IN ('cancelled', 'rejected')) AND (coalesce(c.ended_at, c.started_at) <= i.created_at) AND (coalesce(c.ended_at, c.started_at) > (i.created_at - toIntervalHour({hours:UInt32})));

CREATE VIEW srekpi.data_health
(
    `source` String COMMENT 'name of the source whose records lack it',
    `finding` String COMMENT 'its short name; of rows whose outcome is not known, their entity and the reason in kpi_evidence',
    `title` String COMMENT 'what the rows are, as a sentence goes on after their number, in the singular after 1',
    `rows` UInt64 COMMENT 'how many lack it; of "behind" the hours. A record with one flaw that several KPIs leave it out for counts once',
    `of` UInt64 COMMENT 'how many were looked at; 0 where that says nothing',
    `kpi` String COMMENT 'the KPI that mending narrows most, or that would count the rows (of several the one that people know best); empty: none',
    `low` Nullable(Float64) COMMENT 'the KPI over these 90 days, were every unknown outcome a miss; NULL: no KPI',
    `high` Nullable(Float64) COMMENT 'the same, were every unknown outcome a hit',
    `low_after` Nullable(Float64) COMMENT 'low, were these rows known and like the known ones; NULL where none is known',
    `high_after` Nullable(Float64) COMMENT 'high, were these rows known and like the known ones',
    `narrows` Float64 COMMENT 'by how many points that would narrow the range from low to high',
    `next_step` String COMMENT 'what to do about it; another where the source states the field in no record at all',
    `examples` Array(String) COMMENT 'keys of up to three of the rows, the newest first'
)
COMMENT 'What the data lack, ranked by what mending it would narrow'
AS SELECT
    source,
    finding,
    title,
    rows,
    of,
    kpi,
    low,
    high,
    low_after,
    high_after,
    narrows,
    next_step,
    examples
FROM srekpi.build_data_health
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.definitions
(
    `kpi` String COMMENT 'name of the KPI',
    `version` String COMMENT 'its definition version: a hash over all its parts',
    `part` String COMMENT 'a model, or a table of rules',
    `kind` String COMMENT 'model or rule',
    `hash` String COMMENT 'over the model\'s query or the rules',
    `content` String COMMENT 'the rules as JSON rows, those that matter to the KPI; empty for a model'
)
COMMENT 'What the figures of each KPI follow from'
AS SELECT
    kpi,
    version,
    part,
    kind,
    hash,
    content
FROM srekpi.build_definitions
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.durations_before_and_after
(
    `dim_value` String COMMENT 'a row stands in each of its services, so they do not add up',
    `n_before` UInt64 COMMENT 'finished before',
    `median_before` Nullable(Float64) COMMENT 'seconds',
    `n_after` UInt64 COMMENT 'finished after',
    `median_after` Nullable(Float64) COMMENT 'seconds',
    `still_open` UInt64 COMMENT 'not finished by now: long ones are missing from the median after',
    `ratio` Nullable(Float64) COMMENT 'geometric mean after by that before: 0.5 is half as long',
    `low` Nullable(Float64) COMMENT 'lower end of the ratio\'s 95 % interval (Welch, on logarithms; below a minute counts as one)',
    `high` Nullable(Float64) COMMENT 'its upper end',
    `verdict` String COMMENT 'longer, shorter, cannot tell (the interval holds 1), or nothing to compare (fewer than two on a side)',
    `cannot_tell` UInt8 COMMENT '1 unless longer or shorter',
    `tested` UInt64 COMMENT 'how many rows have something to compare',
    `longer_by_chance` Float64 COMMENT 'how many of them would seem longer if none had changed: 2.5 % each'
)
COMMENT 'A duration before and after a date, by service or another dimension'
AS WITH
    sides AS
    (
        SELECT
            arrayJoin(if({dim:String} = 'all', [''], arrayDistinct(arrayFilter(x -> (x != ''), dims[{dim:String}])))) AS dim_value,
            countIf(done AND (after = 0)) AS n1,
            countIf(done AND (after = 1)) AS n2,
            countIf(isNull(at)) AS running,
            quantileExactInclusiveIf(0.5)(seconds, done AND (after = 0)) AS m1,
            quantileExactInclusiveIf(0.5)(seconds, done AND (after = 1)) AS m2,
            welchTTestIf(0.95)(log(greatest(seconds, 60)), after, done) AS test,
            avgIf(log(greatest(seconds, 60)), done AND (after = 1)) - avgIf(log(greatest(seconds, 60)), done AND (after = 0)) AS shift
        FROM
        (
            SELECT
                at,
                dims,
                ifNull(value, 0) AS seconds,
                isNotNull(value) AND isNotNull(at) AS done,
                toUInt8(ifNull(at >= {at:DateTime64(3, 'UTC')}, 1)) AS after
            FROM srekpi.kpi_evidence
            WHERE (kpi = {kpi:String}) AND (included = 1)
        )
        WHERE ((
            SELECT throwIf(count() = 0, 'durations_before_and_after takes a KPI of kind duration; SELECT kpi FROM kpis WHERE kind = \'duration\' lists them')
            FROM srekpi.kpis
            WHERE (kpi = {kpi:String}) AND (kind = 'duration')
        ) = 0) AND (isNull(at) OR ({days:UInt32} = 0) OR ((at >= ({at:DateTime64(3, 'UTC')} - toIntervalDay({days:UInt32}))) AND (at < ({at:DateTime64(3, 'UTC')} + toIntervalDay({days:UInt32}))))) AND (NOT arrayExists(w -> has(dims[splitByChar('=', w)[1]], substring(w, position(w, '=') + 1)), {without:Array(String)}))
        GROUP BY dim_value
    )
SELECT
    dim_value,
    n1 AS n_before,
    if(n1 = 0, NULL, m1) AS median_before,
    n2 AS n_after,
    if(n2 = 0, NULL, m2) AS median_after,
    running AS still_open,
    if((n1 < 2) OR (n2 < 2), NULL, exp(shift)) AS ratio,
    if((n1 < 2) OR (n2 < 2) OR (NOT isFinite(test.4)), NULL, exp(-(test.4))) AS low,
    if((n1 < 2) OR (n2 < 2) OR (NOT isFinite(test.3)), NULL, exp(-(test.3))) AS high,
    multiIf((n1 < 2) OR (n2 < 2), 'nothing to compare', low > 1, 'longer', high < 1, 'shorter', 'cannot tell') AS verdict,
    toUInt8(verdict NOT IN ('longer', 'shorter')) AS cannot_tell,
    countIf((n1 >= 2) AND (n2 >= 2)) OVER () AS tested,
    0.025 * tested AS longer_by_chance
FROM sides;

CREATE VIEW srekpi.escalations
(
    `incident_id` String COMMENT 'id of the incident',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it first reached L3; NULL where only a team shows that it did',
    `basis` String COMMENT 'what tells it: the source\'s escalation, paged an L3 shift, or an L3 team worked on it'
)
COMMENT 'Incidents that reached L3'
AS SELECT
    incident_id,
    at,
    basis
FROM srekpi.build_escalations
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.identities
(
    `entity` String COMMENT 'incident or change',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services of the record',
    `teams` Array(String) COMMENT 'teams of the record',
    `severity` UInt8 COMMENT 'of an incident: 1 (worst) to 5, 0 unknown',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; of an incident that does not state it, its first step tells it; NULL when not known',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'as the record states it, if not later than as_of: of an incident resolved, else closed; of a change ended, else started',
    `rank` UInt32 COMMENT '1 gives the row, others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: the source pages people',
    `row_id` String COMMENT 'id of the row that stands for the record; its own where no other does',
    `basis` String COMMENT 'why the record belongs to that row: its own record, or which record it names or is named by'
)
COMMENT 'Which records are one incident or one change'
AS SELECT
    entity,
    id,
    source,
    record_id,
    key,
    url,
    title,
    services,
    teams,
    severity,
    created_at,
    ended_at,
    rank,
    pager,
    row_id,
    basis
FROM srekpi.build_identities
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.identity_order
(
    `source` String COMMENT 'name of the source',
    `rank` UInt32 COMMENT '1 gives the row, the others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: it pages people, so start and acknowledgement come from it'
)
COMMENT 'Which source speaks for an incident or change that several hold'
AS SELECT
    source,
    rank,
    pager
FROM srekpi.build_identity_order
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.identity_pairs
(
    `entity` String COMMENT 'incident or change',
    `a` String COMMENT 'id of one record',
    `a_source` String COMMENT 'its source',
    `a_rank` UInt32 COMMENT 'its source\'s rank',
    `b` String COMMENT 'id of the other record',
    `b_source` String COMMENT 'its source',
    `b_rank` UInt32 COMMENT 'its source\'s rank',
    `names` UInt8 COMMENT '1 when a names b, 0 when only b names a'
)
COMMENT 'Records of two sources that name each other'
AS SELECT
    entity,
    a,
    a_source,
    a_rank,
    b,
    b_source,
    b_rank,
    names
FROM srekpi.build_identity_pairs
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.identity_records
(
    `entity` String COMMENT 'incident or change',
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services of the record, by the names of the config',
    `teams` Array(String) COMMENT 'teams of the record, by the names of the config',
    `severity` UInt8 COMMENT 'of an incident: 1 (worst) to 5, 0 unknown',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; of an incident that does not state it, its first step tells it; NULL when not known',
    `ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'as the record states it, if not later than as_of: of an incident resolved, else closed; of a change ended, else started',
    `rank` UInt32 COMMENT '1 gives the row, others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: the source pages people',
    `same_as` Array(String) COMMENT 'ids, keys or addresses that the record names as the same in other sources'
)
COMMENT 'The records of incidents and changes, by source'
AS SELECT
    entity,
    id,
    source,
    record_id,
    key,
    url,
    title,
    services,
    teams,
    severity,
    created_at,
    ended_at,
    rank,
    pager,
    same_as
FROM srekpi.build_identity_records
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incident_events
(
    `incident_id` String COMMENT 'id of the incident',
    `source` String COMMENT 'name of the source that tells it',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `kind` String COMMENT 'created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working, assigned, notified, merged, moved (to another status of a ticket), note or other',
    `actor` String COMMENT 'who did it, or who was paged, as the source says',
    `detail` String COMMENT 'the source\'s own words',
    `basis` String COMMENT 'event (the source told the step) or field (from a time in the record)'
)
COMMENT 'What happened to each incident, step by step'
AS SELECT
    incident_id,
    source,
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

CREATE VIEW srekpi.incident_facts
(
    `id` String COMMENT 'id of the record that gives the row',
    `source` String COMMENT 'name of its source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected, by the names of the config',
    `teams` Array(String) COMMENT 'teams that worked on it, by the names of the config',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` Nullable(UInt8) COMMENT '1 or 0 where a record says so, else NULL',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 when any record says so',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when the record was opened, by the pager where one of the records is a pager\'s',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement, by the pager where it tells one',
    `tells_acknowledgement` UInt8 COMMENT '1 when a source of it tells acknowledgements: a pager, or one of which any record states its own',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution, by the first record that tells how it ended',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step, the resolution included',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merges_into` String COMMENT 'id of the incident that a record says it is merged into',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `alert_source` String COMMENT 'the source whose key that is',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `caused_by` Array(String) COMMENT 'keys or ids of all that its records say caused it',
    `problem_key` String COMMENT 'key of the problem record: as stated, else of a problem ticket that it names as its cause or as what it repeats',
    `repeats` Array(String) COMMENT 'ids of incidents of the same source that it is said to duplicate',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
COMMENT 'What the records of each incident say together'
AS SELECT
    id,
    source,
    key,
    url,
    title,
    services,
    teams,
    severity,
    major,
    customer_impact,
    environment,
    exercise,
    source_status,
    created_at,
    impact_started_at,
    acknowledged_at,
    tells_acknowledgement,
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
    merges_into,
    alert_key,
    alert_source,
    cause,
    fix_owner,
    caused_by_change,
    caused_by,
    problem_key,
    repeats,
    detected_by,
    attributes
FROM srekpi.build_incident_facts
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incident_records
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the record\'s immutable id',
    `row_id` String COMMENT 'id of the record that gives the incident its row',
    `rank` UInt32 COMMENT '1 gives the row, others fill its blanks in this order',
    `pager` UInt8 COMMENT '1: the source pages people',
    `source` LowCardinality(String) COMMENT 'name of its source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected',
    `teams` Array(String) COMMENT 'teams that worked on it',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` Nullable(UInt8) COMMENT '1 or 0 where the record says so, else NULL',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 when the record says so',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the record was opened; where it does not state it, its first step',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution',
    `settles` UInt8 COMMENT '1 when the record tells how the incident ended: by a resolution, or by one taken back',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step, the resolution included',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `caused_by` Array(String) COMMENT 'keys or ids of all that the record says caused it',
    `problem_key` String COMMENT 'key of the problem record',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
COMMENT 'What each record of an incident says'
AS SELECT
    id,
    row_id,
    rank,
    pager,
    source,
    key,
    url,
    title,
    services,
    teams,
    severity,
    major,
    customer_impact,
    environment,
    exercise,
    source_status,
    created_at,
    impact_started_at,
    acknowledged_at,
    escalated_at,
    mitigated_at,
    first_resolved_at,
    resolved_at,
    settles,
    closed_at,
    reopen_count,
    first_reopened_at,
    has_history,
    reassignment_count,
    resolved_by,
    alert_key,
    cause,
    fix_owner,
    caused_by_change,
    caused_by,
    problem_key,
    detected_by,
    attributes
FROM srekpi.build_incident_records
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incident_sources
(
    `incident_id` String COMMENT 'id of the incident',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `record_id` String COMMENT 'the source\'s immutable id of the record',
    `basis` String COMMENT 'why the record belongs to the incident: its own record, or which record it names or is named by'
)
COMMENT 'The records behind each incident'
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

CREATE VIEW srekpi.incident_steps
(
    `record_id` String COMMENT 'the source\'s name in the config, a colon, the record\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `seq` UInt64 COMMENT 'order of steps of one moment',
    `kind` String COMMENT 'created, acknowledged, working, resolved, reopened, closed: states; escalated, mitigated, assigned, notified, merged, moved (to another status of a ticket), note, other: no states',
    `actor` String COMMENT 'who did it, or who was paged, as the source says; auto: no person',
    `detail` String COMMENT 'the source\'s own words'
)
COMMENT 'The steps in the life of each incident record'
AS SELECT
    record_id,
    source,
    at,
    seq,
    kind,
    actor,
    detail
FROM srekpi.build_incident_steps
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.incident_timeline
(
    `incident_id` String COMMENT 'id of the incident',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `after` Float64 COMMENT 'seconds since the incident was opened; below 0 before it',
    `kind` String COMMENT 'created, impact_started, acknowledged, escalated, mitigated, resolved, reopened, closed, working, assigned, notified, merged, moved, note or other',
    `actor` String COMMENT 'who did it, or who was paged',
    `detail` String COMMENT 'the source\'s own words',
    `source` String COMMENT 'which source tells it',
    `basis` String COMMENT 'event (the source told the step) or field (from a time in the record)'
)
COMMENT 'What happened in one incident, step by step'
AS SELECT
    e.incident_id AS incident_id,
    e.at AS at,
    dateDiff('millisecond', i.created_at, e.at) / 1000 AS after,
    toString(e.kind) AS kind,
    e.actor AS actor,
    e.detail AS detail,
    toString(e.source) AS source,
    toString(e.basis) AS basis
FROM srekpi.incident_events AS e
INNER JOIN srekpi.incidents AS i ON i.id = e.incident_id
WHERE (i.key = {incident:String}) OR (i.id = {incident:String});

CREATE VIEW srekpi.incidents
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` String COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected, by the names of the config',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that worked on it, by the names of the config',
    `team` String COMMENT 'the first of them',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown',
    `major` UInt8 COMMENT '1 when declared major; where the source does not say, by severity (setting incidents.major)',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL when not stated, which is not "none"',
    `environment` String COMMENT 'production, staging …; empty when not stated',
    `exercise` UInt8 COMMENT '1 for a drill or inside planned maintenance',
    `status` String COMMENT 'open, acknowledged, mitigated, resolved, closed (without a resolution time) or merged, as of as_of',
    `source_status` String COMMENT 'the source\'s own word',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when the record was opened, by the pager where one of its records is a pager\'s; a parent of merged ones keeps its own',
    `started_at` DateTime64(3, 'UTC') COMMENT 'created_at, or that of the earliest incident merged into it: where its duration starts',
    `impact_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it began to hurt; NULL when not stated',
    `acknowledged_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first acknowledgement, by the pager where it tells one',
    `tells_acknowledgement` UInt8 COMMENT '1 when a source of it tells acknowledgements, so that none means nobody acknowledged it',
    `escalated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move to the next tier',
    `mitigated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it stopped hurting; NULL when not stated',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution, before any reopening; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution: the last one that was not taken back',
    `closed_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the paperwork; not a resolution unless the source\'s closing_resolves is set',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when the source does not say',
    `first_reopened_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the first reopening, from history; NULL where there is only a counter',
    `has_history` UInt8 COMMENT '1 when the source tells its life step by step, the resolution included',
    `reassignment_count` Nullable(UInt32) COMMENT 'how often it changed team; NULL when the source does not say',
    `resolved_by` String COMMENT 'person, team or automation',
    `merged_into` String COMMENT 'id of the incident that stands for it; empty while that one is not known',
    `flap_of` String COMMENT 'id of the incident whose episode it belongs to: same alert key, created within 30 minutes (setting incidents.flaps_within) of the last resolution',
    `alert_key` String COMMENT 'key of the alert that raised it',
    `alert_source` String COMMENT 'the source whose key that is',
    `title_key` String COMMENT 'the words of the title that name a problem, see below; empty when it says nothing',
    `cause` String COMMENT 'cause category',
    `fix_owner` String COMMENT 'team that owns the lasting fix',
    `caused_by_change` String COMMENT 'key of the change that caused it',
    `caused_by` Array(String) COMMENT 'keys or ids of all that its records say caused it: changes, problems, incidents',
    `problem_key` String COMMENT 'key of the problem record: as stated, else of a problem ticket that it names as cause or as what it repeats',
    `repeats` Array(String) COMMENT 'ids of incidents of the same source that it is said to duplicate',
    `detected_by` String COMMENT 'monitoring, customer, staff …',
    `attributes` Map(String, String) COMMENT 'further fields by name'
)
COMMENT 'Incidents'
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
    tells_acknowledgement,
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
    alert_source,
    title_key,
    cause,
    fix_owner,
    caused_by_change,
    caused_by,
    problem_key,
    repeats,
    detected_by,
    attributes
FROM srekpi.build_incidents
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.issued_and_now
(
    `issued_at` DateTime64(3, 'UTC') COMMENT 'when it was issued',
    `of_period` Date COMMENT 'first day of the period that the figure is of: a rate that settles late is printed for an earlier one',
    `kpi` String COMMENT 'name of the KPI',
    `stat` String COMMENT 'median, rate, count …',
    `dim` String COMMENT 'all, service …',
    `dim_value` String COMMENT 'empty for all',
    `printed` Nullable(Float64) COMMENT 'the value as printed',
    `printed_n` Nullable(Float64) COMMENT 'the rows behind it then',
    `now` Nullable(Float64) COMMENT 'the value now',
    `now_n` Nullable(Float64) COMMENT 'the rows behind it now',
    `differs` UInt8 COMMENT '1 when value or rows are not the same'
)
COMMENT 'What a report printed, and what is known now'
AS SELECT
    p.issued_at AS issued_at,
    p.of_period AS of_period,
    toString(p.kpi) AS kpi,
    toString(p.stat) AS stat,
    toString(p.dim) AS dim,
    p.dim_value AS dim_value,
    p.value AS printed,
    p.n AS printed_n,
    v.value AS now,
    v.n AS now_n,
    toUInt8((NOT ((isNull(printed) AND isNull(now)) OR ifNull(abs(printed - now) < 1e-9, 0))) OR (ifNull(printed_n, -1) != ifNull(now_n, -1))) AS differs
FROM srekpi.published_values AS p
LEFT JOIN srekpi.kpi_values AS v ON (v.kpi = p.kpi) AND (v.stat = p.stat) AND (v.dim = p.dim) AND (v.dim_value = p.dim_value) AND (v.period = if(p.document = 'weekly', 'week', 'month')) AND (v.period_start = p.of_period)
WHERE (p.document = {document:String}) AND (p.period_start = {period_start:Date});

CREATE VIEW srekpi.known_issues
(
    `id` String COMMENT 'means and name',
    `means` String COMMENT 'what makes its incidents the same: problem or duplicate link, alert key, service and cause, service and title',
    `name` String COMMENT 'what they share, as in recurrences',
    `services` Array(String) COMMENT 'services that its incidents affected',
    `incidents` UInt64 COMMENT 'how many incidents, the first of each chain of repeats too',
    `repeats` UInt64 COMMENT 'how many of them repeat an earlier one',
    `first_at` DateTime64(3, 'UTC') COMMENT 'when the first of them began',
    `last_at` DateTime64(3, 'UTC') COMMENT 'when the last of them began',
    `hours` Float64 COMMENT 'hours that they lasted together, of open ones until as_of; one closed without a resolution time adds none',
    `hours_since_promised` Float64 COMMENT 'of these, the hours of those that came back while a fix was open',
    `fixes` Array(String) COMMENT 'ids of the action items promised after its incidents, and of earlier promises that they came back under',
    `came_back_while_open` UInt64 COMMENT 'repeats that began while a fix was open',
    `came_back_after_closed` UInt64 COMMENT 'repeats that began when all of its fixes were done',
    `incident_ids` Array(String) COMMENT 'its incidents, oldest first'
)
COMMENT 'What keeps coming back'
AS SELECT
    id,
    means,
    name,
    services,
    incidents,
    repeats,
    first_at,
    last_at,
    hours,
    hours_since_promised,
    fixes,
    came_back_while_open,
    came_back_after_closed,
    incident_ids
FROM srekpi.build_known_issues
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
COMMENT 'The rows behind every KPI'
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

CREATE VIEW srekpi.kpi_evidence_of
(
    `part` String COMMENT 'hit (in the numerator), counted, unknown (counts, outcome not or not yet known), open (still running at the period\'s end), or left out',
    `id` String COMMENT 'id of the candidate in its mart',
    `key` String COMMENT 'what people call it',
    `title` String COMMENT 'as the source says it',
    `url` String COMMENT 'where to open it',
    `from_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of a duration',
    `at` Nullable(DateTime64(3, 'UTC')) COMMENT 'the moment that assigns it to the period; NULL while still open',
    `value` Nullable(Float64) COMMENT 'seconds for a duration, else its weight',
    `basis` String COMMENT 'the rule that decided',
    `reason` String COMMENT 'why it is left out, or its outcome unknown',
    `refs` Array(String) COMMENT 'ids of the repeated, causing or paging records',
    `settles_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when its outcome becomes final; NULL: it is final'
)
COMMENT 'The rows behind one figure'
AS SELECT
    multiIf(e.included = 0, 'left out', k.stock = 1, 'counted', isNull(e.at) OR (e.at >= p.ends_at), 'open', (k.kind NOT IN ('rate', 'share')), 'counted', isNull(e.hit), 'unknown', e.hit = 1, 'hit', 'counted') AS part,
    e.id AS id,
    e.key AS key,
    e.title AS title,
    e.url AS url,
    e.from_at AS from_at,
    e.at AS at,
    e.value AS value,
    e.basis AS basis,
    e.reason AS reason,
    e.refs AS refs,
    e.settles_at AS settles_at
FROM srekpi.kpi_evidence AS e
INNER JOIN srekpi.kpis AS k ON k.kpi = e.kpi
CROSS JOIN
(
    SELECT
        starts_at,
        ends_at
    FROM srekpi.periods
    WHERE (period = {period:String}) AND (period_start = {period_start:Date})
) AS p
WHERE (e.kpi = {kpi:String}) AND (({dim:String} = 'all') OR has(e.dims[{dim:String}], {dim_value:String})) AND (((k.stock = 0) AND (e.at >= p.starts_at) AND (e.at < p.ends_at)) OR ((e.included = 1) AND isNotNull(e.from_at) AND (e.from_at < p.ends_at) AND (isNull(e.at) OR (e.at >= p.ends_at))));

CREATE VIEW srekpi.kpi_reasons
(
    `part` String COMMENT 'unknown (it counts, its outcome is not or not yet known) or left out',
    `reason` String COMMENT 'in words; the id that some name is cut off',
    `rows` UInt64 COMMENT 'how many',
    `share` Nullable(Float64) COMMENT 'of all candidates of the KPI in that time',
    `services` Array(String) COMMENT 'services of these rows',
    `examples` Array(String) COMMENT 'keys of the three newest'
)
COMMENT 'Why rows of a KPI are left out or unknown'
AS SELECT
    if(included = 1, 'unknown', 'left out') AS part,
    replaceRegexpOne(reason, '^(merged into|flap of|same as) .*', '\\1 another') AS reason,
    count() AS rows,
    rows / (
        SELECT count()
        FROM srekpi.kpi_evidence
        WHERE (kpi = {kpi:String}) AND (at >= {from:DateTime64(3, 'UTC')}) AND (at < {to:DateTime64(3, 'UTC')})
    ) AS share,
    arraySort(groupUniqArrayArray(dims['service'])) AS services,
    arrayMap(x -> (x.2), arraySlice(arrayReverseSort(groupArray((at, key))), 1, 3)) AS examples
FROM srekpi.kpi_evidence
WHERE (kpi = {kpi:String}) AND (reason != '') AND (at >= {from:DateTime64(3, 'UTC')}) AND (at < {to:DateTime64(3, 'UTC')})
GROUP BY
    part,
    reason;

CREATE VIEW srekpi.kpi_trend
(
    `period_start` Date COMMENT 'first day of the period in the reporting zone',
    `label` String COMMENT 'how reports call the period',
    `stat` String COMMENT 'median of a duration, else rate, share, count or average',
    `value` Nullable(Float64) COMMENT 'seconds for a duration, 0 to 1 for a rate or share, else as counted; NULL: nothing to measure, or not collected',
    `low` Nullable(Float64) COMMENT 'of a rate or a plain count the lower end of its 95 % interval, of a share the lower end of its range; NULL for others',
    `high` Nullable(Float64) COMMENT 'the upper end',
    `p90` Nullable(Float64) COMMENT 'of a duration, what 90 % stayed below, in seconds',
    `k` Nullable(Float64) COMMENT 'numerator of a rate or share',
    `n` Nullable(Float64) COMMENT 'denominator, or rows behind the figure',
    `unknown` Float64 COMMENT 'of a rate or share, what counts but whose outcome is not, or not yet, known',
    `open` UInt64 COMMENT 'of a duration, what was still running at the period\'s end: a median without it is too good',
    `excluded` UInt64 COMMENT 'rows of the period that were left out',
    `complete` UInt8 COMMENT '1 when nothing in it can settle differently any more'
)
COMMENT 'One KPI over time, each figure with its interval'
AS SELECT
    toDate(v.period_start) AS period_start,
    toString(p.label) AS label,
    toString(v.stat) AS stat,
    v.value AS value,
    multiIf(k.kind = 'rate', arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = 0, 0, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) - ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(v.k), nan), ifNull(toFloat64(v.n), nan), ifNull(toFloat64(1.959963984540054), nan))])[1], k.kind = 'share', v.low, (k.kind = 'count') AND (k.unit = '') AND (k.stock = 0), arrayMap(x -> if((x >= 0) AND (x = floor(x)), multiIf(x = 0, 0, x > 1000, x * pow((1 - (1 / (9 * x))) - (1.959963984540054 / (3 * sqrt(x))), 3), arrayFold((rate, step) -> (rate + ((arraySum(j -> exp(((j * log(rate)) - rate) - lgamma(j + 1)), range(toUInt64(x))) - 0.975) / exp((((x - 1) * log(rate)) - rate) - lgamma(x)))), range(12), x * pow((1 - (1 / (9 * x))) - (1.959963984540054 / (3 * sqrt(x))), 3))), NULL), [ifNull(toFloat64(v.value), -1)])[1], NULL) AS low,
    multiIf(k.kind = 'rate', arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = (x.2), 1, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) + ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(v.k), nan), ifNull(toFloat64(v.n), nan), ifNull(toFloat64(1.959963984540054), nan))])[1], k.kind = 'share', v.high, (k.kind = 'count') AND (k.unit = '') AND (k.stock = 0), arrayMap(x -> if((x >= 0) AND (x = floor(x)), if(x > 1000, (x + 1) * pow((1 - (1 / (9 * (x + 1)))) + (1.959963984540054 / (3 * sqrt(x + 1))), 3), arrayFold((rate, step) -> (rate + ((arraySum(j -> exp(((j * log(rate)) - rate) - lgamma(j + 1)), range(toUInt64(x) + 1)) - 0.025) / exp(((x * log(rate)) - rate) - lgamma(x + 1)))), range(12), (x + 1) * pow((1 - (1 / (9 * (x + 1)))) + (1.959963984540054 / (3 * sqrt(x + 1))), 3))), NULL), [ifNull(toFloat64(v.value), -1)])[1], NULL) AS high,
    if(k.kind = 'duration', t.value, NULL) AS p90,
    v.k AS k,
    v.n AS n,
    v.unknown AS unknown,
    v.open AS open,
    v.excluded AS excluded,
    v.complete AS complete
FROM srekpi.kpi_values AS v
INNER JOIN srekpi.kpis AS k ON k.kpi = v.kpi
INNER JOIN srekpi.periods AS p ON (p.period = v.period) AND (p.period_start = v.period_start)
LEFT JOIN
(
    SELECT
        period_start,
        value
    FROM srekpi.kpi_values
    WHERE (kpi = {kpi:String}) AND (period = {period:String}) AND (dim = {dim:String}) AND (dim_value = {dim_value:String}) AND (stat = 'p90')
) AS t ON t.period_start = v.period_start
WHERE (v.kpi = {kpi:String}) AND (v.period = {period:String}) AND (v.dim = {dim:String}) AND (v.dim_value = {dim_value:String}) AND (v.stat = if(k.kind = 'duration', 'median', k.kind));

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
COMMENT 'The value of every KPI, by week and month, over all and by dimension'
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
    `stock` UInt8 COMMENT '1 for a count of what stands open at the end of a period, not of what happened in it',
    `source` String COMMENT 'docs or standard that the definition follows',
    `dims` Array(String) COMMENT 'the dimensions that it is computed by',
    `file` String COMMENT 'the file that lists its evidence'
)
COMMENT 'The KPI catalogue'
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
    stock,
    source,
    dims,
    file
FROM srekpi.build_kpis
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.noisy_alerts
(
    `alert_source` String COMMENT 'the source whose key it is',
    `alert_key` String COMMENT 'key of the alert',
    `title` String COMMENT 'title of its newest incident',
    `services` Array(String) COMMENT 'services that it is about',
    `fired` UInt64 COMMENT 'incidents that it raised, flaps among them',
    `flaps` UInt64 COMMENT 'of these, such as belong to an episode that counts already',
    `short` UInt64 COMMENT 'resolved within five minutes: too soon for anybody to have mended it',
    `pages` UInt64 COMMENT 'pages that it sent to people',
    `off_hours` UInt64 COMMENT 'of these, outside of business hours where the person lives',
    `off_hours_unknown` UInt64 COMMENT 'of these, of which the person\'s zone is not known',
    `keys` Array(String) COMMENT 'its three newest incidents'
)
COMMENT 'Which alerts disturb most'
AS SELECT
    toString(i.alert_source) AS alert_source,
    i.alert_key AS alert_key,
    argMax(i.title, i.created_at) AS title,
    arraySort(groupUniqArrayArray(i.services)) AS services,
    count() AS fired,
    countIf(i.flap_of != '') AS flaps,
    countIf(ifNull(dateDiff('second', i.created_at, i.resolved_at) < 300, 0)) AS short,
    sum(ifNull(p.pages, 0)) AS pages,
    sum(ifNull(p.off_hours, 0)) AS off_hours,
    sum(ifNull(p.not_known, 0)) AS off_hours_unknown,
    arrayMap(x -> (x.2), arraySlice(arrayReverseSort(groupArray((i.created_at, i.key))), 1, 3)) AS keys
FROM srekpi.incidents AS i
LEFT JOIN
(
    SELECT
        refs[1] AS incident_id,
        count() AS pages,
        countIf(ifNull(hit, 0) = 1) AS off_hours,
        countIf(isNull(hit)) AS not_known
    FROM srekpi.kpi_evidence
    WHERE (kpi = 'off_hours_pages') AND (included = 1)
    GROUP BY incident_id
) AS p ON p.incident_id = i.id
WHERE (i.alert_key != '') AND (i.exercise = 0) AND (i.created_at >= {from:DateTime64(3, 'UTC')}) AND (i.created_at < {to:DateTime64(3, 'UTC')})
GROUP BY
    alert_source,
    alert_key;

CREATE VIEW srekpi.oncall_load
(
    `person_id` String COMMENT 'the source\'s id of the person',
    `person` String COMMENT 'name of the person',
    `pages` UInt64 COMMENT 'pages, drills left out',
    `incidents` UInt64 COMMENT 'incidents that they were for',
    `business` UInt64 COMMENT 'pages in business hours where the person lives',
    `off` UInt64 COMMENT 'pages on evenings, weekends and holidays',
    `sleep` UInt64 COMMENT 'pages from 22 to 8',
    `zone_unknown` UInt64 COMMENT 'pages of which nobody can tell, since the person\'s zone is not known',
    `nights` UInt64 COMMENT 'nights with at least one page in sleeping hours, by UTC dates shifted to noon',
    `per_week` Float64 COMMENT 'pages per week of the time asked for'
)
COMMENT 'Who was paged how often'
AS SELECT
    p.person_id AS person_id,
    any(p.person) AS person,
    count() AS pages,
    uniqExact(p.incident_id) AS incidents,
    countIf(e.basis = 'business') AS business,
    countIf(e.basis = 'off') AS off,
    countIf(e.basis = 'sleep') AS sleep,
    countIf(e.basis = '') AS zone_unknown,
    uniqExactIf(toDate(p.at - toIntervalHour(12)), e.basis = 'sleep') AS nights,
    pages / (dateDiff('second', {from:DateTime64(3, 'UTC')}, {to:DateTime64(3, 'UTC')}) / 604800) AS per_week
FROM srekpi.pages AS p
INNER JOIN
(
    SELECT
        refs[1] AS incident_id,
        splitByChar('|', id)[-2] AS person_id,
        assumeNotNull(at) AS at,
        basis
    FROM srekpi.kpi_evidence
    WHERE (kpi = 'off_hours_pages') AND (included = 1) AND isNotNull(at)
) AS e ON (e.incident_id = p.incident_id) AND (e.person_id = p.person_id) AND (e.at = p.at)
WHERE (p.at >= {from:DateTime64(3, 'UTC')}) AND (p.at < {to:DateTime64(3, 'UTC')})
GROUP BY p.person_id;

CREATE VIEW srekpi.oncall_shifts
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `person_id` String COMMENT 'the source\'s id of the person',
    `person` String COMMENT 'name of the person',
    `time_zone` String COMMENT 'where the person lives, an IANA name; empty: not known',
    `schedule` String COMMENT 'the rota; empty: on call without one',
    `policy` String COMMENT 'the escalation policy',
    `level` UInt8 COMMENT 'of the policy: 1 is called first',
    `tier` String COMMENT 'L2 for level 1, L3 above it',
    `starts_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the shift; NULL: always on call',
    `ends_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of the shift; NULL: no end'
)
COMMENT 'Who is, was and will be on call'
AS SELECT
    id,
    source,
    person_id,
    person,
    time_zone,
    schedule,
    policy,
    level,
    tier,
    starts_at,
    ends_at
FROM srekpi.build_oncall_shifts
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.pager_analytics
(
    `incident_id` String COMMENT 'id of the incident',
    `source` LowCardinality(String) COMMENT 'name of the source that tells it',
    `seconds_to_first_ack` Nullable(UInt32) COMMENT 'from its creation to the first acknowledgement',
    `seconds_to_engage` Nullable(UInt32) COMMENT 'from the first acknowledgement to that of the last responder; the vendor has it for several responders only',
    `seconds_to_mobilize` Nullable(UInt32) COMMENT 'from its creation to the acknowledgement of the last responder; for several responders only',
    `seconds_to_resolve` Nullable(UInt32) COMMENT 'from its creation to its resolution; NULL: not resolved',
    `business_hour_interruptions` Nullable(UInt32) COMMENT 'pages that interrupted a responder from 8 to 18 on a working day, where the responder lives',
    `off_hour_interruptions` Nullable(UInt32) COMMENT 'pages outside of business and sleep hours',
    `sleep_hour_interruptions` Nullable(UInt32) COMMENT 'pages from 22 to 8',
    `escalation_count` Nullable(UInt32) COMMENT 'how often it was escalated',
    `assignment_count` Nullable(UInt32) COMMENT 'how often it was assigned',
    `auto_resolved` Nullable(UInt8) COMMENT '1 when no person resolved it, else 0',
    `updated_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the vendor computed it'
)
COMMENT 'What the pager\'s vendor computes for each incident'
AS SELECT
    incident_id,
    source,
    seconds_to_first_ack,
    seconds_to_engage,
    seconds_to_mobilize,
    seconds_to_resolve,
    business_hour_interruptions,
    off_hour_interruptions,
    sleep_hour_interruptions,
    escalation_count,
    assignment_count,
    auto_resolved,
    updated_at
FROM srekpi.build_pager_analytics
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.pages
(
    `incident_id` String COMMENT 'id of the incident',
    `source` String COMMENT 'name of the source that paged',
    `at` DateTime64(3, 'UTC') COMMENT 'when the page went out',
    `person_id` String COMMENT 'the source\'s id of who was paged; the name where no id is known',
    `person` String COMMENT 'name of who was paged',
    `time_zone` String COMMENT 'where that person lives, an IANA name; empty: not known',
    `shift_id` String COMMENT 'the shift of that person that holds the moment, the first level before others; empty: none',
    `first` UInt8 COMMENT '1 for the first page of this incident to this person'
)
COMMENT 'Who was paged for which incident, and when'
AS SELECT
    incident_id,
    source,
    at,
    person_id,
    person,
    time_zone,
    shift_id,
    first
FROM srekpi.build_pages
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
COMMENT 'Weeks and months of the reporting zone'
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

CREATE VIEW srekpi.postmortems
(
    `id` String COMMENT 'id of the ticket',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `incident_ids` Array(String) COMMENT 'ids of the incidents that its links or its parent name',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was opened; NULL when not stated',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was done; NULL while it is not',
    `status` String COMMENT 'the source\'s own word',
    `owner` String COMMENT 'who writes it; empty: nobody'
)
COMMENT 'Reviews of incidents, and whether they are done'
AS SELECT
    id,
    source,
    key,
    url,
    title,
    incident_ids,
    created_at,
    resolved_at,
    status,
    owner
FROM srekpi.build_postmortems
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.rates_before_and_after
(
    `dim_value` String COMMENT 'a row stands in each of its services, so they do not add up',
    `rate_before` Nullable(Float64) COMMENT '0 to 1; NULL: no known outcome',
    `hits_before` Float64 COMMENT 'numerator before',
    `known_before` Float64 COMMENT 'denominator before: rows whose outcome is known',
    `unknown_before` Float64 COMMENT 'rows whose outcome is not known: they are in no rate',
    `rate_after` Nullable(Float64) COMMENT '0 to 1',
    `hits_after` Float64 COMMENT 'numerator after',
    `known_after` Float64 COMMENT 'denominator after',
    `unknown_after` Float64 COMMENT 'rows whose outcome is not, or not yet, known',
    `change` Nullable(Float64) COMMENT 'rate after less rate before',
    `low` Nullable(Float64) COMMENT 'lower end of the 95 % interval of the change',
    `high` Nullable(Float64) COMMENT 'its upper end',
    `verdict` String COMMENT 'rose, fell, cannot tell (the interval holds no change at all), or nothing to compare',
    `cannot_tell` UInt8 COMMENT '1 unless it rose or fell',
    `verdict_of_all` String COMMENT 'the same with 95 % for all rows together (Bonferroni): what stands when many are looked at',
    `tested` UInt64 COMMENT 'how many rows have something to compare',
    `rise_by_chance` Float64 COMMENT 'how many of them would seem to have risen if none had changed: 2.5 % each'
)
COMMENT 'A rate before and after a date, by service or another dimension'
AS WITH
    sides AS
    (
        SELECT
            arrayJoin(if({dim:String} = 'all', [''], arrayDistinct(arrayFilter(x -> (x != ''), dims[{dim:String}])))) AS dim_value,
            sumIf(value, (at < {at:DateTime64(3, 'UTC')}) AND (hit = 1)) AS k1,
            sumIf(value, (at < {at:DateTime64(3, 'UTC')}) AND isNotNull(hit)) AS n1,
            sumIf(value, (at < {at:DateTime64(3, 'UTC')}) AND isNull(hit)) AS u1,
            sumIf(value, (at >= {at:DateTime64(3, 'UTC')}) AND (hit = 1)) AS k2,
            sumIf(value, (at >= {at:DateTime64(3, 'UTC')}) AND isNotNull(hit)) AS n2,
            sumIf(value, (at >= {at:DateTime64(3, 'UTC')}) AND isNull(hit)) AS u2
        FROM
        (
            SELECT
                at,
                hit,
                dims,
                ifNull(value, 0) AS value
            FROM srekpi.kpi_evidence
            WHERE (kpi = {kpi:String}) AND (included = 1)
        )
        WHERE ((
            SELECT throwIf(count() = 0, 'rates_before_and_after takes a KPI of kind rate; SELECT kpi FROM kpis WHERE kind = \'rate\' lists them')
            FROM srekpi.kpis
            WHERE (kpi = {kpi:String}) AND (kind = 'rate')
        ) = 0) AND (({days:UInt32} = 0) OR ((at >= ({at:DateTime64(3, 'UTC')} - toIntervalDay({days:UInt32}))) AND (at < ({at:DateTime64(3, 'UTC')} + toIntervalDay({days:UInt32}))))) AND (NOT arrayExists(w -> has(dims[splitByChar('=', w)[1]], substring(w, position(w, '=') + 1)), {without:Array(String)}))
        GROUP BY dim_value
    )
SELECT
    dim_value,
    if(n1 = 0, NULL, k1 / n1) AS rate_before,
    k1 AS hits_before,
    n1 AS known_before,
    u1 AS unknown_before,
    if(n2 = 0, NULL, k2 / n2) AS rate_after,
    k2 AS hits_after,
    n2 AS known_after,
    u2 AS unknown_after,
    rate_after - rate_before AS change,
    arrayMap(c -> ((((c.3) / (c.4)) - ((c.1) / (c.2))) - sqrt(pow(((c.3) / (c.4)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = 0, 0, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) - ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.3), nan), ifNull(toFloat64(c.4), nan), ifNull(toFloat64(c.5), nan))])[1]), 2) + pow(((c.1) / (c.2)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = (x.2), 1, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) + ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.1), nan), ifNull(toFloat64(c.2), nan), ifNull(toFloat64(c.5), nan))])[1]), 2))), [(ifNull(toFloat64(k1), nan), ifNull(toFloat64(n1), nan), ifNull(toFloat64(k2), nan), ifNull(toFloat64(n2), nan), ifNull(toFloat64(1.959963984540054), nan))])[1] AS low,
    arrayMap(c -> ((((c.3) / (c.4)) - ((c.1) / (c.2))) + sqrt(pow(((c.3) / (c.4)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = (x.2), 1, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) + ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.3), nan), ifNull(toFloat64(c.4), nan), ifNull(toFloat64(c.5), nan))])[1]), 2) + pow(((c.1) / (c.2)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = 0, 0, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) - ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.1), nan), ifNull(toFloat64(c.2), nan), ifNull(toFloat64(c.5), nan))])[1]), 2))), [(ifNull(toFloat64(k1), nan), ifNull(toFloat64(n1), nan), ifNull(toFloat64(k2), nan), ifNull(toFloat64(n2), nan), ifNull(toFloat64(1.959963984540054), nan))])[1] AS high,
    multiIf(isNull(change), 'nothing to compare', low > 0, 'rose', high < 0, 'fell', 'cannot tell') AS verdict,
    toUInt8(verdict NOT IN ('rose', 'fell')) AS cannot_tell,
    multiIf(isNull(change), 'nothing to compare', (arrayMap(c -> ((((c.3) / (c.4)) - ((c.1) / (c.2))) - sqrt(pow(((c.3) / (c.4)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = 0, 0, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) - ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.3), nan), ifNull(toFloat64(c.4), nan), ifNull(toFloat64(c.5), nan))])[1]), 2) + pow(((c.1) / (c.2)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = (x.2), 1, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) + ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.1), nan), ifNull(toFloat64(c.2), nan), ifNull(toFloat64(c.5), nan))])[1]), 2))), [(ifNull(toFloat64(k1), nan), ifNull(toFloat64(n1), nan), ifNull(toFloat64(k2), nan), ifNull(toFloat64(n2), nan), ifNull(toFloat64(-(arrayMap(x -> if((x > 0) AND (x < 1), (arrayFold((ends, step) -> if((erfc(((-((ends.1) + (ends.2))) / 2) / sqrt(2)) / 2) < x, (((ends.1) + (ends.2)) / 2, ends.2), (ends.1, ((ends.1) + (ends.2)) / 2)), range(80), (toFloat64(-40), toFloat64(40)))).1, NULL), [ifNull(toFloat64(0.025 / tested), -1)])[1])), nan))])[1]) > 0, 'rose', (arrayMap(c -> ((((c.3) / (c.4)) - ((c.1) / (c.2))) + sqrt(pow(((c.3) / (c.4)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = (x.2), 1, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) + ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.3), nan), ifNull(toFloat64(c.4), nan), ifNull(toFloat64(c.5), nan))])[1]), 2) + pow(((c.1) / (c.2)) - (arrayMap(x -> if(((x.2) > 0) AND ((x.1) >= 0) AND ((x.1) <= (x.2)), if((x.1) = 0, 0, ((((x.1) / (x.2)) + ((((x.3) * (x.3)) / (x.2)) / 2)) - ((x.3) * sqrt(((((x.1) / (x.2)) * (1 - ((x.1) / (x.2)))) / (x.2)) + (((((x.3) * (x.3)) / (x.2)) / (x.2)) / 4)))) / (1 + (((x.3) * (x.3)) / (x.2)))), NULL), [(ifNull(toFloat64(c.1), nan), ifNull(toFloat64(c.2), nan), ifNull(toFloat64(c.5), nan))])[1]), 2))), [(ifNull(toFloat64(k1), nan), ifNull(toFloat64(n1), nan), ifNull(toFloat64(k2), nan), ifNull(toFloat64(n2), nan), ifNull(toFloat64(-(arrayMap(x -> if((x > 0) AND (x < 1), (arrayFold((ends, step) -> if((erfc(((-((ends.1) + (ends.2))) / 2) / sqrt(2)) / 2) < x, (((ends.1) + (ends.2)) / 2, ends.2), (ends.1, ((ends.1) + (ends.2)) / 2)), range(80), (toFloat64(-40), toFloat64(40)))).1, NULL), [ifNull(toFloat64(0.025 / tested), -1)])[1])), nan))])[1]) < 0, 'fell', 'cannot tell') AS verdict_of_all,
    countIf((n1 > 0) AND (n2 > 0)) OVER () AS tested,
    0.025 * tested AS rise_by_chance
FROM sides;

CREATE VIEW srekpi.recurrences
(
    `incident_id` String COMMENT 'id of the incident',
    `at` DateTime64(3, 'UTC') COMMENT 'when it was created',
    `rung` UInt8 COMMENT '1 problem or duplicate link, 2 alert key, 3 service and cause, 4 service and title; the lowest is the surest',
    `means` String COMMENT 'the rung in words',
    `name` String COMMENT 'what is shared: key of the problem or id of the duplicated incident; source and key of the alert; service and cause; service and title_key',
    `earlier_id` String COMMENT 'the latest incident that bears the name and was resolved before this one began; empty: none',
    `earlier_ended_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when that one was resolved',
    `gap_days` Nullable(Float64) COMMENT 'days from then until this one began; NULL: it repeats none',
    `fixes` Array(String) COMMENT 'of one that repeats: action items promised before it began, after any earlier incident that bears the name',
    `fix_state` String COMMENT '\'while its fix was open\' when any of these was, \'after its fix was closed\' when all were done; empty: there is no fix, or no repeat',
    `promised_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the earliest of those that were open was promised'
)
COMMENT 'What each incident shares with earlier ones'
AS SELECT
    incident_id,
    at,
    rung,
    means,
    name,
    earlier_id,
    earlier_ended_at,
    gap_days,
    fixes,
    fix_state,
    promised_at
FROM srekpi.build_recurrences
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.recurring_problems
(
    `means` String COMMENT 'what makes its incidents the same: problem or duplicate link, alert key, service and cause, service and title; the first is the surest',
    `name` String COMMENT 'what they share',
    `services` Array(String) COMMENT 'services that its incidents affected',
    `incidents` UInt64 COMMENT 'how many, over the whole history',
    `repeats` UInt64 COMMENT 'how many of them repeat an earlier one within 90 days',
    `repeats_here` UInt64 COMMENT 'how many of them began in this time',
    `last_at` DateTime64(3, 'UTC') COMMENT 'when the last of them began',
    `hours` Float64 COMMENT 'hours that they lasted together; those of two problems may overlap',
    `fixes` UInt64 COMMENT 'how many action items were promised against it',
    `fixes_open` UInt64 COMMENT 'how many of these are not done',
    `came_back_after_closed` UInt64 COMMENT 'repeats when all of its fixes were done: the fix did not hold',
    `keys` Array(String) COMMENT 'its incidents of this time, oldest first'
)
COMMENT 'What came back, what it cost, and what was promised against it'
AS SELECT
    k.means AS means,
    k.name AS name,
    k.services AS services,
    toUInt64(k.incidents) AS incidents,
    toUInt64(k.repeats) AS repeats,
    count() AS repeats_here,
    toDateTime64(k.last_at, 3, 'UTC') AS last_at,
    toFloat64(k.hours) AS hours,
    length(k.fixes) AS fixes,
    toUInt64(arrayCount(f -> (f IN (
        SELECT id
        FROM srekpi.action_items
        WHERE isNull(resolved_at)
    )), k.fixes)) AS fixes_open,
    toUInt64(k.came_back_after_closed) AS came_back_after_closed,
    arrayMap(x -> (x.2), arraySort(groupArray((i.created_at, i.key)))) AS keys
FROM
(
    SELECT
        *,
        arrayJoin(arraySlice(incident_ids, 2)) AS incident_id
    FROM srekpi.known_issues
) AS k
INNER JOIN srekpi.incidents AS i ON i.id = k.incident_id
WHERE (i.created_at >= {from:DateTime64(3, 'UTC')}) AND (i.created_at < {to:DateTime64(3, 'UTC')})
GROUP BY
    k.means,
    k.name,
    k.services,
    k.incidents,
    k.repeats,
    k.last_at,
    k.hours,
    k.fixes,
    k.came_back_after_closed;

CREATE VIEW srekpi.rules
(
    `set` String COMMENT 'what the rule decides: issues (which issue is what), work (what kind of work a ticket is)',
    `sources` Array(String) COMMENT 'names of the sources whose records it judges; empty: all',
    `rank` UInt32 COMMENT 'its place: of those that fit, the first decides',
    `result` String COMMENT 'what a record that fits is',
    `roles` Array(String) COMMENT 'roles of a ticket, any of which fits; empty: all do',
    `projects` Array(String) COMMENT 'keys of projects, any of which fits; empty: all do',
    `types` Array(String) COMMENT 'the source\'s types, any of which fits; empty: all do',
    `labels` Array(String) COMMENT 'labels, any of which fits; empty: all do',
    `after_sprint_start` UInt8 COMMENT '1: only tickets created after the start of the sprint that they were put in',
    `jql` String COMMENT 'a question that Jira answers in every run; empty: none'
)
COMMENT 'The rules of the config, in their order'
AS SELECT
    set,
    sources,
    rank,
    result,
    roles,
    projects,
    types,
    labels,
    after_sprint_start,
    jql
FROM srekpi.build_rules
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
    `runbook` String COMMENT 'where to read what to do',
    `calendar` String COMMENT 'when its people work: a name in calendar'
)
COMMENT 'The service catalogue of the config'
AS SELECT
    service,
    team,
    l2_team,
    l3_team,
    tier,
    owner,
    runbook,
    calendar
FROM srekpi.build_services
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.settings
(
    `name` String COMMENT 'path of the setting in the config',
    `value` String COMMENT 'its value; lengths of time in seconds; numbers of a list are joined by commas, texts of a list have a row each'
)
COMMENT 'Settings of the config that models rest on'
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
    `type` String COMMENT 'file, jira or pagerduty',
    `entity` String COMMENT 'what its records fill; several are parted by commas',
    `closing_resolves` UInt8 COMMENT '1: a record closed without a resolution time counts as resolved when closed',
    `links` UInt8 COMMENT '1: the source is known to carry incident links, so that silence means success',
    `covers_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range that it is declared complete for',
    `covers_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range',
    `mapping` String COMMENT 'hash over how its records are read: another one is another definition'
)
COMMENT 'What the config says of each source'
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
    `type` String COMMENT 'file, jira, pagerduty …',
    `entity` String COMMENT 'what its records are: incident, change, ticket; several joined by commas',
    `collected_from` Nullable(DateTime64(3, 'UTC')) COMMENT 'start of the range in which nothing is missing: what config says it covers, else of a file the earliest record, of an API how far its complete runs reached back',
    `collected_to` Nullable(DateTime64(3, 'UTC')) COMMENT 'end of that range, at most as_of: what config says, else of a file the latest time in it, of an API the start of its last complete run',
    `records` UInt64 COMMENT 'distinct records landed, however many versions of each; lists of names (users, fields, statuses) and steps of a life are none',
    `staged` UInt64 COMMENT 'current records that could be read',
    `filtered` UInt64 COMMENT 'of these, left out by a row filter',
    `quarantined` UInt64 COMMENT 'records that could not be read',
    `unmapped` UInt64 COMMENT 'values that no value map covers'
)
COMMENT 'What each source has delivered, and for which range'
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

CREATE VIEW srekpi.targets
(
    `rank` UInt32 COMMENT 'its place: of those that fit an incident, the first counts',
    `severities` Array(UInt8) COMMENT 'severities that it is for; empty: all',
    `services` Array(String) COMMENT 'services that it is for; empty: all',
    `acknowledge_within` Nullable(Float64) COMMENT 'seconds; NULL: no target',
    `resolve_within` Nullable(Float64) COMMENT 'seconds; NULL: no target',
    `clock` String COMMENT '24x7, or calendar: business hours of the service\'s calendar'
)
COMMENT 'How fast incidents are to be acknowledged and resolved'
AS SELECT
    rank,
    severities,
    services,
    acknowledge_within,
    resolve_within,
    clock
FROM srekpi.build_targets
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.teams
(
    `team` String COMMENT 'its name, as in incidents and changes',
    `tier` String COMMENT 'L2, L3 or empty: an incident that reaches an L3 team is escalated'
)
COMMENT 'The teams of the config'
AS SELECT
    team,
    tier
FROM srekpi.build_teams
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.ticket_incidents
(
    `ticket_id` String COMMENT 'id of the ticket',
    `incident_ids` Array(String) COMMENT 'ids of the incidents that its links or its parent name'
)
COMMENT 'Which incidents a promise or a review is about'
AS SELECT
    ticket_id,
    incident_ids
FROM srekpi.build_ticket_incidents
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.ticket_transitions
(
    `ticket_id` String COMMENT 'id of the ticket',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `event_id` String COMMENT 'the source\'s id of the change, and its place in it',
    `position` UInt32 COMMENT 'place among the changes of its ticket, from 1',
    `at` DateTime64(3, 'UTC') COMMENT 'when it happened',
    `actor` String COMMENT 'who did it',
    `field` LowCardinality(String) COMMENT 'status, resolution, assignee, priority, duedate, sprint, key, type, labels',
    `from_id` String COMMENT 'the source\'s id of the old value',
    `from_value` String COMMENT 'the old value, as people read it',
    `to_id` String COMMENT 'the source\'s id of the new value',
    `to_value` String COMMENT 'the new value, as people read it',
    `from_category` String COMMENT 'of a status: todo, doing or done; empty: not known, which is not "not done"',
    `to_category` String COMMENT 'the same of the new status',
    `kind` String COMMENT 'resolved, reopened, started (the first move into a doing status, unless resolved before), moved (any other move), or empty for all else'
)
COMMENT 'What changed on each ticket, and which changes resolved or reopened it'
AS SELECT
    ticket_id,
    source,
    event_id,
    position,
    at,
    actor,
    field,
    from_id,
    from_value,
    to_id,
    to_value,
    from_category,
    to_category,
    kind
FROM srekpi.build_ticket_transitions
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.tickets
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `key` String COMMENT 'what people call it; the id where the source has no other name',
    `url` String COMMENT 'where to open it',
    `title` String COMMENT 'as the source says it',
    `role` LowCardinality(String) COMMENT 'incident, change, problem, postmortem, action_item or ticket, by the config\'s rules',
    `type` LowCardinality(String) COMMENT 'the source\'s own type of issue',
    `project` LowCardinality(String) COMMENT 'key of its project',
    `labels` Array(String) COMMENT 'free labels',
    `services` Array(String) COMMENT 'services that it is about, by the names of the config',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams that work on it, by the names of the config',
    `team` String COMMENT 'the first of them',
    `status` String COMMENT 'the source\'s own word, as of as_of',
    `status_category` String COMMENT 'todo, doing or done; empty: not known',
    `resolution` String COMMENT 'how it was resolved, in the source\'s own word; empty while it is not',
    `priority` String COMMENT 'as the source says it',
    `assignee` String COMMENT 'who has it',
    `reporter` String COMMENT 'who asked for it',
    `parent` String COMMENT 'key of the epic or parent',
    `sprints` Array(String) COMMENT 'sprints that it was planned in',
    `sprint_started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when the first of them began; NULL: in none, none has begun, or the source does not tell',
    `points` Nullable(Float64) COMMENT 'story points; NULL: not estimated',
    `cause` String COMMENT 'cause category',
    `created_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'when it was opened; NULL when not stated',
    `started_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first move into a status that means doing; NULL when the history does not tell one',
    `first_resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'first resolution; NULL when the source does not tell it',
    `resolved_at` Nullable(DateTime64(3, 'UTC')) COMMENT 'final resolution: the last one that was not taken back; NULL while it is open',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL when it was resolved and no history tells how',
    `due_on` Nullable(Date) COMMENT 'the day that it is promised for',
    `links` Array(Tuple(
        kind String,
        key String,
        id String)) COMMENT 'kind (caused_by, causes, duplicates, duplicated_by, or the source\'s own words), key and id of linked tickets',
    `attributes` Map(String, String) COMMENT 'further fields by name',
    `work_class` String COMMENT 'what kind of work it is, by the first rule of the set work that fits; empty: none fits, it is unclassified',
    `work_rule` UInt32 COMMENT 'rank of that rule; 0: none'
)
COMMENT 'Tickets, whatever they are for'
AS SELECT
    id,
    source,
    key,
    url,
    title,
    role,
    type,
    project,
    labels,
    services,
    service,
    teams,
    team,
    status,
    status_category,
    resolution,
    priority,
    assignee,
    reporter,
    parent,
    sprints,
    sprint_started_at,
    points,
    cause,
    created_at,
    started_at,
    first_resolved_at,
    resolved_at,
    reopen_count,
    due_on,
    links,
    attributes,
    work_class,
    work_rule
FROM srekpi.build_tickets
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.value_maps
(
    `source` String COMMENT 'name of the source',
    `entity` String COMMENT 'incident, change or ticket',
    `field` String COMMENT 'the field of ours that it fills: severity, cause, outcome …',
    `value` String COMMENT 'the source\'s own word',
    `meaning` String COMMENT 'what it is read as'
)
COMMENT 'How each source\'s own words are read'
AS SELECT
    source,
    entity,
    field,
    value,
    meaning
FROM srekpi.build_value_maps
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.worklogs
(
    `id` String COMMENT 'the source\'s name in the config, a colon, the source\'s immutable id',
    `source` LowCardinality(String) COMMENT 'name of the source in the config',
    `ticket_id` String COMMENT 'id of the ticket',
    `ticket_key` String COMMENT 'what people call the ticket; empty: the ticket is not known',
    `person` String COMMENT 'who booked it',
    `started_at` DateTime64(3, 'UTC') COMMENT 'when the work began',
    `hours` Float64 COMMENT 'how long it took',
    `role` LowCardinality(String) COMMENT 'of the ticket: incident, change, problem, postmortem, action_item or ticket; empty: the ticket is not known',
    `type` LowCardinality(String) COMMENT 'the source\'s own type of the ticket',
    `services` Array(String) COMMENT 'services of the ticket',
    `service` String COMMENT 'the first of them',
    `teams` Array(String) COMMENT 'teams of the ticket',
    `team` String COMMENT 'the first of them',
    `work_class` String COMMENT 'of the ticket: what kind of work it is; empty: no rule fits it, or it is not known'
)
COMMENT 'Time booked on tickets'
AS SELECT
    id,
    source,
    ticket_id,
    ticket_key,
    person,
    started_at,
    hours,
    role,
    type,
    services,
    service,
    teams,
    team,
    work_class
FROM srekpi.build_worklogs
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

CREATE VIEW srekpi.worst_incidents
(
    `rank` UInt64 COMMENT 'place, from 1',
    `id` String COMMENT 'id of the incident',
    `key` String COMMENT 'what people call it',
    `title` String COMMENT 'as the source says it',
    `services` Array(String) COMMENT 'services that it affected',
    `severity` UInt8 COMMENT '1 (worst) to 5, 0 unknown, which ranks last',
    `major` UInt8 COMMENT '1 when declared major',
    `customer_impact` Nullable(UInt8) COMMENT '1 or 0; NULL: not stated, which is not "none"',
    `created_at` DateTime64(3, 'UTC') COMMENT 'when it was opened',
    `lasted` Nullable(Float64) COMMENT 'seconds from its start to its final resolution; of an open one until as_of; NULL: closed without a resolution time',
    `is_open` UInt8 COMMENT '1 while it is not resolved: it lasts on',
    `reopen_count` Nullable(UInt32) COMMENT 'how often it was reopened; NULL: the source does not say',
    `caused_by_changes` Array(String) COMMENT 'keys of changes that a record says caused it',
    `postmortem` String COMMENT 'its review: none, open or done',
    `url` String COMMENT 'where to open it'
)
COMMENT 'The worst incidents of a stretch of time'
AS SELECT
    row_number() OVER (ORDER BY i.major DESC, if(i.severity = 0, 9, i.severity) ASC, lasted DESC, i.id ASC) AS rank,
    i.id AS id,
    i.key AS key,
    i.title AS title,
    i.services AS services,
    i.severity AS severity,
    i.major AS major,
    i.customer_impact AS customer_impact,
    i.created_at AS created_at,
    dateDiff('millisecond', i.started_at, multiIf(isNotNull(i.resolved_at), i.resolved_at, isNotNull(i.closed_at), NULL, (
        SELECT argMax(as_of, id)
        FROM srekpi.builds
    ))) / 1000 AS lasted,
    toUInt8(isNull(i.resolved_at) AND isNull(i.closed_at)) AS is_open,
    i.reopen_count AS reopen_count,
    c.keys AS caused_by_changes,
    multiIf((i.id IN (
        SELECT arrayJoin(incident_ids)
        FROM srekpi.postmortems
        WHERE isNotNull(resolved_at)
    )), 'done', (i.id IN (
        SELECT arrayJoin(incident_ids)
        FROM srekpi.postmortems
    )), 'open', 'none') AS postmortem,
    i.url AS url
FROM srekpi.incidents AS i
LEFT JOIN
(
    SELECT
        l.incident_id AS incident_id,
        arraySort(groupUniqArray(c.key)) AS keys
    FROM srekpi.change_incident_links AS l
    INNER JOIN srekpi.changes AS c ON c.id = l.change_id
    WHERE l.grade = 'explicit'
    GROUP BY incident_id
) AS c ON c.incident_id = i.id
WHERE (i.created_at >= {from:DateTime64(3, 'UTC')}) AND (i.created_at < {to:DateTime64(3, 'UTC')}) AND (i.exercise = 0) AND (i.merged_into = '') AND (i.flap_of = '')
ORDER BY rank ASC
LIMIT {top:UInt32};

CREATE VIEW srekpi.zone_offsets
(
    `zone` String COMMENT 'IANA name, as in pages and oncall_shifts; a name that is none has no row',
    `from_at` DateTime64(3, 'UTC') COMMENT 'the moment from which the clocks showed this',
    `until_at` DateTime64(3, 'UTC') COMMENT 'the first moment after it',
    `offset_seconds` Int32 COMMENT 'what to add to UTC to get the time on the wall'
)
COMMENT 'How far clocks were ahead of UTC where responders live'
AS SELECT
    zone,
    from_at,
    until_at,
    offset_seconds
FROM srekpi.build_zone_offsets
WHERE build = (
    SELECT max(id)
    FROM srekpi.builds
);

