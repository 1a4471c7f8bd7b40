-- example: rules_behind_a_kpi
-- title:   What a KPI rests on
-- asks:    Which models and which of our own rules does this figure follow from?
-- reads:   definitions, kpis
-- read:    version changes whenever a part does: figures of two versions may differ though no record changed.
SELECT d.part, d.kind, d.hash, d.content, d.version, k.counts, k.excludes
FROM definitions AS d
INNER JOIN kpis AS k ON k.kpi = d.kpi
WHERE d.kpi = 'change_failure_rate'
ORDER BY d.kind, d.part
