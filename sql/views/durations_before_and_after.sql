-- view:    durations_before_and_after
-- title:   A duration before and after a date, by service or another dimension
-- also:    before/after comparison of MTTR, effect of automation
-- asks:    Where did this get faster or slower after that day, and where can nobody tell?
-- grain:   one row per value of the dimension
-- params:
--   kpi String: a KPI of kind duration, see kpis
--   dim String: all, service, team, severity, or another that kpis.dims names
--   at DateTime64(3, 'UTC'): the moment: a time, or (SELECT at FROM annotations WHERE title = '…')
--   days UInt32: how many days on each side; 0: all that was collected
--   without Array(String): rows to leave out, each as 'dimension=value'; [] for none
-- columns:
--   dim_value String: a row stands in each of its services, so they do not add up
--   n_before UInt64: finished before
--   median_before Nullable(Float64): seconds
--   n_after UInt64: finished after
--   median_after Nullable(Float64): seconds
--   still_open UInt64: not finished by now: long ones are missing from the median after
--   ratio Nullable(Float64): geometric mean after by that before: 0.5 is half as long
--   low Nullable(Float64): lower end of the ratio's 95 % interval (Welch, on logarithms; below a minute counts as one)
--   high Nullable(Float64): its upper end
--   verdict String: longer, shorter, cannot tell (the interval holds 1), or nothing to compare (fewer than two on a side)
--   cannot_tell UInt8: 1 unless longer or shorter
--   tested UInt64: how many rows have something to compare
--   longer_by_chance Float64: how many of them would seem longer if none had changed: 2.5 % each
-- reads:   kpi_evidence, kpis
-- example: SELECT * FROM durations_before_and_after(kpi = 'time_to_resolve', dim = 'service', at = '2026-05-01 00:00:00', days = 120, without = []) ORDER BY ratio
WITH sides AS (
    SELECT arrayJoin(if({dim:String} = 'all', [''], arrayDistinct(arrayFilter(x -> x != '', dims[{dim:String}])))) AS dim_value,
           countIf(done AND after = 0) AS n1, countIf(done AND after = 1) AS n2, countIf(isNull(at)) AS running,
           quantileExactInclusiveIf(0.5)(seconds, done AND after = 0) AS m1, quantileExactInclusiveIf(0.5)(seconds, done AND after = 1) AS m2,
           welchTTestIf(0.95)(log(greatest(seconds, 60)), after, done) AS test,
           avgIf(log(greatest(seconds, 60)), done AND after = 1) - avgIf(log(greatest(seconds, 60)), done AND after = 0) AS shift
    FROM (SELECT at, dims, ifNull(value, 0) AS seconds, isNotNull(value) AND isNotNull(at) AS done, toUInt8(ifNull(at >= {at:DateTime64(3, 'UTC')}, 1)) AS after
          FROM kpi_evidence WHERE kpi = {kpi:String} AND included = 1)
    WHERE (SELECT throwIf(count() = 0, 'durations_before_and_after takes a KPI of kind duration; SELECT kpi FROM kpis WHERE kind = ''duration'' lists them') FROM kpis WHERE kpi = {kpi:String} AND kind = 'duration') = 0
      AND (isNull(at) OR {days:UInt32} = 0 OR at >= {at:DateTime64(3, 'UTC')} - toIntervalDay({days:UInt32}) AND at < {at:DateTime64(3, 'UTC')} + toIntervalDay({days:UInt32}))
      AND NOT arrayExists(w -> has(dims[splitByChar('=', w)[1]], substring(w, position(w, '=') + 1)), {without:Array(String)})
    GROUP BY dim_value
)
SELECT
    dim_value, n1 AS n_before, if(n1 = 0, NULL, m1) AS median_before, n2 AS n_after, if(n2 = 0, NULL, m2) AS median_after, running AS still_open,
    if(n1 < 2 OR n2 < 2, NULL, exp(shift)) AS ratio,
    if(n1 < 2 OR n2 < 2 OR NOT isFinite(test.4), NULL, exp(-test.4)) AS low, if(n1 < 2 OR n2 < 2 OR NOT isFinite(test.3), NULL, exp(-test.3)) AS high,
    multiIf(n1 < 2 OR n2 < 2, 'nothing to compare', low > 1, 'longer', high < 1, 'shorter', 'cannot tell') AS verdict,
    toUInt8(verdict NOT IN ('longer', 'shorter')) AS cannot_tell,
    countIf(n1 >= 2 AND n2 >= 2) OVER () AS tested, 0.025 * tested AS longer_by_chance
FROM sides
