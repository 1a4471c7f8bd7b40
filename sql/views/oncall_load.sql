-- view:    oncall_load
-- title:   Who was paged how often
-- also:    on-call load, interruptions, toil of on-call
-- asks:    Whom does on-call cost sleep and evenings?
-- grain:   one row per person
-- params:
--   from DateTime64(3, 'UTC'): first moment
--   to DateTime64(3, 'UTC'): the first moment after it
-- columns:
--   person_id String: the source's id of the person
--   person String: name of the person
--   pages UInt64: pages, drills left out
--   incidents UInt64: incidents that they were for
--   business UInt64: pages in business hours where the person lives
--   off UInt64: pages on evenings, weekends and holidays
--   sleep UInt64: pages from 22 to 8
--   zone_unknown UInt64: pages of which nobody can tell, since the person's zone is not known
--   nights UInt64: nights with at least one page in sleeping hours, by UTC dates shifted to noon
--   per_week Float64: pages per week of the time asked for
-- reads:   kpi_evidence, pages
-- example: SELECT * FROM oncall_load(from = '2026-09-01', to = '2026-10-01') ORDER BY sleep DESC, pages DESC
SELECT
    p.person_id AS person_id, any(p.person) AS person, count() AS pages, uniqExact(p.incident_id) AS incidents,
    countIf(e.basis = 'business') AS business, countIf(e.basis = 'off') AS off, countIf(e.basis = 'sleep') AS sleep, countIf(e.basis = '') AS zone_unknown,
    uniqExactIf(toDate(p.at - toIntervalHour(12)), e.basis = 'sleep') AS nights,
    pages / (dateDiff('second', {from:DateTime64(3, 'UTC')}, {to:DateTime64(3, 'UTC')}) / 604800) AS per_week
FROM pages AS p
INNER JOIN (
    SELECT refs[1] AS incident_id, splitByChar('|', id)[-2] AS person_id, assumeNotNull(at) AS at, basis
    FROM kpi_evidence WHERE kpi = 'off_hours_pages' AND included = 1 AND isNotNull(at)
) AS e ON e.incident_id = p.incident_id AND e.person_id = p.person_id AND e.at = p.at
WHERE p.at >= {from:DateTime64(3, 'UTC')} AND p.at < {to:DateTime64(3, 'UTC')}
GROUP BY p.person_id
