-- +goose Up
-- Every table and column says in the engine what it is, so that any tool shows it;
-- the first word tells what is internal.
ALTER TABLE raw_records
    MODIFY COMMENT 'landing: every record as the source sent it, append-only; the current version of one is the highest (updated_at, seq)';
ALTER TABLE sync_runs
    COMMENT COLUMN run_id 'number of the run, in order of time',
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN entity 'what its records are; several are parted by commas',
    COMMENT COLUMN started_at 'when the run began',
    COMMENT COLUMN requests 'requests sent to the source',
    COMMENT COLUMN retries 'of these, such as were sent again',
    COMMENT COLUMN bytes 'bytes received',
    MODIFY COMMENT 'landing: one row per ingest run and source; read it with FINAL';
ALTER TABLE positions
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    MODIFY COMMENT 'internal, state: how far each stream of a source has been read; read it with FINAL';
ALTER TABLE quarantine
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN entity 'what the record was to be: incident, change …',
    COMMENT COLUMN line 'of a file: the line; 0 for an API',
    COMMENT COLUMN reason 'why it could not be read, and what was found there',
    COMMENT COLUMN payload 'the record, as received',
    MODIFY COMMENT 'landing: records that could not be read, with the reason; fixed records leave it';
ALTER TABLE staged_runs
    COMMENT COLUMN model 'name of the staging model',
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN run_id 'the ingest run that was taken in',
    COMMENT COLUMN hash 'over the model and its mapping; another one stages its records again',
    MODIFY COMMENT 'internal, state: which ingest runs each staging model has taken in';
ALTER TABLE builds
    MODIFY COMMENT 'state: one row per published build; views show the rows of the newest, as_of says for when it was computed';
ALTER TABLE published_values
    COMMENT COLUMN issued_at 'when the report was issued',
    COMMENT COLUMN data_as_of 'data cut-off of the report',
    COMMENT COLUMN kpi 'name of the KPI',
    COMMENT COLUMN stat 'median, p90, rate, share, count …',
    COMMENT COLUMN dim 'all, service, team, severity …',
    COMMENT COLUMN dim_value 'value of the dimension; empty for all',
    COMMENT COLUMN value 'as printed: seconds for a duration, 0 to 1 for a rate or share; NULL: none, or not collected',
    COMMENT COLUMN high 'upper end of the interval, or of a share''s range',
    COMMENT COLUMN k 'numerator of a rate or share',
    COMMENT COLUMN n 'denominator, or the rows behind the figure',
    COMMENT COLUMN unknown 'of a rate or share, what counted but was not, or not yet, known',
    COMMENT COLUMN open 'durations that were still running at the period''s end',
    COMMENT COLUMN excluded 'rows that were left out',
    COMMENT COLUMN verdict 'what the report said of it',
    MODIFY COMMENT 'state: every figure that an issued report printed, frozen';
ALTER TABLE published_definitions
    COMMENT COLUMN kpi 'name of the KPI',
    MODIFY COMMENT 'state: what each definition behind an issued figure said';
ALTER TABLE stg_incidents
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN updated_at 'version that the source states; NULL: the order of landing decides',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN key 'what people call it; it can change',
    COMMENT COLUMN url 'where to open it',
    COMMENT COLUMN title 'as the source says it',
    COMMENT COLUMN services 'services, as the source calls them',
    COMMENT COLUMN teams 'teams, as the source calls them',
    COMMENT COLUMN major '1 or 0 where the source says so; NULL: it does not',
    COMMENT COLUMN environment 'production, staging …; empty when not stated',
    COMMENT COLUMN created_at 'when the record was opened; NULL when not stated',
    COMMENT COLUMN impact_started_at 'when it began to hurt; NULL when not stated',
    COMMENT COLUMN acknowledged_at 'first acknowledgement',
    COMMENT COLUMN escalated_at 'first move to the next tier',
    COMMENT COLUMN mitigated_at 'when it stopped hurting; NULL when not stated',
    COMMENT COLUMN first_resolved_at 'first resolution, before any reopening',
    COMMENT COLUMN resolved_at 'final resolution; NULL while there is none',
    COMMENT COLUMN closed_at 'end of the paperwork; NULL when not stated',
    COMMENT COLUMN reopen_count 'how often it was reopened; NULL: the source does not say',
    COMMENT COLUMN reassignment_count 'how often it changed team; NULL: the source does not say',
    COMMENT COLUMN resolved_by 'person, team or automation',
    COMMENT COLUMN alert_key 'key of the alert that raised it',
    COMMENT COLUMN cause 'cause category, as the source says it',
    COMMENT COLUMN fix_owner 'team that owns the lasting fix',
    COMMENT COLUMN problem_key 'key of the problem record',
    COMMENT COLUMN detected_by 'monitoring, customer, staff …',
    COMMENT COLUMN attributes 'further fields by name',
    MODIFY COMMENT 'internal, staging: every version of each incident record, typed; read incidents';
ALTER TABLE stg_incident_events
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN at 'when it happened',
    COMMENT COLUMN actor 'who did it, as the source says',
    COMMENT COLUMN detail 'the source''s own words',
    COMMENT COLUMN unmapped 'field=value of what no value map covers',
    MODIFY COMMENT 'internal, staging: every version of each step of an incident; read incident_events';
ALTER TABLE stg_changes
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN id 'the source''s immutable id',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN updated_at 'version that the source states; NULL: the order of landing decides',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN filtered '1: left out by a row filter of the config',
    COMMENT COLUMN key 'what people call it; it can change',
    COMMENT COLUMN url 'where to open it',
    COMMENT COLUMN title 'as the source says it',
    COMMENT COLUMN services 'services, as the source calls them',
    COMMENT COLUMN teams 'teams, as the source calls them',
    COMMENT COLUMN risk 'as the source rates it',
    COMMENT COLUMN environment 'production, staging …; empty when not stated',
    COMMENT COLUMN labels 'free labels',
    COMMENT COLUMN created_at 'when the record was opened; NULL when not stated',
    COMMENT COLUMN planned_start 'start of the planned window',
    COMMENT COLUMN planned_end 'end of the planned window',
    COMMENT COLUMN started_at 'when work began',
    COMMENT COLUMN ended_at 'when work ended',
    COMMENT COLUMN closed_at 'end of the paperwork; NULL when not stated',
    COMMENT COLUMN status 'as the source says it',
    COMMENT COLUMN attributes 'further fields by name',
    COMMENT COLUMN unmapped 'field=value of what no value map covers',
    MODIFY COMMENT 'internal, staging: every version of each change record, typed; read changes';
ALTER TABLE stg_tickets
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN updated_at 'version that the source states; NULL: the order of landing decides',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN filtered '1: left out by a row filter of the config',
    COMMENT COLUMN url 'where to open it',
    COMMENT COLUMN title 'as the source says it',
    COMMENT COLUMN project 'key of its project',
    COMMENT COLUMN labels 'free labels',
    COMMENT COLUMN services 'services, as the source calls them',
    COMMENT COLUMN teams 'teams, as the source calls them',
    COMMENT COLUMN status_id 'the source''s id of the status',
    COMMENT COLUMN resolution 'how it was resolved, in the source''s own word; empty while it is not',
    COMMENT COLUMN priority 'as the source says it',
    COMMENT COLUMN assignee 'who has it',
    COMMENT COLUMN reporter 'who asked for it',
    COMMENT COLUMN sprints 'sprints that it was planned in',
    COMMENT COLUMN cause 'cause category, as the source says it',
    COMMENT COLUMN created_at 'when the record was opened; NULL when not stated',
    COMMENT COLUMN attributes 'further fields by name',
    COMMENT COLUMN unmapped 'field=value of what no value map covers',
    MODIFY COMMENT 'internal, staging: every version of each ticket, whatever it is for; read tickets';
ALTER TABLE stg_ticket_transitions
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN at 'when it happened',
    COMMENT COLUMN actor 'who did it, as the source says',
    COMMENT COLUMN from_id 'the source''s id of the old value',
    COMMENT COLUMN from_value 'the old value, as people read it',
    COMMENT COLUMN to_id 'the source''s id of the new value',
    COMMENT COLUMN to_value 'the new value, as people read it',
    MODIFY COMMENT 'internal, staging: every change of a ticket''s field; read ticket_transitions';
ALTER TABLE stg_statuses
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN id 'the source''s immutable id',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN name 'as people read it',
    MODIFY COMMENT 'internal, staging: the statuses of a source''s workflows and what they mean';
ALTER TABLE stg_worklogs
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN id 'the source''s immutable id',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN updated_at 'version that the source states; NULL: the order of landing decides',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN person 'who booked it',
    COMMENT COLUMN started_at 'when the work began',
    COMMENT COLUMN seconds 'how long it took',
    MODIFY COMMENT 'internal, staging: every version of each booking of time; read worklogs';
ALTER TABLE stg_oncall_shifts
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN id 'the source''s immutable id',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN person_id 'the source''s id of the person',
    COMMENT COLUMN person 'name of the person',
    COMMENT COLUMN ends_at 'end of the shift; NULL: no end',
    MODIFY COMMENT 'internal, staging: every version of each shift; read oncall_shifts';
ALTER TABLE stg_people
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN id 'the source''s immutable id',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN name 'name of the person',
    MODIFY COMMENT 'internal, staging: responders, for their names and zones';
ALTER TABLE stg_pager_analytics
    COMMENT COLUMN source 'name of the source in the config',
    COMMENT COLUMN version 'updated_at in ms, then seq: the highest is current',
    COMMENT COLUMN run_id 'the ingest run that landed it',
    COMMENT COLUMN seq 'order of landing within its source',
    COMMENT COLUMN deleted '1: the source no longer shows it',
    COMMENT COLUMN seconds_to_first_ack 'from its creation to the first acknowledgement',
    COMMENT COLUMN seconds_to_engage 'from the first acknowledgement to that of the last responder',
    COMMENT COLUMN seconds_to_mobilize 'from its creation to the acknowledgement of the last responder',
    COMMENT COLUMN seconds_to_resolve 'from its creation to its resolution',
    COMMENT COLUMN business_hour_interruptions 'pages from 8 to 18 on a working day, where the responder lives',
    COMMENT COLUMN off_hour_interruptions 'pages outside of business and sleep hours',
    COMMENT COLUMN sleep_hour_interruptions 'pages from 22 to 8',
    COMMENT COLUMN escalation_count 'how often it was escalated',
    COMMENT COLUMN assignment_count 'how often it was assigned',
    COMMENT COLUMN auto_resolved '1 when no person resolved it',
    MODIFY COMMENT 'internal, staging: what a pager''s vendor computes for each incident; read pager_analytics';
ALTER TABLE goose_db_version
    MODIFY COMMENT 'internal, state: the migrations that were applied';

-- +goose Down
SELECT 1;
