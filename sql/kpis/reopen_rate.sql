-- kpi:      reopen_rate
-- title:    Reopened
-- also:     reopen rate, bounce-back rate
-- asks:     How often was a fix none?
-- kind:     rate
-- entity:   incident
-- better:   lower
-- counts:   of the incidents first resolved in the period, those reopened within 14 days of it (setting incidents.reopened_within); where a source has only a counter, those whose counter is above 0
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already; never resolved
-- reads:    incidents, sources, settings
-- source:   ITIL 4, incident management practice: reopened incidents
-- tests:    value = 1; included = 0 OR settles_at > at
WITH
    -- As people say it: "14 days are not over".
    span AS (
        SELECT ifNull(toUInt32OrNull(max(value)), 1209600) AS seconds,
               multiIf(seconds % 86400 = 0, 'day', seconds % 3600 = 0, 'hour', seconds % 60 = 0, 'minute', 'second') AS unit,
               intDiv(seconds, transform(unit, ['day', 'hour', 'minute'], [86400, 3600, 60], 1)) AS n,
               concat(toString(n), ' ', unit, if(n = 1, ' is', 's are')) AS words
        FROM settings WHERE name = 'incidents.reopened_within'
    ),
    facts AS (
        SELECT i.*, coalesce(i.first_resolved_at, i.resolved_at) AS resolved_first,
               resolved_first + toIntervalSecond((SELECT seconds FROM span)) AS settles, s.collected_to AS collected_to,
               multiIf(i.exercise = 1, 'exercise or planned maintenance',
                       i.merged_into != '', concat('merged into ', i.merged_into),
                       i.flap_of != '', concat('flap of ', i.flap_of),
                       isNull(resolved_first) AND isNotNull(i.closed_at), 'closed without a resolution time',
                       isNull(resolved_first), 'not resolved',
                       '') AS left_out,
               multiIf(left_out != '', '',
                       i.has_history = 0 AND isNull(i.reopen_count), 'the source does not say whether it was reopened',
                       ifNull(settles > collected_to, 1), concat('pending: ', assumeNotNull((SELECT words FROM span)), ' not over'),
                       '') AS unknown
        FROM incidents AS i
        LEFT JOIN (SELECT source AS of_source, collected_to FROM sources) AS s ON s.of_source = i.source
    )
SELECT
    'reopen_rate' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    coalesce(resolved_first, closed_at, toNullable(created_at)) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR unknown != '', NULL,
       toNullable(toUInt8(if(has_history = 1, ifNull(first_reopened_at <= settles, 0), ifNull(reopen_count, 0) > 0)))) AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    if(has_history = 1, 'history', 'counter') AS basis,
    CAST([], 'Array(String)') AS refs,
    if(left_out = '', settles, NULL) AS settles_at,
    toUInt8(left_out = '') AS included,
    if(left_out != '', left_out, unknown) AS reason
FROM facts
