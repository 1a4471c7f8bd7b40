-- mart:    incident_sources
-- title:   The records behind each incident
-- grain:   one row per incident and source record
-- key:     incident_id, source, record_id
-- reads:   incidents, identities
-- tests:   unique(incident_id, source, record_id)
-- columns:
--   incident_id: id of the incident
--   source: name of the source in the config
--   record_id: the source's immutable id of the record
--   basis: why the record belongs to the incident: its own record, or which record it names or is named by
SELECT row_id AS incident_id, source, record_id, basis
FROM identities
WHERE entity = 'incident' AND row_id IN (SELECT id FROM incidents)
