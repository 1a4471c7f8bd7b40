-- The change records, as the columns of a CSV file.
SELECT
    concat('CHG', leftPad(toString(n), 7, '0')) AS number, concat(['Deploy ', 'Release ', 'Tune ', 'Migrate ', 'Switch on '][1 + ch % 5], service, ' ', toString(ch % 9), '.', toString(ch % 31), '.', toString(ch % 7)) AS short_description,
    service AS business_service, team AS assignment_group,
    ['deployment', 'deployment', 'deployment', 'config', 'feature_flag', 'infrastructure', 'database'][1 + ch % 7] AS kind, ['standard', 'standard', 'standard', 'normal', 'emergency'][1 + intDiv(ch, 7) % 5] AS type,
    ['low', 'moderate', 'high'][1 + intDiv(ch, 35) % 3] AS risk, if(ch % 20 = 0, 'staging', 'production') AS environment,
    formatDateTime(started - toIntervalSecond(ch % 500000), '%F %T') AS opened_at, formatDateTime(started - toIntervalSecond(ch % 700), '%F %T') AS planned_start_date, formatDateTime(ended + toIntervalSecond(1800), '%F %T') AS planned_end_date,
    if(state IN ('cancelled', 'rejected'), '', formatDateTime(started, '%F %T')) AS work_start, if(state IN ('cancelled', 'rejected'), '', formatDateTime(ended, '%F %T')) AS work_end, formatDateTime(ended + toIntervalSecond(7200), '%F %T') AS closed_at,
    'Closed' AS state_text, if(ch % 17 = 3, '', state) AS close_code,
    if(ch % 150 = 0 AND n > 9, concat('CHG', leftPad(toString(n - 1 - ch % 4), 7, '0')), '') AS parent,
    concat('Steps as in the runbook of ', service, '. Checked by ', user_name, '.') AS description
FROM (
    SELECT *, cityHash64(n, 'change') AS ch, created_at - toIntervalSecond(ch % 50000) AS started, started + toIntervalSecond(300 + ch % 7200) AS ended,
        multiIf(ch % 1000 < 30, 'failed', ch % 1000 < 60, 'rolled_back', ch % 1000 < 80, 'successful_with_issues', ch % 1000 < 100, 'cancelled', ch % 1000 < 105, 'rejected', 'successful') AS state
    FROM facts
)
