-- function: wilson_high
-- title:    Upper end of a rate's 95 % interval
-- args:
--   k: hits, the numerator
--   n: rows whose outcome is known, the denominator
-- gives:    0 to 1; NULL where n is 0 or k is not between 0 and n
-- source:   Wilson 1927, score interval; the one that reports print
-- example:  SELECT wilson_low(3, 20), wilson_high(3, 20)
(k, n) -> wilson_high_at(k, n, 1.959963984540054)
