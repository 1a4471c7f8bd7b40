-- example: outcomes_not_recorded
-- title:   Where outcomes are missing, and how much that hides
-- asks:    Which teams do not record how their changes ended, and between which ends does their failure rate lie?
-- reads:   kpi_evidence
-- read:    least assumes that every unknown outcome was a success, most that each was a failure: the true rate lies between.
--          A wide range is no reason for blame of the service, it is one to record outcomes.
SELECT arrayJoin(dims['team']) AS team, countIf(hit = 1) AS failed, countIf(isNotNull(hit)) AS known, countIf(isNull(hit)) AS unknown,
       failed / (known + unknown) AS least, (failed + unknown) / (known + unknown) AS most
FROM kpi_evidence WHERE kpi = 'change_failure_rate' AND included = 1
GROUP BY team ORDER BY unknown DESC, team
