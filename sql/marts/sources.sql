-- mart:    sources
-- title:   What each source has delivered, and for which range
-- grain:   one row per source
-- key:     source
-- reads:   source_settings, stg_incidents, stg_incident_events, stg_changes, stg_tickets, quarantine, raw_records, sync_runs
-- tests:   unique(source)
-- columns:
--   source: name of the source in the config
--   type: file, jira, pagerduty …
--   entity: what its records are: incident, change, ticket; several joined by commas
--   collected_from: start of the range in which nothing is missing: what config says it covers, else of a file the earliest record, of an API how far its complete runs reached back
--   collected_to: end of that range, at most as_of: what config says, else of a file the latest time in it, of an API the start of its last complete run
--   records: distinct records landed, however many versions of each; lists of names (users, fields, statuses) and steps of a life are none
--   staged: current records that could be read
--   filtered: of these, left out by a row filter
--   quarantined: records that could not be read
--   unmapped: values that no value map covers
WITH
    moments AS (
        SELECT source, id, deleted, filtered, unmapped, created_at AS first_at,
               arrayMax(arrayFilter(t -> t <= {as_of:DateTime64(3, 'UTC')}, [created_at, impact_started_at, acknowledged_at, escalated_at, mitigated_at, first_resolved_at, resolved_at, closed_at, updated_at])) AS last_at
        FROM stg_incidents FINAL
        UNION ALL
        SELECT source, id, deleted, filtered, unmapped, coalesce(created_at, started_at, ended_at) AS first_at,
               arrayMax(arrayFilter(t -> t <= {as_of:DateTime64(3, 'UTC')}, [created_at, started_at, ended_at, closed_at, updated_at])) AS last_at
        FROM stg_changes FINAL
        UNION ALL
        SELECT source, id, deleted, toUInt8(2) AS filtered, unmapped, at AS first_at, if(at <= {as_of:DateTime64(3, 'UTC')}, at, NULL) AS last_at
        FROM stg_incident_events FINAL
        UNION ALL
        SELECT source, id, deleted, filtered, unmapped, created_at AS first_at, arrayMax(arrayFilter(t -> t <= {as_of:DateTime64(3, 'UTC')}, [created_at, updated_at])) AS last_at
        FROM stg_tickets FINAL
    ),
    -- What was created later than as_of shows that the range reaches as_of.
    -- Other times that late do not: they may be plans, or slips. A record that is
    -- staged as a ticket and as an incident is one.
    ranges AS (
        SELECT source, min(first_at) AS from_at, if(max(first_at) > {as_of:DateTime64(3, 'UTC')}, {as_of:DateTime64(3, 'UTC')}, max(last_at)) AS to_at,
               uniqExactIf(id, deleted = 0 AND filtered != 2) AS current, current - uniqExactIf(id, deleted = 0 AND filtered = 0) AS left_out, sum(length(unmapped)) AS uncovered
        FROM moments
        GROUP BY source
    ),
    landed AS (
        SELECT source, uniqExact(entity, id) AS records FROM raw_records
        WHERE entity IN ('incident', 'change', 'issue', 'change_event') GROUP BY source
    ),
    -- Of an API only a complete run says that nothing is missing.
    synced AS (
        SELECT source, min(covers_from) AS from_at, max(covers_to) AS to_at FROM sync_runs FINAL
        WHERE status = 'complete' AND isNotNull(covers_to) GROUP BY source
    ),
    held AS (SELECT source, uniqExact(entity, id, file, line) AS quarantined FROM quarantine GROUP BY source)
SELECT
    s.source AS source, s.type AS type, s.entity AS entity,
    coalesce(s.covers_from, if(s.type = 'file', r.from_at, y.from_at)) AS collected_from,
    if(coalesce(s.covers_to, if(s.type = 'file', r.to_at, y.to_at)) > {as_of:DateTime64(3, 'UTC')}, {as_of:DateTime64(3, 'UTC')},
       coalesce(s.covers_to, if(s.type = 'file', r.to_at, y.to_at))) AS collected_to,
    toUInt64(ifNull(l.records, 0)) AS records, toUInt64(ifNull(r.current, 0)) AS staged, toUInt64(ifNull(r.left_out, 0)) AS filtered,
    toUInt64(ifNull(h.quarantined, 0)) AS quarantined, toUInt64(ifNull(r.uncovered, 0)) AS unmapped
FROM source_settings AS s
LEFT JOIN ranges AS r ON r.source = s.source
LEFT JOIN synced AS y ON y.source = s.source
LEFT JOIN landed AS l ON l.source = s.source
LEFT JOIN held AS h ON h.source = s.source
