-- function: bonferroni_z
-- title:    Normal quantile for 95 % over several tests at once
-- args:
--   tests: how many things are looked at
-- gives:    the z to hand to rate_change_low_at and its like, so that among so many tests none at all is a false alarm with 95 %; NULL for none
-- source:   Bonferroni correction
-- example:  SELECT bonferroni_z(1), bonferroni_z(12)
(tests) -> -normal_quantile(0.025 / tests)
