-- function: number_text
-- title:    A number as reports write it
-- args:
--   x: any number below a million
-- gives:    at most one decimal, none from 10 on, thousands parted by a comma: 0.3, 42, 1,234; NULL where there is no number
-- source:   the reports' own rule
-- example:  SELECT number_text(1234.5)
(x) -> if(isFinite(x), concat(if(x <= -0.05, '−', ''),
    multiIf(abs(x) < 0.05, '0',
            abs(x) < 9.95, toString(floor(abs(x) * 10 + 0.5) / 10),
            abs(x) < 999.5, toString(floor(abs(x) + 0.5)),
            concat(toString(floor(floor(abs(x) + 0.5) / 1000)), ',', leftPad(toString(floor(abs(x) + 0.5) % 1000), 3, '0')))), NULL)
