-- kpi:      customer_detected_rate
-- title:    Noticed by users first
-- also:     customer detected rate, detection rate, monitoring coverage
-- asks:     How often do users notice before monitoring does?
-- kind:     rate
-- entity:   incident
-- better:   lower
-- counts:   of the incidents created in the period of which it is noted who noticed first, those that users did (setting incidents.detected_by_users)
-- excludes: exercises and planned maintenance; merged into another incident; flaps of an episode that counts already
-- reads:    incidents, settings
-- source:   Google SRE Workbook, postmortem practices: detection
-- tests:    value = 1
WITH
    users AS (
        SELECT if(empty(groupArray(value)), ['customer'], groupArray(value)) AS words FROM settings WHERE name = 'incidents.detected_by_users'
    ),
    facts AS (
        SELECT *,
               multiIf(exercise = 1, 'exercise or planned maintenance',
                       merged_into != '', concat('merged into ', merged_into),
                       flap_of != '', concat('flap of ', flap_of),
                       '') AS left_out
        FROM incidents
    )
SELECT
    'customer_detected_rate' AS kpi, 'incident' AS entity, id, key, title, url,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS from_at,
    toNullable(created_at) AS at,
    toNullable(1.0) AS value,
    if(left_out != '' OR detected_by = '', NULL, toNullable(toUInt8(has((SELECT words FROM users), lowerUTF8(detected_by))))) AS hit,
    map('service', services, 'team', teams, 'severity', [toString(severity)]) AS dims,
    detected_by AS basis,
    CAST([], 'Array(String)') AS refs,
    CAST(NULL, 'Nullable(DateTime64(3, \'UTC\'))') AS settles_at,
    toUInt8(left_out = '') AS included,
    multiIf(left_out != '', left_out, detected_by = '', 'nobody noted who noticed first', '') AS reason
FROM facts
