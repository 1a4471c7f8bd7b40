-- mart:    kpi_evidence
-- title:   The rows behind every KPI
-- grain:   one row per KPI and candidate
-- key:     kpi, at, id
-- reads:   kpis, identities
-- tests:   unique(kpi, id); included = 1 OR reason != ''; value >= 0; kpi != ''
-- note:    the rows come from the files in sql/kpis. This one adds, to every KPI
--          of incidents and of changes, the records that another row stands for,
--          so that none is gone without a word.
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
    k.kpi AS kpi, i.entity AS entity, i.id AS id, i.key AS key, i.title AS title, i.url AS url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    if(k.kind = 'duration' OR i.entity = 'change', coalesce(i.ended_at, i.created_at), i.created_at) AS at,
    if(k.kind = 'rate' OR k.kind = 'count' AND k.unit = '', toNullable(1.0), NULL) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    CAST(map('service', i.services, 'team', i.teams, 'severity', if(i.entity = 'incident', [toString(i.severity)], [])), 'Map(String, Array(String))') AS dims,
    i.basis AS basis,
    [i.row_id] AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(0) AS included,
    concat('same as ', i.row_id) AS reason
FROM (SELECT kpi, kind, unit, entity FROM kpis) AS k
INNER JOIN (SELECT * FROM identities WHERE row_id != id) AS i ON i.entity = k.entity
WHERE NOT (k.kind = 'duration' AND k.entity = 'change') -- only failed changes recover: the others were never candidates
