-- view:    issued_and_now
-- title:   What a report printed, and what is known now
-- also:    restatement, revised figures, audit of a report
-- asks:    Which figures of that report are different today?
-- grain:   one row per figure that it printed
-- params:
--   document String: weekly or monthly
--   period_start Date: first day of the report's period
-- columns:
--   issued_at DateTime64(3, 'UTC'): when it was issued
--   of_period Date: first day of the period that the figure is of: a rate that settles late is printed for an earlier one
--   kpi String: name of the KPI
--   stat String: median, rate, count …
--   dim String: all, service …
--   dim_value String: empty for all
--   printed Nullable(Float64): the value as printed
--   printed_n Nullable(Float64): the rows behind it then
--   now Nullable(Float64): the value now
--   now_n Nullable(Float64): the rows behind it now
--   differs UInt8: 1 when value or rows are not the same
-- reads:   published_values, kpi_values
-- example: SELECT * FROM issued_and_now(document = 'weekly', period_start = '2026-09-28') WHERE differs ORDER BY kpi, stat, dim, dim_value
SELECT
    p.issued_at AS issued_at, p.of_period AS of_period, toString(p.kpi) AS kpi, toString(p.stat) AS stat, toString(p.dim) AS dim, p.dim_value AS dim_value,
    p.value AS printed, p.n AS printed_n, v.value AS now, v.n AS now_n,
    toUInt8(NOT (isNull(printed) AND isNull(now) OR ifNull(abs(printed - now) < 1e-9, 0)) OR ifNull(printed_n, -1) != ifNull(now_n, -1)) AS differs
FROM published_values AS p
LEFT JOIN kpi_values AS v ON v.kpi = p.kpi AND v.stat = p.stat AND v.dim = p.dim AND v.dim_value = p.dim_value
    AND v.period = if(p.document = 'weekly', 'week', 'month') AND v.period_start = p.of_period
WHERE p.document = {document:String} AND p.period_start = {period_start:Date}
