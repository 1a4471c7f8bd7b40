-- function: poisson_high
-- title:    Upper end of the 95 % interval of the rate behind a count
-- args:
--   c: a count of independent events
-- gives:    in the unit of the count, 3.7 for none at all; NULL unless it is a whole number from 0. For a pace divide it, like the count, by the days
-- source:   Garwood 1936, exact; above 1,000 by Wilson and Hilferty's approximation
-- example:  SELECT poisson_low(4), poisson_high(4)
(c) -> arrayMap(x -> if(x >= 0 AND x = floor(x),
    if(x > 1000, (x + 1) * pow(1 - 1 / (9 * (x + 1)) + 1.959963984540054 / (3 * sqrt(x + 1)), 3),
        arrayFold((rate, step) -> rate + (arraySum(j -> exp(j * log(rate) - rate - lgamma(j + 1)), range(toUInt64(x) + 1)) - 0.025) / exp(x * log(rate) - rate - lgamma(x + 1)),
            range(12), (x + 1) * pow(1 - 1 / (9 * (x + 1)) + 1.959963984540054 / (3 * sqrt(x + 1)), 3))),
    NULL), [ifNull(toFloat64(c), -1)])[1]
