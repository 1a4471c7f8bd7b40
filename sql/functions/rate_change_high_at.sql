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
(k1, n1, k2, n2, z) -> arrayMap(c -> c.3 / c.4 - c.1 / c.2
    + sqrt(pow(c.3 / c.4 - wilson_high_at(c.3, c.4, c.5), 2) + pow(c.1 / c.2 - wilson_low_at(c.1, c.2, c.5), 2)),
    [(ifNull(toFloat64(k1), nan), ifNull(toFloat64(n1), nan), ifNull(toFloat64(k2), nan), ifNull(toFloat64(n2), nan), ifNull(toFloat64(z), nan))])[1]
