-- function: poisson_low
-- title:    Lower end of the 95 % interval of the rate behind a count
-- args:
--   c: a count of independent events
-- gives:    in the unit of the count; NULL unless it is a whole number from 0. For a pace divide it, like the count, by the days
-- source:   Garwood 1936, exact; above 1,000 by Wilson and Hilferty's approximation
-- example:  SELECT count() / 30 AS per_day, poisson_low(count()) / 30, poisson_high(count()) / 30 FROM incidents WHERE created_at >= now() - INTERVAL 30 DAY
(c) -> arrayMap(x -> if(x >= 0 AND x = floor(x),
    multiIf(x = 0, 0,
        x > 1000, x * pow(1 - 1 / (9 * x) - 1.959963984540054 / (3 * sqrt(x)), 3),
        arrayFold((rate, step) -> rate + (arraySum(j -> exp(j * log(rate) - rate - lgamma(j + 1)), range(toUInt64(x))) - 0.975) / exp((x - 1) * log(rate) - rate - lgamma(x)),
            range(12), x * pow(1 - 1 / (9 * x) - 1.959963984540054 / (3 * sqrt(x)), 3))),
    NULL), [ifNull(toFloat64(c), -1)])[1]
