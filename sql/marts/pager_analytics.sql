-- mart:    pager_analytics
-- title:   What the pager's vendor computes for each incident
-- grain:   one row per incident for which the vendor has computed something
-- key:     incident_id
-- reads:   stg_pager_analytics, identities, incidents
-- tests:   unique(incident_id); updated_at <= {as_of:DateTime64(3, 'UTC')}
-- note:    the vendor's own figures, up to a day old, to hold the KPIs against.
--          NULL is not 0: it has not happened, or the vendor does not send it.
-- columns:
--   incident_id: id of the incident
--   source: name of the source that tells it
--   seconds_to_first_ack: from its creation to the first acknowledgement
--   seconds_to_engage: from the first acknowledgement to that of the last responder; the vendor has it for several responders only
--   seconds_to_mobilize: from its creation to the acknowledgement of the last responder; for several responders only
--   seconds_to_resolve: from its creation to its resolution; NULL: not resolved
--   business_hour_interruptions: pages that interrupted a responder from 8 to 18 on a working day, where the responder lives
--   off_hour_interruptions: pages outside of business and sleep hours
--   sleep_hour_interruptions: pages from 22 to 8
--   escalation_count: how often it was escalated
--   assignment_count: how often it was assigned
--   auto_resolved: 1 when no person resolved it, else 0
--   updated_at: when the vendor computed it
SELECT
    n.row_id AS incident_id, a.source AS source,
    a.seconds_to_first_ack AS seconds_to_first_ack, a.seconds_to_engage AS seconds_to_engage, a.seconds_to_mobilize AS seconds_to_mobilize, a.seconds_to_resolve AS seconds_to_resolve,
    a.business_hour_interruptions AS business_hour_interruptions, a.off_hour_interruptions AS off_hour_interruptions, a.sleep_hour_interruptions AS sleep_hour_interruptions,
    a.escalation_count AS escalation_count, a.assignment_count AS assignment_count,
    a.auto_resolved AS auto_resolved, a.updated_at AS updated_at
FROM (SELECT * FROM stg_pager_analytics FINAL WHERE deleted = 0 AND ifNull(stg_pager_analytics.updated_at <= {as_of:DateTime64(3, 'UTC')}, 1)) AS a
INNER JOIN (SELECT * FROM identities WHERE entity = 'incident') AS n ON n.id = concat(a.source, ':', a.id)
WHERE n.row_id IN (SELECT id FROM incidents)
ORDER BY n.rank
LIMIT 1 BY incident_id
