-- example: fridays_and_other_days
-- title:   Do changes made on one weekday fail more often?
-- asks:    How often do changes of each weekday fail?
-- reads:   kpi_evidence, settings
-- read:    Weekdays are those of the reporting zone. Compare the intervals, not the rates: where two overlap widely, the days
--          may well be alike. Few changes of a day make its interval wide.
SELECT toDayOfWeek(at, 0, (SELECT max(value) FROM settings WHERE name = 'timezone')) AS weekday,
       countIf(hit = 1) AS failed, countIf(isNotNull(hit)) AS known, countIf(isNull(hit)) AS unknown,
       failed / known AS rate, wilson_low(failed, known) AS low, wilson_high(failed, known) AS high
FROM kpi_evidence
WHERE kpi = 'change_failure_rate' AND included = 1 AND isNotNull(at)
GROUP BY weekday ORDER BY weekday
