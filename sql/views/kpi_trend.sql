-- view:    kpi_trend
-- title:   One KPI over time, each figure with its interval
-- also:    time series, trend line, history of a KPI
-- asks:    How did this KPI move, and how sure is each figure?
-- grain:   one row per period
-- params:
--   kpi String: name of the KPI, see kpis
--   period String: week or month
--   dim String: all, service, team, severity, or another that kpis.dims names
--   dim_value String: its value; empty for all
-- columns:
--   period_start Date: first day of the period in the reporting zone
--   label String: how reports call the period
--   stat String: median of a duration, else rate, share, count or average
--   value Nullable(Float64): seconds for a duration, 0 to 1 for a rate or share, else as counted; NULL: nothing to measure, or not collected
--   low Nullable(Float64): of a rate or a plain count the lower end of its 95 % interval, of a share the lower end of its range; NULL for others
--   high Nullable(Float64): the upper end
--   p90 Nullable(Float64): of a duration, what 90 % stayed below, in seconds
--   k Nullable(Float64): numerator of a rate or share
--   n Nullable(Float64): denominator, or rows behind the figure
--   unknown Float64: of a rate or share, what counts but whose outcome is not, or not yet, known
--   open UInt64: of a duration, what was still running at the period's end: a median without it is too good
--   excluded UInt64: rows of the period that were left out
--   complete UInt8: 1 when nothing in it can settle differently any more
-- reads:   kpi_values, kpis, periods
-- example: SELECT * FROM kpi_trend(kpi = 'change_failure_rate', period = 'month', dim = 'all', dim_value = '') ORDER BY period_start
SELECT
    toDate(v.period_start) AS period_start, toString(p.label) AS label, toString(v.stat) AS stat, v.value AS value,
    multiIf(k.kind = 'rate', wilson_low(v.k, v.n), k.kind = 'share', v.low, k.kind = 'count' AND k.unit = '' AND k.stock = 0, poisson_low(v.value), NULL) AS low,
    multiIf(k.kind = 'rate', wilson_high(v.k, v.n), k.kind = 'share', v.high, k.kind = 'count' AND k.unit = '' AND k.stock = 0, poisson_high(v.value), NULL) AS high,
    if(k.kind = 'duration', t.value, NULL) AS p90,
    v.k AS k, v.n AS n, v.unknown AS unknown, v.open AS open, v.excluded AS excluded, v.complete AS complete
FROM kpi_values AS v
INNER JOIN kpis AS k ON k.kpi = v.kpi
INNER JOIN periods AS p ON p.period = v.period AND p.period_start = v.period_start
LEFT JOIN (SELECT period_start, value FROM kpi_values WHERE kpi = {kpi:String} AND period = {period:String} AND dim = {dim:String} AND dim_value = {dim_value:String} AND stat = 'p90') AS t ON t.period_start = v.period_start
WHERE v.kpi = {kpi:String} AND v.period = {period:String} AND v.dim = {dim:String} AND v.dim_value = {dim_value:String}
  AND v.stat = if(k.kind = 'duration', 'median', k.kind)
