-- view:    kpi_reasons
-- title:   Why rows of a KPI are left out or unknown
-- also:    exclusions, data quality of a KPI
-- asks:    What keeps this KPI from being sure, and what does it not count?
-- grain:   one row per part and reason
-- params:
--   kpi String: name of the KPI, see kpis
--   from DateTime64(3, 'UTC'): first moment
--   to DateTime64(3, 'UTC'): the first moment after it
-- columns:
--   part String: unknown (it counts, its outcome is not or not yet known) or left out
--   reason String: in words; the id that some name is cut off
--   rows UInt64: how many
--   share Nullable(Float64): of all candidates of the KPI in that time
--   services Array(String): services of these rows
--   examples Array(String): keys of the three newest
-- reads:   kpi_evidence
-- example: SELECT * FROM kpi_reasons(kpi = 'change_failure_rate', from = '2026-07-01', to = '2026-10-01') ORDER BY rows DESC
SELECT
    if(included = 1, 'unknown', 'left out') AS part,
    replaceRegexpOne(reason, '^(merged into|flap of|same as) .*', '\\1 another') AS reason,
    count() AS rows,
    rows / (SELECT count() FROM kpi_evidence WHERE kpi = {kpi:String} AND at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}) AS share,
    arraySort(groupUniqArrayArray(dims['service'])) AS services,
    arrayMap(x -> x.2, arraySlice(arrayReverseSort(groupArray((at, key))), 1, 3)) AS examples
FROM kpi_evidence
WHERE kpi = {kpi:String} AND reason != '' AND at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
GROUP BY part, reason
