-- example: restoring_by_team
-- title:   Time to resolve (MTTR) by team, with what still stands open
-- asks:    Which team takes how long to resolve, this quarter?
-- reads:   kpi_evidence, builds
-- read:    Half of the incidents took up to the median, 90 % up to p90. still_open are missing from both, and they are the long
--          ones: many of them make the median too good. A mean is not shown, since one incident of weeks would decide it.
SELECT arrayJoin(dims['team']) AS team, countIf(isNotNull(value)) AS resolved, countIf(isNull(at)) AS still_open,
       duration_text(quantileExactInclusiveIf(0.5)(value, isNotNull(value))) AS median,
       duration_text(quantileExactInclusiveIf(0.9)(value, isNotNull(value))) AS p90
FROM kpi_evidence
WHERE kpi = 'time_to_resolve' AND included = 1 AND (isNull(at) OR at >= (SELECT argMax(as_of, id) FROM builds) - INTERVAL 90 DAY)
GROUP BY team ORDER BY team
