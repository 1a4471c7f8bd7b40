-- function: wilson_low_at
-- title:    Lower end of a rate's interval, at any level of confidence
-- args:
--   k: hits, the numerator
--   n: rows whose outcome is known, the denominator
--   z: the normal quantile of the level: 1.96 for 95 %, 2.576 for 99 %
-- gives:    0 to 1; NULL where n is 0 or k is not between 0 and n
-- source:   Wilson 1927, score interval
-- example:  SELECT wilson_low_at(3, 20, 2.576)
(k, n, z) -> if(n > 0 AND k >= 0 AND k <= n,
    if(k = 0, 0, (k / n + z * z / n / 2 - z * sqrt(k / n * (1 - k / n) / n + z * z / n / n / 4)) / (1 + z * z / n)),
    NULL)
