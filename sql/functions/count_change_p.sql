-- function: count_change_p
-- title:    How likely two counts differ this much at one and the same pace
-- args:
--   c1: count before
--   c2: count after
--   exposure1: what the first was counted over: days, shifts, changes
--   exposure2: what the second was counted over
-- gives:    a two-sided probability, 0 to 1: below 0.05 the pace changed, as reports say; 1 where both are 0; NULL for counts that are no whole numbers from 0, or no exposure
-- source:   the exact conditional (binomial) test of two Poisson rates, twice the smaller tail
-- example:  SELECT count_change_p(5, 10, 30, 31)
(c1, c2, exposure1, exposure2) -> arrayMap(x -> if(x.1 >= 0 AND x.2 >= 0 AND x.1 = floor(x.1) AND x.2 = floor(x.2) AND x.3 > 0 AND x.4 > 0,
    least(1, 2 * least(
        arraySum(j -> exp(lgamma(x.1 + x.2 + 1) - lgamma(j + 1) - lgamma(x.1 + x.2 - j + 1) + j * log(x.4 / (x.3 + x.4)) + (x.1 + x.2 - j) * log(x.3 / (x.3 + x.4))), range(toUInt64(x.2) + 1)),
        arraySum(j -> exp(lgamma(x.1 + x.2 + 1) - lgamma(j + 1) - lgamma(x.1 + x.2 - j + 1) + j * log(x.3 / (x.3 + x.4)) + (x.1 + x.2 - j) * log(x.4 / (x.3 + x.4))), range(toUInt64(x.1) + 1)))),
    NULL), [(ifNull(toFloat64(c1), -1), ifNull(toFloat64(c2), -1), ifNull(toFloat64(exposure1), -1), ifNull(toFloat64(exposure2), -1))])[1]
