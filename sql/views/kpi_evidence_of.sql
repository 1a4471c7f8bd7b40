-- view:    kpi_evidence_of
-- title:   The rows behind one figure
-- also:    drill-down, evidence, detail rows
-- asks:    Which incidents, changes or tickets make up this number, and which were left out?
-- grain:   one row per candidate of the KPI in the period
-- params:
--   kpi String: name of the KPI, see kpis
--   period String: week or month
--   period_start Date: its first day, as in kpi_values
--   dim String: all, service, team, severity, or another that kpis.dims names
--   dim_value String: its value; empty for all
-- columns:
--   part String: hit (in the numerator), counted, unknown (counts, outcome not or not yet known), open (still running at the period's end), or left out
--   id String: id of the candidate in its mart
--   key String: what people call it
--   title String: as the source says it
--   url String: where to open it
--   from_at Nullable(DateTime64(3, 'UTC')): start of a duration
--   at Nullable(DateTime64(3, 'UTC')): the moment that assigns it to the period; NULL while still open
--   value Nullable(Float64): seconds for a duration, else its weight
--   basis String: the rule that decided
--   reason String: why it is left out, or its outcome unknown
--   refs Array(String): ids of the repeated, causing or paging records
--   settles_at Nullable(DateTime64(3, 'UTC')): when its outcome becomes final; NULL: it is final
-- reads:   kpi_evidence, kpis, periods
-- example: SELECT part, key, title, basis, reason FROM kpi_evidence_of(kpi = 'change_failure_rate', period = 'month', period_start = '2026-09-01', dim = 'all', dim_value = '') WHERE part != 'counted' ORDER BY part, at
SELECT
    multiIf(e.included = 0, 'left out',
            k.stock = 1, 'counted',
            isNull(e.at) OR e.at >= p.ends_at, 'open',
            k.kind NOT IN ('rate', 'share'), 'counted',
            isNull(e.hit), 'unknown', e.hit = 1, 'hit', 'counted') AS part,
    e.id AS id, e.key AS key, e.title AS title, e.url AS url, e.from_at AS from_at, e.at AS at, e.value AS value,
    e.basis AS basis, e.reason AS reason, e.refs AS refs, e.settles_at AS settles_at
FROM kpi_evidence AS e
INNER JOIN kpis AS k ON k.kpi = e.kpi
CROSS JOIN (SELECT starts_at, ends_at FROM periods WHERE period = {period:String} AND period_start = {period_start:Date}) AS p
WHERE e.kpi = {kpi:String}
  AND ({dim:String} = 'all' OR has(e.dims[{dim:String}], {dim_value:String}))
  AND (k.stock = 0 AND e.at >= p.starts_at AND e.at < p.ends_at
       OR e.included = 1 AND isNotNull(e.from_at) AND e.from_at < p.ends_at AND (isNull(e.at) OR e.at >= p.ends_at))
