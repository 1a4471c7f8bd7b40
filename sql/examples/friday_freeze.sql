-- example: friday_freeze
-- title:   Did changes fail more often after a policy was dropped?
-- asks:    Which services' change failure rate rose after we dropped the Friday freeze, leaving out feature-flag changes?
-- reads:   kpi_evidence, annotations
-- read:    A service rose where the whole 95 % interval of the change lies above 0; where it holds 0, nobody can tell.
--          Of so many services tested, 2.5 % would seem to have risen though none changed (rise_by_chance); rose_of_all keeps
--          to 95 % for all of them together. Changes without a recorded outcome are in no rate: many of them, and the rate
--          says little. A change of several services counts in each.
WITH
    (SELECT min(at) FROM annotations WHERE title = 'Friday freeze dropped') AS dropped,
    sides AS (
        SELECT arrayJoin(dims['service']) AS service,
               countIf(hit = 1 AND at < dropped) AS failed_before, countIf(isNotNull(hit) AND at < dropped) AS known_before,
               countIf(hit = 1 AND at >= dropped) AS failed_after, countIf(isNotNull(hit) AND at >= dropped) AS known_after, countIf(isNull(hit)) AS unknown
        FROM kpi_evidence
        WHERE kpi = 'change_failure_rate' AND included = 1 AND NOT has(dims['kind'], 'feature_flag')
        GROUP BY service
    )
SELECT service, failed_before, known_before, failed_after, known_after, unknown,
       rate_change_low(failed_before, known_before, failed_after, known_after) AS low, rate_change_high(failed_before, known_before, failed_after, known_after) AS high,
       ifNull(low > 0, 0) AS rose, ifNull(low <= 0 AND high >= 0, 1) AS cannot_tell,
       countIf(known_before > 0 AND known_after > 0) OVER () AS services_tested, 0.025 * services_tested AS rise_by_chance,
       ifNull(rate_change_low_at(failed_before, known_before, failed_after, known_after, bonferroni_z(services_tested)) > 0, 0) AS rose_of_all
FROM sides ORDER BY low DESC NULLS LAST
