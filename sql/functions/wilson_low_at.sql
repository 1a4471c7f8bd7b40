-- function: wilson_low_at
-- title:    Lower end of a rate's interval, at any level of confidence
-- args:
--   k: hits, the numerator
--   n: rows whose outcome is known, the denominator
--   z: the normal quantile of the level: 1.96 for 95 %, 2.576 for 99 %
-- gives:    0 to 1; NULL where n is 0 or k is not between 0 and n
-- source:   Wilson 1927, score interval
-- example:  SELECT wilson_low_at(3, 20, 2.576)
(k, n, z) -> arrayMap(x -> if(x.2 > 0 AND x.1 >= 0 AND x.1 <= x.2,
    if(x.1 = 0, 0, (x.1 / x.2 + x.3 * x.3 / x.2 / 2 - x.3 * sqrt(x.1 / x.2 * (1 - x.1 / x.2) / x.2 + x.3 * x.3 / x.2 / x.2 / 4)) / (1 + x.3 * x.3 / x.2)),
    NULL), [(ifNull(toFloat64(k), nan), ifNull(toFloat64(n), nan), ifNull(toFloat64(z), nan))])[1]
