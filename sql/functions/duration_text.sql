-- function: duration_text
-- title:    A duration as reports write it
-- args:
--   seconds: a length of time
-- gives:    42 min, 1.1 h, 3.4 d (days of 24 hours); NULL where there is none
-- source:   the reports' own rule
-- example:  SELECT duration_text(value) FROM kpi_values WHERE kpi = 'time_to_resolve' AND stat = 'median' AND period = 'month' AND dim = 'all'
(seconds) -> if(isFinite(seconds), concat(if(seconds < 0, '−', ''),
    multiIf(seconds = 0, '0 min',
            abs(seconds) < 30, 'under 1 min',
            abs(seconds) < 3570, concat(number_text(greatest(abs(seconds) / 60, 1)), ' min'),
            abs(seconds) < 171000, concat(number_text(abs(seconds) / 3600), ' h'),
            concat(number_text(abs(seconds) / 86400), ' d'))), NULL)
