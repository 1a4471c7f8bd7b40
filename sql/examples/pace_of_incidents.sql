-- example: pace_of_incidents
-- title:   Do incidents come faster than before?
-- asks:    Are there more incidents per week of a service in the last 30 days than in the 90 before?
-- reads:   kpi_evidence, builds
-- read:    p is how likely the two counts would differ this much at one and the same pace: below 0.05 the pace changed. Of so
--          many services tested, 5 % come out below 0.05 by chance alone.
WITH (SELECT argMax(as_of, id) FROM builds) AS until,
     sides AS (
         SELECT arrayJoin(dims['service']) AS service,
                countIf(at >= until - INTERVAL 120 DAY AND at < until - INTERVAL 30 DAY) AS before, countIf(at >= until - INTERVAL 30 DAY AND at < until) AS after
         FROM kpi_evidence WHERE kpi = 'incident_count' AND included = 1 GROUP BY service)
SELECT service, before, after, before / 90 * 7 AS per_week_before, after / 30 * 7 AS per_week_after,
       poisson_low(after) / 30 * 7 AS low, poisson_high(after) / 30 * 7 AS high,
       count_change_p(before, after, 90, 30) AS p, p >= 0.05 AS cannot_tell, count() OVER () AS services_tested
FROM sides WHERE before + after > 0 ORDER BY p
