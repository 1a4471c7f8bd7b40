-- example: mend_data_first
-- title:   What to mend in the data first
-- asks:    Which gap in our records hides most?
-- reads:   data_health
-- read:    low to high is where the KPI of the last 90 days may lie now, low_after to high_after once these rows are known;
--          narrows is the difference in points.
SELECT source, rows, title, kpi, low, high, low_after, high_after, narrows, next_step, examples
FROM data_health
ORDER BY narrows DESC, rows DESC
