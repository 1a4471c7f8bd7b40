-- kpi:      change_count
-- title:    Changes
-- also:     deployment frequency, change volume, throughput
-- asks:     How much was changed?
-- kind:     count
-- entity:   change
-- better:   higher
-- counts:   production changes completed in the period, by their end, else their start
-- excludes: cancelled and rejected changes; other environments than production; not completed
-- dims:     risk, kind, type
-- reads:    change_facts
-- source:   DORA metrics: deployment frequency
-- tests:    value = 1; included = 0 OR isNotNull(at)
SELECT
    'change_count' AS kpi, 'change' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    at,
    toNullable(1.0) AS value,
    CAST(NULL, 'Nullable(UInt8)') AS hit,
    map('service', services, 'team', teams, 'risk', if(risk = '', [], [risk]), 'kind', if(kind = '', [], [kind]), 'type', if(type = '', [], [type])) AS dims,
    multiIf(left_out != '', '', isNull(ended_at), 'started: no end', 'ended') AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    left_out AS reason
FROM change_facts
