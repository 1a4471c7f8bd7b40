-- view:    noisy_alerts
-- title:   Which alerts disturb most
-- also:    alert noise, alert fatigue, flapping alerts
-- asks:    Which alerts should be mended or deleted first?
-- grain:   one row per source and alert key
-- params:
--   from DateTime64(3, 'UTC'): first moment
--   to DateTime64(3, 'UTC'): the first moment after it
-- columns:
--   alert_source String: the source whose key it is
--   alert_key String: key of the alert
--   title String: title of its newest incident
--   services Array(String): services that it is about
--   fired UInt64: incidents that it raised, flaps among them
--   flaps UInt64: of these, such as belong to an episode that counts already
--   short UInt64: resolved within five minutes: too soon for anybody to have mended it
--   pages UInt64: pages that it sent to people
--   off_hours UInt64: of these, outside of business hours where the person lives
--   off_hours_unknown UInt64: of these, of which the person's zone is not known
--   keys Array(String): its three newest incidents
-- reads:   incidents, kpi_evidence
-- example: SELECT * FROM noisy_alerts(from = '2026-09-01', to = '2026-10-01') ORDER BY pages DESC, fired DESC LIMIT 10
SELECT
    toString(i.alert_source) AS alert_source, i.alert_key AS alert_key, argMax(i.title, i.created_at) AS title, arraySort(groupUniqArrayArray(i.services)) AS services,
    count() AS fired, countIf(i.flap_of != '') AS flaps, countIf(ifNull(dateDiff('second', i.created_at, i.resolved_at) < 300, 0)) AS short,
    sum(ifNull(p.pages, 0)) AS pages, sum(ifNull(p.off_hours, 0)) AS off_hours, sum(ifNull(p.not_known, 0)) AS off_hours_unknown,
    arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((i.created_at, i.key))), 1, 3)) AS keys
FROM incidents AS i
LEFT JOIN (
    SELECT refs[1] AS incident_id, count() AS pages, countIf(ifNull(hit, 0) = 1) AS off_hours, countIf(isNull(hit)) AS not_known
    FROM kpi_evidence WHERE kpi = 'off_hours_pages' AND included = 1 GROUP BY incident_id
) AS p ON p.incident_id = i.id
WHERE i.alert_key != '' AND i.exercise = 0 AND i.created_at >= {from:DateTime64(3, 'UTC')} AND i.created_at < {to:DateTime64(3, 'UTC')}
GROUP BY alert_source, alert_key
