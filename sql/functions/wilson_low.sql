-- function: wilson_low
-- title:    Lower end of a rate's 95 % interval
-- args:
--   k: hits, the numerator
--   n: rows whose outcome is known, the denominator
-- gives:    0 to 1; NULL where n is 0 or k is not between 0 and n
-- source:   Wilson 1927, score interval; the one that reports print
-- example:  SELECT period_start, value, wilson_low(k, n), wilson_high(k, n) FROM kpi_values WHERE kpi = 'change_failure_rate' AND period = 'month' AND dim = 'all'
(k, n) -> wilson_low_at(k, n, 1.959963984540054)
