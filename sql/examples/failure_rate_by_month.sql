-- example: failure_rate_by_month
-- title:   The change failure rate, month by month
-- asks:    How often did our changes fail, and how sure is each figure?
-- reads:   kpi_trend
-- read:    value is a rate from 0 to 1, low and high its 95 % interval. A month with complete = 0 may still change; unknown
--          changes are in no rate. NULL is "nothing to measure" or "not collected", never 0.
SELECT label, value, low, high, k AS failed, n AS known, unknown, complete
FROM kpi_trend(kpi = 'change_failure_rate', period = 'month', dim = 'all', dim_value = '')
ORDER BY period_start
