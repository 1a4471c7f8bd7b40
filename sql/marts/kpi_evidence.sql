-- mart:    kpi_evidence
-- title:   The rows behind every KPI
-- grain:   one row per KPI and candidate
-- key:     kpi, id
-- tests:   unique(kpi, id); included = 1 OR reason != ''; value >= 0; kpi != ''
-- note:    this file gives the shape; the rows come from the files in sql/kpis.
-- columns:
--   kpi: name of the KPI
--   entity: what the candidate is: incident, change …
--   id: id of the candidate in its mart
--   key: what people call it
--   title: as the source says it
--   url: where to open it
--   from_at: start of a duration; NULL for other kinds
--   at: the moment that assigns the row to a period; NULL while it is still open
--   value: seconds for a duration, else its weight; NULL while unknown
--   hit: 1 or 0, whether it counts in a rate's numerator; NULL when that is not, or not yet, known
--   dims: dimension to values: service, team, severity and what the KPI adds
--   basis: the rule or rung that decided
--   refs: ids of the repeated, causing or paging records
--   settles_at: when the outcome becomes final; NULL: it is final
--   included: 1 when it counts
--   reason: why it is left out, or why hit is unknown
SELECT
    '' AS kpi, '' AS entity, '' AS id, '' AS key, '' AS title, '' AS url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS at,
    CAST(NULL, 'Nullable(Float64)') AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    CAST(map(), 'Map(String, Array(String))') AS dims,
    '' AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(0) AS included,
    '' AS reason
WHERE 0
