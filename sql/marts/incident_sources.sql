-- mart:    incident_sources
-- title:   The records behind each incident
-- grain:   one row per incident and source record
-- key:     incident_id, source, record_id
-- reads:   incidents
-- tests:   unique(incident_id, source, record_id)
-- columns:
--   incident_id: id of the incident
--   source: name of the source in the config
--   record_id: the source's immutable id of the record
--   basis: why the record belongs to the incident
SELECT id AS incident_id, source, substring(id, length(source) + 2) AS record_id, 'its own record' AS basis
FROM incidents
