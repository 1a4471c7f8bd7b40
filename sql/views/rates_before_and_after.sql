-- view:    rates_before_and_after
-- title:   A rate before and after a date, by service or another dimension
-- also:    before/after comparison, effect of a change of policy, A/B by date
-- asks:    Where did this rate change after that day, and where can nobody tell?
-- grain:   one row per value of the dimension
-- params:
--   kpi String: a KPI of kind rate, see kpis
--   dim String: all, service, team, severity, or another that kpis.dims names
--   at DateTime64(3, 'UTC'): the moment: a time, or (SELECT at FROM annotations WHERE title = '…')
--   days UInt32: how many days on each side; 0: all that was collected
--   without Array(String): rows to leave out, each as 'dimension=value'; [] for none
-- columns:
--   dim_value String: a row stands in each of its services, so they do not add up
--   rate_before Nullable(Float64): 0 to 1; NULL: no known outcome
--   hits_before Float64: numerator before
--   known_before Float64: denominator before: rows whose outcome is known
--   unknown_before Float64: rows whose outcome is not known: they are in no rate
--   rate_after Nullable(Float64): 0 to 1
--   hits_after Float64: numerator after
--   known_after Float64: denominator after
--   unknown_after Float64: rows whose outcome is not, or not yet, known
--   change Nullable(Float64): rate after less rate before
--   low Nullable(Float64): lower end of the 95 % interval of the change
--   high Nullable(Float64): its upper end
--   verdict String: rose, fell, cannot tell (the interval holds no change at all), or nothing to compare
--   cannot_tell UInt8: 1 unless it rose or fell
--   verdict_of_all String: the same with 95 % for all rows together (Bonferroni): what stands when many are looked at
--   tested UInt64: how many rows have something to compare
--   rise_by_chance Float64: how many of them would seem to have risen if none had changed: 2.5 % each
-- reads:   kpi_evidence, kpis
-- example: SELECT * FROM rates_before_and_after(kpi = 'change_failure_rate', dim = 'service', at = '2026-02-02 00:00:00', days = 0, without = ['kind=feature_flag']) ORDER BY change DESC
WITH sides AS (
    SELECT arrayJoin(if({dim:String} = 'all', [''], arrayDistinct(arrayFilter(x -> x != '', dims[{dim:String}])))) AS dim_value,
           sumIf(value, at < {at:DateTime64(3, 'UTC')} AND hit = 1) AS k1, sumIf(value, at < {at:DateTime64(3, 'UTC')} AND isNotNull(hit)) AS n1,
           sumIf(value, at < {at:DateTime64(3, 'UTC')} AND isNull(hit)) AS u1,
           sumIf(value, at >= {at:DateTime64(3, 'UTC')} AND hit = 1) AS k2, sumIf(value, at >= {at:DateTime64(3, 'UTC')} AND isNotNull(hit)) AS n2,
           sumIf(value, at >= {at:DateTime64(3, 'UTC')} AND isNull(hit)) AS u2
    FROM (SELECT at, hit, dims, ifNull(value, 0) AS value FROM kpi_evidence WHERE kpi = {kpi:String} AND included = 1)
    WHERE (SELECT throwIf(count() = 0, 'rates_before_and_after takes a KPI of kind rate; SELECT kpi FROM kpis WHERE kind = ''rate'' lists them') FROM kpis WHERE kpi = {kpi:String} AND kind = 'rate') = 0
      AND ({days:UInt32} = 0 OR at >= {at:DateTime64(3, 'UTC')} - toIntervalDay({days:UInt32}) AND at < {at:DateTime64(3, 'UTC')} + toIntervalDay({days:UInt32}))
      AND NOT arrayExists(w -> has(dims[splitByChar('=', w)[1]], substring(w, position(w, '=') + 1)), {without:Array(String)})
    GROUP BY dim_value
)
SELECT
    dim_value,
    if(n1 = 0, NULL, k1 / n1) AS rate_before, k1 AS hits_before, n1 AS known_before, u1 AS unknown_before,
    if(n2 = 0, NULL, k2 / n2) AS rate_after, k2 AS hits_after, n2 AS known_after, u2 AS unknown_after,
    rate_after - rate_before AS change, rate_change_low(k1, n1, k2, n2) AS low, rate_change_high(k1, n1, k2, n2) AS high,
    multiIf(isNull(change), 'nothing to compare', low > 0, 'rose', high < 0, 'fell', 'cannot tell') AS verdict,
    toUInt8(verdict NOT IN ('rose', 'fell')) AS cannot_tell,
    multiIf(isNull(change), 'nothing to compare',
            rate_change_low_at(k1, n1, k2, n2, bonferroni_z(tested)) > 0, 'rose', rate_change_high_at(k1, n1, k2, n2, bonferroni_z(tested)) < 0, 'fell', 'cannot tell') AS verdict_of_all,
    countIf(n1 > 0 AND n2 > 0) OVER () AS tested, 0.025 * tested AS rise_by_chance
FROM sides
