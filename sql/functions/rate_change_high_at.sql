-- function: rate_change_high_at
-- title:    Upper end of the interval of a change from one rate to another, at any level of confidence
-- args:
--   k1: hits before
--   n1: known outcomes before
--   k2: hits after
--   n2: known outcomes after
--   z: the normal quantile of the level: 1.96 for 95 %; bonferroni_z(tests) where many are looked at at once
-- gives:    -1 to 1, after less before; NULL where either has no known outcome
-- source:   Newcombe 1998, hybrid score interval (method 10)
-- example:  SELECT rate_change_high_at(3, 20, 9, 20, bonferroni_z(12))
(k1, n1, k2, n2, z) -> k2 / n2 - k1 / n1
    + sqrt(pow(wilson_high_at(k2, n2, z) - k2 / n2, 2) + pow(k1 / n1 - wilson_low_at(k1, n1, z), 2))
