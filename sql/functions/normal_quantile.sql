-- function: normal_quantile
-- title:    Standard normal quantile
-- args:
--   p: a probability
-- gives:    the z below which a share p of a standard normal lies: 1.96 for 0.975; NULL unless 0 < p < 1
-- source:   the inverse of erfc, by halving [-40, 40]
-- example:  SELECT normal_quantile(0.975)
(p) -> arrayMap(x -> if(x > 0 AND x < 1,
    arrayFold((ends, step) -> if(erfc(-(ends.1 + ends.2) / 2 / sqrt(2)) / 2 < x, ((ends.1 + ends.2) / 2, ends.2), (ends.1, (ends.1 + ends.2) / 2)),
        range(80), (toFloat64(-40), toFloat64(40))).1,
    NULL), [ifNull(toFloat64(p), -1)])[1]
