-- example: faster_after_automation
-- title:   Did a duration change after a dated event?
-- asks:    Did search incidents get shorter after the runbook was automated?
-- reads:   durations_before_and_after, annotations
-- read:    ratio is the typical duration after by that before: 0.5 is half as long. Only where low to high leaves out 1 is
--          there a change; tested says how many were looked at, longer_by_chance how many would seem longer for no reason.
SELECT dim_value AS service, n_before, duration_text(median_before) AS before, n_after, duration_text(median_after) AS after,
       ratio, low, high, verdict, tested
FROM durations_before_and_after(kpi = 'time_to_resolve', dim = 'service', days = 120, without = [],
    at = (SELECT min(at) FROM annotations WHERE title LIKE '%runbook automated%'))
ORDER BY ratio
